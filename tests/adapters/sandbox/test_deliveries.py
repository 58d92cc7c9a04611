"""Webhooks arrive: signed, in order, at least once, whatever happens on the way."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from tests.adapters.sandbox.conftest import HANDSET, OTHER_HANDSET, Receiver, delivering, make_carrier, serving
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import until

from frontdesk.adapters.sandbox import DeliveryLoop, SandboxCarrier, deliveries
from frontdesk.kernel.clock import FrozenClock, SystemClock
from frontdesk.platform.database import PooledConnections, Works
from frontdesk.ports.carrier import OutgoingText, Uncertain

AllPosted = Callable[[], Awaitable[None]]
Owed = Callable[[], Awaitable[int]]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once."""
    monkeypatch.setattr(deliveries, "backoff", lambda attempts: 0.02)


@pytest.mark.usefixtures("delivery")
async def test_an_inbound_text_is_posted_as_twilio_does(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    message = await carrier.handset_texts(HANDSET, org.number, " Grüße & + 100% 👋\n")
    await all_posted()
    (post,) = receiver.posts
    assert post.message is None
    assert post.form == {
        "MessageSid": message.sid, "SmsSid": message.sid, "SmsMessageSid": message.sid, "SmsStatus": "received",
        "AccountSid": carrier.account_sid, "ApiVersion": "2010-04-01", "From": HANDSET, "To": org.number,
        "Body": " Grüße & + 100% 👋\n", "NumMedia": "0", "NumSegments": "1", "FromCountry": "GB", "ToCountry": "GB",
        "FromCity": "", "FromState": "", "FromZip": "", "ToCity": "", "ToState": "", "ToZip": "",
    }  # fmt: skip
    assert receiver.forged == 0


@pytest.mark.usefixtures("delivery")
async def test_the_texts_of_a_handset_keep_their_order_though_answers_are_slow(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    receiver.takes = 0.03
    for number in range(6):
        await carrier.handset_texts(HANDSET, org.number, str(number))
        await carrier.handset_texts(OTHER_HANDSET, org.number, str(number))
    await all_posted()
    for handset in (HANDSET, OTHER_HANDSET):
        assert [post.form["Body"] for post in receiver.posts if post.form["From"] == handset] == list("012345")


@pytest.mark.usefixtures("delivery")
async def test_an_old_sid_is_posted_again_and_kept_once(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    first = await carrier.handset_texts(HANDSET, org.number, "Yes")
    again = await carrier.handset_texts(HANDSET, org.number, "Yes", message_sid=first.sid)
    await all_posted()
    assert again.sid == first.sid
    assert [post.form["MessageSid"] for post in receiver.posts] == [first.sid, first.sid]
    async with carrier.works.across_tenants("tests") as work:
        assert await work.fetchval("select count(*) from sandbox_messages") == 1


@pytest.mark.usefixtures("delivery", "impatient")
@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_server_in_trouble_gets_it_again(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted, status: int
):
    receiver.answers = [(status, ""), (status, "")]
    await carrier.handset_texts(HANDSET, org.number, "Yes")
    await all_posted()
    assert len(receiver.posts) == 3


@pytest.mark.usefixtures("delivery", "impatient")
@pytest.mark.parametrize("status", [400, 401, 404, 307])
async def test_a_refusal_is_final(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted, status: int
):
    receiver.answers = [(status, "")]
    await carrier.handset_texts(HANDSET, org.number, "Yes")
    await all_posted()
    assert len(receiver.posts) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_is_down_gets_it_when_it_is_back(
    running_works: Works, org: Organization, owed: Owed, all_posted: AllPosted
):
    receiver = Receiver()
    async with serving(receiver) as port:
        pass
    carrier = make_carrier(running_works, receiver.base)
    async with delivering(carrier):
        await carrier.handset_texts(HANDSET, org.number, "Are you there?")
        await asyncio.sleep(0)
        await eventually_tried(carrier)
        async with serving(receiver, port):
            await all_posted()
    assert [post.form["Body"] for post in receiver.posts] == ["Are you there?"]


async def eventually_tried(carrier: SandboxCarrier) -> None:
    async def tried() -> bool:
        async with carrier.works.across_tenants("tests") as work:
            return await work.fetchval("select max(attempts) > 0 from sandbox_deliveries")

    await until(tried)


@pytest.mark.usefixtures("delivery", "impatient")
async def test_it_gives_up_in_the_end(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    receiver.answers = [(500, "")] * 50
    await carrier.handset_texts(HANDSET, org.number, "Yes")
    await all_posted()
    assert len(receiver.posts) == deliveries.ATTEMPTS


@pytest.mark.usefixtures("delivery")
async def test_a_twiml_answer_reaches_the_handset(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    receiver.answers = [(200, "<Response><Message>Thanks</Message><Message><Body>Bye</Body></Message></Response>")]
    await carrier.handset_texts(HANDSET, org.number, "HELP")
    await all_posted()
    found = await carrier.sent_to(HANDSET, carrier.clock.now() - timedelta(minutes=1))
    assert [(each.sender, each.body) for each in found] == [(org.number, "Bye"), (org.number, "Thanks")]


async def test_a_stopped_loop_leaves_the_rest_to_another(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    receiver.takes = 0.1
    for number in range(5):
        await carrier.handset_texts(HANDSET, org.number, str(number))
    async with delivering(carrier):

        async def began() -> bool:
            return bool(receiver.posts)

        await until(began)
    assert len(receiver.posts) < 5
    async with carrier.works.across_tenants("tests") as work:
        assert await work.fetchval("select count(*) from sandbox_deliveries where leased_until is not null") == 0
    async with delivering(carrier):
        await all_posted()
    assert [post.form["Body"] for post in receiver.posts] == list("01234")


async def test_what_a_killed_process_held_is_posted_when_its_lease_is_over(
    works: Works, clock: FrozenClock, org: Organization, receiver: Receiver
):
    carrier = make_carrier(works, receiver.base)
    await carrier.handset_texts(HANDSET, org.number, "Yes")
    async with works.across_tenants("tests") as work:
        await work.execute("update sandbox_deliveries set leased_until = $1", clock.now() + timedelta(seconds=20))
    async with delivering(carrier, idle=0.05):
        await asyncio.sleep(0.2)
        assert receiver.posts == []
        clock.move(timedelta(seconds=20))

        async def posted() -> bool:
            return len(receiver.posts) == 1

        await until(posted)


@pytest.mark.committed
async def test_two_loops_share_the_work_and_double_none_of_it(
    committed_database: str, committed_org: Organization, receiver: Receiver
):
    opened = [await PooledConnections.open(committed_database, size=1, system_size=3) for _ in range(2)]
    carriers = [make_carrier(Works(pooled, SystemClock()), receiver.base) for pooled in opened]
    async with delivering(carriers[0], at_once=4, idle=0.05), delivering(carriers[1], at_once=4, idle=0.05):
        texts = [OutgoingText(committed_org.number, HANDSET, str(n), uuid4()) for n in range(60)]
        receipts = await asyncio.gather(*(carriers[n % 2].send(text) for n, text in enumerate(texts)))

        async def all_there() -> bool:
            return len(receiver.posts) >= 120

        await until(all_there)
    assert Counter(post.form["MessageSid"] for post in receiver.posts) == {each.provider_id: 2 for each in receipts}
    for pooled in opened:
        await pooled.close()


@pytest.mark.committed
async def test_a_database_that_goes_away_is_waited_for(
    committed_database: str, committed_org: Organization, receiver: Receiver
):
    pooled = await PooledConnections.open(committed_database)
    carrier = make_carrier(Works(pooled, SystemClock()), receiver.base)
    async with delivering(carrier, idle=0.05):
        admin = await asyncpg.connect(committed_database)
        await admin.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid() and usename = session_user"""
        )
        await admin.close()
        text = OutgoingText(committed_org.number, HANDSET, "Still there?", uuid4())

        async def sent() -> bool:
            try:
                await carrier.send(text)
            except Uncertain:
                return False
            return True

        await until(sent)

        async def both() -> bool:
            return len(receiver.posts) == 2

        await until(both)
    await pooled.close()


def test_the_retries_span_a_restart():
    assert 240 < sum(deliveries.backoff(attempts) for attempts in range(1, deliveries.ATTEMPTS)) < 400


async def test_a_cancelled_loop_leaves_no_task_behind(carrier: SandboxCarrier, org: Organization, receiver: Receiver):
    receiver.takes = 0.5
    running = asyncio.create_task(DeliveryLoop(carrier).run(asyncio.Event()))
    await carrier.handset_texts(HANDSET, org.number, "Yes")

    async def began() -> bool:
        return bool(receiver.posts)

    await until(began)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [task for task in asyncio.all_tasks() if "DeliveryLoop" in repr(task) and not task.done()] == []
