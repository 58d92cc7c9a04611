"""Leads: status in one word, changes, pages and their totals."""

from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from tests.fixtures.business import MakeDataset, MakeLead

from frontdesk.domain.leads import list_store, store
from frontdesk.domain.leads.errors import LeadMoveNotAllowed, LeadNotFound
from frontdesk.domain.leads.model import ContactStatus, LeadChange, LeadFilter, LeadSort, Stage, Temperature
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.kernel.errors import Forbidden, Invalid


async def test_the_database_and_the_model_agree_on_the_status_of_every_lead(works, org, a_lead: MakeLead):
    combinations = list(product(Stage, [None, *Temperature], range(4)))
    for stage, temperature, step in combinations:
        await a_lead(stage=stage.value, temperature=temperature and temperature.value, last_step=step, phone=None)
    async with works.begin(org.actor) as work:
        stored = {row["id"]: row["contact_status"] for row in await work.fetch("select id, contact_status from leads")}
        assert len(stored) == len(combinations)
        for lead_id, status in stored.items():
            assert (await leads.get(work, lead_id)).contact_status.value == status


async def test_writing_back_the_status_just_read_changes_nothing(a_lead: MakeLead):
    for stage, temperature, step in product(Stage, [None, *Temperature], range(4)):
        lead = await a_lead(
            stage=stage.value, temperature=temperature and temperature.value, last_step=step, phone=None
        )
        assert lead.with_status(lead.contact_status) == lead


async def test_every_status_that_is_written_is_read_back(a_lead: MakeLead):
    lead = await a_lead()
    for status in ContactStatus:
        if status is not ContactStatus.OPTED_OUT:
            assert lead.with_status(status).contact_status is status


async def test_an_opted_out_lead_stays_opted_out(works, org, a_lead: MakeLead):
    lead = await a_lead(stage="opted_out")
    async with works.begin(org.actor) as work:
        with pytest.raises(LeadMoveNotAllowed):
            await leads.change(work, lead.id, LeadChange(contact_status=ContactStatus.READY))


async def test_a_change_tells_what_changed(works, org, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        changed = await leads.change(work, lead.id, LeadChange(first_name="Dan", contact_status=ContactStatus.HOT))
        assert (changed.first_name, changed.contact_status) == ("Dan", ContactStatus.HOT)
        await work.flush()
        rows = await work.fetch("select type, payload from events order by type")
    assert [row["type"] for row in rows] == ["lead.hot", "lead.updated"]
    assert set(rows[1]["payload"]["fields"]) == {"first_name", "stage", "temperature"}


async def test_a_change_of_nothing_tells_nothing(works, org, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        assert await leads.change(work, lead.id, LeadChange(first_name="Dana")) == lead
        await work.flush()
        assert await work.fetchval("select count(*) from events") == 0


async def test_an_unknown_assignee_is_refused(works, org, other_org, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        with pytest.raises(Invalid):
            await leads.change(work, lead.id, LeadChange(assigned_to=other_org.owner_id))


async def test_another_organisation_does_not_see_the_lead(works, other_org, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(other_org.actor) as work:
        with pytest.raises(LeadNotFound):
            await leads.get(work, lead.id)
        assert (await leads.page(work, LeadFilter())).total == 0


async def test_totals_follow_every_change(works, org, a_lead: MakeLead, a_dataset: MakeDataset):
    one, two = await a_dataset("One"), await a_dataset("Two")
    mine = [await a_lead(dataset=one) for _ in range(3)]
    await a_lead(dataset=two)
    async with works.begin(org.actor) as work:
        await leads.change(work, mine[0].id, LeadChange(contact_status=ContactStatus.HOT))

        async def total(**wanted: Any) -> int:
            page = await leads.page(work, LeadFilter(**wanted))
            counted = await leads.page(work, LeadFilter(search="dana", **wanted))
            assert page.total == counted.total == len(page.items)
            return page.total

        assert await total() == 4
        assert await total(dataset_id=one.id) == 3
        assert await total(status=ContactStatus.HOT) == 1
        assert await total(dataset_id=one.id, status=ContactStatus.READY) == 2
        assert await total(dataset_id=two.id, status=ContactStatus.HOT) == 0
        found = await datasets.get(work, one.id)
        assert (found.total_leads, found.hot_leads, found.active_leads) == (3, 1, 1)
        await datasets.delete(work, one.id)
        assert await total() == 1
        assert await datasets.totals(work) == {ContactStatus.READY: 1}


@pytest.mark.parametrize("sort", list(LeadSort))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_are_disjoint_and_complete(works, org, a_lead: MakeLead, sort, descending):
    ids = {(await a_lead(first_name=name)).id for name in ("Ann", "bob", "Cy", "di", "Eve")}
    async with works.begin(org.actor) as work:
        pages = [
            await leads.page(work, LeadFilter(page=number, limit=2, sort=sort, descending=descending))
            for number in (1, 2, 3, 4)
        ]
    seen = [lead.id for page in pages for lead in page.items]
    assert len(seen) == 5
    assert set(seen) == ids
    assert [page.total for page in pages] == [5, 5, 5, 5]
    if sort is LeadSort.NAME:
        names = [lead.first_name.lower() for page in pages for lead in page.items]
        assert names == sorted(names, reverse=descending)


async def test_search_takes_what_a_person_types_literally(works, org, a_lead: MakeLead):
    lead = await a_lead(first_name="100%", last_name="O'Neil_x")
    await a_lead(first_name="1000")
    async with works.begin(org.actor) as work:
        for words in ("100%", "o'neil_x", "NEIL_ 100", "00%"):
            assert [found.id for found in (await leads.page(work, LeadFilter(search=words))).items] == [lead.id]


async def test_a_search_for_what_is_common_says_that_there_are_more(works, org, a_lead: MakeLead, monkeypatch):
    monkeypatch.setattr(store, "FEW", 3)
    monkeypatch.setattr(list_store, "FEW", 3)
    made = [(await a_lead()).id for _ in range(5)]
    lost = await a_lead(first_name="Lara")
    async with works.begin(org.actor) as work:
        pages = [await leads.page(work, LeadFilter(search="dana", limit=2, page=number)) for number in (1, 2, 3, 4)]
        assert {lead.id for page in pages for lead in page.items} == set(made)
        assert [(page.total, page.total_capped) for page in pages] == [(3, True)] * 4
        few = await leads.page(work, LeadFilter(search="lara"))
        assert ([lead.id for lead in few.items], few.total, few.total_capped) == ([lost.id], 1, False)
        by_status = await leads.page(work, LeadFilter(search="dana", status=ContactStatus.READY))
        assert (by_status.total, by_status.total_capped) == (5, False)


async def test_a_member_held_to_datasets_sees_no_other_lead(works, org, a_lead: MakeLead, a_dataset: MakeDataset):
    from msgspec import structs

    mine = await a_dataset()
    lead, hidden = await a_lead(dataset=mine), await a_lead()
    held = structs.replace(org.actor, allowed_datasets=frozenset({mine.id}))
    async with works.begin(held) as work:
        assert [found.id for found in (await leads.page(work, LeadFilter())).items] == [lead.id]
        with pytest.raises(LeadNotFound):
            await leads.get(work, hidden.id)


async def test_a_viewer_changes_nothing(works, org, a_lead: MakeLead):
    from msgspec import structs

    from frontdesk.kernel.access import PERMISSIONS_OF, Role

    lead = await a_lead()
    viewer = structs.replace(org.actor, role=Role.VIEWER, permissions=PERMISSIONS_OF[Role.VIEWER])
    async with works.begin(viewer) as work:
        assert await leads.get(work, lead.id) == lead
        with pytest.raises(Forbidden):
            await leads.toggle_archive(work, lead.id)
        with pytest.raises(LeadNotFound):
            await leads.get(work, uuid4())
