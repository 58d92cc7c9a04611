"""Whether a model's reply may be sent: every rule that words and deeds are held to, in one place."""

import re
from collections.abc import Callable, Sequence

from msgspec import structs

from frontdesk.adapters.models import figures, phrases, times_told
from frontdesk.adapters.models.prompt import LONGEST
from frontdesk.adapters.offline.brain import cues_of
from frontdesk.adapters.offline.cues import Cue
from frontdesk.kernel.sms import beyond_gsm, segments_of
from frontdesk.ports.llm import Action, Brief, Fact, Reply, Sentiment

MOST_SEGMENTS = 3
"""A reply that a carrier bills as more is too long: one over what a model is told, for it cannot count."""

PLAIN_LETTERS = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2011": "-",
    "\u2010": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "",
})  # fmt: skip
"""What a model likes to write, and what it would cost: see `kernel.sms`."""


def check(brief: Brief, facts: Sequence[Fact], reply: Reply, plain: Reply) -> tuple[Reply, list[str]]:
    """The reply as it may be sent, and what is wrong with it, in words for the model. Nothing wrong: it may be sent.

    `plain` is what the rules would answer: where they would stay silent, a model may.
    """
    if reply.stop_contact:
        return structs.replace(_tidy(reply), text="", action=Action.CLOSE, slots=[]), []
    reply = _tidy(reply)
    if not reply.text:
        silent = reply.action in (Action.NONE, Action.CLOSE) and not plain.text
        return reply, [] if silent else ["has no text, and the lead needs one"]
    told = times_told.read(reply.text, brief, facts, [slot for slot in reply.slots if slot in brief.free_slots])
    reply = _kept(reply, told)
    wrongs = [wrong for find in _CHECKS if (wrong := find(reply.text, brief, facts))]
    if told.invented:
        wrongs.append(f"names times that are not free: {_list(told.invented)}")
    wrongs += _wrong_deeds(reply, brief, told)
    return reply, wrongs


def fit_to_be_said(brief: Brief, facts: Sequence[Fact], text: str, plain: Reply) -> str:
    """The beginning `text` of a reply as it may be said before the rest is known and anything is done; empty where it
    may not. A time is said ahead as a question, or as one of several: not as settled."""
    begun = structs.replace(plain, text=text, action=Action.NONE, slots=[], stop_contact=False)
    checked, wrongs = check(brief, facts, begun, plain)
    settles = bool(checked.slots) and len(checked.slots) < 2 and not checked.text.endswith("?")
    return "" if wrongs or settles or phrases.tells_of_a_deed(checked.text) else checked.text


def tidied(text: str) -> str:
    """`text` in plain letters, on one line."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text.translate(PLAIN_LETTERS).replace("**", "")).split())


def _tidy(reply: Reply) -> Reply:
    sure = min(max(reply.confidence, 0.0), 1.0)
    hot = reply.hot or reply.action in (Action.OFFER_SLOTS, Action.BOOK)
    mood = Sentiment.HOT if hot and reply.sentiment is Sentiment.POSITIVE else reply.sentiment
    return structs.replace(
        reply, text=tidied(reply.text), confidence=sure, reasoning=reply.reasoning[:500], hot=hot, sentiment=mood
    )


def _kept(reply: Reply, told: times_told.Told) -> Reply:
    """The reply with the action that its words promise."""
    if reply.action in (Action.NONE, Action.OFFER_SLOTS) and told.slots:
        return structs.replace(reply, action=Action.OFFER_SLOTS, slots=told.slots, hot=True)
    if reply.action is Action.NONE and phrases.promises_a_person(reply.text):
        reasoning = f"{reply.reasoning} Its words promise a colleague, which makes it a hand-off."
        return structs.replace(reply, action=Action.HAND_OFF, slots=[], reasoning=reasoning)
    return reply


def _wrong_deeds(reply: Reply, brief: Brief, told: times_told.Told) -> list[str]:
    """What is wrong between what is done and what is said of it."""
    wrongs: list[str] = []
    if reply.action is Action.OFFER_SLOTS and not told.slots:
        wrongs.append("offers times without naming them by day and hour")
    if reply.action is Action.BOOK:
        if len(reply.slots) != 1 or reply.slots[0] not in brief.free_slots:
            wrongs.append("books what is not one free time")
        elif not told.slots:
            wrongs.append("books a time without confirming its day and hour")
        elif told.slots != reply.slots:
            wrongs.append("books one time and names another")
    elif not brief.booked and phrases.says_it_is_booked(reply.text):
        wrongs.append("says that a call is fixed, though none was booked")
    return wrongs


def _too_long(text: str, _brief: Brief, _facts: Sequence[Fact]) -> str:
    if segments_of(text) <= MOST_SEGMENTS:
        return ""
    rare = "".join(beyond_gsm(text)[:5])
    why = f"; characters such as {rare} make a text more than twice as long" if rare else ""
    return f"is too long: {len(text)} characters, at most {LONGEST}{why}"


def _money(text: str, brief: Brief, facts: Sequence[Fact]) -> str:
    wrong = figures.invented_money(text, brief, facts)
    return f"names prices or figures that are not known: {_list(wrong)}" if wrong else ""


def _numbers(text: str, brief: Brief, facts: Sequence[Fact]) -> str:
    wrong = figures.unknown_numbers(text, brief, facts)
    return f"names numbers that stand nowhere: {_list(wrong)}" if wrong else ""


def _addresses(text: str, brief: Brief, facts: Sequence[Fact]) -> str:
    wrong = phrases.foreign_addresses(text, brief, facts)
    return f"has addresses or phone numbers that the business did not give: {_list(wrong)}" if wrong else ""


def _discretion(text: str, brief: Brief, facts: Sequence[Fact]) -> str:
    if phrases.gives_away(text, brief):
        return "tells of what is for you alone"
    if phrases.asks_for_secrets(text, facts):
        return "speaks of details that are never asked for by text"
    return "repeats the lead's own words at length" if phrases.parrots(text, brief) else ""


def _honesty(text: str, brief: Brief, _: Sequence[Fact]) -> str:
    if phrases.says_it_is_human(text):
        return "claims to be a person; you are an automated assistant"
    if Cue.BOT in cues_of(brief) and not phrases.says_it_is_automated(text):
        return "does not say that you are an automated assistant, though the lead asks"
    return ""


_CHECKS: tuple[Callable[[str, Brief, Sequence[Fact]], str], ...] = (
    _too_long,
    _money,
    _numbers,
    _addresses,
    _discretion,
    _honesty,
)


def _list(words: Sequence[str]) -> str:
    return ", ".join(f'"{word[:40]}"' for word in words[:4])
