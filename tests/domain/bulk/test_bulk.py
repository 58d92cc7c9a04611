"""Changing many leads at once: in batches, gone on with after a killed process, stopped, and taken back."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.bulk import service as bulk
from frontdesk.domain.bulk.errors import BulkChangeNotFound, NotUndoable
from frontdesk.domain.bulk.model import Act, BulkChange
from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as due
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.model import LeadChange, LeadFilter
from frontdesk.domain.leads.service import datasets, leads, many
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two leads a batch, and nothing done while somebody waits."""
    monkeypatch.setattr(bulk, "TOGETHER", 2)
    monkeypatch.setattr(bulk, "BARRED_TOGETHER", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)


async def now_of(works: Works, org: Organization, change: BulkChange) -> BulkChange:
    async with works.read(org.actor) as work:
        return await bulk.get(work, change.id)


async def archived(works: Works, org: Organization) -> int:
    async with works.read(org.actor) as work:
        return (await leads.page(work, LeadFilter(archived=True))).total


async def members(works: Works, org: Organization, dataset_id: UUID) -> int:
    async with works.read(org.actor) as work:
        return (await datasets.get(work, dataset_id)).total_leads


async def test_a_worker_does_what_is_left_of_it(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, monkeypatch: pytest.MonkeyPatch
):
    ids = [(await a_lead()).id for _ in range(5)]
    change = await bulk.start(context, org.actor, Act.ARCHIVE, ids)
    assert (change.total, change.done, change.percent) == (5, 0, 0)

    change_some, calls = many.change_some, 0

    async def dies(*args):
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError
        return await change_some(*args)

    monkeypatch.setattr(many, "change_some", dies)
    with pytest.raises(ConnectionError):
        await bulk.perform(context, org.id, change.id)
    assert await archived(works, org) == 2
    half = await now_of(works, org, change)
    assert (half.done, half.percent, half.finished_at) == (2, 40, None)
    await bulk.perform(context, org.id, change.id)
    await bulk.perform(context, org.id, change.id)
    assert await archived(works, org) == 5
    done = await now_of(works, org, change)
    assert (done.done, done.touched, done.percent) == (5, 5, 100)
    async with works.read(org.actor) as work:
        assert await bulk.under_way(work) == []


async def test_undone_is_all_but_what_has_changed_since(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, clock: FrozenClock
):
    ids = [(await a_lead()).id for _ in range(4)]
    kept = await a_lead(archived=True)
    change = await bulk.start(context, org.actor, Act.ARCHIVE, [*ids, kept.id])
    with pytest.raises(NotUndoable):
        await bulk.undo(context, org.actor, change.id)
    await bulk.perform(context, org.id, change.id)
    clock.move(timedelta(seconds=1))
    async with works.begin(org.actor) as work:
        await leads.change(work, ids[0], LeadChange(archived=False))
    back = await bulk.undo(context, org.actor, change.id)
    async with works.begin(org.actor) as work:
        with pytest.raises(NotUndoable):
            await bulk.stop(work, back.id)
    await bulk.perform(context, org.id, back.id)
    assert await archived(works, org) == 1  # who was so before
    undone = await now_of(works, org, back)
    assert (undone.total, undone.touched) == (4, 3)
    assert (await now_of(works, org, change)).undone_by == back.id
    for gone in (change, back):
        with pytest.raises(NotUndoable):
            await bulk.undo(context, org.actor, gone.id)


async def test_stopped_it_stays_where_it_is_and_can_be_undone(
    context: Context, works: Works, org: Organization, a_lead: MakeLead
):
    ids = [(await a_lead()).id for _ in range(4)]
    change = await bulk.start(context, org.actor, Act.TAKE_OVER, ids)
    assert await bulk._do_part(context, org.actor, change.id)  # pyright: ignore[reportPrivateUsage]
    async with works.begin(org.actor) as work:
        stopped = await bulk.stop(work, change.id)
    await bulk.perform(context, org.id, change.id)
    assert (stopped.done, stopped.problem) == (2, bulk.STOPPED)
    assert (await now_of(works, org, change)).done == 2
    back = await bulk.undo(context, org.actor, change.id)
    await bulk.perform(context, org.id, back.id)
    async with works.read(org.actor) as work:
        assert (await leads.page(work, LeadFilter(manual_mode=True))).total == 0


async def test_leads_added_to_a_running_campaign_leave_it_again_unless_they_were_texted(
    context: Context, works: Works, org: Organization, carrier: RememberingCarrier, a_lead: MakeLead,
    a_dataset: MakeDataset,
):  # fmt: skip
    spring = await a_dataset("Spring")
    first = await a_lead(dataset=spring)
    async with works.begin(org.actor) as work:
        await campaigns.start(work, spring.id, SettingsChange(m1_delay_hours=1))
    late = [await a_lead() for _ in range(3)]
    change = await bulk.start(context, org.actor, Act.ADD, [lead.id for lead in [first, *late]], dataset_id=spring.id)
    await bulk.perform(context, org.id, change.id)
    assert (await now_of(works, org, change)).touched == 3
    assert await members(works, org, spring.id) == 4
    async with works.begin(org.actor) as work:
        await work.execute("update dataset_leads set due_at = $1 where lead_id = $2", work.now, late[0].id)
    await due.run_due(context)
    assert [text.to for text in carrier.taken] == [late[0].phone]
    back = await bulk.undo(context, org.actor, change.id)
    await bulk.perform(context, org.id, back.id)
    assert (await now_of(works, org, back)).touched == 2
    assert await members(works, org, spring.id) == 2


async def test_many_are_barred_whatever_their_number_and_whoever_is_gone(
    context: Context, works: Works, org: Organization, a_lead: MakeLead
):
    there = [await a_lead() for _ in range(3)]
    async with works.begin(org.actor) as work:
        await contactability.suppress_by_hand(work, there[0].id)
    change = await bulk.start(context, org.actor, Act.SUPPRESS, [lead.id for lead in there])
    await bulk.perform(context, org.id, change.id)
    async with works.read(org.actor) as work:
        assert (await contactability.list_suppressions(work, 1, 10)).total == 3
    done = await now_of(works, org, change)
    assert (done.done, done.touched) == (3, 2)
    with pytest.raises(NotUndoable):
        await bulk.undo(context, org.actor, change.id)


async def test_who_may_no_longer_does_no_more_and_others_do_not_see_it(
    context: Context, works: Works, org: Organization, other_org: Organization, a_lead: MakeLead
):
    change = await bulk.start(context, org.actor, Act.ARCHIVE, [(await a_lead()).id])
    async with works.read(other_org.actor) as work:
        with pytest.raises(BulkChangeNotFound):
            await bulk.get(work, change.id)
    async with works.across_tenants("tests") as work:
        await work.execute("update memberships set status = 'suspended' where user_id = $1", org.owner_id)
    await bulk.perform(context, org.id, change.id)
    assert await archived(works, org) == 0
    ended = await now_of(works, org, change)
    assert ended.finished_at is not None
    assert "may do nothing here any more" in (ended.problem or "")
