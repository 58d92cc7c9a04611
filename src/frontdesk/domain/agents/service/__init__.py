"""Use cases of facts, and the brief that an agent gets for one reply. Documents: `files`."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.agents import store
from frontdesk.domain.agents.errors import KnowledgeNotFound
from frontdesk.domain.agents.model import AgentProfile, Found, KnowledgeItem
from frontdesk.domain.contactability.service import zones_of
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.organizations.model import Hours
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.model import DAYS, DEFAULT_HOURS
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, Works
from frontdesk.ports.llm import Brief, Fact, Search, Slot, Turn

FACTS_TOLD = 6
FACTS_FOUND = 6
TURNS_TOLD = 40
SLOTS_AHEAD = timedelta(days=10)
"""How far ahead free times are told."""


async def profile(work: Work) -> AgentProfile:
    """How the organisation's agent presents itself."""
    return await store.profile(work)


async def list_facts(work: Work) -> list[KnowledgeItem]:
    """All knowledge, by title."""
    work.require(Permission.VIEW)
    return await store.items(work)


async def find_facts(work: Work, question: str, limit: int = FACTS_TOLD) -> list[Found]:
    """Facts and passages of documents that may answer `question`, best first; empty where no word is shared."""
    work.require(Permission.VIEW)
    return await store.matching(work, question, limit)


async def save_fact(work: Work, item_id: UUID | None, title: str, body: str) -> KnowledgeItem:
    """A new piece of knowledge, or a changed one. Raises Invalid, KnowledgeNotFound. Audited."""
    work.require(Permission.EDIT_LESSONS)
    title, body = title.strip(), body.strip()
    if not title or len(title) > 200:
        raise Invalid("A title needs 1 to 200 characters.", field="title")
    if not body or len(body) > 20_000:
        raise Invalid("The text needs 1 to 20,000 characters.", field="body")
    if item_id is not None and await store.get(work, item_id) is None:
        raise KnowledgeNotFound
    item = KnowledgeItem(id=item_id or new_id(), title=title, body=body, created_at=work.now, updated_at=work.now)
    await store.save(work, item)
    await work.audit("knowledge.saved", "knowledge", item.id, title=title)
    return item


async def delete_fact(work: Work, item_id: UUID) -> None:
    """Remove a piece of knowledge. Raises KnowledgeNotFound. Audited."""
    work.require(Permission.EDIT_LESSONS)
    if not await store.delete(work, item_id):
        raise KnowledgeNotFound
    await work.audit("knowledge.deleted", "knowledge", item_id)


async def brief(work: Work, lead: Lead | None, turns: list[Turn], offered: list[Slot]) -> Brief:
    """All that an agent is told to answer `turns`: the business, the lead if it is known who it is, matching knowledge,
    free times.

    Times are told in the lead's zone where its number tells one, else in the organisation's.
    """
    told = await store.profile(work)
    asked = _asked(turns)
    made = Brief(
        business=told.name,
        agent_name=told.agent_name,
        lead_first_name="",
        lead_interest="",
        turns=turns[-TURNS_TOLD:],
        now=work.now,
        time_zone=told.time_zone,
        facts=[Fact(title=item.title, text=item.body) for item in await store.matching(work, asked, FACTS_TOLD)]
        if asked
        else [],
        free_slots=await scheduling.free_slots(work, days=SLOTS_AHEAD.days),
        offered_slots=offered,
        opening_hours=_told_hours(told.business_hours),
        business_zone=told.time_zone,
        business_phone=told.phone or "",
        business_email=told.email or "",
        instructions=told.system_prompt or "",
        temperature=told.ai_temperature,
    )
    return made if lead is None else _about(lead, made)


def _about(lead: Lead, brief: Brief) -> Brief:
    """The brief with what is known of the lead."""
    booked = lead.call_booked_time if lead.call_booked else None
    zones = sorted(zones_of(lead, brief.business_zone))
    return structs.replace(
        brief,
        lead_first_name=lead.first_name,
        lead_interest=lead.service_interest or "",
        time_zone=brief.business_zone if brief.business_zone in zones or len(zones) != 1 else zones[0],
        booked=booked if booked and booked > brief.now else None,
        lead_source=lead.source or "",
        lead_enquired_on=lead.inquiry_date,
        lead_notes=lead.notes or "",
    )


def searching(works: Works, actor: Actor) -> Search:
    """A search of the organisation's knowledge for while no transaction is open."""

    async def search(question: str) -> list[Fact]:
        async with works.read(actor) as work:
            found = await store.matching(work, question, FACTS_FOUND)
        return [Fact(title=item.title, text=item.body) for item in found]

    return search


def _told_hours(hours: Mapping[str, Hours | None]) -> list[str]:
    given = {day: (hours or DEFAULT_HOURS).get(day) for day in DAYS}
    return [f"{day.capitalize()} {f'{at.start}-{at.end}' if at else 'closed'}" for day, at in given.items()]


def _asked(turns: list[Turn]) -> str:
    """The last run of turns that are not ours."""
    run: list[str] = []
    for turn in reversed(turns):
        if turn.ours:
            break
        run.append(turn.text)
    return "\n".join(reversed(run))
