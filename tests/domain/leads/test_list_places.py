"""Pages that are found by counted places are those that walking the list would give, whatever came and went before."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fixtures.business import MakeDataset
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads import list_store
from frontdesk.domain.leads.model import LeadFilter
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.platform.database import Work, Works

NEAR = UUID("01900000-0000-7000-8000-000000000000")

ONE = st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 26]), st.integers(0, 2), st.integers(0, 3))
"""Of a lead: the quarter of a second of its id, the hours before now that it came, and its datasets as bits."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(ONE, min_size=1, max_size=12)),
        st.tuples(st.just("remove"), st.integers(2, 5)),
        st.tuples(st.just("leave"), st.integers(2, 5)),
        st.tuples(st.just("join"), st.integers(2, 5)),
        st.tuples(st.just("fold"), st.none()),
    ),
    min_size=1,
    max_size=8,
)


async def take_step(work: Work, works: Works, what: str, detail: object, of: list[UUID], made: list[UUID]) -> None:
    match what, detail:
        case "add", list(ones):
            rows = []
            for quarter, hours, micros, member_of in ones:
                lead_id = UUID(int=NEAR.int + (quarter << 88) + len(made))
                made.append(lead_id)
                rows.append((lead_id, work.now - timedelta(hours=hours, microseconds=micros), member_of))
            await work.execute(
                """insert into leads (org_id, id, phone, first_name, created_at, updated_at)
                   select $1, id, null, 'Dana', at, at from unnest($2::uuid[], $3::timestamptz[]) t (id, at)""",
                work.org_id, [row[0] for row in rows], [row[1] for row in rows],
            )  # fmt: skip
            for bit, dataset_id in enumerate(of):
                await join(work, dataset_id, [row[0] for row in rows if row[2] >> bit & 1])
        case "remove", int(every):
            await work.execute("delete from leads where org_id = $1 and id = any($2)", work.org_id, made[::every])
        case "leave", int(every):
            await work.execute(
                "delete from dataset_leads where org_id = $1 and dataset_id = $2 and lead_id = any($3)",
                work.org_id, of[0], made[::every],
            )  # fmt: skip
        case "join", int(every):
            await join(work, of[1], made[::every])
        case _:
            await datasets.roll_up_counts(works)


async def join(work: Work, dataset_id: UUID, lead_ids: list[UUID]) -> None:
    await work.execute(
        """insert into dataset_leads (org_id, dataset_id, lead_id, created_at)
           select org_id, $2, id, $4 from leads where org_id = $1 and id = any($3) on conflict do nothing""",
        work.org_id, dataset_id, lead_ids, work.now,
    )  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS, limit=st.integers(1, 7))
async def test_pages_by_places_are_those_of_walking(
    works: Works, org: Organization, a_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[str, object]], limit: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(list_store, "FAR", 0)
    of = [(await a_dataset(name)).id for name in ("One", "Two")]
    made: list[UUID] = []
    async with works.begin(org.actor) as work:
        await work.execute("delete from leads where org_id = $1", org.id)  # those of the example before
        for what, detail in steps:
            await take_step(work, works, what, detail, of, made)
            for dataset_id in (None, *of):
                for descending in (True, False):
                    await same_pages(work, dataset_id, limit, descending)


async def same_pages(work: Work, dataset_id: UUID | None, limit: int, descending: bool) -> None:
    """All pages, and one beyond, are the slices of the whole list."""
    member = "exists (select from dataset_leads d where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = l.id)"
    order = "l.created_at desc, l.id desc" if descending else "l.created_at, l.id"
    rows = await work.fetch(
        f"select id from leads l where org_id = $1 and ($2::uuid is null or {member}) order by {order}",
        work.org_id, dataset_id,
    )  # fmt: skip
    whole = [row["id"] for row in rows]
    for number in range(1, len(whole) // limit + 3):
        wanted = LeadFilter(dataset_id=dataset_id, page=number, limit=limit, descending=descending)
        page = await leads.page(work, wanted)
        assert [lead.id for lead in page.items] == whole[(number - 1) * limit : number * limit]
        assert page.total == len(whole)


async def test_when_a_lead_came_cannot_be_changed(work: Work, works: Works) -> None:
    made: list[UUID] = []
    await take_step(work, works, "add", [(0, 0, 0, 0)], [], made)
    with pytest.raises(Exception, match="never changes"):
        await work.execute("update leads set created_at = created_at - interval '1 day' where id = $1", made[0])
