"""Made-up people at the other end: what each kind of lead texts back, and how soon. Deterministic by phone number."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from frontdesk.domain.conversations.model import Message


class Temper(StrEnum):
    """What kind of lead somebody is."""

    KEEN = "keen"
    CURIOUS = "curious"
    LATER = "later"
    RUDE = "rude"
    POLITE_NO = "polite_no"
    WRONG_NUMBER = "wrong_number"
    STOP = "stop"
    WANTS_PERSON = "wants_person"
    SILENT = "silent"


_SHARES = (
    (Temper.KEEN, 22), (Temper.CURIOUS, 14), (Temper.LATER, 8), (Temper.RUDE, 6), (Temper.POLITE_NO, 8),
    (Temper.WRONG_NUMBER, 5), (Temper.STOP, 7), (Temper.WANTS_PERSON, 5), (Temper.SILENT, 25),
)  # fmt: skip

_OPENINGS: dict[Temper, tuple[int, tuple[str, ...]]] = {
    Temper.KEEN: (
        1,
        (
            "Yes, can you call me tomorrow afternoon?",
            "yes still interested!! give me a call thurs morning",
            "Oh great timing. Can someone ring me tomorrow?",
        ),
    ),
    Temper.CURIOUS: (1, ("How much does it cost roughly?", "how long would it take", "Do you do finance?")),
    Temper.LATER: (2, ("Not right now, maybe in a few months", "bit busy atm try me in the new year")),
    Temper.RUDE: (1, ("f*** off and stop texting me", "Stop texting me, take me off your list")),
    Temper.POLITE_NO: (1, ("No thanks, we went with someone else", "not interested thank you")),
    Temper.WRONG_NUMBER: (1, ("Wrong number mate", "I think you have the wrong number")),
    Temper.STOP: (2, ("STOP", "Stop")),
    Temper.WANTS_PERSON: (1, ("Can I speak to a real person please?", "is this a bot? let me talk to a human")),
}
"""To which of M1, M2, M3 somebody answers first, and how."""


def _number(phone: str) -> int:
    return int.from_bytes(hashlib.sha256(phone.encode()).digest()[:4])


def temper_of(phone: str) -> Temper:
    """What kind of lead has this number."""
    place = _number(phone) % sum(share for _, share in _SHARES)
    for temper, share in _SHARES:
        if place < share:
            return temper
        place -= share
    return Temper.SILENT


def think_time(phone: str) -> timedelta:
    """How long somebody takes to answer."""
    return timedelta(minutes=3 + _number(phone) // 997 % 40)


def answer(phone: str, received: Message) -> str | None:
    """What somebody texts back to `received`, or None."""
    temper = temper_of(phone)
    if received.category in ("m1", "m2", "m3"):
        step, texts = _OPENINGS.get(temper, (0, ()))
        return texts[_number(phone) // 13 % len(texts)] if int(received.category[1]) == step else None
    follow = _FOLLOWS.get(temper)
    return follow(received) if follow and received.category == "ai_response" else None


def _keen(received: Message) -> str | None:
    return "The first one please" if received.ai_action == "offer_slots" else None


def _curious(received: Message) -> str | None:
    if received.ai_action == "offer_slots":
        return "the 2nd one works for me" if len(received.slots) > 1 else "yes that works"
    return "ok sounds good, can someone call me tomorrow?" if received.ai_action == "none" else None


_FOLLOWS: dict[Temper, Callable[[Message], str | None]] = {Temper.KEEN: _keen, Temper.CURIOUS: _curious}
