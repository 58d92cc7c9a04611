"""Numbers that must not be contacted: suppress, lift, list. Each change is recorded in the consent log with it."""

from uuid import UUID

from msgspec import structs

from frontdesk.domain.contactability import store
from frontdesk.domain.contactability.consent import Kind
from frontdesk.domain.contactability.events import NumberAllowed, NumberSuppressed
from frontdesk.domain.contactability.service import consent
from frontdesk.domain.contactability.store import Suppression
from frontdesk.domain.leads.events import LeadOptedOut
from frontdesk.domain.leads.model import Lead, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.paging import Page
from frontdesk.kernel.phone import E164, parse_phone
from frontdesk.platform.database import Work

LONGEST = 500
"""Characters of evidence, and of a reason, that are kept."""


async def hold(work: Work, phone: str) -> None:
    """Lock the number as `suppress` does: for work that locks rows before it knows that it must suppress."""
    await store.lock(work, phone)


async def suppress(work: Work, phone: str, how: str, evidence: str = "") -> bool:
    """Never contact this number again, across datasets and channels. False where it already was so.

    `how`: keyword, plain_language, carrier or by_hand. A lead that has the number becomes opted out. Emits
    contact.suppressed, and lead.opted_out.
    """
    await store.lock(work, phone)
    evidence = _kept(evidence)
    fresh = await store.insert(work, phone, how, evidence)
    lead = await leads.of_phone(work, phone, lock=True)
    if lead is not None:
        await leads.keep(work, lead, structs.replace(lead, stage=Stage.OPTED_OUT))
        if lead.stage is not Stage.OPTED_OUT:
            work.emit(LeadOptedOut(subject_id=lead.id, how=how))
    if fresh:
        consent.record_number(work, Kind.SUPPRESSED, phone, how, evidence)
        work.emit(NumberSuppressed(subject_id=lead.id if lead else work.org_id, how=how))
    return fresh


async def lift(work: Work, phone: str, how: str, reason: str = "") -> bool:
    """Let the number be contacted again: on its own START, or by an admin, which is audited with the `reason` given.
    False if it already was.

    An opted-out lead goes back to where its history puts it. Emits contact.allowed.
    """
    if how == "by_hand":
        work.require(Permission.MANAGE_ORGANIZATION)
    await store.lock(work, phone)
    reason = _kept(reason)
    if not await store.lift(work, phone, f"{how}: {reason}" if reason else how):
        return False
    lead = await leads.of_phone(work, phone, lock=True)
    if lead is not None and lead.stage is Stage.OPTED_OUT:
        await leads.keep(work, lead, structs.replace(lead, stage=lead.stage_by_history))
    consent.record_number(work, Kind.LIFTED, phone, how, reason)
    work.emit(NumberAllowed(subject_id=lead.id if lead else work.org_id, how=how))
    if how == "by_hand":
        told = {"reason": reason} if reason else {}
        await work.audit("suppression.lifted", "lead", lead.id if lead else None, phone=phone, **told)
    return True


def mark_wrong_number(work: Work, phone: str, how: str, evidence: str = "") -> None:
    """Record that a number is not the lead's, at the word of whoever has it (`plain_language`) or of the carrier. The
    caller marks the lead invalid. For the conversations feature."""
    consent.record_number(work, Kind.WRONG_NUMBER, phone, how, _kept(evidence))


async def suppress_by_hand(work: Work, lead_id: UUID) -> Lead:
    """Suppress a lead's number at a person's word; audited. Raises LeadNotFound, Invalid for a lead without number."""
    work.require(Permission.EDIT_LEADS)
    lead = await leads.get(work, lead_id)
    if not lead.phone:
        raise Invalid("The lead has no phone number.", field="phone_number")
    await suppress(work, lead.phone, "by_hand")
    await work.audit("suppression.added", "lead", lead.id)
    return await leads.get(work, lead_id)


async def suppress_some(work: Work, lead_ids: list[UUID]) -> list[UUID]:
    """`suppress_by_hand` for a batch of leads; which of them could be contacted until now. Those without a number, and
    those that the actor may not see, are left out. Raises Forbidden. For the bulk feature, whose batches are short."""
    work.require(Permission.EDIT_LEADS)
    phones = await leads.phones(work, lead_ids)
    await store.lock_all(work, list(phones.values()))  # numbers before rows, as everywhere
    touched: list[UUID] = []
    for lead_id, phone in phones.items():
        if await suppress(work, phone, "by_hand"):
            touched.append(lead_id)
            await work.audit("suppression.added", "lead", lead_id)
    return touched


async def suppress_number(work: Work, text: str, evidence: str) -> tuple[E164, bool]:
    """Suppress a number that somebody has typed, whether or not a lead has it; audited. The number, and False where it
    was suppressed already. Raises PhoneRefused (Invalid)."""
    work.require(Permission.EDIT_LEADS)
    phone = parse_phone(text, (await store.rules(work)).country)
    fresh = await suppress(work, phone, "by_hand", evidence)
    if fresh:
        await work.audit("suppression.added", "number", None, phone=phone)
    return phone, fresh


async def lift_by_hand(work: Work, phone: str, reason: str) -> bool:
    """Let a number be contacted again, as an admin who can say why; audited. False where it was not suppressed. Raises
    Invalid without a reason."""
    work.require(Permission.MANAGE_ORGANIZATION)
    if not reason.strip():
        raise Invalid("Say why: who asked for it, when, and how.", field="reason")
    return await lift(work, phone, "by_hand", reason)


async def get_suppression(work: Work, phone: str) -> Suppression | None:
    """The number's suppression, if one is in force and the actor may see it."""
    work.require(Permission.VIEW)
    found = await store.page(work, phone, 1, 1, exactly=True)
    return found.items[0] if found.items else None


async def list_suppressions(work: Work, page: int, limit: int, search: str = "") -> Page[Suppression]:
    """Suppressions in force, newest first. `search`: digits of the number, or words of the evidence or the name."""
    work.require(Permission.VIEW)
    return await store.page(work, search, page, limit)


async def suppressions_after(work: Work, phone: str, limit: int = 1_000) -> list[Suppression]:
    """Suppressions in force by number, from the one after `phone` (empty: the first): for files of all of them."""
    work.require(Permission.VIEW)
    return await store.page_after(work, phone, limit)


def _kept(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]
