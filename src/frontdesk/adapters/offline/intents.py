"""What a lead is after: the signs in its words, weighed in the light of what was asked, what was offered and what
was said of time. The signs are found in `signs`; words and actions follow in `deeds`.
"""

import re
from datetime import datetime

from msgspec import Struct

from frontdesk.adapters.offline import hints, signs, times
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.scene import Asked
from frontdesk.adapters.offline.senses import Today
from frontdesk.adapters.offline.signs import Bare, Found
from frontdesk.adapters.offline.slots import Calendar, Outcome, Pick, pick
from frontdesk.adapters.offline.text import Said, plain
from frontdesk.adapters.offline.times import Wish
from frontdesk.ports.llm import Intent, Slot

CLEAR = 4.0
"""From this weight on a reading is acted on; below, it is asked about."""
HINTED = 3.5
"""The weight of a reading from single words, where no phrase gave one: too little to close or to mark anything on."""
_FAINT = 2.5
"""Below this a reading is none."""


class Setting(Struct, frozen=True):
    """What surrounds the words to be understood."""

    asked: Asked
    calendar: Calendar
    now: datetime
    """In the lead's zone."""
    first_name: str = ""
    business: str = ""
    agent: str = ""
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

    def weighs(self, kind: Cue) -> float:
        """The weight of the cue, 0 where there is none."""
        return self.cues.get(kind, 0.0)


_SIGNS_OF: dict[Intent, tuple[Cue, ...]] = {
    Intent.REFUSAL: (Cue.STOP, Cue.NO, Cue.SORTED, Cue.DEAR),
    Intent.WRONG_NUMBER: (Cue.WRONG, Cue.BEREAVED),
    Intent.WANTS_PERSON: (Cue.PERSON, Cue.COMPLAINT, Cue.CHANGE),
    Intent.QUESTION: (Cue.BOT, Cue.WHO, Cue.SOURCE, Cue.SCAM, Cue.ASK),
    Intent.WANTS_CALL: (Cue.CALL, Cue.TIMES),
    Intent.NOT_NOW: (Cue.LATER, Cue.BUSY, Cue.THINKING),
    Intent.INTEREST: (Cue.KEEN, Cue.YES, Cue.INFO, Cue.MAYBE, Cue.NO_CALLS, Cue.ELSEWHERE),
    Intent.OTHER: (Cue.INJECTION,),
}
# What a bare yes and a bare no mean after what we asked; else interest and refusal.
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
_FITS_WELL = re.compile(
    r"\b(?:better|best|good|fine|works?|suits?|ok|easier|possible|ideal|free|available|convenient|great|perfect|"
    r"preferable|home)\b"
)
_TRY_ME = re.compile(r"\b(?:try|catch|get|reach|call|ring|phone) me\b|\btry (?:again|calling|ringing)\b")
_WANTING = re.compile(r"\b(?:get|speak|talk|want|need|give|put|rather|prefer|please|not|no|deal)\b")
_WELL = re.compile(r"\b(?:ok|good|fine|alright|all right|great)\b")
_ENDS_IN_YES = re.compile(r"^(?!no\b).*\b(?:so|and|but|then|,) (?:yes|definitely)(?: please| lol| mate| thanks)*\W*$")
_RINGING = re.compile(r"\b(?:call|ring|phone|speak|talk|chat|bell)\b")


def understand(messages: list[str], setting: Setting) -> Reading:
    """What `messages`, a run of the lead's, mean. Never raises; what cannot be read is OTHER."""
    names = {setting.first_name: "leadname", setting.business: "ourname", setting.agent: "agentname"}
    said = plain(messages, names)
    weighing = _Weighing(said, setting)
    intent, weight, margin = weighing.winner()
    found, bare = weighing.found, weighing.bare
    kinds = [kind for kind in _SIGNS_OF.get(intent, ()) if kind in found]
    cue = max(kinds, key=lambda kind: found[kind][0], default=None)
    return Reading(
        intent=intent,
        said=said,
        cue=cue,
        weight=weight,
        margin=margin,
        wish=weighing.wish,
        pick=weighing.pick,
        cues={kind: value for kind, (value, _) in found.items()},
        evidence=found[cue][1] if cue else said.flat,
        courtesy=bare.courtesy or (bare.yes > 0 and weight < CLEAR),
    )


class _Weighing:
    """The likelihood of each intent, raised and lowered by one consideration after another."""

    def __init__(self, said: Said, setting: Setting) -> None:
        self.said, self.setting = said, setting
        self.found: Found = signs.find(said)
        self.bare: Bare = signs.bare(said.flat)
        self.wish = wish = self._wish(said.text)
        self.near = bool(wish.wants) and not wish.far
        light = 2 if setting.offered or any(want.clocks for want in wish.wants) else 1
        self.idle = signs.content(wish.rest) <= light
        self.pick = self._picked()
        found = self.found
        self.scores: dict[Intent, float] = {}
        for intent, kinds in _SIGNS_OF.items():
            if weights := [found[kind][0] for kind in kinds if kind in found]:
                self.scores[intent] = max(weights)
        self._times_named()
        self._answer()
        self._offer()
        self._put_off()
        self._irony()
        self._bookings()
        self._together()
        self._hints()

    def _wish(self, text: str) -> Wish:
        now = self.setting.now
        return times.read(
            text, Today(now.date(), now.hour * 60 + now.minute, self.setting.american, len(self.setting.offered))
        )

    def _picked(self) -> Pick:
        """The answer to an offer. A question that names an offered time ("is the first one by phone?") is none."""
        offered, calendar = self.setting.offered, self.setting.calendar
        agreed = self.bare.yes > 0
        whole = pick(self.said.text, self.wish, offered, calendar, agreed=agreed, idle=self.idle)
        if Cue.ASK not in self.found or whole.outcome not in (Outcome.CHOSEN, Outcome.UNCLEAR):
            return whole
        question = self.found[Cue.ASK][1]
        rest = "\n".join(clause.text for clause in self.said.clauses if clause.text != question)
        beside = pick(rest, self._wish(rest), offered, calendar, agreed=False, idle=self.idle)
        return beside if beside.outcome is Outcome.CHOSEN else Pick(Outcome.NONE)

    def winner(self) -> tuple[Intent, float, float]:
        """The likeliest intent, its weight, and how far ahead it is."""
        ranked = sorted(self.scores.items(), key=lambda item: -item[1])
        asked, bare = self.setting.asked, self.bare
        thanks = (asked is Asked.BOOKED and bare.yes > 0) or (asked in (Asked.BOOKED, Asked.FAREWELL) and bare.courtesy)
        if thanks or not ranked or ranked[0][1] < _FAINT:
            return Intent.OTHER, 0.0, 0.0
        intent, weight = ranked[0]
        return intent, weight, weight - (ranked[1][1] if len(ranked) > 1 else 0.0)

    def _raise(self, intent: Intent, to: float) -> None:
        self.scores[intent] = max(self.scores.get(intent, 0.0), to)

    def _weight(self, kind: Cue) -> float:
        return self.found[kind][0] if kind in self.found else 0.0

    def _words(self, kind: Cue) -> str:
        return self.found[kind][1] if kind in self.found else ""

    def _times_named(self) -> None:
        """A day or an hour and little else, or beside a word of calling, asks for a call."""
        wish, found = self.wish, self.found
        waits = any(kind in found for kind in (Cue.LATER, Cue.BUSY, Cue.THINKING))
        asks = Cue.ASK in found and (signs.content(wish.rest) >= 1 or signs.asks_of_known_things(self.said.flat))
        if self.near and self.idle and not waits and not asks:
            self._raise(Intent.WANTS_CALL, 6.4)
        ringing = _RINGING.search(wish.rest)
        if ringing and self.near and not signs.negates(wish.rest[: ringing.start()]):
            self._raise(Intent.WANTS_CALL, 6.8)
        if ringing and wish.barred and not wish.wants:  # "don't ring before 4"
            self._raise(Intent.WANTS_CALL, 6.8)
        if self.near and (Cue.YES in found or Cue.KEEN in found):
            self._raise(Intent.WANTS_CALL, 6.1)

    def _answer(self) -> None:
        """A bare yes or no means what was asked."""
        asked = self.setting.asked
        if self.bare.no:
            self.scores.pop(Intent.REFUSAL, None)
            self._raise(*_DENIED.get(asked, (Intent.REFUSAL, 6.0)))
        elif self.bare.yes:
            intent, weight = _AGREED.get(asked, (Intent.INTEREST, 5.0))
            if intent is not Intent.INTEREST:
                self.scores.pop(Intent.INTEREST, None)
            elif self.bare.yes < CLEAR:
                weight = self.bare.yes
            self._raise(intent, weight)
        if asked is Asked.DONE and self._words(Cue.LATER).startswith(("not yet", "not just yet")):
            self.scores.pop(Intent.NOT_NOW, None)
            self._raise(Intent.INTEREST, 5.0)
        if asked is Asked.GREETING and _WELL.search(self._words(Cue.NO)):
            self.scores.pop(Intent.REFUSAL, None)
            self._raise(Intent.INTEREST, 3.4)  # "good thanks" to "how are you?" refuses nothing
        if Cue.YES in self.found and asked is Asked.PERSON and Intent.REFUSAL not in self.scores:
            self._raise(Intent.WANTS_PERSON, 6.5)
        mild = self.scores.get(Intent.INTEREST, 0.0) < 5.4
        if Cue.YES in self.found and asked is Asked.CALL and not self.setting.offered and mild:
            self._raise(Intent.WANTS_CALL, 5.7)

    def _offer(self) -> None:
        """An answer to times on offer is just that before it is anything else."""
        outcome = self.pick.outcome
        if outcome in (Outcome.CHOSEN, Outcome.UNCLEAR, Outcome.GONE):
            certain = self.idle or Cue.CALL in self.found or Cue.YES in self.found
            self._raise(Intent.PICKS_SLOT, 7.5 if certain else 6.6)
        elif outcome is Outcome.DECLINED:
            self._raise(Intent.WANTS_CALL, 7.2)
        refused = Intent.REFUSAL in self.scores and Cue.STOP not in self.found
        if outcome in (Outcome.CHOSEN, Outcome.DECLINED) and refused:
            self.scores[Intent.REFUSAL] *= 0.8  # "no thanks, thursday": the no is to a time

    def _put_off(self) -> None:
        """When decides between a call and another time of life."""
        wish, scores, setting = self.wish, self.scores, self.setting
        waits = any(kind in self.found for kind in (Cue.LATER, Cue.BUSY, Cue.THINKING))
        if wish.far and not setting.calendar.fitting(wish):
            wants = Intent.WANTS_CALL in scores or Intent.INTEREST in scores
            if waits or wants or signs.content(wish.rest) <= 2:
                self._raise(Intent.NOT_NOW, 7.4)
        elif self.near and _TRY_ME.search(self.said.flat):
            self._raise(Intent.WANTS_CALL, 6.8)
        elif self.near and waits:
            precise = any(want.clocks or want.since or want.part for want in wish.wants)
            asked = setting.asked in (Asked.CALL, Asked.WHEN) or bool(setting.offered)
            if precise and (asked or _FITS_WELL.search(wish.rest)):
                self._raise(Intent.WANTS_CALL, 6.8)
        if Intent.WANTS_CALL in scores and self._words(Cue.LATER).startswith(("will ", "let me")):
            scores[Intent.WANTS_CALL] = min(scores[Intent.WANTS_CALL], 6.2)  # it will call us

    def _irony(self) -> None:
        """Agreement with a roll of the eyes is none."""
        if Cue.SNEER in self.found:
            for intent in (Intent.INTEREST, Intent.WANTS_CALL, Intent.PICKS_SLOT):
                if intent in self.scores:
                    self.scores[intent] *= 0.5
            self._raise(Intent.REFUSAL, 4.2)

    def _bookings(self) -> None:
        """What was booked can be changed by a person only."""
        if Cue.CHANGE in self.found:
            if self.setting.booked or "cancel" in self._words(Cue.CHANGE):
                self._raise(Intent.WANTS_PERSON, self._weight(Cue.CHANGE) + 0.6)
            else:
                self.scores.pop(Intent.WANTS_PERSON, None)
                self._raise(Intent.WANTS_CALL, 7.0)
        again = max(self.scores.get(Intent.WANTS_CALL, 0.0), self.scores.get(Intent.PICKS_SLOT, 0.0))
        if self.setting.booked and again > 6:
            self._raise(Intent.WANTS_PERSON, 8.2)

    def _together(self) -> None:
        """Signs that mean something else together."""
        if _ENDS_IN_YES.search(self.said.flat) and Cue.STOP not in self.found and Intent.REFUSAL in self.scores:
            self.scores[Intent.REFUSAL] *= 0.55  # "the neighbours had theirs done, so yes"
        if Cue.BOT in self.found and not _WANTING.search(self.said.flat):
            self.scores.pop(Intent.WANTS_PERSON, None)  # "are you a real person" asks for none

    def _hints(self) -> None:
        """Where no phrase is known, single words may hint."""
        strongest = max(self.scores.values(), default=0.0)
        if strongest < _FAINT and not self.setting.offered and not self.bare.yes:
            guess = hints.guess(self.said.flat)
            if guess:
                self._raise(guess, HINTED)
