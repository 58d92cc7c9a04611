"""What is said and done for each intent. Calls have their own module, `calls`."""

import re
from collections.abc import Callable

from frontdesk.adapters.offline import calls, knowledge, wording
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.intents import CLEAR
from frontdesk.adapters.offline.scene import Asked
from frontdesk.adapters.offline.work import Deed, Work
from frontdesk.ports.llm import Action, Intent

LOST_AT = 3
"""So many unclear messages in a row, and a person takes over."""
_BARE_NO = re.compile(r"\W*(?:no|emojino)(?: (?:sorry|mate|agentname))*\W*")


def do(work: Work) -> Deed:
    """What comes of the work's reading."""
    return _DEEDS[work.reading.intent](work)


def _interest(work: Work) -> Deed:
    reading = work.reading
    if Cue.NO_CALLS in reading.cues and reading.weighs(Cue.NO_CALLS) >= reading.weight:
        return Deed(work.say("write_only"), "the lead would rather write than talk")
    if Cue.ELSEWHERE in reading.cues and reading.weighs(Cue.ELSEWHERE) >= reading.weight:
        why = "the lead wants something sent, which takes a person"
        return Deed(work.say("elsewhere"), why, Action.HAND_OFF, hot=True)
    if reading.weight < CLEAR:
        return Deed(work.say("interest_mild"), "the lead is open to it, not more")
    slots = work.calendar.spread(work.calendar.free)
    if not slots:
        return calls.none_free(work)
    text = work.say("info_offer" if reading.cue is Cue.INFO else "interest_offer", slots=work.told(slots))
    return Deed(text, "the lead wants to go on", Action.OFFER_SLOTS, tuple(slots), hot=True)


_ABOUT_US: dict[Cue, tuple[str, str]] = {
    Cue.BOT: ("bot", "the lead asks whether it talks to a machine, and is told the truth"),
    Cue.WHO: ("who", "the lead asks who we are"),
    Cue.SOURCE: ("source", "the lead asks where we have the number from"),
    Cue.SCAM: ("scam", "the lead asks whether this is genuine"),
}


def _question(work: Work) -> Deed:
    """Answered from the facts, or honestly not; times that are on offer stay on offer."""
    reading = work.reading
    hot = reading.weighs(Cue.KEEN) >= CLEAR
    if reading.cue in _ABOUT_US:
        key, why = _ABOUT_US[reading.cue]
        return Deed(work.say(key), why, hot=hot)
    found = knowledge.find(reading.said.flat, work.brief.facts)
    still = work.still_offered
    slots = work.told(still) if still else ""
    if found is None:
        why = "nothing we were given answers the question, so it is not guessed at"
        if still:
            return Deed(work.say("unknown_slots", slots=slots), why, Action.OFFER_SLOTS, tuple(still), hot=True)
        return Deed(work.say("unknown"), why, hot=hot)
    why = f'answered from what we know under "{" ".join(found.fact.title.split())[:60]}"'
    length = len(found.fact.text)
    room = wording.room_for("answer_slots", work.brief, slots=slots) - 1
    if still and (length <= room or room >= 120):
        text = work.say("answer_slots", slots=slots, fact=wording.sentence(knowledge.quote(found, room)))
        return Deed(text, why, Action.OFFER_SLOTS, tuple(still), hot=True)
    room = wording.room_for("answer_call", work.brief) - 1
    if length <= room or room >= 160:
        return Deed(work.say("answer_call", fact=wording.sentence(knowledge.quote(found, room))), why, hot=hot)
    return Deed(work.say("answer", fact=knowledge.quote(found, wording.LIMIT)), why, hot=hot)


def _refusal(work: Work) -> Deed:
    reading = work.reading
    if reading.stop:
        return Deed("", "the lead asks not to be contacted again", Action.CLOSE)
    if work.setting.offered and _BARE_NO.fullmatch(reading.said.flat):
        return Deed(work.say("slots_no"), "the lead turns down the times offered, perhaps not the call")
    if reading.weight < CLEAR:
        return Deed(work.say("close_check"), "the lead seems not to want to go on, which is asked before it is closed")
    key = {Cue.SORTED: "close_sorted", Cue.DEAR: "close_dear"}.get(reading.cue or Cue.NO, "close")
    return Deed(work.say(key), "the lead does not want to go on", Action.CLOSE)


def _wants_person(work: Work) -> Deed:
    reading = work.reading
    changes = Cue.CHANGE in reading.cues or (work.setting.booked and reading.weighs(Cue.PERSON) < CLEAR)
    if reading.cue is Cue.COMPLAINT:
        key, why = "hand_off_complaint", "the lead complains, which takes a person"
    elif changes:
        key, why = "hand_off_change", "the lead wants a booking changed, which takes a person"
    else:
        key, why = "hand_off", "the lead asks for a person"
    return Deed(work.say(key), why, Action.HAND_OFF)


def _wrong_number(work: Work) -> Deed:
    if work.reading.weight < CLEAR:
        return Deed(work.say("wrong_check"), "it seems to be someone else, which is asked before it is marked")
    if work.reading.cue is Cue.BEREAVED:
        return Deed(work.say("bereaved"), "the person we mean has died", Action.MARK_WRONG_NUMBER)
    return Deed(work.say("wrong_number"), "the number is not that of the person we mean", Action.MARK_WRONG_NUMBER)


def _not_now(work: Work) -> Deed:
    key = "not_now_thinking" if work.reading.cue is Cue.THINKING else "not_now"
    return Deed(work.say(key), "the lead may want to go on, but later")


def _other(work: Work) -> Deed:
    reading, asked = work.reading, work.setting.asked
    if reading.courtesy and asked is Asked.BOOKED:
        return Deed(work.say("booked_thanks"), "the lead thanks for the booking")
    if reading.courtesy and asked is Asked.FAREWELL:
        return Deed("", "the lead thanks after a good-bye, which needs no answer")
    if work.unclear >= LOST_AT:
        why = "this is the third unclear message in a row, so a person should look"
        return Deed(work.say("hand_off_lost"), why, Action.HAND_OFF)
    if Cue.INJECTION in reading.cues:
        return Deed(work.say("deflect"), "the lead tries to instruct the assistant, which is not obeyed")
    if asked is Asked.PERSON and reading.weight:
        return Deed(work.say("person_no"), "the lead does not want a person")
    if still := work.still_offered:
        text = work.say("clarify_offer", slots=work.told(still))
        return Deed(text, "it is unclear, so the times are offered again", Action.OFFER_SLOTS, tuple(still))
    return Deed(work.say("clarify"), "it is unclear, so the lead is asked what it means")


_DEEDS: dict[Intent, Callable[[Work], Deed]] = {
    Intent.INTEREST: _interest,
    Intent.REFUSAL: _refusal,
    Intent.QUESTION: _question,
    Intent.WANTS_CALL: calls.wanted,
    Intent.PICKS_SLOT: calls.picked,
    Intent.WANTS_PERSON: _wants_person,
    Intent.WRONG_NUMBER: _wrong_number,
    Intent.NOT_NOW: _not_now,
    Intent.OTHER: _other,
}
