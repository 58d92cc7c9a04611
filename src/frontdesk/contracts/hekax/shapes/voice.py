"""What a carrier posts of calls, tokens of softphones, and how calls are taken."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import UNSET, UnsetType, structs

from frontdesk.contracts._http.forms import CarrierForm
from frontdesk.contracts._http.times import Instant
from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.calls.model import CallSettings, CallSettingsChange, CallWish, CarrierCall, Dialled, OutgoingWord
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import parse_id
from frontdesk.ports import softphone
from frontdesk.ports.calling import CALL, ORGANIZATION, OVER


def call_told(form: CarrierForm) -> CarrierCall:
    """The call that a form tells of. Raises Invalid where it names none."""
    return CarrierCall(
        carrier=form.carrier,
        provider_call_id=form.needed("CallSid"),
        called=form.needed("To"),
        sender=form.needed("From"),
        outbound=form.fields.get("Direction", "").startswith("outbound"),
    )


def outgoing_word(form: CarrierForm, query: Mapping[str, str]) -> OutgoingWord | None:
    """What a form tells of a call that we placed: the address that it was posted to says which. None: it is of none."""
    org_id, call_id = parse_id(query.get(ORGANIZATION, "")), parse_id(query.get(CALL, ""))
    if org_id is None or call_id is None:
        return None
    return OutgoingWord(
        carrier=form.carrier, provider_call_id=form.needed("CallSid"), org_id=org_id, call_id=call_id
    )  # fmt: skip


def leg_word(form: CarrierForm, query: Mapping[str, str]) -> OutgoingWord | None:
    """The same of a telephone that is rung for a member who talks in such a call: the carrier names the call as its
    parent."""
    ours, parent = outgoing_word(form, query), form.fields.get("ParentCallSid")
    return structs.replace(ours, provider_call_id=parent) if ours and parent else None


def dialled(form: CarrierForm) -> Dialled:
    """The call that a member dials. Raises Invalid where the form names none."""
    return Dialled(
        carrier=form.carrier, provider_call_id=form.needed("CallSid"), sender=form.needed("From"),
        to=form.fields.get("To", ""), org_id=parse_id(form.fields.get(softphone.ORGANIZATION, "")),
    )  # fmt: skip


def caller_is_there(form: CarrierForm) -> bool:
    """Whether the caller is still on the line."""
    return form.fields.get("CallStatus", "in-progress") not in OVER


def seconds_of(form: CarrierForm, name: str) -> int:
    """How long somebody has talked, as a field says; 0 where it does not."""
    text = form.fields.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


class NewCall(Shape):
    """Whom to call: a lead, or a number. With `memberPhone` that telephone rings first, and whoever takes it up talks;
    without, the assistant does, about `purpose`."""

    lead_id: UUID | UnsetType = UNSET
    to: str | UnsetType = UNSET
    purpose: str = ""
    member_phone: str = ""

    def wish(self) -> CallWish:
        """The same in the product's words. Raises Invalid unless one of both is named."""
        if (self.lead_id is UNSET) is (self.to is UNSET):
            raise Invalid("Name a lead or a number to call, and not both.", field="leadId")
        return CallWish(
            lead_id=None if self.lead_id is UNSET else self.lead_id, to=self.to or "", purpose=self.purpose,
            first_rings=self.member_phone,
        )  # fmt: skip


class VoiceToken(Shape):
    """What makes a browser a handset."""

    token: str
    identity: str
    expires_at: Instant


class VoiceSettings(Shape):
    """How calls are taken and placed. `announcement` and `voicemail` (for machines that answer our calls) null: the
    usual words; empty: nothing is said."""

    concurrent_calls: int
    recording: bool
    announcement: str | None
    ring_numbers: list[str]
    ring_members: list[UUID]
    ring_seconds: int
    voicemail: str | None

    @classmethod
    def of(cls, found: CallSettings) -> "VoiceSettings":
        return cls(
            found.concurrent_calls, found.recording, found.announcement, found.ring_numbers, found.ring_members,
            found.ring_seconds, found.voicemail,
        )  # fmt: skip


class VoiceSettingsUpdate(Shape):
    """What to change of how calls are taken. Null: the usual words."""

    concurrent_calls: int | UnsetType = UNSET
    recording: bool | UnsetType = UNSET
    announcement: str | UnsetType | None = UNSET
    ring_numbers: list[str] | UnsetType = UNSET
    ring_members: list[UUID] | UnsetType = UNSET
    ring_seconds: int | UnsetType = UNSET
    voicemail: str | UnsetType | None = UNSET

    def change(self) -> CallSettingsChange:
        """The same in the product's words."""
        return CallSettingsChange(**{name: getattr(self, name) for name in self.__struct_fields__})
