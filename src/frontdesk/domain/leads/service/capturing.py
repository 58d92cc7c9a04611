"""Keeping who got in touch with us: the lead that somebody is, made where there is none."""

from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.leads import store
from frontdesk.domain.leads.events import LeadCaptured
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Permission
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import E164
from frontdesk.platform.database import Work

LONGEST_INTEREST = 200


class Contact(Struct, frozen=True, kw_only=True):
    """What somebody told of themselves; empty where they did not."""

    phone: E164 | None = None
    name: str = ""
    email: str = ""
    interest: str = ""
    source: str = ""
    """By which way they came, in a few words."""


async def capture_or_get(work: Work, contact: Contact, known: UUID | None = None) -> Lead:
    """The lead that `contact` is, locked, with what was told: the one that is `known`, or has the number, or a new one.

    A name or address that the lead has is kept; an empty one is filled, and the interest told last holds. Emits
    lead.captured for a new lead, lead.updated for one that changed. Raises LeadNotFound for a `known` that is none.
    """
    work.require(Permission.EDIT_LEADS)
    found = await leads.locked(work, known) if known else None
    if found is None and contact.phone:
        found = await leads.of_phone(work, contact.phone, lock=True)
    if found is None:
        made = await store.insert(work, new_id(), contact.phone, contact.source or None)
        if made is None:  # somebody has just made one of this number
            assert contact.phone is not None
            found = await leads.of_phone(work, contact.phone, lock=True)
            assert found is not None
        else:
            found = made
            work.emit(LeadCaptured(subject_id=made.id, source=contact.source))
    return await leads.keep(work, found, _told(found, contact), reason=contact.source or "captured")


def put_right(lead: Lead, was: Contact, now: Contact) -> Lead:
    """The lead with what somebody took back: a name or address that it has from what they told before (`was`) is the
    one they tell `now`, if any. What it has from elsewhere stays."""
    if was.name and was.name != now.name and lead.name == was.name:
        lead = _told(structs.replace(lead, first_name="", last_name=None), now)
    if was.email and was.email != now.email and lead.email == was.email:
        lead = structs.replace(lead, email=now.email[: leads.LONGEST["email"]] or None)
    return lead


def _told(lead: Lead, contact: Contact) -> Lead:
    first, _, last = " ".join(contact.name.split()).partition(" ")
    named = lead.first_name or lead.last_name
    return structs.replace(
        lead,
        first_name=lead.first_name if named else first[: leads.LONGEST["first_name"]],
        last_name=lead.last_name if named else last[: leads.LONGEST["last_name"]] or None,
        email=lead.email or contact.email[: leads.LONGEST["email"]] or None,
        service_interest=contact.interest[:LONGEST_INTEREST] or lead.service_interest,
    )
