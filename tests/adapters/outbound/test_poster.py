"""Posting to addresses that users gave, over real sockets."""

from ipaddress import IPv4Address, ip_network

from tests.fakes.receiver import Receiver

from frontdesk.adapters.outbound.addresses import Address
from frontdesk.adapters.outbound.poster import GuardedPoster

LOOPBACK = [ip_network("127.0.0.1/32")]


async def test_a_post_is_taken(receiver: Receiver) -> None:
    answer = await GuardedPoster(LOOPBACK).post(receiver.url, b'{"a": 1}', {"X-One": "1"})
    assert (answer.status, answer.ok) == (200, True)
    [taken] = receiver.taken
    assert (taken.body, taken.headers["x-one"]) == (b'{"a": 1}', "1")


async def test_loopback_is_refused_unless_it_is_allowed(receiver: Receiver) -> None:
    answer = await GuardedPoster().post(receiver.url, b"{}", {})
    assert answer.status is None
    assert "Refused" in answer.error
    assert receiver.taken == []


async def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed(receiver: Receiver) -> None:
    answers = [[IPv4Address("93.184.216.34")], [IPv4Address("127.0.0.1")]]

    async def changing(_host: str) -> list[Address]:
        return list[Address](answers.pop(0))

    answer = await GuardedPoster(resolve=changing).post(f"http://rebind.example:{receiver.port}/", b"{}", {})
    assert "Refused" in answer.error
    assert receiver.taken == []


async def test_one_hidden_address_among_public_ones_is_enough() -> None:
    async def both(_host: str) -> list[Address]:
        return [IPv4Address("93.184.216.34"), IPv4Address("10.0.0.1")]

    assert "Refused" in (await GuardedPoster(resolve=both).post("http://both.example/", b"{}", {})).error


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answer(302, location="http://169.254.169.254/latest/meta-data")
    answer = await GuardedPoster(LOOPBACK).post(receiver.url, b"{}", {})
    assert (answer.status, answer.ok) == (302, False)
    assert len(receiver.taken) == 1


async def test_a_receiver_that_hangs_is_left(receiver: Receiver) -> None:
    receiver.hang()
    answer = await GuardedPoster(LOOPBACK, patience=0.2).post(receiver.url, b"{}", {})
    assert (answer.status, answer.error) == (None, "No answer within 0.2 seconds.")


async def test_endless_headers_are_no_answer(receiver: Receiver) -> None:
    receiver.answer(200, padding="a" * 100_000)
    answer = await GuardedPoster(LOOPBACK).post(receiver.url, b"{}", {})
    assert (answer.status, answer.error) == (None, "The answer made no sense.")


async def test_nobody_there(unused_tcp_port: int) -> None:
    answer = await GuardedPoster(LOOPBACK).post(f"http://127.0.0.1:{unused_tcp_port}/", b"{}", {})
    assert (answer.status, answer.error) == (None, "No connection came about.")
