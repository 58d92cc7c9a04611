"""The gate in use: ask it for many messages at once, suppress, lift, and keep every decision with its reason."""

from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.contactability import store
from frontdesk.domain.contactability.events import NumberAllowed, NumberSuppressed
from frontdesk.domain.contactability.model import Category, Decision, Question, Schedule, decide
from frontdesk.domain.contactability.store import OrgRules, StoredDecision, Suppression
from frontdesk.domain.leads.events import LeadOptedOut
from frontdesk.domain.leads.model import Lead, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.paging import Page
from frontdesk.kernel.phone import E164, time_zones_of
from frontdesk.platform.database import Work


class Contact(Struct, frozen=True, kw_only=True):
    """One message that somebody wants to send."""

    lead: Lead
    category: Category
    message_id: UUID | None = None
    schedule: Schedule | None = None
    answers_opt_out: bool = False


async def rules(work: Work) -> OrgRules:
    """The organisation's part of the gate, and the number it sends from."""
    return await store.rules(work)


async def ask(work: Work, contacts: list[Contact], given: OrgRules, *, keep: bool = True) -> list[Decision]:
    """The gate's decision on each of `contacts`, in their order; kept in the log unless told otherwise.

    Inside the transaction that claims: the numbers are locked against suppression until it ends, so that no claim
    commits after the suppression of its number did.
    """
    phones = sorted({str(contact.lead.phone) for contact in contacts if contact.lead.phone})
    if keep:
        await store.lock_shared(work, phones)
    suppressed = await store.suppressed(work, phones)
    unasked = (
        # A claim that is gated again is not one of the texts that went before it.
        await store.unasked_since(work, phones, work.now - store.DAY, [c.message_id for c in contacts if c.message_id])
        if any(contact.category.is_campaign for contact in contacts)
        else {}
    )
    decisions = [decide(_question(work, contact, given, suppressed, unasked)) for contact in contacts]
    if keep:
        await store.log(
            work,
            [
                store.LoggedDecision(
                    lead_id=contact.lead.id,
                    phone=contact.lead.phone or "",
                    message_id=contact.message_id,
                    category=contact.category.value,
                    decision=decision,
                )
                for contact, decision in zip(contacts, decisions, strict=True)
            ],
        )
    return decisions


def _question(work: Work, contact: Contact, given: OrgRules, suppressed: set[str], unasked: dict[str, int]) -> Question:
    lead = contact.lead
    return Question(
        category=contact.category,
        phone=lead.phone,
        stage=lead.stage.value,
        archived=lead.archived,
        manual_mode=lead.manual_mode,
        has_replied=lead.reply_received_at is not None,
        suppressed=lead.phone in suppressed,
        sender=given.number,
        zones=zones_of(lead, given.time_zone),
        org_zone=given.time_zone,
        schedule=contact.schedule,
        last_inbound_at=lead.reply_received_at,
        unasked_today=unasked.get(lead.phone or "", 0),
        daily_cap=given.daily_cap,
        answers_opt_out=contact.answers_opt_out,
        now=work.now,
    )


def zones_of(lead: Lead, org_zone: str) -> frozenset[str]:
    """The zones in which the lead may be: the number's; where that tells none, the organisation's."""
    zones = time_zones_of(E164(lead.phone)) if lead.phone else []
    return frozenset(zones or ([org_zone] if org_zone else []))


async def hold(work: Work, phone: str) -> None:
    """Lock the number as `suppress` does: for work that locks rows before it knows that it must suppress."""
    await store.lock(work, phone)


async def suppress(work: Work, phone: str, how: str, evidence: str = "") -> bool:
    """Never contact this number again, across datasets and channels. False where it already was so.

    `how`: keyword, plain_language, carrier or by_hand. A lead that has the number becomes opted out. Emits
    contact.suppressed, and lead.opted_out.
    """
    await store.lock(work, phone)
    fresh = await store.insert(work, phone, how, evidence[:500])
    lead = await leads.of_phone(work, phone, lock=True)
    if lead is not None:
        await leads.keep(work, lead, structs.replace(lead, stage=Stage.OPTED_OUT))
        if lead.stage is not Stage.OPTED_OUT:
            work.emit(LeadOptedOut(subject_id=lead.id, how=how))
    if fresh:
        work.emit(NumberSuppressed(subject_id=lead.id if lead else work.org_id, how=how))
    return fresh


async def lift(work: Work, phone: str, how: str) -> bool:
    """Let the number be contacted again: on its own START, or by an admin, which is audited. False if it already was.

    An opted-out lead goes back to where its history puts it. Emits contact.allowed.
    """
    if how == "by_hand":
        work.require(Permission.MANAGE_ORGANIZATION)
    await store.lock(work, phone)
    if not await store.lift(work, phone, how):
        return False
    lead = await leads.of_phone(work, phone, lock=True)
    if lead is not None and lead.stage is Stage.OPTED_OUT:
        await leads.keep(work, lead, structs.replace(lead, stage=lead.stage_by_history))
    work.emit(NumberAllowed(subject_id=lead.id if lead else work.org_id, how=how))
    if how == "by_hand":
        await work.audit("suppression.lifted", "lead", lead.id if lead else None)
    return True


async def suppress_by_hand(work: Work, lead_id: UUID) -> Lead:
    """Suppress a lead's number at a person's word; audited. Raises LeadNotFound, Invalid for a lead without number."""
    work.require(Permission.EDIT_LEADS)
    lead = await leads.get(work, lead_id)
    if not lead.phone:
        raise Invalid("The lead has no phone number.", field="phone_number")
    await suppress(work, lead.phone, "by_hand")
    await work.audit("suppression.added", "lead", lead.id)
    return await leads.get(work, lead_id)


async def list_suppressions(work: Work, page: int, limit: int) -> Page[Suppression]:
    """Suppressions in force, newest first."""
    work.require(Permission.VIEW)
    return await store.page(work, page, limit)


async def decisions_of_lead(work: Work, lead_id: UUID, limit: int = 50) -> list[StoredDecision]:
    """What the gate said about the lead, newest first. Raises LeadNotFound."""
    await leads.get(work, lead_id)
    return await store.of_lead(work, lead_id, limit)
