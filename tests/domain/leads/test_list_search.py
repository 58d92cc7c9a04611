"""A search finds what reading every lead would find, by whichever way it goes, and nothing of another organisation."""

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads import list_store, store
from frontdesk.domain.leads.model import LeadFilter
from frontdesk.domain.leads.service import leads
from frontdesk.platform.database import Work, Works

NAMES = st.sampled_from(["Marcus", "Maria", "Mar", "Tamar", "Ömer", "O'Neil_x", "100%", "7911"])
BEGINNINGS = st.sampled_from(["+44791110", "+44791119", "+1447911", "+9999999"])
PEOPLE = st.lists(st.tuples(NAMES, NAMES, BEGINNINGS, st.booleans()), min_size=1, max_size=14)
WORDS = [
    "mar", "marcus", "MARIA", "tamar", "ömer", "_x", "100%", "7911", "79111", "+44", "+4479", "+44791119", "+99",
    "4479111900", "1447911000", "0000000000", "0003", "mar@", "@mail.example", "a", "zoe",
]  # fmt: skip


async def make(work: Work, people: list[tuple[str, str, str, bool]]) -> None:
    """Leads whose numbers begin as given, each of a moment of its own; some with an e-mail address."""
    await work.execute("delete from leads where org_id = $1", work.org_id)  # those of the example before
    await work.execute(
        """insert into leads (org_id, id, phone, first_name, last_name, email, created_at, updated_at)
           select $1, gen_random_uuid(), number || lpad(n::text, 4, '0'), first, last,
                  case when reachable then lower(first) || '@mail.example' end,
                  $2::timestamptz - make_interval(mins => n::int), $2
           from unnest($3::text[], $4::text[], $5::text[], $6::boolean[])
                with ordinality t (first, last, number, reachable, n)""",
        work.org_id, work.now, *(list(column) for column in zip(*people, strict=True)),
    )  # fmt: skip
    await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select org_id, 'phone', phone, id, created_at from leads where org_id = $1""",
        work.org_id,
    )


@pytest.fixture(params=["alone", "among many others"])
async def others(
    request: pytest.FixtureRequest, works: Works, other_org: Organization, test_connection: asyncpg.Connection
) -> None:
    """Whether most leads, as the statistics tell, belong to others: the index is asked otherwise then."""
    if request.param != "alone":
        async with works.begin(other_org.actor) as work:
            await make(work, [("Marcus", "Mar", "+44791110", True)] * 300)
        await test_connection.execute("reset role; analyze leads")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(people=PEOPLE, words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=2), few=st.integers(1, 6))
@pytest.mark.usefixtures("others")
async def test_a_search_finds_what_reading_all_would_find(
    works: Works, org: Organization, monkeypatch: pytest.MonkeyPatch,
    people: list[tuple[str, str, str, bool]], words: list[str], few: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(store, "FEW", few)
    monkeypatch.setattr(list_store, "FEW", few)
    async with works.begin(org.actor) as work:
        await make(work, people)
        rows = await work.fetch("select phone, search from leads where org_id = $1 order by created_at desc", org.id)
        wanted = [row["phone"] for row in rows if all(word.lower() in row["search"] for word in words)]
        found: list[str | None] = []
        for number in range(1, len(wanted) // 5 + 2):
            page = await leads.page(work, LeadFilter(search=" ".join(words), limit=5, page=number))
            found += [lead.phone for lead in page.items]
            if page.total_capped:
                assert len(wanted) > page.total == few
            else:
                assert page.total == len(wanted)
    assert found == wanted


async def test_a_search_stays_in_the_organisation(
    works: Works, org: Organization, other_org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead(first_name="Zebedee")
    phone = lead.phone or ""
    async with works.begin(other_org.actor) as work:
        for words in ("zebedee", phone, phone[1:], phone[-6:], "ze"):
            assert (await leads.page(work, LeadFilter(search=words))).items == []
        there = await work.fetchval("select leads_like($1, 'zebedee', '%zebedee%', '{}', 10)", org.id)
    assert there == []
