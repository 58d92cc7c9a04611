"""The assistant on a call: what it keeps of what a caller tells, and of what they take back; what it says ahead."""

from collections.abc import Callable
from dataclasses import replace

from tests.fixtures.calls import CALLER, MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls.model import Call
from frontdesk.domain.calls.service import assisting
from frontdesk.domain.calls.service.ahead import Ahead
from frontdesk.domain.leads.service import leads
from frontdesk.platform.context import Context
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment


class Listening(Ahead):
    """What is said ahead of an answer, as a caller hears it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(self.hear)

    async def hear(self, sentence: str) -> None:
        self.heard.append(sentence)


class Writing:
    """A model that writes as one listens: `ahead`, and then the rest."""

    name = "writing"

    def __init__(self, ahead: str, rest: str, action: Action = Action.NONE) -> None:
        self.ahead, self.rest, self.action = ahead, rest, action
        self.asked: list[Brief] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.stopped = False

    async def reply(self, brief: Brief) -> Reply:
        self.asked.append(brief)
        if brief.aloud:
            brief.aloud.ends_by(self.stop)
            self.meanwhile()
            await brief.aloud.say(self.ahead)
        return Reply(f"{self.ahead} {self.rest}", Intent.OTHER, self.action, Sentiment.NEUTRAL, 0.9, "")

    def stop(self) -> None:
        self.stopped = True


async def talked(context: Context, org: Organization, call: Call, *said: str) -> assisting.Memory:
    memory = assisting.remembered(call, [])
    for words in said:
        memory, _ = await assisting.reply(context, org.id, call, memory, words, Listening())
    return memory


async def test_what_a_caller_puts_right_is_right_in_the_lead(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    opened = await a_call()
    memory = await talked(
        context, org, opened.call, "It's Tom Smith. My boiler is leaking. My e-mail is T O M at example dot com.",
        "No, it's D O M at example dot com.", "Yes.", "Sorry, it's Smythe, S M Y T H E.",
    )  # fmt: skip
    assert memory.lead_id
    async with context.works.begin(org.actor) as work:
        lead = await leads.get(work, memory.lead_id)
    assert (lead.name, lead.email, lead.phone) == ("Tom Smythe", "dom@example.com", CALLER)


async def test_what_is_known_from_elsewhere_is_not_put_right_by_a_caller(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    first = await a_call()
    await talked(context, org, first.call, "It's Tom Smith. My e-mail is T O M at example dot com.")
    later = await a_call()
    told = "It's Ann Gray, my boiler is leaking. My e-mail is A N N at example dot com."
    memory = await talked(context, org, later.call, told, "No, that's wrong.")
    assert memory.lead_id
    async with context.works.begin(org.actor) as work:
        lead = await leads.get(work, memory.lead_id)
    assert (lead.name, lead.email) == ("Tom Smith", "tom@example.com")


async def test_what_was_said_ahead_is_not_said_again_and_is_remembered(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    call, ahead = (await a_call()).call, Listening()
    context = replace(context, llm=Writing("I see.", "What is your name?"))
    memory, answer = await assisting.reply(context, org.id, call, assisting.remembered(call, []), "Hello", ahead)
    assert (ahead.heard, answer.text) == (["I see."], "What is your name?")
    assert memory.turns[-1].text == "I see. What is your name?"


async def test_a_time_that_is_gone_is_not_said_to_be_booked(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    call, ahead = (await a_call()).call, Listening()
    model = Writing("Great choice.", "You're booked for Tuesday at 3pm.", Action.BOOK)  # of no slot that is still free
    _, answer = await assisting.reply(
        replace(context, llm=model), org.id, call, assisting.remembered(call, []), "The first one", ahead
    )
    assert ahead.heard == ["Great choice."]
    assert "booked" not in answer.text
    assert [brief.heard for brief in model.asked] == ["", "Great choice.", "Great choice."]
    assert [brief.aloud is None for brief in model.asked] == [False, True, True]


async def test_a_caller_who_speaks_on_before_the_first_sentence_hears_none_of_it_ahead(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    call, ahead, model = (await a_call()).call, Listening(), Writing("I see.", "What is your name?")
    model.meanwhile = ahead.call_off
    context = replace(context, llm=model)
    _, answer = await assisting.reply(context, org.id, call, assisting.remembered(call, []), "Hello", ahead)
    assert (ahead.heard, answer.text) == ([], "I see. What is your name?")
    assert not model.stopped, "what it does is still to be done"
