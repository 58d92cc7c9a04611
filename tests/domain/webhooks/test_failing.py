"""Outbound webhooks whose receivers fail, hang or are gone, and processes that die: nothing is lost or held up."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from tests.domain.webhooks.conftest import Ways, log_of, post_due, read_on
from tests.fakes.receiver import Receiver
from tests.fixtures.calls import MakeCall
from tests.fixtures.contexts import bare_context
from tests.fixtures.organizations import Organization
from tests.fixtures.processes import start_python
from tests.fixtures.waiting import running, until

from frontdesk.adapters.outbound.poster import GuardedPoster
from frontdesk.domain.notifications.model import Kind
from frontdesk.domain.notifications.service import reading
from frontdesk.domain.notifications.service import telling as notifications
from frontdesk.domain.webhooks import delivery_store
from frontdesk.domain.webhooks.errors import EndpointDisabled
from frontdesk.domain.webhooks.model import (
    FAILS_FOR,
    LEASE,
    TRIES,
    DeliveryStatus,
    DisabledReason,
    EndpointChange,
    retry_pause,
)
from frontdesk.domain.webhooks.service import endpoints, replaying, sending
from frontdesk.jobs.webhooks import WebhookPump
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import Works


async def test_a_failure_is_retried_and_holds_up_nothing(
    context: Context, works: Works, clock: FrozenClock, org: Organization, a_call: MakeCall, an_endpoint: Ways,
    receiver: Receiver,
) -> None:  # fmt: skip
    endpoint_id, _ = await an_endpoint("call.started")
    await a_call("One")
    await a_call("Two")
    await read_on(works, org)
    receiver.answer(500)
    await post_due(context)
    assert len(receiver.taken) == 2
    newest, oldest = await log_of(works, org, endpoint_id)
    assert newest.status is DeliveryStatus.DELIVERED
    assert (oldest.status, oldest.attempts, oldest.last_status_code) == (DeliveryStatus.PENDING, 1, 500)
    assert oldest.next_attempt_at is not None
    assert oldest.next_attempt_at - clock.now() <= timedelta(seconds=60)
    clock.move(timedelta(seconds=60))
    await post_due(context)
    assert receiver.taken[2].headers["webhook-id"] == receiver.taken[0].headers["webhook-id"]
    assert {each.status for each in await log_of(works, org, endpoint_id)} == {DeliveryStatus.DELIVERED}
    async with works.read(org.actor) as work:
        _, attempts = await replaying.detail(work, endpoint_id, oldest.id)
        assert (await endpoints.get(work, endpoint_id)).failing_since is None
    assert [(each.number, each.status_code) for each in attempts] == [(2, 200), (1, 500)]
    assert all(each.latency_ms is not None for each in attempts)


async def test_it_is_given_up_after_a_day_and_replayed_by_hand(
    context: Context, works: Works, clock: FrozenClock, org: Organization, a_call: MakeCall, an_endpoint: Ways,
    receiver: Receiver,
) -> None:  # fmt: skip
    endpoint_id, _ = await an_endpoint("call.started")
    await a_call("One")
    began = clock.now()
    await read_on(works, org)
    receiver.answer(*[503] * TRIES)
    for _ in range(TRIES):
        await post_due(context)
        [one] = await log_of(works, org, endpoint_id)
        clock.set(one.next_attempt_at or clock.now())
    assert (one.status, one.attempts) == (DeliveryStatus.FAILED, TRIES)
    assert timedelta(hours=14) < clock.now() - began < timedelta(hours=30)
    async with works.begin(org.actor) as work:
        again = await replaying.replay(work, endpoint_id, one.id)
        assert again.status is DeliveryStatus.PENDING
    await post_due(context)
    async with works.begin(org.actor) as work:
        assert await replaying.replay_since(work, endpoint_id, began, DeliveryStatus.FAILED) == 0
        assert await replaying.replay_since(work, endpoint_id, clock.now()) == 0
        assert await replaying.replay_since(work, endpoint_id, began) == 1
    await post_due(context)
    assert len(receiver.taken) == TRIES + 2
    assert len({taken.headers["webhook-id"] for taken in receiver.taken}) == 1


def test_pauses_grow_and_end() -> None:
    longest = [retry_pause(tries, 1) for tries in range(1, TRIES + 1)]
    assert longest[0] is not None
    assert longest[0] < timedelta(seconds=60)
    assert longest[-1] is None
    assert retry_pause(3, 0.5) == retry_pause(3, 0.5, 10) == timedelta(seconds=270)
    assert retry_pause(3, 0.5, 900) == timedelta(seconds=900)
    assert retry_pause(3, 0.5, 999_999_999) == timedelta(hours=6)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"Retry-After": "1800"}, 1800),
        ({"Retry-After": "Fri, 06 Mar 2026 12:30:00 GMT", "Date": "Fri, 06 Mar 2026 12:00:00 GMT"}, 1800),
        ({"Retry-After": "soon", "Date": "Fri, 06 Mar 2026 12:00:00 GMT"}, 0),
        ({"Retry-After": "Fri, 06 Mar 2026 12:30:00 GMT"}, 0),
    ],
)
async def test_a_receiver_may_ask_to_be_left_alone(
    context: Context, works: Works, clock: FrozenClock, org: Organization, an_endpoint: Ways, receiver: Receiver,
    said: dict[str, str], seconds: int,
) -> None:  # fmt: skip
    endpoint_id, _ = await an_endpoint()
    receiver.answer(503, **said)
    await replaying.try_out(context, org.actor, endpoint_id)
    [one] = await log_of(works, org, endpoint_id)
    assert one.next_attempt_at is not None
    waits = one.next_attempt_at - clock.now()
    assert waits == timedelta(seconds=seconds) if seconds else waits < timedelta(seconds=60)


@pytest.mark.process
async def test_nothing_is_lost_by_a_process_that_is_killed_in_mid_delivery(
    committed_works: Works, committed_org: Organization, committed_database: str, clock: FrozenClock,
    receiver: Receiver,
) -> None:  # fmt: skip
    key = Fernet.generate_key().decode()
    poster = GuardedPoster([ip_network("127.0.0.1/32")])
    context = replace(bare_context(committed_works), vault=Vault([key]), poster=poster)
    endpoint, _ = await endpoints.register(context, committed_org.actor, receiver.url, ["call.started"])
    sent = [new_id() for _ in range(sending.EACH + 2)]
    async with committed_works.begin(committed_org.actor) as work:
        for place, event_id in enumerate(sent, 1):
            await delivery_store.insert(work, [(endpoint.id, True)], event_id, "call.started", place, "{}")
    for _ in range(sending.EACH):
        receiver.hang()
    script = Path(__file__).with_name("pump_process.py")
    process = await start_python(script, committed_database, key, clock.now().isoformat())
    try:
        await until(lambda: len(receiver.taken) >= sending.EACH, 30)
    finally:
        process.kill()
        await process.wait()
    assert await sending.due(context, 100) == []  # held by the dead one, as far as anybody knows
    clock.move(LEASE)
    while await sending.due(context, 100):
        await post_due(context)
    log = await log_of(committed_works, committed_org, endpoint.id)
    assert {each.status for each in log} == {DeliveryStatus.DELIVERED}
    assert sorted(each.attempts for each in log) == [1] * 2 + [2] * sending.EACH
    assert {taken.headers["webhook-id"] for taken in receiver.taken} == {str(each) for each in sent}


async def test_an_endpoint_that_fails_for_days_is_switched_off_and_its_owner_told(
    context: Context, works: Works, clock: FrozenClock, org: Organization, a_call: MakeCall, an_endpoint: Ways,
    receiver: Receiver,
) -> None:  # fmt: skip
    endpoint_id, _ = await an_endpoint("call.started")
    await a_call("One")
    await read_on(works, org)
    receiver.answer(500, 500)
    await post_due(context)
    clock.move(FAILS_FOR)
    await post_due(context)
    async with works.read(org.actor) as work:
        off = await endpoints.get(work, endpoint_id)
    assert (off.enabled, off.disabled_reason) == (False, DisabledReason.FAILING)
    await read_on(works, org, notifications)
    async with works.read(org.actor) as work:
        told = [each for each in (await reading.listed(work, 10)).items if each.kind is Kind.WEBHOOK_DISABLED]
    assert [each.link for each in told] == [f"/console/webhooks/{endpoint_id}"]
    # What happens meanwhile is kept for when it is on again.
    await a_call("Two")
    await read_on(works, org)
    clock.move(timedelta(hours=1))
    await post_due(context)
    assert len(receiver.taken) == 2
    async with works.begin(org.actor) as work:
        with pytest.raises(EndpointDisabled):
            await replaying.replay_since(work, endpoint_id, clock.now() - timedelta(days=9))
    await endpoints.change(context, org.actor, endpoint_id, EndpointChange(enabled=True))
    async with works.begin(org.actor) as work:
        since = clock.now() - timedelta(days=9)
        assert await replaying.replay_since(work, endpoint_id, since, DeliveryStatus.SKIPPED) == 1
    await post_due(context)
    assert len({taken.headers["webhook-id"] for taken in receiver.taken}) == 2
    assert {each.status for each in await log_of(works, org, endpoint_id)} == {DeliveryStatus.DELIVERED}


async def test_one_that_says_it_is_gone_is_switched_off_at_once(
    context: Context, works: Works, org: Organization, an_endpoint: Ways, receiver: Receiver
) -> None:
    endpoint_id, _ = await an_endpoint()
    receiver.answer(410)
    await replaying.try_out(context, org.actor, endpoint_id)
    async with works.read(org.actor) as work:
        assert (await endpoints.get(work, endpoint_id)).disabled_reason is DisabledReason.GONE


async def test_who_dies_in_mid_delivery_leaves_it_to_others(
    context: Context, works: Works, clock: FrozenClock, org: Organization, a_call: MakeCall, an_endpoint: Ways,
    receiver: Receiver,
) -> None:  # fmt: skip
    class Killed(BaseException):
        pass

    class Dies:
        async def check(self, url: str) -> None: ...

        async def post(self, url: str, body: bytes, headers: object) -> None:
            raise Killed

    endpoint_id, _ = await an_endpoint("call.started")
    await a_call("One")
    await read_on(works, org)
    with pytest.raises(Killed):
        await post_due(Context(**{**vars(context), "poster": Dies()}))
    await post_due(context)
    assert receiver.taken == []
    clock.move(LEASE)
    await post_due(context)
    [one] = await log_of(works, org, endpoint_id)
    assert (one.status, one.attempts, len(receiver.taken)) == (DeliveryStatus.DELIVERED, 2, 1)


@pytest.mark.committed
async def test_one_that_hangs_delays_no_other(
    context: Context, committed_works: Works, committed_org: Organization, receiver: Receiver
) -> None:
    org, world = committed_org, Context(**{**vars(context), "works": committed_works})
    made: list[UUID] = []
    receiver.stuck = "/stuck"
    for path in ("/stuck", "/quick"):
        url = f"http://127.0.0.1:{receiver.port}{path}"
        endpoint, _ = await endpoints.register(world, org.actor, url, ["call.started"])
        made.append(endpoint.id)
    async with committed_works.begin(org.actor) as work:
        for number in range(12):
            target = [(made[0 if number < 8 else 1], True)]
            await delivery_store.insert(work, target, new_id(), "call.started", 1, '{"data": {}}')

    async def second_is_done() -> bool:
        return all(each.status is DeliveryStatus.DELIVERED for each in await log_of(committed_works, org, made[1]))

    async with running(WebhookPump(world, every=0.02).run):
        await until(second_is_done)
        await receiver.let_go()
