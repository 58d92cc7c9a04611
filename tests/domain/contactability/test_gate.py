"""The gate as a pure rule: who, when, and why not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from frontdesk.domain.contactability.model import (
    CLOSES,
    OPENS,
    Category,
    Question,
    Reason,
    Schedule,
    Word,
    decide,
    keyword,
    next_open,
    refuses,
)

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
LONDON = frozenset({"Europe/London"})


def asking(**fields: Any) -> Question:
    """A question that the gate allows, but for what is told."""
    usual: dict[str, Any] = {
        "category": Category.M1, "phone": "+447700900123", "stage": "new", "suppressed": False,
        "sender": "+447700900001", "zones": LONDON, "org_zone": "Europe/London", "now": NOON,
    }  # fmt: skip
    return Question(**{**usual, **fields})


def test_a_fresh_lead_at_noon_may_be_written_to():
    assert decide(asking()).allowed


@pytest.mark.parametrize("category", [c for c in Category if c is not Category.SYSTEM])
def test_a_suppressed_number_gets_nothing_not_even_by_hand(category):
    decision = decide(asking(category=category, suppressed=True))
    assert (decision.allowed, decision.reason, decision.next_open_at) == (False, Reason.SUPPRESSED, None)


def test_only_the_confirmation_of_the_stop_reaches_a_suppressed_number():
    confirmation = asking(category=Category.SYSTEM, suppressed=True, stage="opted_out", answers_opt_out=True, now=NIGHT)
    assert decide(confirmation).allowed
    assert decide(structs.replace(confirmation, answers_opt_out=False)).reason is Reason.SUPPRESSED


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"phone": None}, Reason.NO_PHONE),
        ({"sender": None}, Reason.NO_SENDER),
        ({"stage": "opted_out"}, Reason.OPTED_OUT),
        ({"stage": "invalid"}, Reason.INVALID_LEAD),
        ({"archived": True}, Reason.ARCHIVED),
        ({"manual_mode": True}, Reason.MANUAL_MODE),
        ({"has_replied": True}, Reason.REPLIED),
        ({"stage": "booked"}, Reason.CLOSED_LEAD),
        ({"zones": frozenset()}, Reason.NO_TIME_ZONE),
        ({"unasked": (NOON,) * 3}, Reason.DAILY_CAP),
        ({"unasked": (NOON - timedelta(days=2),) * 5}, Reason.WEEKLY_CAP),
    ],
)
def test_campaigns_are_refused_with_the_reason(fields, reason):
    assert decide(asking(**fields)).reason is reason


def test_a_person_may_write_to_a_lead_that_the_ai_is_paused_for():
    assert decide(asking(category=Category.HUMAN_MANUAL, manual_mode=True, has_replied=True, archived=True)).allowed


def test_at_night_a_campaign_waits_until_eight():
    decision = decide(asking(now=NIGHT))
    assert decision.reason is Reason.QUIET_HOURS
    assert decision.next_open_at == datetime(2026, 3, 11, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "age", "allowed"),
    [
        (Category.AI_RESPONSE, timedelta(minutes=14), True),
        (Category.AI_RESPONSE, timedelta(minutes=15), False),
        (Category.HUMAN_MANUAL, timedelta(hours=23), True),
        (Category.HUMAN_MANUAL, timedelta(hours=24), False),
        (Category.M2, timedelta(minutes=1), False),
    ],
)
def test_at_night_only_young_texts_are_answered(category, age, allowed):
    assert decide(asking(category=category, now=NIGHT, last_inbound_at=NIGHT - age)).allowed is allowed


def test_all_zones_of_a_number_must_be_open():
    both = frozenset({"America/New_York", "America/Los_Angeles"})
    early = datetime(2026, 3, 10, 13, 0, tzinfo=UTC)  # 09:00 in New York, 06:00 in Los Angeles
    decision = decide(asking(zones=both, now=early))
    assert decision.reason is Reason.QUIET_HOURS
    assert decision.next_open_at == datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def test_the_hours_follow_the_change_of_the_clock():
    before = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # the clock goes forward that night in London
    assert decide(asking(now=before)).next_open_at == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_a_schedule_narrows_and_never_widens():
    schedule = Schedule(6, 23, frozenset({"tue"}))
    assert decide(asking(schedule=schedule)).allowed
    assert decide(asking(schedule=schedule, now=NIGHT - timedelta(hours=1))).reason is Reason.QUIET_HOURS
    wednesday = decide(asking(schedule=schedule, now=NOON + timedelta(days=1)))
    assert wednesday.reason is Reason.OUTSIDE_SCHEDULE
    assert wednesday.next_open_at == datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


VANCOUVER_TOO = LONDON | {"America/Vancouver"}


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        ({}, datetime(2026, 3, 10, 21, 0, tzinfo=UTC)),
        ({"zones": VANCOUVER_TOO, "now": NOON + timedelta(hours=4)}, datetime(2026, 3, 10, 21, 0, tzinfo=UTC)),
        ({"zones": frozenset({"America/Vancouver"}), "now": NIGHT}, datetime(2026, 3, 11, 4, 0, tzinfo=UTC)),
        ({"schedule": Schedule(9, 17, frozenset({"tue"}))}, datetime(2026, 3, 10, 17, 0, tzinfo=UTC)),
        ({"schedule": Schedule(9, 24, frozenset({"tue"}))}, datetime(2026, 3, 10, 21, 0, tzinfo=UTC)),
        ({"category": Category.HUMAN_MANUAL, "last_inbound_at": NOON}, NOON + timedelta(hours=24)),
        ({"category": Category.AI_RESPONSE, "last_inbound_at": NOON}, datetime(2026, 3, 10, 21, 0, tzinfo=UTC)),
        (
            {"category": Category.AI_RESPONSE, "now": NIGHT, "last_inbound_at": NIGHT - timedelta(minutes=5)},
            NIGHT + timedelta(minutes=10),
        ),
        ({"category": Category.SYSTEM, "now": NIGHT}, None),
    ],
)
def test_until_when_a_text_may_be_delivered(fields, closes):
    decision = decide(asking(**fields))
    assert decision.allowed
    assert decision.closes_at == closes


def test_a_schedule_that_never_opens_says_so():
    assert next_open(NOON, LONDON, Schedule(22, 23, frozenset({"mon"})), "Europe/London") is None


def test_the_hours_follow_the_change_of_the_clock_in_the_south():
    sydney = frozenset({"Australia/Sydney"})
    before = datetime(2026, 10, 3, 12, 0, tzinfo=UTC)  # 22:00; the clock goes forward that night
    assert next_open(before, sydney, None, "Europe/London") == datetime(2026, 10, 3, 21, 0, tzinfo=UTC)
    after = datetime(2026, 4, 4, 12, 0, tzinfo=UTC)  # 23:00; the clock goes back that night
    assert next_open(after, sydney, None, "Europe/London") == datetime(2026, 4, 4, 22, 0, tzinfo=UTC)


def test_a_cap_waits_until_enough_texts_are_old_enough():
    times = (NOON - timedelta(hours=23), NOON - timedelta(hours=2), NOON - timedelta(hours=1))
    assert decide(asking(unasked=times)).next_open_at == NOON + timedelta(hours=1)
    assert decide(asking(unasked=times, daily_cap=2)).next_open_at == NOON + timedelta(hours=22)
    week = tuple(NOON - timedelta(days=day) for day in (6, 5, 4, 3, 2))
    assert decide(asking(unasked=week)).next_open_at == NOON + timedelta(days=1)
    assert decide(asking(unasked=week, category=Category.HUMAN_MANUAL)).allowed


ZONES = st.sampled_from(
    [
        "Europe/London",
        "America/New_York",
        "America/Los_Angeles",
        "Pacific/Honolulu",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "America/Santiago",
        "Africa/Casablanca",
    ]
)


@given(
    now=st.integers(0, 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    zones=st.frozensets(ZONES, min_size=1, max_size=2),
    category=st.sampled_from([Category.M1, Category.M2, Category.M3]),
)
def test_no_campaign_text_ever_goes_out_at_night_and_the_time_told_is_open(now, zones, category):
    decision = decide(asking(now=now, zones=zones, category=category))
    open_everywhere = all(OPENS <= now.astimezone(ZoneInfo(zone)).time() < CLOSES for zone in zones)
    assert decision.allowed is open_everywhere
    if decision.closes_at is not None:
        assert decide(asking(now=decision.closes_at - timedelta(seconds=1), zones=zones, category=category)).allowed
        assert not decide(asking(now=decision.closes_at, zones=zones, category=category)).allowed
    if not decision.allowed and decision.next_open_at is not None:
        assert decision.next_open_at > now
        assert decide(asking(now=decision.next_open_at, zones=zones, category=category)).allowed


NEAR_CHANGES = st.sampled_from(
    [(3, 8), (3, 15), (3, 22), (3, 29), (4, 5), (9, 6), (9, 27), (10, 4), (10, 25), (11, 1)]
).flatmap(
    lambda day: st.integers(-36 * 60, 36 * 60).map(lambda m: datetime(2026, *day, tzinfo=UTC) + timedelta(minutes=m))
)
"""Minutes around nights on which a clock changes somewhere, in either hemisphere."""


@given(
    now=NEAR_CHANGES,
    zones=st.frozensets(ZONES, min_size=1, max_size=2),
    hours=st.none() | st.tuples(st.integers(0, 20), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1]),
)
def test_the_next_open_time_is_the_first_one(now, zones, hours):
    schedule = None if hours is None else Schedule(*hours, frozenset(["mon", "wed", "sun"]))
    found = next_open(now, zones, schedule, "Europe/London")
    at = now.replace(minute=now.minute // 15 * 15) + timedelta(minutes=15)
    while found is None or at <= found:
        if at > now + timedelta(days=15):
            assert found is None
            return
        local = at.astimezone(ZoneInfo("Europe/London"))
        planned = schedule is None or (
            local.strftime("%a").lower() in schedule.days and schedule.hours_start <= local.hour < schedule.hours_end
        )
        awake = all(8 <= at.astimezone(ZoneInfo(zone)).hour < 21 for zone in zones)
        assert (planned and awake) is (at == found), f"{at} is {'open' if planned and awake else 'closed'}"
        at += timedelta(minutes=15)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!!",
        "stop all",
        "opt-out",
        "Opt out",
        "UNSUBSCRIBE",
        "end",
        "Quit",
        "revoke",
        "cancel",
    ],
)
def test_stop_words_as_whole_replies(text):
    assert keyword(text) is Word.STOP


@pytest.mark.parametrize(
    "text",
    ["don't stop", "I cannot stop by today", "please cancel my booking", "the end of march", "", "👍", "stopped"],
)
def test_stop_words_within_sentences_are_no_keyword(text):
    assert keyword(text) is None


def test_start_and_help():
    assert keyword("Start") is Word.START
    assert keyword("UNSTOP") is Word.START
    assert keyword("help?") is Word.HELP


@given(st.text(max_size=200))
def test_any_text_is_read_without_fail(text):
    keyword(text)


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me", "Please STOP messaging me!!", "Stop sending me these texts", "pls stop sending messages",
        "Take me off your list", "please remove my number from your database", "Remove me.", "unsubscribe me please",
        "Don't text me again", "don’t contact me any more", "Do not ever call this number ever again",
        "I don't want any more texts", "I no longer wish to be contacted", "No more messages please", "Leave me alone!",
        "Who are you? stop texting me", "If it is about the roof: no. Stop calling us.",
    ],
)  # fmt: skip
def test_plain_refusals(text):
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "don't stop texting me", "please do not stop sending me offers", "stop texting me until June",
        "stop texting me at work, call me at home", "did you stop texting me?", "not interested", "no thanks",
        "I can't stop by today", "stop by any time", "if you text me again I'll be late", "take me off the waiting one",
        "remove the old boiler from my house", "I want to stop paying so much", "call me again tomorrow", "",
        "I never stop messaging her", "leave me alone with the builders",
    ],
)  # fmt: skip
def test_what_is_no_plain_refusal(text):
    assert not refuses(text)
