"""What a lead is after: cues weighed against each other in the light of what was asked, what was offered and what was
said of time. The phrases are in `phrases`; words and actions follow in `brain`.
"""

import re
from datetime import datetime
from functools import cache

from msgspec import Struct

from frontdesk.adapters.offline import cues, phrases, times
from frontdesk.adapters.offline.cues import NEGATABLE, Cue
from frontdesk.adapters.offline.scene import Asked
from frontdesk.adapters.offline.senses import Today
from frontdesk.adapters.offline.slots import Calendar, Outcome, Pick, pick
from frontdesk.adapters.offline.text import Clause, Said, plain
from frontdesk.adapters.offline.times import Wish
from frontdesk.ports.llm import Intent, Slot

CLEAR = 4.0
"""From this weight on a reading is acted on; below, it is asked again."""
_OVERRULED = 0.55
"""What is left of a cue once a "but" comes after it."""


class Setting(Struct, frozen=True):
    """What surrounds the words to be understood."""

    asked: Asked
    calendar: Calendar
    now: datetime
    """In the lead's zone."""
    first_name: str = ""
    business: str = ""
    offered: tuple[Slot, ...] = ()
    american: bool = False
    booked: bool = False
    """A call has been booked in this conversation."""


class Reading(Struct, frozen=True):
    """How a run of messages is understood."""

    intent: Intent
    said: Said
    cue: Cue | None
    """The strongest sign of the intent, where a phrase gave it."""
    weight: float
    margin: float
    """How far the next likely intent is behind."""
    wish: Wish
    pick: Pick
    cues: dict[Cue, float]
    evidence: str
    """The words that decided, in plain spelling."""
    courtesy: bool = False
    """Thanks or an "ok" that asks for nothing."""

    @property
    def stop(self) -> bool:
        """Whether the lead asks never to be contacted again."""
        return Cue.STOP in self.cues

    def weighs(self, *kinds: Cue) -> float:
        """The strongest weight among cues of these kinds."""
        return max((self.cues.get(kind, 0.0) for kind in kinds), default=0.0)


_STRONG = frozenset("yes definitely absolutely certainly sure emojiyes deal indeed course".split())
_SOFT = frozenset(
    "ok alright fine cool great perfect lovely brilliant good nice super fab excellent ideal sweet sound grand awesome works work "
    "suits suit go ahead do amazing fantastic wonderful happy right correct".split()
)
_COOL = frozenset("ok alright fine cool right do go sound".split())
"""Says that it was heard, more than that it is wanted."""
_FILL = frozenset(
    "thanks thank you mate lol hi hello hey oh ah well um erm just then leadname emoji emojihappy and so very much sir the it is i "
    "am that would be for me us we are will of please on can yourself too as a to this by all morning afternoon evening hiya keen "
    "sophie there love dear x xx xxx again though still".split()
)
_CHOOSING = frozenset("not first second third last option one ones time times slot book take prefer number yet until".split())
_LIGHT = _STRONG | _SOFT | _FILL | _CHOOSING | frozenset(
    "what how why when where which who are do does did can could would have has was were should your that a "
    "but also yes no sorry my we our really huh eh pardon of for in at right emojimeh hmm chance poss possible any".split()
)
_NEGATIONS = re.compile(r"\b(?:not|never|hardly|without|nor)(?: \w+){0,3} ?$")
_ASKING = re.compile(
    r"^(?:\W*(?:and|so|but|also|hi|hello|hey|ok|yes|no|well|oh|um|erm|sorry|thanks|please|just|quick|question|leadname|mate|lol|ah|hmm|cool|"
    r"great|before i do|actually|first|interested|honestly|then))*\W*(?:what|how|why|when|where|which|who|whose|any idea|you do|you still|got any|"
    r"(?:is|are|do|does|did|can|could|would|will|have|has|was|were|should|am|is not|are not|do not|can not) "
    r"(?:you|i|we|it|this|that|there|they|the|your|my|any\w*|some\w*|these|those|he|she|a))\b"
)
_TOPIC = re.compile(
    r"\b(?:how (?:much|long|many|big|far|quick|soon|does|do)|prices?|cost|costs|pricing|charge|fees?|warranty|guarantees?|finance|deposit|discounts?|"
    r"offers?|insured|reviews?|location|address|opening (?:times|hours)|website|payment|monthly|delivery|(?:you|u) (?:open|shut)|open (?:on|until|at|from|late|today|weekends?)|include|included|depends on|grants?|(?:call|chat|survey|quote|consultation|visit) free)\b"
)
_FIT = re.compile(
    r"\b(?:better|best|good|fine|works?|suits?|ok|easier|possible|ideal|free|available|convenient|great|perfect|preferable|home)\b"
)
_TRY = re.compile(r"\b(?:try|catch|get|reach|call|ring|phone) me\b|\btry (?:again|calling|ringing)\b")
_WANTING = re.compile(r"\b(?:get|speak|talk|want|need|give|put|rather|prefer|please|not|no|deal)\b")
_RINGING = re.compile(r"\b(?:call|ring|phone|speak|talk|chat|bell)\b")


def understand(messages: list[str], setting: Setting) -> Reading:
    """What `messages`, a run of the lead's, mean. Never raises; what cannot be read is OTHER."""
    said = plain(messages, {setting.first_name: "leadname", setting.business: "ourname"})
    today = Today(
        date=setting.now.date(),
        minute=setting.now.hour * 60 + setting.now.minute,
        american=setting.american,
        ordinals=len(setting.offered),
    )
    wish = times.read(said.text, today)
    found = _cues(said)
    yes, no, courtesy = _bare(said.flat)
    idle = _content(wish.rest) <= (2 if setting.offered or any(want.clocks for want in wish.wants) else 1)
    picked = pick(said.text, wish, setting.offered, setting.calendar, agreed=yes > 0, idle=idle)
    scores, evidence = _weighed(said, found, wish, idle)
    _answer(scores, setting, yes, no)
    _offer(scores, found, picked, setting, idle, bare_no=no)
    _timing(scores, found, wish, said, setting)
    _arbitrate(scores, found, said, setting)
    intent, weight, margin = _winner(scores)
    if courtesy and weight < CLEAR and setting.asked in (Asked.BOOKED, Asked.FAREWELL):
        intent, weight, margin = Intent.OTHER, 0.0, 0.0
    cue = max((kind for kind in _KINDS.get(intent, ()) if kind in found), key=lambda kind: found[kind][0], default=None)
    return Reading(
        intent=intent, said=said, cue=cue, weight=weight, margin=margin, wish=wish, pick=picked,
        cues={kind: value for kind, (value, _) in found.items()},
        evidence=evidence.get(intent) or said.flat, courtesy=courtesy or (yes > 0 and weight < CLEAR),
    )  # fmt: skip


_KINDS: dict[Intent, tuple[Cue, ...]] = {
    Intent.REFUSAL: (Cue.STOP, Cue.NO, Cue.SORTED, Cue.DEAR),
    Intent.WRONG_NUMBER: (Cue.WRONG, Cue.BEREAVED),
    Intent.WANTS_PERSON: (Cue.PERSON, Cue.COMPLAINT, Cue.CHANGE),
    Intent.QUESTION: (Cue.BOT, Cue.WHO, Cue.SOURCE, Cue.SCAM, Cue.ASK),
    Intent.WANTS_CALL: (Cue.CALL, Cue.TIMES),
    Intent.NOT_NOW: (Cue.LATER, Cue.BUSY, Cue.THINKING),
    Intent.INTEREST: (Cue.KEEN, Cue.YES, Cue.INFO, Cue.MAYBE, Cue.NO_CALLS, Cue.ELSEWHERE),
    Intent.OTHER: (Cue.INJECTION,),
}

Found = dict[Cue, tuple[float, str]]


@cache
def _compiled() -> tuple[tuple[Cue, float, re.Pattern[str]], ...]:
    return cues.compiled(phrases.ALL)


def _cues(said: Said) -> Found:
    """Each kind of cue found, with its strongest weight and the words that gave it."""
    found: Found = {}
    whole = Clause(text=said.flat, overruled=False)
    for kind, weight, pattern in _compiled():
        # A request to stop may run over several messages, and no "but" takes it back.
        for clause in (*said.clauses, whole) if kind is Cue.STOP else said.clauses:
            match = pattern.search(clause.text)
            if match is None or (kind in NEGATABLE and _NEGATIONS.search(clause.text[: match.start()])):
                continue
            value = weight * (_OVERRULED if clause.overruled and kind is not Cue.STOP else 1)
            if value > found.get(kind, (0.0, ""))[0]:
                found[kind] = (value, match[0].strip())
    for clause in said.clauses:
        if (value := _question(clause)) > found.get(Cue.ASK, (0.0, ""))[0]:
            found[Cue.ASK] = (value, clause.text)
    return found


def _question(clause: Clause) -> float:
    """How much a clause is a question of substance, not of when to call or who to speak to."""
    text = clause.text
    topic = _TOPIC.search(text)
    if not topic and not (text.endswith("?") or _ASKING.search(text)):
        return 0.0
    if not topic and _content(text) < 1:
        return 0.0
    for kind, weight, pattern in _compiled():
        if (
            kind in (Cue.CALL, Cue.TIMES, Cue.PERSON, Cue.INFO, Cue.CHANGE, Cue.ELSEWHERE, Cue.NO_CALLS)
            and weight > 5.6
            and pattern.search(text)
        ):
            about_it = topic and kind is Cue.CALL and text.endswith("?") and not _TRY.search(text)
            return 7.3 if about_it else 5.8 if topic and kind is Cue.INFO else 0.0
    return (5.9 if topic or text.endswith("?") else 5.4) * (_OVERRULED if clause.overruled else 1)


def _content(text: str) -> int:
    """How many words say something by themselves."""
    return sum(1 for word in re.findall(r"[^\W\d_]{2,}", text) if word not in _LIGHT)


def _bare(flat: str) -> tuple[float, bool, bool]:
    """A message of nothing but agreement (how strong), nothing but a no, or nothing but thanks and courtesy."""
    words = re.findall(r"[^\W_]+|\?", flat)
    if not words or "?" in words or any(word not in _STRONG | _SOFT | _FILL | {"no", "emojino"} for word in words):
        return 0.0, False, False
    warm = any(word in _SOFT - _COOL for word in words)
    strong, soft = any(word in _STRONG for word in words), any(word in _SOFT for word in words)
    if any(word in ("no", "emojino") for word in words):
        return 0.0, not strong and not soft, False
    courtesy = not strong and any(word in _SOFT or word in ("thanks", "emojihappy", "please") for word in words)
    return (5.0 if strong else 3.4 if warm else 2.0 if soft else 0.0), False, courtesy


def _weighed(said: Said, found: Found, wish: Wish, idle: bool) -> tuple[dict[Intent, float], dict[Intent, str]]:
    scores: dict[Intent, float] = {}
    evidence: dict[Intent, str] = {}
    for intent, kinds in _KINDS.items():
        strongest = max((found[kind] for kind in kinds if kind in found), default=None)
        if strongest:
            scores[intent], evidence[intent] = strongest
    near = bool(wish.wants) and not wish.far
    named = near or (bool(wish.barred) and not wish.wants)
    waiting = any(kind in found for kind in (Cue.LATER, Cue.BUSY, Cue.THINKING))
    asks = Cue.ASK in found and (_content(wish.rest) >= 1 or _TOPIC.search(said.flat))
    if near and idle and not waiting and not asks:
        _raise(scores, Intent.WANTS_CALL, 6.4)
    if named and _RINGING.search(wish.rest):
        _raise(scores, Intent.WANTS_CALL, 6.8)
    if near and (found.get(Cue.YES) or found.get(Cue.KEEN)):
        _raise(scores, Intent.WANTS_CALL, 6.1)
    return scores, evidence


def _raise(scores: dict[Intent, float], intent: Intent, to: float) -> None:
    scores[intent] = max(scores.get(intent, 0.0), to)


_AGREED: dict[Asked, tuple[Intent, float]] = {
    Asked.CALL: (Intent.WANTS_CALL, 6.5),
    Asked.WHEN: (Intent.WANTS_CALL, 6.0),
    Asked.PERSON: (Intent.WANTS_PERSON, 7.5),
    Asked.CLOSE: (Intent.REFUSAL, 7.0),
    Asked.DONE: (Intent.REFUSAL, 5.5),
    Asked.INTEREST: (Intent.INTEREST, 5.5),
    Asked.IDENTITY: (Intent.INTEREST, 4.2),
}
_DENIED: dict[Asked, tuple[Intent, float]] = {
    Asked.IDENTITY: (Intent.WRONG_NUMBER, 7.5),
    Asked.CLOSE: (Intent.INTEREST, 4.6),
    Asked.DONE: (Intent.INTEREST, 5.0),
    Asked.PERSON: (Intent.OTHER, 3.0),
}


def _answer(scores: dict[Intent, float], setting: Setting, yes: float, no: bool) -> None:
    """A bare yes or no means what was asked."""
    if no:
        intent, weight = _DENIED.get(setting.asked, (Intent.REFUSAL, 6.0))
        scores.pop(Intent.REFUSAL, None)
        _raise(scores, intent, weight)
    elif yes:
        intent, weight = _AGREED.get(setting.asked, (Intent.INTEREST, 5.0))
        if intent is not Intent.INTEREST:
            scores.pop(Intent.INTEREST, None)
        _raise(scores, intent, weight if yes > CLEAR or intent is not Intent.INTEREST else yes)


def _offer(
    scores: dict[Intent, float], found: Found, picked: Pick, setting: Setting, idle: bool, *, bare_no: bool
) -> None:
    """An answer to times on offer is just that before it is anything else."""
    if picked.outcome in (Outcome.CHOSEN, Outcome.UNCLEAR, Outcome.GONE):
        _raise(scores, Intent.PICKS_SLOT, 7.5 if idle or Cue.CALL in found or Cue.YES in found else 6.6)
    elif picked.outcome is Outcome.DECLINED:
        _raise(scores, Intent.WANTS_CALL, 7.2)
    elif bare_no and setting.offered:
        _raise(scores, Intent.REFUSAL, 6.0)
    if picked.outcome in (Outcome.CHOSEN, Outcome.DECLINED) and Intent.REFUSAL in scores and Cue.STOP not in found:
        scores[Intent.REFUSAL] *= 0.8


def _timing(scores: dict[Intent, float], found: Found, wish: Wish, said: Said, setting: Setting) -> None:
    """When decides between a call and another time of life."""
    near = bool(wish.wants) and not wish.far
    putting_off = max((found[kind][0] for kind in (Cue.LATER, Cue.BUSY, Cue.THINKING) if kind in found), default=0.0)
    if wish.far and not setting.calendar.fitting(wish):
        if putting_off or Intent.WANTS_CALL in scores or _content(wish.rest) <= 2 or Intent.INTEREST in scores:
            _raise(scores, Intent.NOT_NOW, 7.4)
    elif near and putting_off:
        precise = any(want.clocks or want.since or want.part for want in wish.wants)
        asks = setting.asked in (Asked.CALL, Asked.WHEN) or setting.offered
        if (
            (_TRY.search(said.flat) and (precise or Cue.CALL in found))
            or (_FIT.search(wish.rest) and precise)
            or (asks and precise)
        ):
            _raise(scores, Intent.WANTS_CALL, 6.8)
    if (
        Cue.LATER in found
        and found[Cue.LATER][1].startswith(("will ", "let me", "i will"))
        and Intent.WANTS_CALL in scores
    ):
        scores[Intent.WANTS_CALL] = min(scores[Intent.WANTS_CALL], 6.2)


def _arbitrate(scores: dict[Intent, float], found: Found, said: Said, setting: Setting) -> None:
    """Where two readings compete, what people mean by both together."""
    sneer = found.get(Cue.SNEER, (0.0, ""))[0]
    if sneer:
        for intent in (Intent.INTEREST, Intent.WANTS_CALL, Intent.PICKS_SLOT):
            if intent in scores:
                scores[intent] *= 0.5
        _raise(scores, Intent.REFUSAL, 4.2)
    if Cue.CHANGE in found:
        change = found[Cue.CHANGE][0]
        if setting.booked or "cancel" in found[Cue.CHANGE][1]:
            _raise(scores, Intent.WANTS_PERSON, change + 0.6)
        else:
            scores.pop(Intent.WANTS_PERSON, None)
            _raise(scores, Intent.WANTS_CALL, 7.0)
    if setting.booked and (scores.get(Intent.WANTS_CALL, 0) > 6 or scores.get(Intent.PICKS_SLOT, 0) > 6):
        _raise(scores, Intent.WANTS_PERSON, 8.2)
    if Cue.YES in found and setting.asked is Asked.PERSON and Intent.REFUSAL not in scores:
        _raise(scores, Intent.WANTS_PERSON, 6.5)
    if (
        Cue.YES in found
        and setting.asked is Asked.CALL
        and not setting.offered
        and scores.get(Intent.INTEREST, 0) < 5.4
    ):
        _raise(scores, Intent.WANTS_CALL, 5.7)
    if Cue.BOT in found and not _WANTING.search(said.flat):
        scores.pop(Intent.WANTS_PERSON, None)  # "are you a real person" asks for none
    if setting.asked is Asked.DONE and found.get(Cue.LATER, (0.0, ""))[1].startswith(("not yet", "not just yet")):
        scores.pop(Intent.NOT_NOW, None)
        _raise(scores, Intent.INTEREST, 5.0)
    if Cue.ASK in found and Cue.SORTED not in found and scores.get(Intent.REFUSAL, 0) <= 7 and found.get(Cue.DEAR):
        scores[Intent.REFUSAL] *= 0.7


def _winner(scores: dict[Intent, float]) -> tuple[Intent, float, float]:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < 2.5:
        return Intent.OTHER, 0.0, 0.0
    intent, weight = ranked[0]
    return intent, weight, weight - (ranked[1][1] if len(ranked) > 1 else 0.0)
