"""What is said and done on the phone: what a receptionist sees to, around the deeds that texts and calls share."""

import re

from msgspec import structs

from frontdesk.adapters.offline import calls, deeds, wording
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.phone import addresses, capture, spelling
from frontdesk.adapters.offline.phone.capture import Asked
from frontdesk.adapters.offline.work import Deed, Work
from frontdesk.ports.llm import Action, Brief, Caller, Intent, Slot

_REPEAT = re.compile(
    r"\b(?:repeat|say) (?:that|it)(?: again)?\b|\bpardon\b|\bcan't hear\b|\bdidn't (?:hear|catch)\b|^\W*sorry\?\W*$|"
    r"\bcome again\b|\bwhat did you say\b", re.I
)  # fmt: skip
_FAREWELL = re.compile(
    r"\b(?:good ?bye|bye(?: bye)?|that(?:'s| is| will be|'ll be) (?:all|everything|it)(?! (?:about|for))|"
    r"nothing else|have a (?:good|nice) (?:day|one|evening|weekend)|see you then)\b", re.I
)  # fmt: skip
_NO_MORE = re.compile(r"^\W*(?:no|nope|nah)\b(?!.*\b(?:but|actually|wait|one more|question)\b)", re.I)
_BOOKING = re.compile(
    r"\b(?:book|schedule|arrange|make|get|have|need|want|like|set up)\b[^.?!]{0,25}\b(?:appointment|visit|slot|booking|"
    r"meeting|consultation|viewing|inspection|survey)\b|\bcome (?:and|out|over|round) ?(?:to |and )?"
    r"(?:look|see|fix|do)?\b|\bbook (?:in|me in|something|a time)\b", re.I
)  # fmt: skip


_ABOUT_THEM = (Asked.NAME, Asked.EMAIL, Asked.PHONE, Asked.RIGHT_EMAIL, Asked.RIGHT_PHONE)
_SPELLED_AT_MOST = 2
"""So often a caller is asked to spell their e-mail; then it is left out."""
_BARE = 5
"""Words of a yes that says no more than yes."""


def do(work: Work, messages: list[str]) -> tuple[Deed, Caller]:
    """What comes of what a caller has said, and what is known of them now."""
    brief = work.brief
    text = " ".join(messages)
    ours = next((turn.text for turn in reversed(brief.turns) if turn.ours), "")
    asked = capture.asked_for(ours)
    caller = capture.read(text, asked, brief.caller)
    work = structs.replace(work, brief=_addressed(work, caller))
    return _deed(work, text, ours, asked, caller), caller


def _addressed(work: Work, caller: Caller) -> Brief:
    """The brief, with the caller's first name where they told it."""
    first = caller.name.split()[0] if caller.name else work.brief.lead_first_name
    return structs.replace(work.brief, lead_first_name=first)


def _deed(work: Work, text: str, ours: str, asked: Asked, caller: Caller) -> Deed:
    reading, known = work.reading, work.brief.caller
    told = caller != known
    if _REPEAT.search(text) and ours and not told:
        return Deed(work.say("repeat", fact=ours), "the caller asks to hear it again", *_again(work))
    if caller.urgency == "critical" and known.urgency != "critical":
        return Deed(work.say("urgent"), "the caller tells of an emergency", Action.HAND_OFF, hot=True)
    answers = told and asked in _ABOUT_THEM and Cue.PERSON not in reading.cues
    if reading.intent in (Intent.WANTS_PERSON, Intent.WRONG_NUMBER) and not answers:
        return deeds.do(work)
    over = asked is Asked.MORE and (_NO_MORE.search(text) is not None or reading.courtesy)
    if _FAREWELL.search(text) or (over and not told):
        return _goodbye(work)
    if (wrong := _not_right(work, text, asked, caller)) is not None:
        return wrong
    agreed = asked in (Asked.RIGHT_EMAIL, Asked.RIGHT_PHONE) and capture.agrees(text)
    corrected = bool(known.name) and caller.name != known.name
    bare = agreed and len(text.split()) <= _BARE  # a yes to this, and to no time that was offered before
    if bare or ((answers or agreed or corrected) and reading.intent not in (Intent.PICKS_SLOT, Intent.WANTS_CALL)):
        return _next(work, caller, _thanks(work, text, caller))
    if reading.intent is Intent.REFUSAL:
        return _refused(work, asked, caller)
    if reading.intent is Intent.PICKS_SLOT:
        return _then(work, deeds.do(work), caller)
    if reading.intent is Intent.WANTS_CALL or (_BOOKING.search(text) and not _asks_for_facts(work)):
        return _then(work, calls.wanted(work), caller)
    if told and reading.intent is not Intent.QUESTION:
        return _next(work, caller, _thanks(work, text, caller))
    return deeds.do(work)


def _asks_for_facts(work: Work) -> bool:
    """Whether it is a question that knowledge answers rather than a wish for a time."""
    return work.reading.intent is Intent.QUESTION and work.reading.cue is not Cue.ASK


def _again(work: Work) -> tuple[Action, tuple[Slot, ...]]:
    """What was on offer stays on offer."""
    offered = tuple(work.brief.offered_slots)
    return (Action.OFFER_SLOTS, offered) if offered else (Action.NONE, ())


def _goodbye(work: Work) -> Deed:
    booked = work.setting.booked or work.brief.booked is not None
    return Deed(work.say("goodbye_booked" if booked else "goodbye"), "the caller has all they wanted", Action.END)


def _refused(work: Work, asked: Asked, caller: Caller) -> Deed:
    if work.reading.stop:
        return Deed(work.say("close"), "the caller asks not to be contacted again", Action.CLOSE)
    if work.setting.offered:
        return Deed(work.say("slots_no"), "the caller turns down the times offered")
    if asked in _ABOUT_THEM:
        return _next(work, structs.replace(caller, name=caller.name or "-"))
    if asked is Asked.MORE or work.reading.cue in (Cue.SORTED, Cue.DEAR):
        return _goodbye(work)
    return Deed(work.say("close_check"), "the caller does not want that, and perhaps something else")


def _then(work: Work, deed: Deed, caller: Caller) -> Deed:
    """The deed, and after a booking what is still to be asked."""
    if deed.action is not Action.BOOK:
        return deed
    ask = work.say("ask_name") if not caller.name else _unchecked(work, caller) or work.say("ask_more")
    return structs.replace(deed, text=f"{deed.text} {ask}")


def _unchecked(work: Work, caller: Caller) -> str:
    """The question whether we have an e-mail or number right that was not read back yet; empty where there is none."""
    ours = [turn.text for turn in work.brief.turns if turn.ours]
    for key, told in (
        ("right_email", spelling.address(caller.email) if caller.email else ""),
        ("right_phone", spelling.grouped(caller.phone)),
    ):
        if told and not any(told in text for text in ours):
            return work.say(key, fact=told)
    return ""


def _not_right(work: Work, text: str, asked: Asked, caller: Caller) -> Deed | None:
    """What is said where an e-mail or number was not understood, or read back and not right; None where none was."""
    known = work.brief.caller
    if known.phone and not caller.phone:
        return Deed(work.say("ask_phone"), "the number read back was wrong")
    spells = asked is Asked.EMAIL and work.reading.intent not in (Intent.REFUSAL, Intent.QUESTION)
    if caller.email or not (known.email or spells or addresses.mangled(text)):
        return None
    tried = sum(turn.ours and capture.asked_for(turn.text) is Asked.EMAIL for turn in work.brief.turns)
    if tried < _SPELLED_AT_MOST:
        return Deed(work.say("spell_email"), "the e-mail could not be made out, so it is to be spelled")
    return _next(work, caller, work.say("email_left_out"))


def _thanks(work: Work, text: str, caller: Caller) -> str:
    """Thanks to a caller who has told something: by their name where that is new, as they spelled it where they did."""
    if caller.name == work.brief.caller.name:
        return "Thank you."
    spelled = [word for word in spelling.put_together(text).words if word in caller.name.split()]
    if spelled:
        return work.say("thanks_spelled", fact=spelling.letters(spelled[-1]))
    return work.say("thanks")


def _next(work: Work, caller: Caller, thanks: str = "Thank you.") -> Deed:
    """The next thing a receptionist asks for."""
    if check := _unchecked(work, caller):
        return Deed(f"{thanks} {check}", "what was told is read back, because it is easily misheard")
    if work.setting.booked or work.brief.booked is not None:
        return Deed(f"{thanks} {work.say('ask_more')}", "the booking stands, and the caller has told who they are")
    if not caller.reason:
        return Deed(f"{thanks} {work.say('ask_reason')}", "the caller has not said what it is about")
    if not caller.name:
        return Deed(f"{thanks} {work.say('ask_name')}", "the caller has not said who they are")
    slots = work.still_offered or work.calendar.spread(work.calendar.free)
    if not slots:
        return calls.none_free(work)
    text = wording.fit(f"{thanks} {work.say('interest_offer', slots=work.told(slots))}")
    return Deed(text, "it is known who calls and why, so times are offered", Action.OFFER_SLOTS, tuple(slots), hot=True)
