"""Setting campaigns up, starting, pausing and following them. What is sent when due: `sending`."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType, structs

from frontdesk.domain.campaigns import store
from frontdesk.domain.campaigns.errors import CampaignMoveNotAllowed, NoSender
from frontdesk.domain.campaigns.estimate import LONGEST, Waiting, finished_at
from frontdesk.domain.campaigns.events import (
    CampaignCompleted,
    CampaignPaused,
    CampaignResumed,
    CampaignStarted,
)
from frontdesk.domain.campaigns.model import (
    ALL_SENT,
    DAYS,
    END_DATE,
    HEAD_START,
    STEPS,
    Campaign,
    ImportOutcome,
    Progress,
    SettingsChange,
    StartedCampaign,
    StepProgress,
)
from frontdesk.domain.campaigns.service import audience
from frontdesk.domain.campaigns.wording import wrong_with
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import CLOSES, OPENS, Schedule
from frontdesk.domain.contactability.store import OrgRules
from frontdesk.domain.conversations.model import LONGEST_BODY
from frontdesk.domain.conversations.service import threads
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus, Dataset, DatasetChange, ImportResult
from frontdesk.domain.leads.service import datasets, imports, undoing
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works

_MOST = {"m1_delay_hours": 8760, "m2_delay_hours": 8760, "m3_delay_hours": 8760, "ai_response_delay_seconds": 86400}
MOST_STALE = 8760
MOST_PERSONALISED = 100_000
FASTEST = 100_000
"""Messages a minute that may be asked for."""

ESTIMATED_FROM = 1_000
"""Leads, about, that an estimate looks at."""


async def get_campaign(work: Work, dataset_id: UUID) -> Campaign:
    """The dataset's campaign, with the defaults where nothing was set. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    return await store.get(work, dataset_id)


async def change_settings(work: Work, dataset_id: UUID, wanted: SettingsChange) -> Campaign:
    """Change what `wanted` sets. Takes effect with the next claim. Raises DatasetNotFound, Invalid. Audited."""
    work.require(Permission.RUN_CAMPAIGNS)
    await datasets.locked(work, dataset_id)
    changed = await _apply(work, dataset_id, wanted)
    await work.audit("campaign.settings_changed", "dataset", dataset_id)
    return changed


async def _apply(work: Work, dataset_id: UUID, wanted: SettingsChange) -> Campaign:
    """Change the campaign of a dataset that is locked."""
    changed = _changed(await store.get(work, dataset_id), wanted)
    await store.save(work, changed)
    if wanted.ai_response_delay_seconds is not UNSET:
        await threads.set_reply_delay(work, dataset_id, changed.ai_response_delay_seconds)
    return changed


def _changed(campaign: Campaign, wanted: SettingsChange) -> Campaign:
    fields: dict[str, Any] = {
        name: value for name, value in structs.asdict(wanted).items() if value is not UNSET and name != "schedule"
    }
    for name, most in _MOST.items():
        value = fields.get(name, 0)
        if not (math.isfinite(value) and 0 <= value <= most):
            raise Invalid(f"{name} must be between 0 and {most}.", field=name)
    rate = fields.get("rate_per_minute", 1)
    if not (math.isfinite(rate) and 0 < rate <= FASTEST):
        raise Invalid(
            f"rate_limit_messages_per_minute must be above 0 and at most {FASTEST}.",
            field="rate_limit_messages_per_minute",
        )
    late = fields.get("stale_after_hours")
    if late is not None and not (math.isfinite(late) and 0 < late <= MOST_STALE):
        raise Invalid(
            f"stale_after_hours must be above 0 and at most {MOST_STALE}, or nothing.", field="stale_after_hours"
        )
    asked = fields.get("personalised_per_day", 0)
    if not 0 <= asked <= MOST_PERSONALISED:
        raise Invalid(f"personalised_per_day must be between 0 and {MOST_PERSONALISED}.", field="personalised_per_day")
    changed = structs.replace(campaign, **fields)
    schedule = wanted.schedule
    if schedule is UNSET:
        return changed
    if schedule is None:
        return structs.replace(changed, hours_start=None, hours_end=None, days=None)
    assert isinstance(schedule, Schedule)
    _check(schedule)
    days = [day for day in DAYS if day in schedule.days]
    return structs.replace(changed, hours_start=schedule.hours_start, hours_end=schedule.hours_end, days=days)


def _check(schedule: Schedule) -> None:
    if not 0 <= schedule.hours_start < schedule.hours_end <= 24:
        raise Invalid("hours_start must be before hours_end, both within 0 to 24.", field="schedule.hours_start")
    if schedule.hours_end <= OPENS.hour or schedule.hours_start >= CLOSES.hour:
        raise Invalid(
            f"These hours never meet those in which people may be texted, {OPENS:%H:%M} to {CLOSES:%H:%M}.",
            field="schedule.hours_start",
        )
    unknown = schedule.days - set(DAYS)
    if unknown or not schedule.days:
        raise Invalid(f"days must be some of {', '.join(DAYS)}.", field="schedule.days")


async def start(work: Work, dataset_id: UUID, wanted: SettingsChange | None = None) -> StartedCampaign:
    """Start the campaign, or, when it runs, take up the leads that came since.

    Raises DatasetNotFound, Invalid, NoSender. M1 becomes due for the ready leads after its delay. An end that is
    past is forgotten. Emits campaign.started.
    """
    work.require(Permission.RUN_CAMPAIGNS)
    dataset = await datasets.locked(work, dataset_id)
    campaign = await _apply(work, dataset_id, wanted or SettingsChange())
    given = await contactability.rules(work)
    if given.number is None:
        raise NoSender
    found, ends = await audience.preflight(work, dataset_id), dataset.campaign_end_date
    first = max(work.now, dataset.campaign_start_date or work.now)
    await store.schedule_ready(work, dataset_id, first + campaign.first_delay(work.clock.lasting(HEAD_START)))
    await store.save(work, structs.replace(campaign, started_at=work.now, paused_at=None, completed_at=None))
    await datasets.keep(
        work,
        structs.replace(
            dataset,
            campaign_status=CampaignStatus.ACTIVE,
            campaign_start_date=dataset.campaign_start_date or work.now,
            campaign_end_date=ends if ends and ends > work.now else None,
        ),
    )
    work.emit(CampaignStarted(subject_id=dataset_id, messages_queued=found.eligible))
    return StartedCampaign(
        dataset_id=dataset_id,
        status=CampaignStatus.ACTIVE,
        total_leads=dataset.total_leads,
        messages_queued=found.eligible,
        estimated_completion=await _estimate(work, campaign, given, dataset.total_leads) or work.now + LONGEST,
        preflight=found,
    )


async def pause(work: Work, dataset_id: UUID, why: str = "") -> Dataset:
    """Send nothing more until it is resumed; takes effect with the next claim. Raises DatasetNotFound, and
    CampaignMoveNotAllowed unless it runs or is paused already. Emits campaign.paused. `why` is a carrier's code."""
    return await _move(work, dataset_id, {CampaignStatus.ACTIVE}, CampaignPaused(subject_id=dataset_id, why=why))


async def resume(work: Work, dataset_id: UUID) -> Dataset:
    """Go on where it was paused. Raises DatasetNotFound, and CampaignMoveNotAllowed unless it is paused or runs.

    Emits campaign.resumed.
    """
    return await _move(work, dataset_id, {CampaignStatus.PAUSED}, CampaignResumed(subject_id=dataset_id))


async def complete_if_idle(work: Work, dataset_id: UUID) -> None:
    """End the campaign if, now that it is locked, it still has nothing left to send or its end has come."""
    end = (await datasets.locked(work, dataset_id)).campaign_end_date
    if await store.is_idle(work, dataset_id):
        await complete(work, dataset_id, END_DATE if end is not None and end <= work.now else ALL_SENT)


async def complete(work: Work, dataset_id: UUID, why: str = "") -> Dataset:
    """End it: nothing more is sent. Emits campaign.completed. `why`: END_DATE or ALL_SENT where it ends by itself."""
    running = {CampaignStatus.ACTIVE, CampaignStatus.PAUSED}
    return await _move(work, dataset_id, running, CampaignCompleted(subject_id=dataset_id, why=why))


_BECOMES = {
    CampaignPaused: CampaignStatus.PAUSED,
    CampaignResumed: CampaignStatus.ACTIVE,
    CampaignCompleted: CampaignStatus.COMPLETED,
}


async def _move(
    work: Work,
    dataset_id: UUID,
    allowed: set[CampaignStatus],
    told: CampaignPaused | CampaignResumed | CampaignCompleted,
) -> Dataset:
    work.require(Permission.RUN_CAMPAIGNS)
    wanted = _BECOMES[type(told)]
    dataset = await datasets.locked(work, dataset_id)
    if dataset.campaign_status is wanted:
        return dataset
    if dataset.campaign_status not in allowed:
        raise CampaignMoveNotAllowed(dataset.campaign_status.value, wanted.value)
    campaign = await store.get(work, dataset_id)
    times = {CampaignStatus.PAUSED: "paused_at", CampaignStatus.COMPLETED: "completed_at"}
    stamps = {"paused_at": None} if wanted is CampaignStatus.ACTIVE else {times[wanted]: work.now}
    await store.save(work, structs.replace(campaign, **stamps))
    ended = work.now if wanted is CampaignStatus.COMPLETED else dataset.campaign_end_date
    moved = structs.replace(dataset, campaign_status=wanted, campaign_end_date=ended, updated_at=work.now)
    await datasets.keep(work, moved)
    work.emit(told)
    return moved


async def change_dataset(
    work: Work, dataset_id: UUID, wanted: DatasetChange, status: CampaignStatus | UnsetType = UNSET
) -> Dataset:
    """Change a dataset's metadata and, with `status`, start, pause, resume or end its campaign.

    Raises DatasetNotFound, Forbidden, Invalid, CampaignMoveNotAllowed.
    """
    dataset = await datasets.change(work, dataset_id, wanted)
    if status is UNSET or status is dataset.campaign_status:
        return dataset
    if status is CampaignStatus.ACTIVE:
        if dataset.campaign_status is CampaignStatus.PAUSED:
            return await resume(work, dataset_id)
        await start(work, dataset_id)
        return await datasets.get(work, dataset_id)
    if status is CampaignStatus.PAUSED:
        return await pause(work, dataset_id)
    if status is CampaignStatus.COMPLETED:
        return await complete(work, dataset_id)
    raise CampaignMoveNotAllowed(dataset.campaign_status.value, CampaignStatus.DRAFT.value)


async def import_leads(
    context: Context,
    actor: Actor,
    upload_id: UUID,
    dataset_id: UUID,
    mapping: dict[str, str],
    settings: SettingsChange | None = None,
    *,
    follow: Callable[[int], None] | None = None,
) -> ImportOutcome:
    """Import an upload into a dataset, set its campaign up, and when it runs make M1 due for the new leads.

    `follow` is told how many rows are in. Raises DatasetNotFound, UploadNotFound, BadMapping, Invalid (settings),
    Forbidden (settings that differ from those that stand, by who may not run campaigns); nothing is imported then.
    """
    wanted = settings or SettingsChange()
    async with context.works.read(actor) as work:  # before a long file is read for nothing
        await datasets.get(work, dataset_id)
        await _changes(work, dataset_id, wanted)
    result = await imports.run(context, actor, upload_id, dataset_id, mapping, also=_set_up(wanted), follow=follow)
    async with context.works.begin(actor) as work:
        return ImportOutcome(result, await audience.preflight(work, dataset_id))


async def perform_import(context: Context, actor: Actor, import_id: UUID) -> None:
    """Do an import that was put down to be done later, as `import_leads` does."""
    await imports.perform(context, actor, import_id, also=_set_up(SettingsChange()))


async def undo_import(work: Work, import_id: UUID) -> ImportResult:
    """Undo an import as `undoing.undo` does, record that in the consent log, and cancel what waits to be sent to those
    who leave. Raises what it raises."""
    return await undoing.undo(work, import_id, contactability.record_undo, threads.withdraw)


async def _changes(work: Work, dataset_id: UUID, wanted: SettingsChange) -> bool:
    """Whether an import's settings change the campaign: for that it takes somebody who may run campaigns."""
    campaign = await store.get(work, dataset_id)
    changed = _changed(campaign, wanted) != campaign
    if changed:
        work.require(Permission.RUN_CAMPAIGNS)
    return changed


def _set_up(wanted: SettingsChange) -> Callable[[Work, Dataset, ImportResult], Awaitable[None]]:
    async def set_up(work: Work, dataset: Dataset, imported: ImportResult) -> None:
        await contactability.record_import(work, imported.id)
        if await _changes(work, dataset.id, wanted):
            await work.audit("campaign.settings_changed", "dataset", dataset.id)
        await _apply(work, dataset.id, wanted)
        await take_up(work, dataset)

    return set_up


async def take_up(work: Work, dataset: Dataset) -> None:
    """Make M1 due for the ready leads that have come into a dataset, which is locked, if its campaign runs."""
    if dataset.campaign_status is CampaignStatus.ACTIVE:
        campaign = await store.get(work, dataset.id)
        first = max(work.now, dataset.campaign_start_date or work.now)
        await store.schedule_ready(work, dataset.id, first + campaign.first_delay(work.clock.lasting(HEAD_START)))


async def progress(work: Work, dataset_id: UUID) -> Progress:
    """The campaign in figures. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    dataset = await datasets.get(work, dataset_id)
    campaign = await store.get(work, dataset_id)
    counted, answered = await store.kept_counts(work, dataset_id), await store.answered(work, dataset_id)
    next_due_at = None if dataset.campaign_status is CampaignStatus.COMPLETED else answered.next_due_at
    given = await contactability.rules(work)
    return Progress(
        campaign=campaign,
        status=dataset.campaign_status,
        total=dataset.total_leads,
        by_step={f"m{step}": _step(counted, step) for step in STEPS},
        replied=answered.replied,
        booked=answered.booked,
        opted_out=dataset.counts.get(ContactStatus.OPTED_OUT, 0),
        skipped=counted.skipped,
        failures=counted.failures,
        held_up=answered.held_up,
        next_due_at=next_due_at,
        estimated_completion=await _estimate(work, campaign, given, sum(counted.waiting.values()))
        if next_due_at is not None and dataset.campaign_status is CampaignStatus.ACTIVE
        else None,
    )


async def _estimate(work: Work, campaign: Campaign, given: OrgRules, leads: int) -> datetime | None:
    """When everything will have been sent, as things stand. None: not within two years. Of many `leads` a sample tells
    where they live and when they are due."""

    def zones(one: store.WaitingLeads) -> frozenset[str]:
        return contactability.zones_of_place(one.phone, one.postcode, given.time_zone, given.country)

    found = await store.waiting(work, campaign.dataset_id, of_each=max(1, leads // ESTIMATED_FROM))
    waiting = [Waiting(zones(one), one.step, one.due_at, one.count) for one in found]
    return await asyncio.to_thread(finished_at, waiting, campaign, work.now, given.time_zone)


def _step(counted: store.KeptCounts, step: int) -> StepProgress:
    texts = counted.texts.get(step, {})
    delivered = texts.get("delivered", 0)
    return StepProgress(
        waiting=counted.waiting.get(step, 0) + texts.get("queued", 0) + texts.get("sending", 0),
        sent=texts.get("sent", 0) + delivered,
        delivered=delivered,
        failed=texts.get("failed", 0),
        unknown=texts.get("unknown", 0),
    )


async def roll_up_counts(works: Works) -> None:
    """Fold the counts of the campaigns of all organisations, so that their figures stay cheap to read."""
    async with works.across_tenants("roll up counts") as work:
        await store.roll_up_counts(work)


async def save_templates(
    work: Work, dataset_id: UUID, m1: str | None = None, m2: str | None = None, m3: str | None = None
) -> Campaign:
    """Set the texts; None puts the product's own back. Raises DatasetNotFound, Invalid (too long, unknown {field})."""
    work.require(Permission.RUN_CAMPAIGNS)
    await datasets.locked(work, dataset_id)
    for name, text in (("m1", m1), ("m2", m2), ("m3", m3)):
        if text is None:
            continue
        if not text.strip() or len(text) > LONGEST_BODY or "\0" in text:
            raise Invalid(f"A text needs 1 to {LONGEST_BODY} characters.", field=name)
        wrong = wrong_with(text)
        if wrong:
            raise Invalid(wrong, field=name)
    campaign = structs.replace(await store.get(work, dataset_id), m1_template=m1, m2_template=m2, m3_template=m3)
    await store.save(work, campaign)
    await work.audit("campaign.texts_changed", "dataset", dataset_id)
    return campaign
