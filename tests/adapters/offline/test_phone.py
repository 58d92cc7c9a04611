"""The offline brain on the phone: what a receptionist gathers, offers, books and passes on."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.adapters.offline.brain import answer
from frontdesk.adapters.offline.phone.capture import Asked, read
from frontdesk.adapters.offline.phone.wording import SPOKEN
from frontdesk.adapters.offline.wording import VARIANTS
from frontdesk.ports.llm import Action, Brief, Caller, Channel, Fact, Reply, Slot, Turn

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SLOTS = [
    Slot(start=NOW + timedelta(days=day, hours=hour), end=NOW + timedelta(days=day, hours=hour, minutes=30))
    for day in (1, 2)
    for hour in range(8)
]
FACTS = [
    Fact(title="Opening hours", text="We are open Monday to Friday from nine to five."),
    Fact(title="Price of a boiler service", text="A boiler service costs £90."),
]
GREETING = "Thank you for calling Harbour Kitchens. How can I help you?"


def call(*said: str) -> list[Reply]:
    """The replies of one call, until it is over."""
    turns = [Turn(ours=True, text=GREETING, at=NOW)]
    caller, offered, booked, replies = Caller(), list[Slot](), None, list[Reply]()
    for words in said:
        turns.append(Turn(ours=False, text=words, at=NOW))
        reply = answer(
            Brief(
                business="Harbour Kitchens",
                agent_name="Ava",
                lead_first_name="",
                lead_interest="",
                turns=turns,
                now=NOW,
                time_zone="Europe/London",
                free_slots=SLOTS,
                offered_slots=offered,
                facts=FACTS,
                channel=Channel.VOICE,
                caller=caller,
                booked=booked,
            )
        )
        caller = reply.caller
        if reply.action is Action.OFFER_SLOTS:
            offered = reply.slots
        elif reply.action is Action.BOOK:
            offered, booked = [], reply.slots[0].start
        turns.append(Turn(ours=True, text=reply.text, at=NOW))
        replies.append(reply)
    return replies


def test_everything_said_in_texts_has_its_spoken_form() -> None:
    assert set(VARIANTS) <= set(SPOKEN)
    for variants in SPOKEN.values():
        for words in variants:
            assert "text" not in words.split()
            assert "reply" not in words.split()


def test_all_at_once() -> None:
    offer, book, end = call(
        "Hello, my name is Sarah Jones. My boiler is leaking and I would like to book a visit.",
        "The second one please.",
        "No that's all, thank you. Goodbye.",
    )
    assert (offer.action, len(offer.slots)) == (Action.OFFER_SLOTS, 3)
    assert (book.action, book.slots) == (Action.BOOK, [offer.slots[1]])
    assert "booked for Tuesday 24 November at 4pm" in book.text
    assert end.action is Action.END
    assert (end.caller.name, end.caller.reason) == ("Sarah Jones", "My boiler is leaking")


def test_one_thing_after_another() -> None:
    ask, offer, book, end = call("My boiler is leaking.", "It's Tom Baker.", "Wednesday at 10am please.", "No, thanks.")
    assert "name" in ask.text
    assert offer.text.startswith("Thank you, Tom.")
    assert (book.action, book.slots[0].start) == (Action.BOOK, NOW + timedelta(days=2, hours=1))
    assert end.action is Action.END


def test_a_booking_before_the_name_asks_for_it_then() -> None:
    replies = call("Can I book a visit tomorrow morning please", "The first one", "Peter Parker", "no")
    assert [reply.action for reply in replies] == [Action.OFFER_SLOTS, Action.BOOK, Action.NONE, Action.END]
    assert "name" in replies[1].text
    assert replies[3].caller.name == "Peter Parker"


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("Can I speak to a person?", Action.HAND_OFF),
        ("I want to complain about your service", Action.HAND_OFF),
        ("This is an emergency, there's water everywhere", Action.HAND_OFF),
        ("Sorry, wrong number.", Action.MARK_WRONG_NUMBER),
        ("Thank you, bye", Action.END),
        ("What are your opening hours?", Action.NONE),
        ("I'd like to make an appointment", Action.OFFER_SLOTS),
    ],
)
def test_what_comes_of_first_words(said: str, action: Action) -> None:
    assert call(said)[0].action is action


def test_it_answers_from_knowledge_and_repeats_itself() -> None:
    price, again = call("Hi, how much is a boiler service?", "Can you repeat that please?")
    assert "A boiler service costs £90." in price.text
    assert price.text in again.text


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("My email is Sarah at example.com", Asked.EMAIL, Caller(email="sarah@example.com")),
        ("sarah dot jones at example dot co dot uk", Asked.EMAIL, Caller(email="sarah.jones@example.co.uk")),
        ("My number is 07700, 900, 123.", Asked.PHONE, Caller(phone="07700900123")),
        ("oh seven seven double oh nine hundred", Asked.PHONE, Caller()),
        ("zero seven seven double zero nine zero zero one two three", Asked.PHONE, Caller(phone="07700900123")),
        ("Yes, it's Anna-Marie O'Neill.", Asked.NAME, Caller(name="Anna-Marie O'Neill")),
        ("I'm calling about a new kitchen.", Asked.REASON, Caller(reason="A new kitchen")),
        ("There is no rush.", Asked.NOTHING, Caller(urgency="low")),
        ("I'm calling from Leeds", Asked.NOTHING, Caller()),
        ("What do you charge for a survey?", Asked.REASON, Caller()),
    ],
)
def test_what_callers_tell(said: str, asked: Asked, told: Caller) -> None:
    assert read(said, asked, Caller()) == told
