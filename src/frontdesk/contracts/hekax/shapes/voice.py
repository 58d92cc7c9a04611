"""What a carrier posts of calls, tokens of softphones, and how calls are taken."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from frontdesk.contracts._http.forms import CarrierForm
from frontdesk.contracts._http.times import Instant
from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.calls.model import CallSettings, CallSettingsChange, CarrierCall

_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def call_told(form: CarrierForm) -> CarrierCall:
    """The call that a form tells of. Raises Invalid where it names none."""
    return CarrierCall(
        carrier=form.carrier,
        provider_call_id=form.needed("CallSid"),
        called=form.needed("To"),
        sender=form.needed("From"),
        outbound=form.fields.get("Direction", "").startswith("outbound"),
    )


def caller_is_there(form: CarrierForm) -> bool:
    """Whether the caller is still on the line."""
    return form.fields.get("CallStatus", "in-progress") not in _OVER


def seconds_dialled(form: CarrierForm) -> int:
    """How long the caller has talked to whoever was rung."""
    text = form.fields.get("DialCallDuration", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


class VoiceToken(Shape):
    """What makes a browser a handset."""

    token: str
    identity: str
    expires_at: Instant


class VoiceSettings(Shape):
    """How calls are taken. `announcement` null: the usual sentence; empty: nothing is said."""

    concurrent_calls: int
    recording: bool
    announcement: str | None
    ring_numbers: list[str]
    ring_members: list[UUID]
    ring_seconds: int

    @classmethod
    def of(cls, found: CallSettings) -> "VoiceSettings":
        return cls(
            found.concurrent_calls, found.recording, found.announcement, found.ring_numbers, found.ring_members,
            found.ring_seconds,
        )  # fmt: skip


class VoiceSettingsUpdate(Shape):
    """What to change of how calls are taken."""

    concurrent_calls: int | UnsetType = UNSET
    recording: bool | UnsetType = UNSET
    announcement: str | UnsetType = UNSET
    ring_numbers: list[str] | UnsetType = UNSET
    ring_members: list[UUID] | UnsetType = UNSET
    ring_seconds: int | UnsetType = UNSET

    def change(self) -> CallSettingsChange:
        """The same in the product's words."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return CallSettingsChange(**{name: value for name, value in given.items() if value is not UNSET})
