"""Calls that we place: what is asked for, how far it is, and what a carrier's words move. Pure."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.calls.model.call import Call, CallStatus, EndedReason, Task

RINGS_FOR = 30
"""Seconds that a telephone rings before nobody answers."""

TRIED_FOR = timedelta(minutes=5)
"""Wall time from the asking in which a call is placed, or never: who asked waits for it."""

IN_DOUBT_AFTER = timedelta(seconds=30)
"""Wall time after which whoever handed a call to the carrier is taken for gone."""

TOLD_WITHIN = timedelta(seconds=RINGS_FOR + 60)
"""Wall time in which a carrier has told how a call that it was given began. Else it is asked."""

GIVEN_UP_AFTER = timedelta(hours=1)
"""Wall time after which a call is closed of which the carrier cannot be asked."""


class OutgoingState(StrEnum):
    """How far the placing of a call is."""

    WAITING = "waiting"
    CALLING = "calling"
    """The carrier is being asked to place it."""
    PLACED = "placed"
    IN_DOUBT = "in_doubt"
    """Nobody can tell whether the carrier has it. It is asked before anything is tried again."""
    OVER = "over"
    """It was not placed, and will not be."""


class AnsweredBy(StrEnum):
    """Who took a call of ours up."""

    HUMAN = "human"
    MACHINE = "machine"


class CallWish(Struct, frozen=True, kw_only=True):
    """Whom to call. Without `first_rings` the assistant does."""

    lead_id: UUID | None = None
    to: str = ""
    """As it is dialled in the organisation's country, where no lead is named."""
    purpose: str = ""
    """What the assistant calls about, in a few words."""
    first_rings: str = ""
    """The telephone of the member who wants to talk: it rings first, and then the lead's."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """What of a call that we place its record does not hold. Times are UTC instants."""

    call_id: UUID
    recipient: str
    """Whom the gate was asked about."""
    asked_by: UUID | None
    purpose: str
    first_rings: str | None
    state: OutgoingState
    attempts: int
    asked_at: datetime
    due_at: datetime
    claimed_at: datetime | None
    answered_by: AnsweredBy | None
    error_code: str | None


class Dialled(Struct, frozen=True, kw_only=True):
    """A call that a member dials on a handset, as the carrier tells of it."""

    carrier: str
    provider_call_id: str
    """Of the way from the handset to the carrier, which rings the other side for it."""
    sender: str
    """Whose handset it is: "client:…"."""
    to: str
    """As it is dialled in the organisation's country."""
    org_id: UUID | None = None
    """The organisation that the handset's token was made for, where that is told."""


class OutgoingWord(Struct, frozen=True, kw_only=True):
    """A carrier's word about a call of ours: whose it is and which, as the address says that we gave it."""

    carrier: str
    provider_call_id: str
    org_id: UUID
    call_id: UUID


def beginning(call: Call, word: str) -> CallStatus | None:
    """The status that a carrier's word of a beginning moves a call to; None: it is no news, as a word that comes late.

    Of a call that a member of the team talks on, the first telephone is their own: that they take it up is not yet
    the lead.
    """
    if word == "ringing" and call.status is CallStatus.QUEUED:
        return CallStatus.RINGING
    answered = word == "in-progress" and call.task is Task.ASSIST
    return CallStatus.IN_PROGRESS if answered and call.status in (CallStatus.QUEUED, CallStatus.RINGING) else None


_ENDS = {
    "completed": EndedReason.CALLER_HUNG_UP,
    "busy": EndedReason.BUSY,
    "no-answer": EndedReason.NO_ANSWER,
    "canceled": EndedReason.CANCELED,
    "failed": EndedReason.CARRIER_FAILED,
}


def end_of(call: Call, answered_by: AnsweredBy | None, word: str) -> EndedReason | None:
    """Why a call of ours ended by a carrier's word for it; None for a word of anything else."""
    reason = _ENDS.get(word)
    if reason is EndedReason.CALLER_HUNG_UP and answered_by is AnsweredBy.MACHINE:
        return EndedReason.VOICEMAIL
    if call.task is Task.BRIDGE and call.answered_at is None:
        if reason in (EndedReason.BUSY, EndedReason.NO_ANSWER):
            return EndedReason.NOT_TAKEN
        if reason is EndedReason.CALLER_HUNG_UP:
            return EndedReason.CANCELED
    return reason


def answered_by(word: str) -> AnsweredBy | None:
    """Who answered, by a carrier's word; None where it does not know, or where a machine has not finished."""
    if word.startswith("machine_end") or word == "fax":
        return AnsweredBy.MACHINE
    return AnsweredBy.HUMAN if word == "human" else None


_MACHINE = re.compile(
    r"\b(?:leave|record) (?:me |us )?(?:a |your |the )?(?:short |brief |detailed )?(?:message|name|number)\b|"
    r"\b(?:after|at|following) the (?:tone|beep|signal)\b|\bvoice ?mail\b|\bmail ?box\b|"
    r"\b(?:can(?:'t|not)|unable to|not able to|not available to) (?:come to the phone|take (?:your|the|this) call|"
    r"answer (?:your|the|this)? ?(?:call|phone))\b|"
    r"\bthe (?:person|number|party|customer|subscriber) you (?:are|have|were|tried|called|dialled|dialed)\b|"
    r"\bplease try (?:again|your call) later\b|\bis not available\b.*\bmessage\b", re.I
)  # fmt: skip


def sounds_like_machine(said: str) -> bool:
    """Whether the words with which a call was taken up are those of an answering machine."""
    return _MACHINE.search(said.replace("\u2019", "'")) is not None


def message_for_machine(chosen: str | None, business: str, agent: str, first_name: str, number: str) -> str:
    """What is said to an answering machine: what the organisation has chosen, else the usual; empty: nothing."""
    if chosen is not None:
        return chosen
    hello = f"Hello {first_name}" if first_name else "Hello"
    return (
        f"{hello}, this is {agent}, the automated assistant of {business}. I am sorry to have missed you. "
        f"You can call us back on {number}. Thank you, and goodbye."
    )
