"""Calls: what is offered, booked or handed over when a lead wants one or answers an offer of times."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from frontdesk.adapters.offline import wording
from frontdesk.adapters.offline.senses import MIDNIGHT
from frontdesk.adapters.offline.slots import OFFERED_AT_ONCE, Outcome
from frontdesk.adapters.offline.times import Want
from frontdesk.adapters.offline.work import Deed, Work
from frontdesk.ports.llm import Action, Slot

_ONLY_ASKS = re.compile(
    r"\b(?:do you have|have you got|got any\w*|is .{1,30} (?:free|available|taken)|are you (?:free|available)|"
    r"any slots)\b"
)


def wanted(work: Work) -> Deed:
    """The lead wants a call: at a time it named, at the soonest, or whenever."""
    calendar, wish = work.calendar, work.reading.wish
    if not calendar.free:
        return none_free(work)
    if wish.wants:
        return _as_wished(work)
    pool = calendar.fitting(wish)
    if not pool or work.reading.pick.outcome is Outcome.DECLINED:
        return _others(work)
    if wish.soonest:
        return _offer(work, pool[:2], "call_soonest", "the lead wants a call as soon as can be")
    return _offer(work, calendar.spread(pool), "call_offer", "the lead wants a call and names no time")


def _as_wished(work: Work) -> Deed:
    """One exact free hour is booked, else those that fit are offered, else the nearest."""
    calendar, wish = work.calendar, work.reading.wish
    fitting = calendar.fitting(wish)
    wants = [_today_if_ahead(want, work) for want in wish.wants]
    if fitting and all(want.exact for want in wants) and not _ONLY_ASKS.search(work.reading.said.flat):
        exact = [slot for slot in fitting if any(want.fits(calendar.local(slot)) for want in wants)]
        if exact and (len(exact) == 1 or len(wants) > 1):
            return _book(work, exact[0], "the lead named an exact time that is free")
    if fitting:
        return _offer(work, calendar.spread(fitting), "call_offer", "the lead wants a call at a time that is free")
    nearest = calendar.nearest(wish)
    if not nearest:
        return none_free(work)
    text = work.say("call_nearest", slots=work.told(nearest), when=_when(work, wish.wants))
    return Deed(text, "nothing is free at the time the lead named", Action.OFFER_SLOTS, tuple(nearest), hot=True)


def _today_if_ahead(want: Want, work: Work) -> Want:
    """An hour without a day is today's if that is still to come; else which day is left open."""
    now = work.setting.now
    if want.days is None and want.clocks and want.clocks[0] > now.hour * 60 + now.minute:
        return Want(days=frozenset({now.date()}), clocks=want.clocks[:1], since=want.since, until=want.until)
    return want


def _when(work: Work, wants: Sequence[Want]) -> str:
    """The time that was wanted, in words without an hour: it is not one that can be had."""
    if len(wants) != 1 or not wants[0].days or len(wants[0].days) != 1:
        return "then"
    want, (date,) = wants[0], wants[0].days
    precise = bool(want.clocks) or (not want.part and (want.since > 0 or want.until < MIDNIGHT))
    ahead = (date - work.setting.now.date()).days
    if ahead in (0, 1):
        near = ("today", "tomorrow")[ahead]
        if precise:
            return f"at that time {near}"
        return f"this {want.part}" if want.part and not ahead else f"{near} {want.part}".strip()
    day = wording.day(datetime(date.year, date.month, date.day, tzinfo=UTC), american=work.setting.american)
    return f"at that time on {day}" if precise else f"on {day}" + (f" in the {want.part}" if want.part else "")


def _offer(work: Work, slots: Sequence[Slot], key: str, why: str) -> Deed:
    kind = f"{key}_one" if len(slots) == 1 else key
    text = work.with_answer(work.say(kind, slots=work.told(slots)))
    return Deed(text, why, Action.OFFER_SLOTS, tuple(slots), hot=True)


def _others(work: Work) -> Deed:
    """Times other than those offered, later or earlier where the lead said so."""
    wish, offered = work.reading.wish, work.brief.offered_slots
    pool = [slot for slot in work.calendar.fitting(wish) if slot not in offered]
    if wish.later and offered:
        pool = [slot for slot in pool if slot.start > max(other.start for other in offered)] or pool
    if wish.earlier and offered:
        pool = [slot for slot in pool if slot.start < min(other.start for other in offered)] or pool
    if not pool:
        why = "the lead wants another time and there is none to offer"
        return Deed(work.say("call_none_left"), why, Action.HAND_OFF, hot=True)
    return _offer(work, work.calendar.spread(pool), "call_others", "the lead wants other times")


def none_free(work: Work) -> Deed:
    """A keen lead and an empty calendar: a person arranges it."""
    return Deed(work.say("no_slots"), "there is no free time to offer", Action.HAND_OFF, hot=True)


def _book(work: Work, slot: Slot, why: str) -> Deed:
    local = work.calendar.local(slot)
    when = wording.full(local, american=work.setting.american, zone=work.zone_label)
    return Deed(work.with_answer(work.say("book", when=when)), why, Action.BOOK, (slot,), hot=True)


def picked(work: Work) -> Deed:
    """The lead answers an offer: the one it means is booked; where that is not clear, it is asked."""
    pick = work.reading.pick
    slots = list(pick.slots)
    if pick.outcome is Outcome.GONE:
        return _gone(work, slots[0])
    if pick.outcome is Outcome.CHOSEN and pick.clear:
        return _book(work, slots[0], "the lead picked one of the times offered")
    text = work.say("slot_confirm" if len(slots) == 1 else "slot_which", slots=work.told(slots))
    return Deed(text, "the lead accepts, but which time is not clear", Action.OFFER_SLOTS, tuple(slots), hot=True)


def _gone(work: Work, taken: Slot) -> Deed:
    by_distance = sorted(work.calendar.free, key=lambda slot: abs((slot.start - taken.start).total_seconds()))
    nearest = sorted(by_distance[:OFFERED_AT_ONCE], key=lambda slot: slot.start)
    if not nearest:
        return none_free(work)
    text = work.say("slot_gone", slots=work.told(nearest))
    return Deed(text, "the time the lead picked is no longer free", Action.OFFER_SLOTS, tuple(nearest), hot=True)
