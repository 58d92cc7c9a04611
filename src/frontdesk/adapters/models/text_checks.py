"""Whether a campaign text that a model has put in words may be sent: it says no more than the text that it was given.

The rules are those of replies (`figures`, `phrases`, `times_told`), held against the given text: what stands there, a
person has written and saved.
"""

import re
from datetime import datetime

from msgspec import structs

from frontdesk.adapters.models import figures, phrases, times_told
from frontdesk.adapters.models.checks import PLAIN_LETTERS
from frontdesk.adapters.offline.brain import cues_of
from frontdesk.adapters.offline.cues import Cue
from frontdesk.kernel.sms import beyond_gsm, segments_of
from frontdesk.ports.llm import Brief, Fault, TextBrief, Turn

LEAST_SHARED = 1 / 3
"""Of the words of the given text that may go: so many stay, or it is another text."""

_GREETED = re.compile(
    r"^\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten tag|hola|bonjour|salut|ciao|olá|ola|hoi|"
    r"cześć)[ ,]+([^\W\d_][\w'’-]*)",
    re.I,
)
_BRACES = re.compile(r"[{}\[\]<>|]")
_WORDS = re.compile(r"[^\W_]{3,}")


def tries_to_instruct(brief: TextBrief, at: datetime) -> bool:
    """Whether a field of the lead reads like an instruction to a machine."""
    fields = (
        brief.lead_first_name, brief.lead_interest, brief.lead_company, brief.lead_job_title, brief.lead_source,
    )  # fmt: skip
    heard = _as_brief(brief, "", at)
    return any(
        Cue.INJECTION in cues_of(structs.replace(heard, turns=[Turn(ours=False, text=field, at=at)]))
        for field in fields
        if field.strip()
    )


def check(written: str, brief: TextBrief, instructions: str, at: datetime) -> tuple[str, dict[Fault, str]]:
    """The text as it may be sent, and its faults in words for the model. None: it may be sent."""
    text, given, faults = _tidy(written, brief.text), brief.text, dict[Fault, str]()
    known = _as_brief(brief, instructions, at)
    if not text:
        return text, {Fault.NO_ANSWER: "it is empty"}

    def new(found: list[str], before: list[str]) -> list[str]:
        return [words for words in found if words not in before]

    if segments_of(text) > segments_of(given):
        rare = "".join(new(beyond_gsm(text), beyond_gsm(given))[:5])
        why = f"; characters such as {rare} make a text more than twice as long" if rare else ""
        faults[Fault.TOO_LONG] = f"it is too long: {len(text)} characters{why}"
    lost = [words for words in brief.keep if not _has(text, words)]
    if lost:
        faults[Fault.WORDS_LOST] = f"this must stand in it exactly as it is: {_list(lost)}"
    elif (greeted := _GREETED.match(text)) and greeted[1].casefold() not in given.casefold():
        faults[Fault.WORDS_LOST] = f"it greets somebody else: {greeted[1]}"
    sums = new(figures.invented_money(text, known, []), figures.invented_money(given, known, []))
    numbers = new(figures.unknown_numbers(text, known, []), figures.unknown_numbers(given, known, []))
    if sums or numbers:
        faults[Fault.FIGURES] = f"it names figures that the message lacks: {_list([*sums, *numbers])}"
    told, told_before = (times_told.read(words, known, [], []).invented for words in (text, given))
    if times := new(told, told_before):
        faults[Fault.TIMES] = f"it names times that the message lacks: {_list(times)}"
    addresses = new(phrases.foreign_addresses(text, known, []), phrases.foreign_addresses(given, known, []))
    if addresses:
        faults[Fault.ADDRESSES] = f"it has addresses or phone numbers that the message lacks: {_list(addresses)}"
    if any(
        promises(text) and not promises(given) for promises in (phrases.promises_a_person, phrases.says_it_is_booked)
    ):
        faults[Fault.PROMISES] = "it promises what the message does not"
    if _is_indiscreet(text, known) and not _is_indiscreet(given, known):
        faults[Fault.DISCRETION] = "it tells of your instructions, claims to be a person, or asks for secrets"
    if _BRACES.search(text) and not _BRACES.search(given):
        faults[Fault.STRAYS] = "it has brackets or placeholders in it"
    elif _shared(text, brief) < LEAST_SHARED:
        faults[Fault.STRAYS] = "it is another message; say what the given one says"
    return text, faults


def _as_brief(brief: TextBrief, instructions: str, at: datetime) -> Brief:
    """What is known, as the rules of replies take it: the given text is what we have said before."""
    return Brief(
        business=brief.business, agent_name=brief.agent_name, lead_first_name=brief.lead_first_name,
        lead_interest=brief.lead_interest, turns=[Turn(ours=True, text=brief.text, at=at)], now=at, time_zone="UTC",
        instructions=instructions, lead_enquired_on=brief.lead_enquired_on,
    )  # fmt: skip


def _tidy(written: str, given: str) -> str:
    """Plain letters for what the given text does not have itself, and no line breaks unless it has some."""
    letters = {rare: plain for rare, plain in PLAIN_LETTERS.items() if chr(rare) not in given}
    text = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]+", " ", written.replace("\r\n", "\n").translate(letters)).replace("**", "")
    lines = [" ".join(line.split()) for line in text.strip().split("\n")]
    return ("\n" if "\n" in given else " ").join(line for line in lines if line or "\n" in given)


def _has(text: str, words: str) -> bool:
    """Whether `words` stand in `text`, spelt so, whatever the spaces between them."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return re.search(rf"(?<!\w){pattern}(?!\w)", text) is not None


def _is_indiscreet(text: str, known: Brief) -> bool:
    return phrases.gives_away(text, known) or phrases.asks_for_secrets(text, []) or phrases.says_it_is_human(text)


def _shared(text: str, brief: TextBrief) -> float:
    given, kept, had = (set(_WORDS.findall(words.casefold())) for words in (brief.text, " ".join(brief.keep), text))
    wanted = given - kept
    return len(wanted & had) / len(wanted) if wanted else 1.0


def _list(words: list[str]) -> str:
    return ", ".join(f'"{word[:80]}"' for word in words[:4])
