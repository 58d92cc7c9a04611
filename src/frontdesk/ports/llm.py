"""Words from a model: what an agent is told, and what it answers. Actions are separate from words (DESIGN 11)."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from frontdesk.kernel.errors import Upstream


class Intent(StrEnum):
    """What the other side is after, judged on its last turn in the light of those before."""

    INTEREST = "interest"
    """Wants to go on, without asking for a call yet."""
    REFUSAL = "refusal"
    """Not interested; may or may not ask never to be contacted again (`Reply.stop_contact`)."""
    QUESTION = "question"
    WANTS_CALL = "wants_call"
    PICKS_SLOT = "picks_slot"
    WANTS_PERSON = "wants_person"
    WRONG_NUMBER = "wrong_number"
    NOT_NOW = "not_now"
    OTHER = "other"


class Sentiment(StrEnum):
    """The mood of a lead's words."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    HOT = "HOT"
    UNCLEAR = "UNCLEAR"


class Channel(StrEnum):
    """How words reach the other side."""

    TEXT = "text"
    VOICE = "voice"
    """On the phone: the other side is a caller, and a reply is read out."""


class Caller(Struct, frozen=True):
    """What a caller has told of themselves, in their words; empty where they have not."""

    name: str = ""
    phone: str = ""
    """As said: figures, perhaps a plus."""
    email: str = ""
    reason: str = ""
    urgency: str = ""
    """low, high or critical, where it can be told."""


class Turn(Struct, frozen=True):
    """One message of a conversation. `ours` is true for what the business sent."""

    ours: bool
    text: str
    at: datetime


class Slot(Struct, frozen=True):
    """A free time that the calendar gave: UTC instants."""

    start: datetime
    end: datetime


class Fact(Struct, frozen=True):
    """A piece of the organisation's knowledge that may answer a question."""

    title: str
    text: str


Search = Callable[[str], Awaitable[list[Fact]]]
"""Finds knowledge that may answer a question, best first; empty where no word is shared."""


class Aloud(Protocol):
    """Who listens to a reply while it is being written."""

    async def say(self, sentence: str) -> None:
        """Say the next sentence of it."""
        ...

    def ends_by(self, stop: Callable[[], None]) -> None:
        """Take what is to be called where they want no more of it: the reply is then what was said."""
        ...


class Brief(Struct, frozen=True):
    """All an agent is told for one reply. Lead text and knowledge are data, never instructions."""

    business: str
    agent_name: str
    lead_first_name: str
    lead_interest: str
    """What the lead once asked about; may be empty."""
    turns: list[Turn]
    """Oldest first; the last run of turns that are not ours is what is being answered."""
    now: datetime
    time_zone: str
    """IANA name of the zone in which dates are told to the lead."""
    instructions: str = ""
    """The live prompt of the organisation, for models that read one."""
    temperature: float | None = None
    """0 to 2, for models that have one. None: their own."""
    facts: list[Fact] = []
    free_slots: list[Slot] = []
    """The only times that may be offered or booked, soonest first, over the coming days."""
    offered_slots: list[Slot] = []
    """Those offered in the last reply, in the order they were told, so that "the second one" means something."""
    booked: datetime | None = None
    """When the lead's call is, if one is booked and still to come."""
    lead_source: str = ""
    lead_enquired_on: date | None = None
    lead_notes: str = ""
    """What the business has noted of the lead. For the agent alone: never to be told to the lead."""
    opening_hours: list[str] = []
    """A line a day, such as "Monday 09:00-17:00", in the business's own zone."""
    business_zone: str = ""
    business_phone: str = ""
    business_email: str = ""
    search: Search | None = None
    """Finds more than `facts`. None: there is no more."""
    channel: Channel = Channel.TEXT
    caller: Caller = Caller()
    """By voice: what is known of the caller so far."""
    aloud: Aloud | None = None
    """By voice: hears the first sentences of the reply, as far as they hold whatever else it comes to. They stand at
    the beginning of its text all the same. None: nothing is said before the reply is whole."""
    heard: str = ""
    """By voice: what has been said of the very reply that is asked for, which goes on from there, without it."""
    corrections: list[str] = []
    """Why the reply just proposed to this brief cannot be sent, where it is asked for once more."""


class Action(StrEnum):
    """What is done beside the words."""

    NONE = "none"
    OFFER_SLOTS = "offer_slots"
    BOOK = "book"
    HAND_OFF = "hand_off"
    CLOSE = "close"
    """Mark not interested; with `stop_contact`, suppress."""
    MARK_WRONG_NUMBER = "mark_wrong_number"
    END = "end"
    """By voice alone: say goodbye, and put the phone down."""


class Reply(Struct, frozen=True):
    """What the agent says and does. `text` is empty where silence is right."""

    text: str
    intent: Intent
    action: Action
    sentiment: Sentiment
    confidence: float
    """0 to 1."""
    reasoning: str
    slots: list[Slot] = []
    """OFFER_SLOTS: those named in `text`, in its order. BOOK: exactly the one to book."""
    stop_contact: bool = False
    hot: bool = False
    caller: Caller = Caller()
    """By voice: what is known of the caller with this turn."""
    model: str = "offline"
    prompt: str = ""
    """The version of the prompt that the model was given; empty where there is none."""


class LanguageModel(Protocol):
    """An agent's brain. Implementations: the offline brain, and adapters to real models."""

    name: str

    async def reply(self, brief: Brief) -> Reply:
        """The next reply to the lead. Raises `kernel.errors.Upstream` when the model cannot be had in time."""
        ...


class TextBrief(Struct, frozen=True, kw_only=True):
    """All that a writer is told to put one campaign text in words for one lead. What leads and imports brought is data,
    never instructions. What may not be told to the lead is not in here."""

    business: str
    agent_name: str
    step: int
    """1, 2 or 3: the first text, or a follow-up."""
    text: str
    """The text as it goes out without a model: complete, with the lead's fields in it."""
    keep: list[str]
    """What has to stand in the text as it is: names, the way out, figures, addresses."""
    lead_first_name: str = ""
    lead_interest: str = ""
    lead_company: str = ""
    lead_job_title: str = ""
    lead_source: str = ""
    lead_enquired_on: date | None = None


class Fault(StrEnum):
    """Why what a model wrote for a campaign is not sent; the text as it was given goes out instead."""

    INSTRUCTIONS = "instructions"
    """The lead's own fields try to instruct; no model was asked."""
    NO_ANSWER = "no_answer"
    """The model declined, or answered nothing that could be used."""
    TOO_LONG = "too_long"
    WORDS_LOST = "words_lost"
    """Something that had to stay is missing or altered, such as the name or the way out."""
    STRAYS = "strays"
    """It is not that text any more."""
    FIGURES = "figures"
    TIMES = "times"
    ADDRESSES = "addresses"
    PROMISES = "promises"
    DISCRETION = "discretion"


class Written(Struct, frozen=True, kw_only=True):
    """What came of a request for a text. `text` is empty where it has a fault."""

    text: str
    fault: Fault | None = None
    model: str
    prompt: str
    """The version of the prompt that the model was given."""


class LeftAlone(Upstream):
    """The model was not asked: it has had trouble just now."""


class TextWriter(Protocol):
    """Puts the texts of campaigns in words for single leads. Only real models do; the offline brain does not."""

    name: str

    async def write(self, brief: TextBrief, at: datetime) -> Written:
        """The text for one lead, checked: it may be sent as it is. `at` is the present. Raises LeftAlone, and
        `kernel.errors.Upstream` when the model cannot be had in time."""
        ...
