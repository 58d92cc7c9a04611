"""The gate in use: ask it for many messages at once, and keep every decision with its reason."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.contactability import store
from frontdesk.domain.contactability.model import WEEK, Category, Decision, Question, Schedule, decide
from frontdesk.domain.contactability.store import OrgRules, StoredDecision
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.phone import E164, country_of, time_zones_of
from frontdesk.kernel.postcodes import zones_of_postcode
from frontdesk.platform.database import Work, Works


class Contact(Struct, frozen=True, kw_only=True):
    """One message that somebody wants to send, or one call that they want to place."""

    lead: Lead
    category: Category
    message_id: UUID | None = None
    call_id: UUID | None = None
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
        await store.unasked_since(
            work, phones, work.now - WEEK, [id_ for c in contacts for id_ in (c.message_id, c.call_id) if id_]
        )
        if any(contact.category.is_capped for contact in contacts)
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
                    call_id=contact.call_id,
                    category=contact.category.value,
                    decision=decision,
                )
                for contact, decision in zip(contacts, decisions, strict=True)
            ],
        )
    return decisions


def _question(
    work: Work, contact: Contact, given: OrgRules, suppressed: set[str], unasked: dict[str, list[datetime]]
) -> Question:
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
        zones=zones_of(lead, given.time_zone, given.country),
        org_zone=given.time_zone,
        schedule=contact.schedule,
        last_inbound_at=lead.reply_received_at,
        unasked=tuple(unasked.get(lead.phone or "", ())),
        daily_cap=given.daily_cap,
        weekly_cap=given.weekly_cap,
        answers_opt_out=contact.answers_opt_out,
        now=work.now,
    )


def zones_of(lead: Lead, org_zone: str, org_country: str = "") -> frozenset[str]:
    """The zones in which the lead may be: the number's and the postcode's; where neither tells any, the organisation's.

    `org_country` (ISO 3166) is where a postcode is taken to be that could be of several countries.
    """
    return zones_of_place(lead.phone, lead.postcode, org_zone, org_country)


def zones_of_place(phone: str | None, postcode: str | None, org_zone: str, org_country: str) -> frozenset[str]:
    """The same, for what counts leads without loading them."""
    zones = set(time_zones_of(E164(phone))) if phone else set[str]()
    if postcode:
        home = frozenset(filter(None, (org_country, country_of(E164(phone)) if phone else None)))
        zones.update(zones_of_postcode(postcode, home))
    return frozenset(zones or ([org_zone] if org_zone else []))


async def decisions_of_lead(work: Work, lead_id: UUID, limit: int = 50) -> list[StoredDecision]:
    """What the gate said about the lead, newest first. Raises LeadNotFound."""
    await leads.get(work, lead_id)
    return await store.of_lead(work, lead_id, limit)


async def forget_decisions(works: Works) -> int:
    """Delete decisions that are older than their organisation keeps them, and those that allowed something after
    `ALLOWED_KEPT`: the message itself tells of them. Returns how many."""
    gone = 0
    while True:
        async with works.across_tenants("old decisions") as work:
            deleted = await store.forget_decisions(work, ALLOWED_KEPT, _AT_ONCE)
        gone += deleted
        if deleted < _AT_ONCE:
            return gone


ALLOWED_KEPT = timedelta(days=90)
"""How long decisions that allowed something are kept at the most."""

_AT_ONCE = 5_000
