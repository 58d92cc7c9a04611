"""The signs a message holds: cues of phrases, questions of substance, bare agreement, words that say something."""

import re
from functools import cache

from msgspec import Struct

from frontdesk.adapters.offline import cues, phrases, vocabulary
from frontdesk.adapters.offline.cues import NEGATABLE, Cue
from frontdesk.adapters.offline.text import Clause, Said

OVERRULED = 0.55
"""What is left of a cue once a "but" comes after it."""

Found = dict[Cue, tuple[float, str]]
"""Each kind of cue in a message, with its strongest weight and the words that gave it."""


class Bare(Struct, frozen=True):
    """What a message says that holds nothing but agreement, a no, or courtesy; all false where it holds more."""

    yes: float = 0.0
    """How strongly it agrees: five for a "yes", less for a "great", least for an "ok"."""
    no: bool = False
    courtesy: bool = False


_NOT = re.compile(r"\b(?:not|never|hardly|without|nor)(?: \w+){0,3} ?$")
_KEEP = re.compile(r"\bdo not (?:please |want to |want you to |yet )?$")
_ASKING = re.compile(
    r"^(?:\W*(?:and|so|but|also|hi|hello|hey|ok|yes|no|well|oh|um|erm|sorry|thanks|please|just|quick|question|leadname|"
    r"mate|lol|ah|hmm|cool|great|before i do|actually|first|interested|honestly|then))*\W*"
    r"(?:what|how|why|when|where|which|who|whose|any idea|you do|you still|got any|"
    r"(?:is|are|do|does|did|can|could|would|will|have|has|was|were|should|am|is not|are not|do not|can not) "
    r"(?:you|i|we|it|this|that|there|they|the|your|my|any\w*|some\w*|these|those|he|she|a))\b"
)
_ASKED = re.compile(
    r"\b(?:what|how|which|where) (?:am|is|are|was|would|will|do|does|did|can|could|kind|sort|much|many|long)\b"
)
_STATED = re.compile(r"\b(?:yes|i|we|no|not|if|still|for the right)\b")
_TOPIC = re.compile(
    r"\b(?:how (?:much|long|many|big|far|quick|soon|does|do)|prices?|costs?|pricing|charge|fees?|warranty|guarantees?|"
    r"finance|deposit|discounts?|offers?|insured|reviews?|location|address|opening (?:times|hours)|website|payment|"
    r"monthly|delivery|(?:you|u) (?:open|shut)|open (?:on|until|at|from|late|today|weekends?)|included?|depends on|"
    r"grants?|(?:call|chat|survey|quote|consultation|visit) free)\b"
)
_WHO_OR_WHY = re.compile(r"\W*(?:ok |and |but |so |sorry |also )*(?:who|why)\b(?! not)")
_CALL_ME = re.compile(r"\b(?:try|catch|get|reach|call|ring|phone) me\b")
# A clause of these kinds asks for something to be done, so its question mark asks nothing of what we know.
_REQUESTS = frozenset({Cue.CALL, Cue.TIMES, Cue.PERSON, Cue.INFO, Cue.CHANGE, Cue.ELSEWHERE, Cue.NO_CALLS})


@cache
def _compiled() -> tuple[tuple[Cue, float, re.Pattern[str]], ...]:
    return cues.compiled(phrases.ALL)


def find(said: Said) -> Found:
    """The cues of a message, clause by clause, negated ones left out."""
    found: Found = {}
    # A request to stop may run over several messages, and no "but" takes it back.
    whole = (Clause(text=said.flat, overruled=False),) if len(said.clauses) > 1 else ()
    for kind, weight, pattern in _compiled():
        for clause in (*said.clauses, *whole) if kind is Cue.STOP else said.clauses:
            match = next((m for m in pattern.finditer(clause.text) if not _negated(kind, m)), None)
            if match:
                value = weight * (OVERRULED if clause.overruled and kind is not Cue.STOP else 1)
                _keep(found, kind, value, match[0].strip())
    for clause in said.clauses:
        _keep(found, Cue.ASK, _question(clause), clause.text)
    return found


def _keep(found: Found, kind: Cue, value: float, words: str) -> None:
    if value > found.get(kind, (0.0, ""))[0]:
        found[kind] = (value, words)


def _negated(kind: Cue, match: re.Match[str]) -> bool:
    before = match.string[: match.start()]
    if kind is Cue.STOP:
        return match[0].startswith(("remove", "take", "delete", "unsub", "opt")) and _KEEP.search(before) is not None
    if kind not in NEGATABLE:
        return False
    if kind is Cue.CALL and _WHO_OR_WHY.match(match.string):
        return True
    return (kind in (Cue.CALL, Cue.TIMES, Cue.INFO) and " not " in match[0]) or negates(before)


def negates(before: str) -> bool:
    """Whether the words `before` something take it back."""
    return _NOT.search(before) is not None


def _question(clause: Clause) -> float:
    """How much a clause is a question of substance, not of when to call or who to speak to."""
    text = clause.text
    topic = asks_of_known_things(text)
    asking = text.endswith("?") or _ASKING.search(text) or (topic and _ASKED.search(text))
    if not asking and (not topic or len(text.split()) > 6 or _STATED.search(text)):
        return 0.0
    if not topic and content(text) < 1:
        return 0.0
    request = next((k for k, weight, p in _compiled() if k in _REQUESTS and weight > 5.6 and p.search(text)), None)
    if request:
        about_the_call = topic and request is Cue.CALL and text.endswith("?") and not _CALL_ME.search(text)
        return 7.3 if about_the_call else 5.8 if topic and request is Cue.INFO else 0.0
    return (5.9 if topic or text.endswith("?") else 5.4) * (OVERRULED if clause.overruled else 1)


def asks_of_known_things(text: str) -> bool:
    """Whether `text` names what businesses are commonly asked: prices, guarantees, hours and the like."""
    return _TOPIC.search(text) is not None


def content(text: str) -> int:
    """How many words of `text` say something by themselves."""
    return sum(1 for word in re.findall(r"[^\W\d_]{2,}", text) if word not in vocabulary.LIGHT)


def bare(flat: str) -> Bare:
    """Whether the text is nothing but agreement, a no, or courtesy."""
    said = set(re.findall(r"[^\W_]+|\?", flat))
    if not said or said - vocabulary.STRONG_YES - vocabulary.SOFT_YES - vocabulary.FILLERS - vocabulary.NOES:
        return Bare()
    strong, soft = bool(said & vocabulary.STRONG_YES), bool(said & vocabulary.SOFT_YES)
    if said & vocabulary.NOES:
        return Bare(no=not strong and not soft)
    warm = bool(said & (vocabulary.SOFT_YES - vocabulary.COOL_YES))
    spoken = bool(said & (vocabulary.STRONG_YES - {"emojiyes"}))
    courtesy = not spoken and (soft or bool(said & {"thanks", "emojihappy", "emojiyes", "please"}))
    return Bare(yes=5.0 if strong else 3.4 if warm else 2.0 if soft else 0.0, courtesy=courtesy)
