"""The offline reader of calls: what each was, felt like and came to."""

from datetime import UTC, datetime

import pytest

from frontdesk.adapters.offline.call_reader import reading_of
from frontdesk.adapters.offline.keywords import keywords_of
from frontdesk.ports.call_reading import CallTold
from frontdesk.ports.llm import Turn

AT = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
GREETING = "Thank you for calling Acme Kitchens. How can I help you?"


def told(*said: str, **more) -> CallTold:
    """A call in which the assistant greets, and then caller and assistant take turns."""
    turns = [Turn(ours=True, text=GREETING, at=AT)]
    turns += [Turn(ours=bool(place % 2), text=text, at=AT) for place, text in enumerate(said)]
    return CallTold(business="Acme Kitchens", turns=turns, time_zone="Europe/London", **more)


LEAK = "Hello, my name is Dana Fox. I need somebody to repair a leaking tap in the kitchen, it is quite urgent."


@pytest.mark.parametrize(
    ("call", "intent", "success", "wants"),
    [
        (told(), "silence", False, False),
        (told("Oh sorry, I think I have the wrong number.", "No problem."), "wrong_number", False, False),
        (told("Is that the pizza place? Sorry, wrong number"), "wrong_number", False, False),
        (told(LEAK, "Let me get a colleague."), "request", False, True),
        (told("I'd like to book an appointment", "Done.", booked=AT), "booking", True, True),
        (told("Can I talk to a person?", wanted_person=True), "speak_to_person", False, True),
        (told("Can I talk to a person?", wanted_person=True, passed_on=True), "speak_to_person", True, True),
        (told("What time do you open on Saturdays?", "We open at nine."), "question", True, False),
        (told("What time do you open on Saturdays?", "I'm not sure about that."), "question", False, False),
        (told("Your fitter never turned up and I am furious"), "complaint", False, True),
        (told("I have to cancel my appointment tomorrow"), "cancellation", False, True),
        (told("We are offering SEO for your business"), "sales", False, False),
        (told("Please ring me back about the worktop.", left_message=True), "message", True, True),
    ],
)
def test_what_a_call_was(call: CallTold, intent: str, success: bool, wants: bool) -> None:
    read = reading_of(call)
    assert (read.intent, read.success, read.wants_contact) == (intent, success, wants)
    assert read.wrong_number == (intent == "wrong_number")
    assert read.summary.endswith(".")
    assert 0 <= read.confidence <= 1


def test_what_the_caller_told_of_themselves_and_how_pressing_it_is() -> None:
    read = reading_of(told(LEAK, "And your e-mail?", "dana.fox@example.com"))
    assert (read.name, read.email, read.urgency) == ("Dana Fox", "dana.fox@example.com", "high")
    assert "leaking tap" in read.reason
    assert read.summary.startswith("Dana Fox called: “")
    assert any("leaking tap" in keyword for keyword in read.keywords)


def test_an_appointment_is_told_in_the_business_own_hours() -> None:
    booked = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
    assert "Wednesday 1 April at 10am" in reading_of(told("Can I book a visit?", booked=booked)).summary


@pytest.mark.parametrize(
    ("said", "mood"),
    [
        ("That is wonderful, thank you so much, you have been very helpful", "positive"),
        ("I need a quote for a kitchen", "neutral"),
        ("This is a terrible service, I hate it, you are useless", "negative"),
    ],
)
def test_the_mood(said: str, mood: str) -> None:
    assert reading_of(told(said)).sentiment == mood


def test_keywords_are_what_it_is_about() -> None:
    found = keywords_of("I would like a quote for a new kitchen worktop. The kitchen worktop is broken.", 2)
    assert "kitchen worktop" in " ".join(found)
    assert keywords_of("yes please thank you") == []
