"""What holds whatever a lead writes."""

import re
import string
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.adapters.offline.brain import answer
from frontdesk.adapters.offline.wording import LIMIT, VARIANTS, clock, day, full
from frontdesk.ports.llm import Action, Brief, Fact, Slot, Turn

WORDS = [
    *(
        "yes",
        "no",
        "not",
        "ok",
        "call me",
        "ring",
        "tomorrow",
        "monday",
        "tues",
        "thurs",
        "next",
        "week",
        "after",
        "before",
    ),
    *(
        "3pm",
        "15:00",
        "half 2",
        "4",
        "5",
        "10.30",
        "noon",
        "morning",
        "evening",
        "the first",
        "second",
        "last one",
        "any",
    ),
    *(
        "either",
        "stop",
        "texting",
        "interested",
        "don't",
        "can't",
        "who is this",
        "bot",
        "human",
        "wrong number",
        "dave",
    ),
    *("later", "jan", "how much", "does it cost", "?", "!", "👍", "🙄", "please", "thanks", "cancel", "change", "book"),
    *("24/11", "in an hour", "between", "and", "2-4", "until", "£500", "2nd", "25th", "asap", "now", "email", "dead"),
]
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
anything = st.one_of(phrases, phrases, st.text(max_size=80), st.text(alphabet=string.printable, max_size=60))
plain_names = st.text(alphabet=string.ascii_letters + " '-{}", max_size=50)
CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)?(?:am|pm)\b")


@st.composite
def briefs(draw: Any, world: Any) -> Brief:
    now = world.now + timedelta(minutes=draw(st.integers(0, 60 * 24 * 3)))
    days, hours = ("mon", "tue", "wed", "thu", "fri", "mon+1"), ("09:00", "10:30", "14:00", "15:00", "17:30")
    calendar = [world.slot(f"{day} {hour}") for day in days for hour in hours]
    free = draw(st.lists(st.sampled_from(calendar), unique=True, max_size=14))
    offered = draw(st.lists(st.sampled_from(calendar), unique=True, max_size=3))
    turns = [
        Turn(ours, text, now - timedelta(minutes=60 - n))
        for n, (ours, text) in enumerate(draw(st.lists(st.tuples(st.booleans(), anything), max_size=7)))
    ]
    return Brief(
        business=draw(plain_names), agent_name=draw(plain_names), lead_first_name=draw(plain_names),
        lead_interest=draw(plain_names), turns=turns, now=now,
        time_zone=draw(st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Mars/Base", ""])),
        free_slots=free, offered_slots=offered, facts=draw(st.sampled_from([[], world.facts[:1]])),
    )  # fmt: skip


def zone_of(brief: Brief) -> Any:
    try:
        return ZoneInfo(brief.time_zone)
    except (ValueError, OSError, KeyError):
        return UTC


@pytest.fixture(scope="module")
def _warm(world: Any) -> None:
    answer(world.heard("yes"))


@pytest.mark.usefixtures("_warm")
@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_whatever_is_written_the_reply_keeps_its_promises(data: Any, world: Any) -> None:
    brief = data.draw(briefs(world))
    reply = answer(brief)

    assert len(reply.text) <= LIMIT
    assert "\n" not in reply.text
    assert 0 <= reply.confidence <= 1
    assert reply.reasoning
    assert answer(brief) == reply, "the same brief has the same reply"
    told = {clock(slot.start.astimezone(zone_of(brief))) for slot in reply.slots}
    assert set(CLOCK.findall(reply.text)) <= told, "no time but those of the calendar"
    assert all(slot in brief.free_slots and slot.start > brief.now for slot in reply.slots)
    if reply.action is Action.BOOK:
        assert len(reply.slots) == 1
        local = reply.slots[0].start.astimezone(zone_of(brief))
        assert full(local, american=brief.time_zone.startswith("America")) in reply.text
    elif reply.action is Action.OFFER_SLOTS:
        assert 1 <= len(reply.slots) <= 3
        assert all(
            day(s.start.astimezone(zone_of(brief)), american=brief.time_zone.startswith("America")) in reply.text
            for s in reply.slots
        )
    else:
        assert reply.slots == []
    if reply.stop_contact:
        assert reply.text == ""
        assert reply.action is Action.CLOSE
    if not brief.turns or brief.turns[-1].ours:
        assert reply.text == ""


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    body=st.text(max_size=3000),
    title=st.text(max_size=300),
    question=st.sampled_from(["how much is it?", "do you cover Leeds?", "a?"]),
)
def test_any_knowledge_fits_the_reply(world: Any, body: str, title: str, question: str) -> None:
    reply = answer(world.heard(question, facts=[Fact(title, body), Fact("Price", body + " price £5"), Fact("", "")]))
    assert len(reply.text) <= LIMIT


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "stop " * 20_000, "no " * 5_000, "(((" * 5_000, "1 " * 9_000, "👍" * 9_000, "\0\ud800"]
)
def test_monstrous_texts_are_answered_too(world: Any, text: str) -> None:
    assert len(answer(world.heard(text)).text) <= LIMIT


def test_no_reply_is_said_twice_in_a_row(world: Any) -> None:
    """Each kind of reply has other words for the second time."""
    turns = [Turn(True, world.opening, world.now)]
    said: list[str] = []
    for text in ("?", "how about dogs?", "??", "why dogs?", "lol"):
        turns.append(Turn(False, text, world.now))
        reply = answer(world.brief(turns))
        assert reply.text not in said
        said.append(reply.text)
        turns.append(Turn(True, reply.text, world.now))


def test_every_wording_is_short_even_with_long_names(world: Any) -> None:
    slots = "Wed 23 Sep at 10:30am, 11:30am or 12:30pm, or Thu 24 Sep at 10:30am"
    fields = {
        "business": "B" * 40, "agent": "A" * 30, "name": ", " + "N" * 20, "about": " about " + "i" * 60,
        "lead": "N" * 20, "touch": "asking us about " + "i" * 60, "slots": slots, "fact": "",
        "when": "Wednesday 23 September at 10:30am",
    }  # fmt: skip
    for variants in VARIANTS.values():
        for variant in variants:
            filled = variant.format(**fields)
            assert len(filled) <= LIMIT, filled
            assert len(variants) > 1 or variant == "{fact}"


def test_a_slot_in_the_past_is_never_offered(world: Any) -> None:
    gone = Slot(world.now - timedelta(hours=1), world.now - timedelta(minutes=30))
    assert answer(world.heard("call me please", free_slots=[gone])).action is Action.HAND_OFF
