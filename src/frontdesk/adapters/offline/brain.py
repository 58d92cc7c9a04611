"""The offline brain: from a brief to a reply, by rules. Understanding is in `intents`, words in `wording`; here is what is done."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.adapters.offline import knowledge, scene, sentiment, wording
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.intents import CLEAR, Reading, Setting, understand
from frontdesk.adapters.offline.scene import Asked
from frontdesk.adapters.offline.slots import Calendar, Outcome
from frontdesk.adapters.offline.times import Want
from frontdesk.ports.llm import Action, Brief, Intent, Personalisation, Reply, Sentiment, Slot

_LOST_AT = 3
"""So many unclear messages in a row, and a person takes over."""


class OfflineBrain:
    """A `LanguageModel` without a model: deterministic, instant, and honest about being automated."""

    name = "offline"

    async def reply(self, brief: Brief) -> Reply:
        """The next reply to the lead. Never raises, whatever the lead wrote; books and offers only `brief.free_slots`."""
        return answer(brief)

    async def personalise(self, wanted: Personalisation) -> str:
        """The rendered text as it is."""
        return wanted.rendered


class _Deed(Struct, frozen=True):
    """What a reply says and does, before it is judged how sure it is."""

    text: str
    action: Action = Action.NONE
    slots: tuple[Slot, ...] = ()
    hot: bool = False
    why: str = ""


class _Work(Struct, frozen=True):
    """A brief and what was understood of it."""

    brief: Brief
    setting: Setting
    reading: Reading
    calendar: Calendar
    american: bool
    zone_label: str

    def say(self, key: str, **fields: str) -> str:
        return wording.say(key, self.brief, **fields)

    def told(self, slots: Sequence[Slot]) -> str:
        """The slots in words, in the lead's zone."""
        return wording.listed(
            [self.calendar.local(slot) for slot in slots], american=self.american, zone=self.zone_label
        )


def answer(brief: Brief) -> Reply:
    """The reply to the last run of lead turns in `brief`; silence where there is none."""
    messages = scene.last_run(brief.turns)
    if not messages:
        return Reply(
            text="", intent=Intent.OTHER, action=Action.NONE, sentiment=Sentiment.NEUTRAL, confidence=1.0,
            reasoning="The lead has not written since our last message, so there is nothing to answer.",
        )  # fmt: skip
    work = _understood(brief, messages, brief.offered_slots, len(brief.turns) - len(messages))
    deed = _ANSWERS[work.reading.intent](work)
    return Reply(
        text=deed.text,
        intent=work.reading.intent,
        action=deed.action,
        sentiment=sentiment.of(work.reading, "\n".join(messages), hot=deed.hot),
        confidence=_confidence(work.reading),
        reasoning=_reasoning(work, deed.why),
        slots=list(deed.slots),
        stop_contact=work.reading.stop and work.reading.intent is Intent.REFUSAL,
        hot=deed.hot,
    )


def _understood(brief: Brief, messages: list[str], offered: Sequence[Slot], before: int) -> _Work:
    """The run `messages`, which follows the first `before` turns, understood in its place."""
    zone, label = _zone(brief.time_zone)
    calendar = Calendar(brief.free_slots, brief.now, zone)
    turns = brief.turns[:before]
    name = wording.first_name(brief)
    american = brief.time_zone.startswith(("America/", "US/", "Pacific/Honolulu"))
    setting = Setting(
        asked=scene.asked(turns, name), calendar=calendar, now=brief.now.astimezone(zone), first_name=name,
        business=brief.business, offered=tuple(offered), american=american, booked=scene.booked_before(turns),
    )  # fmt: skip
    return _Work(brief, setting, understand(messages, setting), calendar, american, label)


def _zone(name: str) -> tuple[tzinfo, str]:
    """The zone, and what to add to an hour: nothing, or "UTC" where the name is none that is known."""
    try:
        return ZoneInfo(name), ""
    except (ValueError, OSError, KeyError):
        return UTC, "UTC"


# --- calls


def _wants_call(work: _Work) -> _Deed:
    calendar, wish = work.calendar, work.reading.wish
    if not calendar.free:
        return _no_slots(work)
    if work.reading.pick.outcome is Outcome.DECLINED and not wish.wants:
        return _others(work)
    if wish.wants:
        return _as_wished(work)
    pool = calendar.fitting(wish)
    if not pool:
        return _others(work)
    if wish.soonest:
        return _offer(work, pool[:2], "call_soonest", "It wants a call as soon as can be")
    return _offer(work, calendar.spread(pool), "call_offer", "It wants a call and names no time")


def _as_wished(work: _Work) -> _Deed:
    """The times the lead named: one exact free hour is booked, else those that fit are offered, else the nearest."""
    calendar, wish = work.calendar, work.reading.wish
    fitting = calendar.fitting(wish)
    wants = [_today_if_ahead(want, work) for want in wish.wants]
    if fitting and all(want.exact for want in wants) and not _only_asks(work.reading):
        exact = [slot for slot in fitting if any(want.fits(calendar.local(slot)) for want in wants)]
        if exact and (len(exact) == 1 or len(wants) > 1):
            return _book(work, exact[0], "It named an exact time that is free")
    if fitting:
        return _offer(work, calendar.spread(fitting), "call_offer", "It wants a call at a time that is free")
    nearest = calendar.nearest(wish)
    if not nearest:
        return _no_slots(work)
    text = work.say("call_nearest", slots=work.told(nearest), when=_when(work, wish.wants))
    return _Deed(text, Action.OFFER_SLOTS, tuple(nearest), hot=True, why="Nothing is free at the time it named")


def _today_if_ahead(want: Want, work: _Work) -> Want:
    """An hour without a day is today's, if that is still to come and free; else which day is left open."""
    now = work.setting.now
    minute = now.hour * 60 + now.minute
    if want.days is None and want.clocks and want.clocks[0] > minute:
        return Want(days=frozenset({now.date()}), clocks=want.clocks[:1], since=want.since, until=want.until)
    return want


def _only_asks(reading: Reading) -> bool:
    """Whether the time was asked about rather than asked for."""
    return bool(
        re.search(
            r"\b(?:do you have|have you got|got any\w*|is .{1,30} (?:free|available|taken)|are you (?:free|available)|any slots)\b",
            reading.said.flat,
        )
    )


def _when(work: _Work, wants: Sequence[Want]) -> str:
    """The time that was wanted, in words without an hour: it is not one that can be had."""
    if len(wants) != 1 or not wants[0].days or len(wants[0].days) != 1:
        return "then"
    (date,) = wants[0].days
    ahead = (date - work.setting.now.date()).days
    part = wants[0].part
    precise = bool(wants[0].clocks) or (not part and (wants[0].since or wants[0].until < 24 * 60))
    if ahead in (0, 1):
        day = ("this" if part in ("morning", "afternoon", "evening") else "today", "tomorrow")[ahead]
        return f"at that time {day}" if precise and day != "this" else f"{day} {part}".strip()
    noon = datetime(date.year, date.month, date.day, 12, tzinfo=UTC)
    label = wording.day(noon, american=work.american)
    return f"at that time on {label}" if precise else f"on {label}" + (f" in the {part}" if part else "")


def _offer(work: _Work, slots: Sequence[Slot], key: str, why: str) -> _Deed:
    key = f"{key}_one" if len(slots) == 1 and f"{key}_one" in wording.VARIANTS else key
    text = work.say(key, slots=work.told(slots))
    return _Deed(_with_answer(work, text), Action.OFFER_SLOTS, tuple(slots), hot=True, why=why)


def _with_answer(work: _Work, text: str) -> str:
    """The words, after the answer to a question asked along with them, if that is known and both fit."""
    if Cue.ASK not in work.reading.cues:
        return text
    found = knowledge.find(work.reading.said.flat, work.brief.facts)
    room = wording.LIMIT - len(text) - 1
    if not found or room < 60:
        return text
    return f"{knowledge.quote(found, room)} {text}"


def _others(work: _Work) -> _Deed:
    """Times other than those offered, as the lead asked."""
    calendar, wish, offered = work.calendar, work.reading.wish, work.brief.offered_slots
    pool = [slot for slot in calendar.fitting(wish) if slot not in offered]
    if wish.later and offered:
        pool = [slot for slot in pool if slot.start > max(other.start for other in offered)] or pool
    if wish.earlier and offered:
        pool = [slot for slot in pool if slot.start < min(other.start for other in offered)] or pool
    if not pool:
        text = work.say("call_none_left")
        return _Deed(text, Action.HAND_OFF, hot=True, why="It wants another time and there is none to offer")
    slots = calendar.spread(pool)
    return _Deed(
        work.say("call_others", slots=work.told(slots)),
        Action.OFFER_SLOTS,
        tuple(slots),
        hot=True,
        why="It wants other times",
    )


def _no_slots(work: _Work) -> _Deed:
    return _Deed(work.say("no_slots"), Action.HAND_OFF, hot=True, why="No time is free to offer")


def _book(work: _Work, slot: Slot, why: str) -> _Deed:
    when = wording.full(work.calendar.local(slot), american=work.american, zone=work.zone_label)
    return _Deed(work.say("book", when=when), Action.BOOK, (slot,), hot=True, why=why)


def _picks_slot(work: _Work) -> _Deed:
    picked = work.reading.pick
    slots = list(picked.slots)
    if picked.outcome is Outcome.GONE:
        nearest = sorted(work.calendar.free, key=lambda slot: abs((slot.start - slots[0].start).total_seconds()))[:3]
        if not nearest:
            return _no_slots(work)
        nearest.sort(key=lambda slot: slot.start)
        text = work.say("slot_gone", slots=work.told(nearest))
        return _Deed(text, Action.OFFER_SLOTS, tuple(nearest), hot=True, why="The time it picked is no longer free")
    if picked.outcome is Outcome.CHOSEN and picked.clear:
        return _book(work, slots[0], "It picked one of the times offered")
    key = "slot_confirm" if len(slots) == 1 else "slot_which"
    text = work.say(key, slots=work.told(slots))
    return _Deed(
        text, Action.OFFER_SLOTS, tuple(slots), hot=True, why="It accepts, but which of the times is not clear"
    )


# --- interest and questions


def _interest(work: _Work) -> _Deed:
    reading = work.reading
    if reading.weighs(Cue.NO_CALLS) >= reading.weight and reading.weighs(Cue.NO_CALLS):
        return _Deed(work.say("write_only"), why="It would rather write than talk")
    if reading.weighs(Cue.ELSEWHERE) >= reading.weight and reading.weighs(Cue.ELSEWHERE):
        return _Deed(
            work.say("elsewhere"), Action.HAND_OFF, hot=True, why="It wants something sent, which takes a person"
        )
    if reading.weight < CLEAR:
        return _Deed(work.say("interest_mild"), why="It is open to it, not more")
    slots = work.calendar.spread(work.calendar.free)
    if not slots:
        return _no_slots(work)
    key = "info_offer" if reading.cue is Cue.INFO else "interest_offer"
    text = work.say(key, slots=work.told(slots))
    return _Deed(text, Action.OFFER_SLOTS, tuple(slots), hot=True, why="It wants to go on")


_SELF: dict[Cue, tuple[str, str]] = {
    Cue.BOT: ("bot", "It asks whether it talks to a machine, and is told the truth"),
    Cue.WHO: ("who", "It asks who we are"),
    Cue.SOURCE: ("source", "It asks where we have the number from"),
    Cue.SCAM: ("scam", "It asks whether this is genuine"),
}


def _question(work: _Work) -> _Deed:
    reading = work.reading
    hot = reading.weighs(Cue.KEEN) >= CLEAR
    still = [slot for slot in work.brief.offered_slots if slot in work.calendar.free]
    if reading.cue in _SELF:
        key, why = _SELF[reading.cue]
        return _Deed(work.say(key), hot=hot, why=why)
    found = knowledge.find(reading.said.flat, work.brief.facts)
    if found is None:
        why = "Nothing we were given answers the question, so it is not guessed at"
        if still:
            return _Deed(
                work.say("unknown_slots", slots=work.told(still)), Action.OFFER_SLOTS, tuple(still), hot=True, why=why
            )
        return _Deed(work.say("unknown"), hot=hot, why=why)
    why = f'Answered from what we know under "{" ".join(found.fact.title.split())[:60]}"'
    if still:
        slots = work.told(still)
        room = wording.room_for("answer_slots", work.brief, slots=slots)
        if len(found.fact.text) <= room or room >= 120:
            text = work.say("answer_slots", slots=slots, fact=_sentence(knowledge.quote(found, room)))
            return _Deed(text, Action.OFFER_SLOTS, tuple(still), hot=True, why=why)
    room = wording.room_for("answer_call", work.brief)
    if len(found.fact.text) <= room or room >= 160:
        return _Deed(work.say("answer_call", fact=_sentence(knowledge.quote(found, room - 1))), hot=hot, why=why)
    return _Deed(work.say("answer", fact=knowledge.quote(found, wording.LIMIT)), hot=hot, why=why)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


# --- endings


def _refusal(work: _Work) -> _Deed:
    reading = work.reading
    if reading.stop:
        return _Deed("", Action.CLOSE, why="It asks not to be contacted again")
    if reading.weight <= 6.0 and work.setting.offered and not work.reading.cues.get(Cue.SORTED) and _first_no(work):
        return _Deed(work.say("slots_no"), why="It turns down the times offered, perhaps not the call")
    key = {Cue.SORTED: "close_sorted", Cue.DEAR: "close_dear"}.get(reading.cue or Cue.NO, "close")
    return _Deed(work.say(key), Action.CLOSE, why="It does not want to go on")


def _first_no(work: _Work) -> bool:
    """Whether the "no" is bare, so that it may be about the times only."""
    return bool(re.fullmatch(r"\W*(?:no|emojino)(?: (?:sorry|mate|leadname))*\W*", work.reading.said.flat))


def _wants_person(work: _Work) -> _Deed:
    reading = work.reading
    change = reading.weighs(Cue.CHANGE) > 0 or (work.setting.booked and reading.weighs(Cue.PERSON) < CLEAR)
    if reading.cue is Cue.COMPLAINT:
        key, why = "hand_off_complaint", "It complains, which takes a person"
    elif change:
        key, why = "hand_off_change", "It wants a booking changed, which takes a person"
    else:
        key, why = "hand_off", "It asks for a person"
    return _Deed(work.say(key), Action.HAND_OFF, why=why)


def _wrong_number(work: _Work) -> _Deed:
    if work.reading.cue is Cue.BEREAVED:
        return _Deed(work.say("bereaved"), Action.MARK_WRONG_NUMBER, why="The person we mean has died")
    return _Deed(work.say("wrong_number"), Action.MARK_WRONG_NUMBER, why="The number is not that of the person we mean")


def _not_now(work: _Work) -> _Deed:
    thinking = work.reading.cue is Cue.THINKING
    return _Deed(work.say("not_now_thinking" if thinking else "not_now"), why="It may want to go on, but later")


def _other(work: _Work) -> _Deed:
    reading, asked = work.reading, work.setting.asked
    if reading.courtesy and asked is Asked.BOOKED:
        return _Deed(work.say("booked_thanks"), why="It thanks for the booking")
    if reading.courtesy and asked is Asked.FAREWELL:
        return _Deed("", why="It thanks after a good-bye, which needs no answer")
    if _unclear_in_a_row(work) >= _LOST_AT:
        return _Deed(
            work.say("hand_off_lost"),
            Action.HAND_OFF,
            why="Its third unclear message in a row, so a person should look",
        )
    if Cue.INJECTION in reading.cues:
        return _Deed(work.say("deflect"), why="It tries to instruct the assistant, which is not obeyed")
    if asked is Asked.PERSON and reading.weight:
        return _Deed(work.say("person_no"), why="It does not want a person")
    still = [slot for slot in work.brief.offered_slots if slot in work.calendar.free]
    if still:
        text = work.say("clarify_offer", slots=work.told(still))
        return _Deed(text, Action.OFFER_SLOTS, tuple(still), why="Unclear, so the times are offered again")
    return _Deed(work.say("clarify"), why="Unclear, so it is asked what it means")


def _unclear_in_a_row(work: _Work) -> int:
    """How many runs of the lead, this one included, could not be understood one after another."""
    count = 1
    for messages, before in scene.earlier_runs(work.brief.turns)[: _LOST_AT - 1]:
        if before == 0 or _understood(work.brief, messages, (), before).reading.intent is not Intent.OTHER:
            break
        count += 1
    return count


_ANSWERS: dict[Intent, Callable[[_Work], _Deed]] = {
    Intent.INTEREST: _interest,
    Intent.REFUSAL: _refusal,
    Intent.QUESTION: _question,
    Intent.WANTS_CALL: _wants_call,
    Intent.PICKS_SLOT: _picks_slot,
    Intent.WANTS_PERSON: _wants_person,
    Intent.WRONG_NUMBER: _wrong_number,
    Intent.NOT_NOW: _not_now,
    Intent.OTHER: _other,
}


def _confidence(reading: Reading) -> float:
    """How sure the reading is: the strength of its sign, and how far the next reading is behind."""
    if reading.stop:
        return 0.97
    if reading.intent is Intent.OTHER:
        return 0.6 if Cue.INJECTION in reading.cues or reading.courtesy else 0.25
    return round(min(0.4 + 0.045 * reading.weight + 0.04 * min(reading.margin, 4.0), 0.97), 2)


_MEANINGS: dict[Intent, str] = {
    Intent.INTEREST: "interest",
    Intent.REFUSAL: "a refusal",
    Intent.QUESTION: "a question",
    Intent.WANTS_CALL: "wanting a call",
    Intent.PICKS_SLOT: "an answer to the times offered",
    Intent.WANTS_PERSON: "wanting a person",
    Intent.WRONG_NUMBER: "a wrong number",
    Intent.NOT_NOW: "not now",
    Intent.OTHER: "nothing the rules know",
}


def _reasoning(work: _Work, why: str) -> str:
    reading = work.reading
    words = " ".join(_SHOWN.get(word, word) for word in reading.evidence.split())
    words = words.replace("leadname", work.brief.lead_first_name).replace("ourname", work.brief.business)
    shown = words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + "..."
    return f'Offline rules read "{shown}" as {_MEANINGS[reading.intent]}. {why}.' if shown else f"{why}."


_SHOWN = {
    "emojiyes": "thumbs up",
    "emojino": "thumbs down",
    "emojihappy": "smile",
    "emojimeh": "rolling eyes",
    "emojiangry": "angry face",
    "emoji": "picture",
}
