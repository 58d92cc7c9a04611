"""Usage counted from events, and calls held to what is left."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.fixtures.calls import told
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing import store
from frontdesk.domain.billing.model import Grain, Metered, Subscription, SubscriptionStatus
from frontdesk.domain.billing.service import limits, metering, reading
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CallSettings, EndedReason, Next
from frontdesk.domain.calls.store import save_settings
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.events import Event


def ended(org: Organization, seconds: int, at: datetime, ai: int = 0, call_id: UUID | None = None) -> Event:
    """The event of a call that has ended."""
    return Event(
        id=new_id(), org_id=org.id, type="call.completed", subject_type="call", subject_id=call_id or new_id(),
        actor_type="system", actor_id=None, version=1, occurred_at=at, sequence=1, position=1,
        payload={"duration": seconds, "ai_seconds": ai},
    )  # fmt: skip


async def metered(works: Works, org: Organization, *events: Event) -> None:
    for event in events:
        async with works.begin(org.actor) as work:
            await metering.meter(work, event)


async def warned(works: Works, org: Organization) -> list[tuple[str, int]]:
    async with works.read(org.actor) as work:
        rows = await work.fetch("select payload from events where org_id = $1 and type = 'usage.warned'", org.id)
    return sorted((row["payload"]["kind"], row["payload"]["percent"]) for row in rows)


async def test_each_call_counts_once(works: Works, org: Organization, other_org: Organization, clock) -> None:
    event = ended(org, 90, clock.now(), ai=60)
    await metered(works, org, event, event)
    async with works.read(org.actor) as work:
        found = await reading.usage(work)
    assert (found.call_minutes.used, found.ai_minutes.used) == (1.5, 1.0)
    assert (found.call_minutes.percentage, found.numbers.current, found.seats.current) == (5.0, 0, 1)
    async with works.read(other_org.actor) as work:
        assert (await reading.usage(work)).call_minutes.used == 0


async def test_people_are_warned_once_at_each_mark(works: Works, org: Organization, clock: FrozenClock) -> None:
    now = clock.now()
    await metered(works, org, ended(org, 23 * 60, now), ended(org, 60, now), ended(org, 60, now))
    assert await warned(works, org) == [("call_seconds", 80)]
    await metered(works, org, ended(org, 6 * 60, now), ended(org, 60, now, ai=31 * 60))
    assert await warned(works, org) == [("ai_seconds", 100), ("call_seconds", 80), ("call_seconds", 100)]


async def test_what_lies_beyond_the_plan_comes_from_packs(works: Works, org: Organization, clock: FrozenClock) -> None:
    async with works.begin(org.actor) as work:
        await store.enter(work, Metered.CALL_SECONDS, 600, "test:1")
        assert not await store.enter(work, Metered.CALL_SECONDS, 600, "test:1")
    await metered(works, org, ended(org, 35 * 60, clock.now()))
    async with works.read(org.actor) as work:
        assert (await reading.usage(work)).call_minutes.addon == 5.0
    await metered(works, org, ended(org, 20 * 60, clock.now()))
    async with works.read(org.actor) as work:
        found = await reading.usage(work)
        assert not (await limits_of(works, org)).call
    assert (found.call_minutes.used, found.call_minutes.addon) == (55.0, 0)


async def limits_of(works: Works, org: Organization) -> limits.Room:
    async with works.begin(org.actor) as work:
        return await limits.reserve_call(work, new_id())


async def test_calls_under_way_hold_minutes_until_they_are_metered(works: Works, org: Organization, clock) -> None:
    await metered(works, org, ended(org, 28 * 60, clock.now()))
    first, second = new_id(), new_id()
    async with works.begin(org.actor) as work:
        assert (await limits.reserve_call(work, first)).call
        assert (await limits.reserve_call(work, second)).call
        assert not (await limits.reserve_call(work, new_id())).call
    await metered(works, org, ended(org, 10, clock.now(), call_id=first))
    assert (await limits_of(works, org)).call


@pytest.fixture
async def used_up(works: Works, org: Organization, clock: FrozenClock) -> None:
    """All AI minutes of the trial are used."""
    await metered(works, org, ended(org, 20 * 60, clock.now(), ai=30 * 60))


@pytest.mark.usefixtures("used_up")
async def test_without_ai_minutes_people_are_rung(context: Context, works: Works, org: Organization) -> None:
    async with works.begin(org.actor) as work:
        await work.execute("update organizations set business_hours = $2 where org_id = $1", org.id, {
            day: {"start": "00:00", "end": "24:00"}
            for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        })  # fmt: skip
        await save_settings(work, CallSettings(ring_numbers=["+447700900888"]))
    assert (await calls.receive(context, told(org))).do is Next.DIAL


@pytest.mark.usefixtures("used_up")
async def test_without_minutes_a_caller_hears_that_lines_are_busy_until_the_next_period(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    await metered(works, org, ended(org, 10 * 60, clock.now()))
    step = await calls.receive(context, told(org))
    assert step.do is Next.SAY
    async with works.read(org.actor) as work:
        reason = await work.fetchval("select ended_reason from calls where id = $1", step.call_id)
    assert reason == EndedReason.NO_MINUTES
    clock.move(timedelta(days=32))
    assert (await calls.receive(context, told(org, "CA2"))).do is Next.CONNECT


async def test_a_period_rolls_over_at_midnight_of_the_zone(works: Works, org: Organization, clock: FrozenClock) -> None:
    async with works.begin(org.actor) as work:
        await work.execute("update organizations set time_zone = 'Pacific/Auckland' where org_id = $1", org.id)
    rolls = datetime(2026, 3, 31, 11, tzinfo=UTC)  # the first of April there
    await metered(works, org, ended(org, 60, rolls - timedelta(seconds=1)), ended(org, 120, rolls))
    clock.set(rolls - timedelta(seconds=1))
    async with works.read(org.actor) as work:
        assert (await reading.usage(work)).call_minutes.used == 1
    clock.set(rolls)
    async with works.read(org.actor) as work:
        found = await reading.usage(work)
        pieces = await reading.history(work, Grain.MONTHLY, 2)
        days = await reading.history(work, Grain.DAILY, 2)
        weeks = await reading.history(work, Grain.WEEKLY, 1)
    assert (found.call_minutes.used, found.period.start) == (2, rolls)
    assert [(piece.period, piece.call_seconds, piece.calls) for piece in pieces] == [
        ("2026-04", 120, 1), ("2026-03", 60, 1)
    ]  # fmt: skip
    assert [(day.period, day.call_seconds) for day in days[:2]] == [("2026-04-01", 120), ("2026-03-31", 60)]
    assert len(days) == 32
    assert [week.period for week in weeks] == ["2026-W14"]


async def test_a_subscription_has_its_own_period_and_limits(works: Works, org: Organization, clock) -> None:
    now = clock.now()
    await metered(works, org, ended(org, 25 * 60, now - timedelta(hours=1)))
    bought = Subscription(
        provider="test", customer="cus_1", reference="sub_1", plan=Plan.STARTER, status=SubscriptionStatus.ACTIVE,
        period_start=now, period_end=now + timedelta(days=30), amount=2900, currency="USD", began_at=now, as_of=now,
    )  # fmt: skip
    async with works.begin(org.actor) as work:
        await store.save_subscription(work, bought)
        await store.set_plan(work, bought.plan.value)
        found, standing = await reading.usage(work), await reading.standing(work)
    assert (found.call_minutes.used, found.call_minutes.limit) == (0, 500)
    assert (standing.next_payment, standing.amount.minor, standing.plan) == (bought.period_end, 2900, Plan.STARTER)
    async with works.begin(org.actor) as work:
        await store.save_subscription(work, structs.replace(bought, status=SubscriptionStatus.CANCELED))
        assert (await reading.standing(work)).next_payment is None


async def test_leads_that_calls_gave_are_counted_once(works: Works, org: Organization, clock: FrozenClock) -> None:
    lead = new_id()
    for captured in (True, True, False):
        event = structs.replace(
            ended(org, 0, clock.now()), type="call.analyzed", payload={"captured": captured, "lead_id": str(lead)}
        )
        await metered(works, org, event)
    async with works.read(org.actor) as work:
        assert (await reading.history(work))[0].leads == 1
