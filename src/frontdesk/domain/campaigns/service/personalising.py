"""Texts that a model words for single leads: written ahead of their time, in the background, and shown before.

Nothing waits for this. A claim takes a text that is there and still fits, else the text as it is written; a model that
is slow, away or used up changes which of the two a lead reads, and nothing else.
"""

import asyncio
import math
from datetime import timedelta
from uuid import UUID

import structlog
from msgspec import Struct

from frontdesk.domain.agents import service as agents
from frontdesk.domain.campaigns import personal_store, store
from frontdesk.domain.campaigns.errors import UsedUp
from frontdesk.domain.campaigns.model import Campaign, PersonalFigures
from frontdesk.domain.campaigns.personal import Personal, brief_of, made_of
from frontdesk.domain.campaigns.service import audience
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import Upstream
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import side_by_side
from frontdesk.ports.llm import LeftAlone, TextBrief, TextWriter, Written

log = structlog.get_logger(__name__)

AHEAD = timedelta(hours=1)
"""How long before they are due texts are written: a lead that replies, or changes, makes them worthless."""

MINUTES_AHEAD = 15
"""Of a campaign's own pace: no more texts are written ahead than it sends in so long, ..."""

LEAST_AHEAD, MOST_AHEAD = 20, 500
"""... within these bounds."""

CAMPAIGNS = 50
"""Campaigns that are looked at in one run."""

BATCH = 20
"""Texts of one campaign in one run."""

AT_ONCE = 4
"""Requests under way side by side: the model has leads to answer too."""

SHOWN = 3
"""Leads that a preview is for."""


class _Wanted(Struct, frozen=True):
    """A text to be written."""

    org_id: UUID
    dataset_id: UUID
    lead_id: UUID
    brief: TextBrief


async def write_ahead(context: Context) -> int:
    """Have the model word the texts that are due next, over all organisations; how many came of it.

    Run by one process at a time. Ends early when the model cannot be had. Nothing without a model.
    """
    writer = context.writer
    if writer is None:
        return 0
    async with context.works.across_tenants("texts to write") as work:
        found = await personal_store.wanting(work, work.now + AHEAD, CAMPAIGNS)
    wanted = await side_by_side(found, lambda one: _wanted(context, *one), AT_ONCE)
    trouble = asyncio.Event()
    texts = [text for batch in wanted for text in batch or []]
    done = await side_by_side(texts, lambda one: _write(context, writer, one, trouble), AT_ONCE)
    return sum(bool(one) for one in done)


async def _wanted(context: Context, org_id: UUID, dataset_id: UUID) -> list[_Wanted]:
    """The campaign's next texts that are not there yet, or fit no more, as far as its day has room."""
    async with context.works.begin(system_actor(org_id)) as work:
        campaign = await store.get(work, dataset_id)
        room = min(BATCH, campaign.personalised_per_day - await personal_store.asked(work, dataset_id))
        if room <= 0:
            return []
        told = await agents.profile(work)
        ahead = min(max(math.ceil(campaign.rate_per_minute * MINUTES_AHEAD), LEAST_AHEAD), MOST_AHEAD)
        missing: list[tuple[Lead, TextBrief]] = []
        for one in await personal_store.next_texts(work, dataset_id, work.now + AHEAD, ahead):
            brief = brief_of(campaign, one.step, one.lead, told)
            if one.made_of != made_of(brief):
                missing.append((one.lead, brief))
        kept = await _contactable(work, campaign, missing)
    return [_Wanted(org_id, dataset_id, lead.id, brief) for lead, brief in kept[:room]]


async def _contactable(
    work: Work, campaign: Campaign, texts: list[tuple[Lead, TextBrief]]
) -> list[tuple[Lead, TextBrief]]:
    """Those whose leads the gate does not refuse for good: a model is not told of people who are not written to."""
    contacts = [
        Contact(lead=lead, category=Category(f"m{brief.step}"), schedule=campaign.schedule) for lead, brief in texts
    ]
    decisions = await contactability.ask(work, contacts, await contactability.rules(work), keep=False)
    return [text for text, said in zip(texts, decisions, strict=True) if said.allowed or said.next_open_at is not None]


async def _write(context: Context, writer: TextWriter, wanted: _Wanted, trouble: asyncio.Event) -> bool:
    """Have one text written, and keep what came of it. Once one meets `trouble` the rest are left for another run."""
    if trouble.is_set():
        return False
    written: Written | None = None
    try:
        written = await writer.write(wanted.brief, context.works.clock.now())
    except LeftAlone:
        trouble.set()
        return False
    except Upstream:
        trouble.set()
    async with context.works.begin(system_actor(wanted.org_id)) as work:
        await personal_store.count_asked(work, wanted.dataset_id, 1)
        if written is not None:
            text = Personal(
                made_of=made_of(wanted.brief), body=written.text or None, fault=written.fault, ai_model=written.model,
                ai_prompt=written.prompt,
            )  # fmt: skip
            await personal_store.save(work, wanted.dataset_id, wanted.lead_id, wanted.brief.step, text)
    return written is not None


async def figures(work: Work, dataset_id: UUID) -> PersonalFigures:
    """How the campaign's personalising goes. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    return await personal_store.figures(work, dataset_id)


class Shown(Struct, frozen=True):
    """One text for one lead: as it is written, and as the model words it. `written` None: it could not be had."""

    lead: Lead
    text: str
    written: Written | None


async def show(context: Context, actor: Actor, campaign: Campaign, step: int) -> list[Shown]:
    """A text in the model's words for a few of the campaign's leads, none of whom it is sent to.

    They count towards the campaign's day. Empty where nobody may be written to. Raises DatasetNotFound, Forbidden,
    UsedUp, Upstream (no model is connected).
    """
    writer = context.writer
    if writer is None:
        raise Upstream("No model is connected.")
    async with context.works.begin(actor) as work:
        work.require(Permission.RUN_CAMPAIGNS)
        told = await agents.profile(work)
        leads = await audience.samples(work, campaign.dataset_id)
        fit = await _contactable(work, campaign, [(lead, brief_of(campaign, step, lead, told)) for lead in leads])
        fit = fit[:SHOWN]
        if await personal_store.asked(work, campaign.dataset_id) + len(fit) > campaign.personalised_per_day:
            raise UsedUp
        await personal_store.count_asked(work, campaign.dataset_id, len(fit))
    at = context.works.clock.now()

    async def one(lead: Lead, brief: TextBrief) -> Shown:
        try:
            return Shown(lead, brief.text, await writer.write(brief, at))
        except Upstream:
            return Shown(lead, brief.text, None)

    return list(await asyncio.gather(*(one(lead, brief) for lead, brief in fit)))
