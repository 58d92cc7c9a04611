"""What the busiest statements cost when there are many leads: how many they are, and what the planner makes of them."""

from uuid import UUID

import asyncpg
import pytest
from bench.overheard import overhear
from tests.fixtures.business import MakeDataset
from tests.fixtures.organizations import Organization

from frontdesk.domain.conversations.service import inbound
from frontdesk.domain.leads.model import ContactStatus, LeadFilter
from frontdesk.domain.leads.service import leads
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

MANY = 20_000


@pytest.fixture
async def dataset_id(
    works: Works, org: Organization, a_dataset: MakeDataset, test_connection: asyncpg.Connection
) -> UUID:
    """A dataset with a tenth of the organisation's many leads; the statistics know them."""
    dataset = await a_dataset()
    async with works.begin(org.actor) as work:
        await work.execute(
            """insert into leads (org_id, id, phone, first_name, stage, created_at, updated_at)
               select $1, gen_random_uuid(), '+44770' || 1000000 + n, 'Lead ' || n,
                      case when n % 20 = 0 then 'lost' else 'new' end,
                      $2::timestamptz - make_interval(secs => n), $2
               from generate_series(1, $3::int) n""",
            org.id, work.now, MANY,
        )  # fmt: skip
        await work.execute(
            """insert into lead_identities (org_id, kind, value, lead_id, created_at)
               select org_id, 'phone', phone, id, created_at from leads where org_id = $1""",
            org.id,
        )
        await work.execute(
            """insert into dataset_leads (org_id, dataset_id, lead_id, created_at)
               select org_id, $2, id, created_at from leads where org_id = $1 and phone like '%7'""",
            org.id, dataset.id,
        )  # fmt: skip
    await test_connection.execute(
        "reset role; analyze leads; analyze lead_identities; analyze dataset_leads; analyze lead_counts"
    )
    return dataset.id


async def test_lists_of_many_leads_take_one_statement_and_an_index(
    works: Works, org: Organization, dataset_id: UUID
) -> None:
    for wanted, index in (
        (LeadFilter(), "leads_newest"),
        (LeadFilter(page=3), "leads_newest"),
        (LeadFilter(page=200), "leads_newest"),
        (LeadFilter(status=ContactStatus.LOST), "leads_by_status"),
        (LeadFilter(dataset_id=dataset_id), "dataset_leads"),
    ):
        async with works.read(org.actor) as work:
            heard = overhear(work)
            found = await leads.page(work, wanted)
        assert len(found.items) == wanted.limit
        assert [wanted for _ in heard] == [wanted]
        async with works.read(org.actor) as work:
            plan = "\n".join(row[0] for row in await work.fetch(f"explain {heard[0].sql}", *heard[0].args))
        assert index in plan, plan
        assert "Seq Scan on leads" not in plan, plan


async def test_totals_of_many_leads_are_exact_without_counting(
    works: Works, org: Organization, dataset_id: UUID
) -> None:
    async with works.read(org.actor) as work:
        assert (await leads.page(work, LeadFilter())).total == MANY
        assert (await leads.page(work, LeadFilter(page=9_999))).total == MANY
        assert (await leads.page(work, LeadFilter(status=ContactStatus.LOST))).total == MANY // 20
        assert (await leads.page(work, LeadFilter(dataset_id=dataset_id))).total == MANY // 10
        capped = await leads.page(work, LeadFilter(archived=False))
    assert (capped.total, capped.total_capped) == (10_000, True)


async def test_a_search_is_answered_from_its_matches(works: Works, org: Organization, dataset_id: UUID) -> None:
    async with works.read(org.actor) as work:
        heard = overhear(work)
        found = await leads.page(work, LeadFilter(search="+447701012345"))
        common = overhear(work)
        many = await leads.page(work, LeadFilter(search="lead"))
    assert [lead.first_name for lead in found.items] == ["Lead 12345"]
    assert "lead_identities" in heard[0].sql
    assert [one.first_name for one in many.items] == [f"Lead {n}" for n in range(1, 51)]
    assert (many.total, many.total_capped) == (1_000, True)
    assert len(heard) == len(common) + 2 == 4
    async with works.read(org.actor) as work:
        plan = "\n".join(row[0] for row in await work.fetch(f"explain {common[1].sql}", *common[1].args))
    assert "leads_newest_first" in plan, plan
    assert dataset_id


async def test_a_plain_text_of_a_known_lead_is_taken_in_by_one_statement(
    context: Context, org: Organization, dataset_id: UUID, test_connection: asyncpg.Connection
) -> None:
    heard: list[str] = []
    with test_connection.query_logger(lambda asked: heard.append(asked.query)):
        assert await inbound.receive(context, org.number, "+447701001234", "Yes please", "sandbox", "SM-1")
    asked = [sql for sql in heard if " from " in sql]
    assert len(asked) == 1, asked
    assert "take_in_texts" in asked[0]
    assert dataset_id
