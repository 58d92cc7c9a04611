"""The offline brain on the phone: what a receptionist gathers, offers, books and passes on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from frontdesk.adapters.offline.brain import answer
from frontdesk.adapters.offline.phone import spelling
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
        ("S M I T H", Asked.NAME, Caller(name="Smith")),
        ("It's S-M-I-double T.", Asked.NAME, Caller(name="Smitt")),
        ("Tom Baker, B as in Bravo, A, K, E, R", Asked.NAME, Caller(name="Tom Baker")),
        ("My name is Sara Jonas, that's J O N E S", Asked.NAME, Caller(name="Sara Jones")),
        ("Sierra Mike India Tango Hotel", Asked.NAME, Caller(name="Smith")),
        ("sarah jones at example dot com", Asked.EMAIL, Caller(email="sarahjones@example.com")),
        ("Yes, it's s a r a h dot j o n e s at gmail dot com", Asked.EMAIL, Caller(email="sarah.jones@gmail.com")),
        ("S-A-R-A-H@example.com.", Asked.EMAIL, Caller(email="sarah@example.com")),
        ("tom double s seven seven at ace kitchens dot com", Asked.EMAIL, Caller(email="tomss77@acekitchens.com")),
        ("Sarah at example.com. My name is Sarah", Asked.EMAIL, Caller(name="Sarah", email="sarah@example.com")),
        ("Can you come tomorrow at 10 a.m. or at 9.30?", Asked.NOTHING, Caller()),
        ("Do you know A and E, and plan B?", Asked.NOTHING, Caller()),
    ],
)
def test_what_callers_tell(said: str, asked: Asked, told: Caller) -> None:
    assert read(said, asked, Caller()) == told


KNOWN = Caller(name="Tom Smith", email="danede@example.com", phone="07700900123")


@pytest.mark.parametrize(
    ("said", "asked", "changed"),
    [
        ("Yes, that's right.", Asked.RIGHT_EMAIL, {}),
        ("No, that's wrong.", Asked.RIGHT_EMAIL, {"email": ""}),
        ("No, it's D A N E at example dot com", Asked.RIGHT_EMAIL, {"email": "dane@example.com"}),
        ("No, D A N E", Asked.RIGHT_EMAIL, {"email": "dane@example.com"}),
        ("No, it's example dot org", Asked.RIGHT_EMAIL, {"email": "danede@example.org"}),
        ("No, it's 07700 900 124", Asked.RIGHT_PHONE, {"phone": "07700900124"}),
        ("Not quite", Asked.RIGHT_PHONE, {"phone": ""}),
        ("No, it's Smythe", Asked.MORE, {"name": "Tom Smythe"}),
        ("Smythe is spelled S M Y T H E", Asked.MORE, {"name": "Tom Smythe"}),
        ("My last name is Baker", Asked.MORE, {"name": "Tom Baker"}),
        ("It's Tom", Asked.NAME, {}),
        ("No, it's Peter Parker", Asked.MORE, {"name": "Peter Parker"}),
    ],
)
def test_what_callers_put_right(said: str, asked: Asked, changed: dict[str, str]) -> None:
    now = structs.replace(read(said, asked, KNOWN), reason="")
    assert now == structs.replace(KNOWN, **changed)


def test_an_address_and_a_number_are_read_back_once() -> None:
    email, phone, more, end = call(
        "It's Tom Baker, my boiler is leaking, I'd like a visit tomorrow at 9am. "
        "My e-mail is T O M at example dot com.",
        "Yes, that's right. And my number is 07700 900 123.",
        "Yes.",
        "No thank you, goodbye.",
    )
    assert email.action is Action.BOOK
    assert email.text.endswith("Is your e-mail T, O, M, at example dot com?")
    assert phone.text.endswith("Is 07700 900 123 the right number to reach you on?")
    assert more.text == "Thank you. Is there anything else I can help you with?"
    assert end.action is Action.END
    assert (end.caller.email, end.caller.phone) == ("tom@example.com", "07700900123")


def test_an_address_that_was_misheard_is_spelled_and_at_last_left_out() -> None:
    replies = call(
        "My boiler is leaking and my e-mail is Danedexamples.com.",
        "It's Dane D at example dot com",
        "No, that's wrong.",
        "Dane something.",
        "Tom Baker.",
    )
    spell, back, again, offer, _ = replies
    assert "spell your e-mail" in spell.text
    assert "Is your e-mail D, A, N, E, D, at example dot com?" in back.text
    assert "spell your e-mail" in again.text
    assert "leave the e-mail out" in offer.text
    assert offer.caller.email == ""
    assert replies[-1].caller.name == "Tom Baker"


def test_a_yes_to_an_address_books_no_time_that_was_offered() -> None:
    first, check, offer = call(
        "It's Tom Baker, my boiler is leaking.", "My e-mail is T O M at example dot com.", "Yes, that's right."
    )
    assert first.action is offer.action is Action.OFFER_SLOTS
    assert check.action is Action.NONE
    assert check.text.endswith("?")


def test_a_name_that_was_spelled_is_said_back_as_it_is_written() -> None:
    _, thanks = call("My boiler is leaking.", "Tom Smyth, that's S M Y T H E.")
    assert thanks.text.startswith("Thank you, Tom. That is S, M, Y, T, H, E.")
    assert thanks.caller.name == "Tom Smythe"


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12))
def test_what_we_spell_is_what_is_heard(word: str) -> None:
    for said in (spelling.letters(word), " ".join(word), "-".join(word.upper()), ". ".join(word.upper()) + "."):
        assert [each.lower() for each in spelling.put_together(said).words] == [word]


@given(st.text(max_size=200), st.sampled_from(Asked))
def test_nothing_that_is_heard_breaks_it(text: str, asked: Asked) -> None:
    now = read(text, asked, KNOWN)
    assert now.email.count("@") <= 1
    assert read(text, asked, Caller()).email.count("@") <= 1
