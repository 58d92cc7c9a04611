"""Leads over the HEKAX API."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.contracts.hekax.shapes.leads import STATUS_OF, LeadUpdate
from frontdesk.domain.leads.model import Lead, Stage, Temperature, Urgency
from frontdesk.domain.leads.service import leads
from frontdesk.domain.leads.service.scoring import score_of
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works


async def put(works: Works, org: Organization, lead: Lead, **fields: Any) -> Lead:
    async with works.begin(org.actor) as work:
        return await leads.keep(work, lead, structs.replace(lead, **fields))


async def test_every_filter(api: httpx.AsyncClient, a_lead: MakeLead, works: Works, org: Organization) -> None:
    ada, bob, cat = [await a_lead() for _ in range(3)]
    await put(works, org, ada, first_name="Ada", stage=Stage.REPLIED, temperature=Temperature.HOT,
              urgency=Urgency.HIGH, assigned_to=org.owner_id)  # fmt: skip
    await put(works, org, bob, stage=Stage.BOOKED, temperature=Temperature.WARM, email="bob@example.com")
    await put(works, org, cat, stage=Stage.INVALID)

    async def ids(**query: Any) -> set[str]:
        answer = await api.get("/api/leads", params=query)
        found = answer.json()
        assert found["pagination"]["total"] == len(found["leads"])
        return {lead["id"] for lead in found["leads"]}

    every = {str(lead.id) for lead in (ada, bob, cat)}
    assert await ids() == every
    assert await ids(status="CONTACTED") == {str(ada.id)}
    assert await ids(status="QUALIFIED") == {str(bob.id)}
    assert await ids(status="LOST") == {str(cat.id)}
    assert await ids(status="NEW") == await ids(status="CONVERTED") == set()
    assert await ids(temperature="HOT") == await ids(urgency="HIGH") == {str(ada.id)}
    assert await ids(temperature="COLD") == {str(cat.id)}
    assert await ids(assignedTo=str(org.owner_id)) == {str(ada.id)}
    assert await ids(assignedTo=str(new_id())) == set()
    assert await ids(search="ada") == {str(ada.id)}
    assert await ids(search="bob@example") == {str(bob.id)}
    assert await ids(search=str(cat.phone)) == {str(cat.id)}
    assert await ids(status="CONTACTED", temperature="HOT", urgency="HIGH", search="ADA") == {str(ada.id)}


async def test_pages(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    made = [str((await a_lead()).id) for _ in range(5)]
    first = (await api.get("/api/leads", params={"limit": 2})).json()
    assert first["pagination"] == {"page": 1, "limit": 2, "total": 5, "pages": 3}
    last = (await api.get("/api/leads", params={"limit": 2, "page": 3})).json()
    assert len(last["leads"]) == 1
    assert {lead["id"] for lead in [*first["leads"], *last["leads"]]} <= set(made)


@pytest.mark.parametrize(
    "query",
    [{"page": 0}, {"limit": 101}, {"limit": "x"}, {"status": "nope"}, {"temperature": "hot"}, {"urgency": "SOON"},
     {"assignedTo": "me"}],
)  # fmt: skip
async def test_what_cannot_be_asked_is_named(api: httpx.AsyncClient, query: dict[str, Any]) -> None:
    refused = await api.get("/api/leads", params=query)
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, next(iter(query)))


async def test_changing_and_writing_back(
    api: httpx.AsyncClient, a_lead: MakeLead, works: Works, org: Organization
) -> None:
    lead = await a_lead()
    change = {
        "status": "QUALIFIED", "notes": "Scheduled demo", "assignedToId": str(org.owner_id), "name": "Ada Byron King",
        "temperature": "WARM", "urgency": "CRITICAL", "estimatedValue": 4999.99, "reason": "Interested in enterprise",
        "company": "Engines", "jobTitle": "Countess",
    }  # fmt: skip
    told = (await api.patch(f"/api/leads/{lead.id}", json=change)).json()
    assert told["assignedTo"] == change.pop("assignedToId")
    assert {name: told[name] for name in change} == change
    assert told["score"] == 70
    assert told["scoreReasons"][0] == "is warm"
    assert told["call"] is None
    back = {**{name: value for name, value in told.items() if value is not None}, "assignedToId": told["assignedTo"]}
    assert (await api.patch(f"/api/leads/{lead.id}", json=back)).json() == told
    assert (await api.get(f"/api/leads/{lead.id}")).json() == told
    cleared = await api.patch(f"/api/leads/{lead.id}", json={"assignedToId": None, "notes": None})
    assert (cleared.json()["assignedTo"], cleared.json()["notes"]) == (None, None)


async def test_converting(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    await api.patch(f"/api/leads/{lead.id}", json={"notes": "Called"})
    body = {"actualValue": 4800, "notes": "Signed annual contract"}
    won = (await api.post(f"/api/leads/{lead.id}/convert", json=body)).json()
    assert (won["status"], won["actualValue"], won["score"]) == ("CONVERTED", 4800, 100)
    assert won["notes"] == "Called\nSigned annual contract"
    bare = await a_lead()
    assert (await api.post(f"/api/leads/{bare.id}/convert")).json()["status"] == "CONVERTED"
    wrong = await api.post(f"/api/leads/{bare.id}/convert", json={"actualValue": -1})
    assert (wrong.status_code, wrong.json()["details"]["field"]) == (400, "actualValue")


async def test_who_opted_out_stays_out(
    api: httpx.AsyncClient, a_lead: MakeLead, works: Works, org: Organization
) -> None:
    lead = await put(works, org, await a_lead(), stage=Stage.OPTED_OUT)
    assert (await api.patch(f"/api/leads/{lead.id}", json={"status": "LOST"})).status_code == 200
    for refused in (
        await api.patch(f"/api/leads/{lead.id}", json={"status": "NEW"}),
        await api.post(f"/api/leads/{lead.id}/convert", json={}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "LEAD_MOVE_NOT_ALLOWED")
    async with works.read(org.actor) as work:
        assert (await leads.get(work, lead.id)).stage is Stage.OPTED_OUT


async def test_an_assignee_from_elsewhere_is_refused(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    refused = await api.patch(f"/api/leads/{(await a_lead()).id}", json={"assignedToId": str(new_id())})
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, "assignedToId")


async def test_a_lead_of_somebody_who_has_left_can_be_written_back(
    api: httpx.AsyncClient, client_for: ClientFor, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead()
    await client_for(org, Role.AGENT, base=BASE)
    agent = (await api.get("/api/team")).json()["members"][1]["id"]
    told = (await api.patch(f"/api/leads/{lead.id}", json={"assignedToId": agent})).json()
    await api.delete(f"/api/team/{agent}")
    same = await api.patch(f"/api/leads/{lead.id}", json={"notes": "Rang", "assignedToId": told["assignedTo"]})
    assert (same.status_code, same.json()["notes"]) == (200, "Rang")


A_LEAD = st.builds(
    lambda **fields: fields,
    stage=st.sampled_from(Stage),
    temperature=st.none() | st.sampled_from(Temperature),
    urgency=st.sampled_from(Urgency),
)


@given(fields=A_LEAD)
def test_writing_back_what_was_read_changes_nothing(fields: dict[str, Any]) -> None:
    lead = made_up(**fields)
    body = LeadUpdate(
        status=STATUS_OF[lead.stage],
        temperature=(lead.temperature or Temperature.COLD).value.upper(),  # pyright: ignore
        urgency=lead.urgency.value.upper(),  # pyright: ignore
        name=lead.name,
    )
    change = structs.asdict(body.change(lead))
    assert all(str(value) == "UNSET" or getattr(lead, name) == value for name, value in change.items())


@given(fields=A_LEAD)
def test_a_score_is_from_0_to_100_and_rises_with_warmth(fields: dict[str, Any]) -> None:
    lead = made_up(**fields)
    score = score_of(lead)
    assert 0 <= score.points <= 100
    hotter = score_of(structs.replace(lead, temperature=Temperature.HOT, urgency=Urgency.CRITICAL))
    assert hotter.points >= score.points
    assert bool(score.reasons) or score.points == 0


def made_up(**fields: Any) -> Lead:
    """A lead of which only `fields` are known."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    blank: dict[str, Any] = {**dict.fromkeys(Lead.__struct_fields__), "created_at": at, "updated_at": at}
    return Lead(**{**blank, "first_name": "Ada", "call_booked": False, "phone": "+447700900123", **fields})
