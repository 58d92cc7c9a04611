"""Placing calls through a carrier: ring somebody, look back, have a call asked about anew. In Twilio's words.

What is done with whoever answers is asked of us at the `outgoing` address, as with calls that come in.
"""

from datetime import datetime
from typing import Protocol, runtime_checkable
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct

from frontdesk.ports.carrier_codes import NO_CARRIER

CALL, ORGANIZATION = "call", "org"
"""Parameters of the addresses that are asked about a call of ours: its id, and whose it is."""

_WORDS = {
    NO_CARRIER: "The carrier account is not connected, or its stored credentials cannot be read any more.",
    "10004": "The carrier account has as many calls as it may have at once.",
    "13223": "The number cannot be dialled.",
    "13224": "The number cannot be dialled.",
    "20003": "The carrier does not accept the account's credentials.",
    "20403": "The carrier denies the account access.",
    "20404": "The carrier does not know the account.",
    "21205": "The carrier cannot reach this server: FRONTDESK_PUBLIC_URL must be a public address.",
    "21210": "The number to call from cannot place calls, or does not belong to the carrier account.",
    "21211": "The number cannot be dialled.",
    "21212": "The number to call from is not valid.",
    "21214": "The number cannot be reached.",
    "21215": "Calls to this country are not enabled in the carrier account (at Twilio: Voice, Geo permissions).",
    "21216": "The carrier does not let this number be called.",
    "21217": "The number cannot be dialled.",
    "21219": "A trial account calls verified numbers only: upgrade it.",
    "21220": "The call is over.",
}
"""By code, in Twilio's numbering, what to tell people. Never with a number of theirs."""


def words_of(code: str) -> str:
    """What to tell people of the code with which a call was refused."""
    return _WORDS.get(code) or f"The carrier refused the call (code {code or 'none'})."


OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""Words for calls that are over."""


def about(address: str, org_id: UUID, call_id: UUID) -> str:
    """`address`, about one call of an organisation."""
    return f"{address}?{urlencode({ORGANIZATION: str(org_id), CALL: str(call_id)})}"


class VoiceAddresses(Struct, frozen=True):
    """Where carriers ask about calls, and tell of them. Absolute."""

    incoming: str
    """What is done with a call to a number of ours."""
    outgoing: str
    """What is done with somebody who answers a call of ours."""
    status: str
    answered_by: str
    """Whether a person answered or a machine."""
    handset: str
    """What is done with a call that somebody dials on the handset that their browser is."""

    @classmethod
    def below(cls, public_url: str) -> "VoiceAddresses":
        """The addresses of the server that is reached at `public_url`."""
        base = f"{public_url.rstrip('/')}/hekax/api/voice"
        return cls(*(f"{base}/{name}" for name in ("incoming", "outgoing", "status", "answered-by", "dial")))

    def of_call(self, address: str, call: "OutgoingCall") -> str:
        """`address`, about one call of ours."""
        return about(address, call.org_id, call.reference)


class OutgoingCall(Struct, frozen=True, kw_only=True):
    """One call to place. `reference` is our id of it: the adapter puts it into the addresses that it gives the carrier,
    so that its words find the call even when the answer to placing it was lost."""

    org_id: UUID
    reference: UUID
    sender: str
    to: str
    rings_for: int
    """Seconds."""
    spots_machines: bool
    """Whether we want to be told that an answering machine is through with its greeting."""


class PlacedCall(Struct, frozen=True, kw_only=True):
    """A call as the carrier's own list shows it; `status` is the carrier's word."""

    provider_id: str
    sender: str
    to: str
    status: str
    created_at: datetime


@runtime_checkable
class Dialler(Protocol):
    """A carrier that places calls. What is raised: `ports.carrier`."""

    async def place(self, call: OutgoingCall) -> str:
        """Have `call.to` rung; the carrier's id of the call. Raises Rejected, Busy or Uncertain, nothing else."""
        ...

    async def placed_to(self, to: str, since: datetime) -> list[PlacedCall]:
        """Calls of ours to `to` that the carrier has since then, newest first. Raises Busy or Uncertain."""
        ...

    async def ask_anew(self, provider_id: str, call: OutgoingCall) -> None:
        """Have the carrier leave what it does with a call under way, and ask the `outgoing` address what comes next.
        Raises Rejected where the call is over, Busy or Uncertain."""
        ...

    async def end(self, provider_id: str, *, answered: bool) -> str:
        """Have the carrier end a call, of ours or one that came in: called off where it rings, hung up where it has
        been `answered`, which it may be by then. The carrier's word for how it stands after that. Raises Rejected
        where it is over or not known, Busy or Uncertain."""
        ...
