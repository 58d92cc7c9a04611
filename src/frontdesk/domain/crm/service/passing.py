"""Passing records on: of one connection one after another, oldest first, so that order holds and no limit of the CRM is
strained. No transaction is open while it is called. One process at a time does this, as periodic work; where two do, a
lease on the record keeps them apart.

A CRM that is down or busy holds up its own connection's records and no other's; one that refuses a record fails that
record alone.
"""

import asyncio
from datetime import UTC, timedelta
from uuid import UUID

import structlog

from frontdesk.domain.crm import store, subject_store
from frontdesk.domain.crm.model import Passed, Record, RecordStatus, pause_after, reference_of
from frontdesk.domain.crm.subject_store import LeadPart
from frontdesk.domain.integrations.errors import ConnectionNotFound, MustReconnect, ProviderDown
from frontdesk.domain.integrations.service import provider_of
from frontdesk.domain.integrations.service.using import using
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe
from frontdesk.ports.consent import Tokens
from frontdesk.ports.crm import Activity, ActivityKind, Crm, CrmRefused, Person

log = structlog.get_logger("frontdesk.crm")

AT_ONCE = 8
"""Connections that are seen to side by side."""
IN_A_ROW = 20
"""Records of one connection in one run."""
PATIENCE = 90.0
"""Wall seconds that a try may take."""
LEASE = timedelta(minutes=3)
"""Wall time in which nobody else tries the same record: longer than a try, so that two never make something twice, and
than a search of the CRM lags behind what a try made that was cut off."""


async def pass_due(context: Context) -> None:
    """Pass on what is due, of every connection."""
    async with context.works.across_tenants("due crm records") as work:
        due = await store.due(work, AT_ONCE)
    for outcome in await asyncio.gather(
        *(_see_to(context, org_id, connection_id) for org_id, connection_id in due), return_exceptions=True
    ):
        if isinstance(outcome, BaseException):
            log.warning("crm_failed", error=describe(outcome))


async def _see_to(context: Context, org_id: UUID, connection_id: UUID) -> None:
    for _ in range(IN_A_ROW):
        if not await _pass_next(context, org_id, connection_id):
            return


async def _pass_next(context: Context, org_id: UUID, connection_id: UUID) -> bool:
    """Pass on the oldest record that is due. Whether there may be another now."""
    actor = system_actor(org_id)
    async with context.works.begin(actor) as work:
        crm = context.crms.get(await provider_of(work, connection_id) or "")
        until = work.now + work.clock.lasting(LEASE)
        tried = await store.begin_try(work, connection_id, until) if crm is not None else None
        if crm is None or tried is None:
            return False
        passed = await _told(work, tried, context.public_url)
        if passed is None:
            await store.end_try(work, tried, RecordStatus.SKIPPED)
            return True
    status, error, wait = RecordStatus.DONE, "", None
    try:
        async with asyncio.timeout(PATIENCE):
            await using(context, org_id, connection_id, lambda tokens: _pass_on(context, crm, tokens, tried, passed))
    except ConnectionNotFound:
        return False
    except MustReconnect:  # it goes on when somebody has consented again
        async with context.works.begin(actor) as work:
            await store.take_try_back(work, tried)
        return False
    except CrmRefused as refused:
        status, error = RecordStatus.FAILED, str(refused)
    except ProviderDown as down:
        wait, error = pause_after(tried.tries, down.retry_after), down.message
        status = RecordStatus.PENDING if wait else RecordStatus.FAILED
    except TimeoutError:
        wait, error = pause_after(tried.tries, None), "The CRM took too long."
        status = RecordStatus.PENDING if wait else RecordStatus.FAILED
    except Exception as trouble:  # an answer that makes no sense, or a fault of ours: not again at once
        log.warning("crm_record_failed", record_id=str(tried.id), error=describe(trouble))
        wait, error = pause_after(tried.tries, None), "It went wrong in a way that nobody foresaw."
        status = RecordStatus.PENDING if wait else RecordStatus.FAILED
    async with context.works.begin(actor) as work:
        next_try_at = None if wait is None else work.now + work.clock.lasting(wait)
        await store.end_try(work, tried, status, error, next_try_at)
    return wait is None


async def _pass_on(context: Context, crm: Crm, tokens: Tokens, tried: Record, passed: Passed) -> None:
    """The contact, then what happened with it; each is noted at once, so that another try goes on from there."""
    actor, subject = system_actor(tried.org_id), tried.subject.value
    async with context.works.read(actor) as work:
        known = await store.link(work, tried.connection_id, "contact", tried.lead_id)
        before = await store.link(work, tried.connection_id, subject, tried.subject_id)
    contact = await crm.contact(tokens, passed.person, known)
    async with context.works.begin(actor) as work:
        await store.set_link(work, tried, "contact", tried.lead_id, contact)
    activity = await crm.activity(tokens, contact, passed.activity, before, maybe_there=tried.tries > 1)
    async with context.works.begin(actor) as work:
        await store.set_link(work, tried, subject, tried.subject_id, activity)


# --- what is told -----------------------------------------------------------------------------------------------------


async def _told(work: Work, tried: Record, public_url: str) -> Passed | None:
    """What a record tells, by what is known now. None where its subject is gone."""
    if tried.subject is ActivityKind.CALL:
        return await _call(work, tried, public_url)
    return await _appointment(work, tried, public_url)


async def _call(work: Work, tried: Record, public_url: str) -> Passed | None:
    found = await subject_store.call(work, tried.subject_id, tried.lead_id)
    if found is None:
        return None
    mood = f"{found.sentiment.capitalize()} mood." if found.sentiment else ""
    about = f"About: {found.intent.replace('_', ' ')}." if found.intent else ""
    activity = Activity(
        kind=tried.subject,
        reference=reference_of(tried.subject_id),
        title=f"Call {'from' if found.direction == 'inbound' else 'to'} {found.name}",
        body=_text(found.summary, f"{about} {mood}".strip(), f"{public_url}/console/calls/{tried.subject_id}"),
        start=found.started_at.astimezone(UTC),
        end=(found.ended_at or found.started_at).astimezone(UTC),
        inbound=found.direction == "inbound",
        sender=found.from_number,
        receiver=found.to_number,
    )
    return Passed(_person(found), activity)


async def _appointment(work: Work, tried: Record, public_url: str) -> Passed | None:
    found = await subject_store.booking(work, tried.subject_id, tried.lead_id)
    if found is None:
        return None
    cancelled = found.status == "cancelled"
    activity = Activity(
        kind=tried.subject,
        reference=reference_of(tried.subject_id),
        title=f"Appointment with {found.name}",
        body=_text(found.notes, found.reason, f"{public_url}/console/leads/{tried.lead_id}"),
        start=found.starts_at.astimezone(UTC),
        end=max(found.ends_at, found.starts_at + timedelta(minutes=1)).astimezone(UTC),
        cancelled=cancelled,
    )
    return Passed(_person(found), activity)


def _person(lead: LeadPart) -> Person:
    return Person(
        first_name=lead.first_name, last_name=lead.last_name, phone=lead.phone, email=lead.email, company=lead.company,
        reason=lead.reason,
    )  # fmt: skip


def _text(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
