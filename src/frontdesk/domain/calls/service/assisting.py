"""The assistant on a call: what it says next, and what it does beside. The same agent that answers texts.

Decided outside a transaction, acted on in one, as replies to texts are. Whoever holds the line calls `reply` once for
each turn of the caller's, and lets it come to its end: what was done is done, whether or not its words were heard.
"""

from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct, structs

from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.model import AgentProfile
from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.model import AnsweredBy, Call, Direction, Priority, sounds_like_machine
from frontdesk.domain.calls.service.ahead import Ahead
from frontdesk.domain.calls.service.outgoing import message_of, open_call
from frontdesk.domain.calls.service.passing_on import transfer
from frontdesk.domain.calls.trials import source_of
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.model import Lead, Stage, Temperature
from frontdesk.domain.leads.model import Sentiment as Mood
from frontdesk.domain.leads.service import capturing, leads
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import SlotTaken
from frontdesk.domain.scheduling.service import calendars
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.errors import DomainError, Upstream
from frontdesk.kernel.phone import E164, parse_phone
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe
from frontdesk.ports.llm import Action, Brief, Caller, Channel, Reply, Slot, Turn

log = structlog.get_logger(__name__)

LOST_AT = 3
"""So many turns in a row that nobody could understand, and a person takes over."""
_TRIES_FOR_A_SLOT = 3
_MACHINES_SPEAK_WITHIN = 2
"""So many turns of whoever took a call of ours up are looked at for the words of an answering machine."""


class After(Struct, frozen=True):
    """What follows the words."""

    ends: bool = False
    """The assistant puts the phone down."""
    transfers: bool = False
    """People are rung."""
    voicemail: bool = False
    """They were the message for a machine, and it ends."""


GOES_ON = After()


class Memory(Struct, frozen=True):
    """What the assistant holds in mind during one call."""

    turns: list[Turn] = []
    offered: list[Slot] = []
    caller: Caller = Caller()
    lead_id: UUID | None = None
    booked: datetime | None = None
    lost: int = 0
    """Turns in a row that could not be heard."""
    takes_message: bool = False
    """Nobody could be rung; what the caller says is written down."""
    sure: tuple[float, ...] = ()
    """How sure the assistant was of each turn."""

    @property
    def confidence(self) -> float | None:
        """How sure it was, on the whole."""
        return round(sum(self.sure) / len(self.sure), 2) if self.sure else None


class Answer(Struct, frozen=True):
    """What is said, and what follows."""

    text: str
    after: After = GOES_ON
    acted: bool = False
    """Something was done that the words tell of: they must be heard."""


class Opening(Struct, frozen=True):
    """How the assistant takes a call."""

    greeting: str
    max_seconds: int
    """The longest that it talks to one caller."""
    max_turns: int
    voice: str
    """One of `organizations.model.VOICES`."""
    caller: Caller = Caller()
    """What is known of whom we have rung."""


async def opening(context: Context, org_id: UUID, call: Call) -> Opening:
    """The first words that callers hear, or whom we ring, and the bounds of a call, by the organisation's settings as
    they stand."""
    async with context.works.read(system_actor(org_id)) as work:
        profile = await agents.profile(work)
        if call.direction is Direction.OUTBOUND:
            return await _calling(work, profile, call)
    return Opening(
        (profile.greeting or "").strip() or usual_greeting(profile.name, profile.agent_name),
        profile.max_call_seconds,
        profile.max_turns,
        profile.voice_id,
    )


def usual_greeting(business: str, agent_name: str) -> str:
    """What callers hear first where the organisation has not said what."""
    return f"Thank you for calling {business}. This is {agent_name}, the automated assistant. How can I help you?"


async def _calling(work: Work, profile: AgentProfile, call: Call) -> Opening:
    """How the assistant begins to talk to somebody whom it has rung."""
    made = await outgoing_store.get(work, call.id)
    lead = await leads.get(work, call.lead_id) if call.lead_id else None
    purpose = made.purpose if made else ""
    hello = f"Hello {lead.first_name}." if lead and lead.first_name else "Hello."
    about = f" I am calling about {purpose.rstrip('.')}." if purpose else ""
    words = f"{hello} This is {profile.agent_name}, the automated assistant, calling from {profile.name}.{about}"
    caller = Caller(reason=purpose)
    if lead is not None:
        caller = Caller(name=lead.name, email=lead.email or "", reason=purpose or lead.service_interest or "")
    return Opening(
        f"{words} Is this a good moment?", profile.max_call_seconds, profile.max_turns, profile.voice_id, caller
    )


def remembered(call: Call, turns: list[Turn]) -> Memory:
    """The memory to begin with: what was said before, where the caller is connected anew."""
    return Memory(turns=turns, lead_id=call.lead_id)


async def reply(
    context: Context, org_id: UUID, call: Call, memory: Memory, said: str, ahead: Ahead
) -> tuple[Memory, Answer]:
    """The answer to what the caller said; `said` is empty where it could not be heard. Its first sentences may be said
    by `ahead`, and are not in the answer then.

    Keeps who they are as a lead of the call's, books, has people rung, by what the agent decides. Always answers: where
    the agent cannot be had in time, a person is to see to it.
    """
    if not said.strip():
        return await _not_heard(context, org_id, call, memory)
    async with context.works.begin(system_actor(org_id)) as work:
        now = work.now
    memory = structs.replace(memory, turns=[*memory.turns, Turn(ours=False, text=said, at=now)], lost=0)
    if call.direction is Direction.OUTBOUND and _is_first(memory) and sounds_like_machine(said):
        return memory, await _to_machine(context, org_id, call)
    try:
        memory, answer = await _decided(context, org_id, call, memory, ahead)
    except (Upstream, TimeoutError) as error:
        log.warning("assistant_failed", call=str(call.id), error=describe(error))
        memory, answer = await _hand_off(context, org_id, call, memory, "Let me get a colleague for you.", "trouble")
    answer = structs.replace(answer, text=answer.text.removeprefix(ahead.said).strip())
    told = " ".join(filter(None, [ahead.said, answer.text]))
    return structs.replace(memory, turns=[*memory.turns, Turn(ours=True, text=told, at=now)]), answer


def _is_first(memory: Memory) -> bool:
    return sum(not turn.ours for turn in memory.turns) <= _MACHINES_SPEAK_WITHIN


async def _to_machine(context: Context, org_id: UUID, call: Call) -> Answer:
    """Words that are a machine's: it gets its message. Where the carrier has found that out, it asks for it itself."""
    async with context.works.begin(system_actor(org_id)) as work:
        found = await open_call(work, call.id)
        if found is None or found[1].answered_by is AnsweredBy.MACHINE:
            return Answer("")
        await outgoing_store.save(work, structs.replace(found[1], answered_by=AnsweredBy.MACHINE))
        words = await message_of(work, call)
    return Answer(words or "Goodbye.", After(ends=True, voicemail=True), acted=True)


async def _decided(context: Context, org_id: UUID, call: Call, memory: Memory, ahead: Ahead) -> tuple[Memory, Answer]:
    actor, now = system_actor(org_id), context.works.clock.now()
    await calendars.look(context, org_id, now, now + agents.SLOTS_AHEAD, calendars.WHILE_TALKING)
    for tries_left in reversed(range(_TRIES_FOR_A_SLOT)):
        async with context.works.begin(actor) as work:
            lead = await leads.get(work, memory.lead_id) if memory.lead_id else None
            brief = await agents.brief(work, lead, memory.turns, memory.offered)
        async with ahead.asking():
            decided = await context.llm.reply(_by_voice(context, org_id, call, brief, memory, ahead))
        memory = structs.replace(memory, sure=(*memory.sure, decided.confidence))
        if memory.takes_message and decided.action not in (Action.BOOK, Action.CLOSE):
            return await _message_taken(context, org_id, call, memory, decided)
        if decided.action is Action.BOOK and decided.slots:
            await scheduling.look_before(context, actor, decided.slots[0].start)
        try:
            async with context.works.begin(actor) as work:
                memory = await _act(work, call, memory, decided)
        except SlotTaken:  # somebody was quicker
            if not tries_left:
                break
            continue
        if decided.action is Action.HAND_OFF:
            return await _hand_off(context, org_id, call, memory, decided.text, decided.intent.value)
        ends = decided.action in (Action.END, Action.CLOSE, Action.MARK_WRONG_NUMBER)
        words = decided.text or ("Goodbye." if ends else "")
        return memory, Answer(words, After(ends=ends), acted=decided.action not in (Action.NONE, Action.OFFER_SLOTS))
    gone = "I'm sorry, that time has just gone. Let me get a colleague to find you another."
    return await _hand_off(context, org_id, call, memory, gone, "slot taken")


def _by_voice(context: Context, org_id: UUID, call: Call, brief: Brief, memory: Memory, ahead: Ahead) -> Brief:
    if call.direction is Direction.OUTBOUND:
        told = "You have rung them; they did not call you. Be brief, and let them go if it is a bad moment."
        brief = structs.replace(brief, instructions="\n".join(filter(None, [brief.instructions, told])))
    return structs.replace(
        brief,
        channel=Channel.VOICE,
        caller=memory.caller,
        booked=memory.booked or brief.booked,
        search=agents.searching(context.works, system_actor(org_id)),
        aloud=None if memory.takes_message or ahead.said else ahead,
        heard=ahead.said,
    )


async def _act(work: Work, call: Call, memory: Memory, decided: Reply) -> Memory:
    """Do what was decided, short of ringing people. Raises SlotTaken."""
    was, told = memory.caller, decided.caller != memory.caller
    memory = structs.replace(
        memory, caller=decided.caller, offered=decided.slots if decided.action is Action.OFFER_SLOTS else memory.offered
    )
    phone = _number(call, decided.caller, (await organizations.get(work)).country)
    if decided.stop_contact and phone:  # takes the number's own lock: before any row
        await contactability.suppress(work, phone, "plain_language", memory.turns[-1].text)
        return memory
    if decided.action is Action.MARK_WRONG_NUMBER:
        return memory
    lead = None
    if told or decided.action in (Action.BOOK, Action.HAND_OFF):
        lead = await _captured(work, call, memory, phone, decided, was)
        memory = structs.replace(memory, lead_id=lead.id)
    if decided.action is Action.BOOK:
        assert lead is not None
        if len(decided.slots) != 1:
            raise SlotTaken
        booking = await scheduling.book(
            work, lead.id, decided.slots[0].start, notes=memory.caller.reason, booked_by="ai"
        )
        memory = structs.replace(memory, booked=booking.starts_at, offered=[])
    return memory


async def _captured(work: Work, call: Call, memory: Memory, phone: E164 | None, decided: Reply, was: Caller) -> Lead:
    """The caller as a lead, linked to the call, as keen and in such a mood as the turn shows. `was`: what they had told
    before it, some of which they may have put right."""
    caller = memory.caller
    contact = _contact(call, caller, phone)
    lead = await capturing.capture_or_get(work, contact, memory.lead_id)
    heard = capturing.put_right(lead, _contact(call, was, phone), contact)
    heard = structs.replace(heard, sentiment=Mood(decided.sentiment.value))
    if lead.stage in (Stage.NEW, Stage.CONTACTED, Stage.REPLIED, Stage.QUALIFIED):
        hot = decided.hot or lead.temperature is Temperature.HOT
        stage = Stage.REPLIED if lead.stage in (Stage.NEW, Stage.CONTACTED) else lead.stage
        heard = structs.replace(heard, stage=stage, temperature=Temperature.HOT if hot else Temperature.WARM)
    lead = await leads.keep(work, lead, heard, reason=source_of(call))
    current = await store.get(work, call.id, lock=True)
    priority = Priority(caller.urgency) if caller.urgency else current.priority
    if (current.lead_id, current.priority) != (lead.id, priority):
        await store.save(work, structs.replace(current, lead_id=lead.id, priority=priority))
    return lead


def _contact(call: Call, caller: Caller, phone: E164 | None) -> Contact:
    return Contact(phone=phone, name=caller.name, email=caller.email, interest=caller.reason, source=source_of(call))


def _number(call: Call, caller: Caller, country: str) -> E164 | None:
    """The caller's number: that of the line, else the one they told."""
    if call.caller is not None:
        return call.caller
    try:
        return parse_phone(caller.phone, country) if caller.phone else None
    except DomainError:
        return None


# --- a person is to see to it -----------------------------------------------------------------------------------------

_TAKE_MESSAGE = (
    "I'm sorry, nobody is free to talk right now. Tell me what it is about, and a colleague will call you back."
)
_NOT_HEARD = (
    "Sorry, I didn't catch that. Could you say it again?",
    "I'm sorry, I still can't hear you well. Once more?",
)


async def _hand_off(
    context: Context, org_id: UUID, call: Call, memory: Memory, words: str, why: str
) -> tuple[Memory, Answer]:
    """People are rung, or a message is taken where nobody is there."""
    if await transfer(context.works, org_id, call.id, why):
        return memory, Answer(words, After(transfers=True), acted=True)
    return structs.replace(memory, takes_message=True), Answer(_TAKE_MESSAGE, acted=True)


async def _message_taken(
    context: Context, org_id: UUID, call: Call, memory: Memory, decided: Reply
) -> tuple[Memory, Answer]:
    """The caller has left word for a colleague: it is kept with the lead, and that is all that is to be done."""
    said = memory.turns[-1].text
    async with context.works.begin(system_actor(org_id)) as work:
        was, memory = memory.caller, structs.replace(memory, caller=decided.caller)
        country = (await organizations.get(work)).country
        lead = await _captured(work, call, memory, _number(call, decided.caller, country), decided, was)
        notes = "\n".join(filter(None, [lead.notes, f"Message by phone: {said}"]))[-leads.LONGEST["notes"] :]
        await leads.keep(work, lead, structs.replace(lead, notes=notes), reason=source_of(call))
    words = "Thank you. I have noted that, and a colleague will call you back. Goodbye."
    return structs.replace(memory, lead_id=lead.id), Answer(words, After(ends=True), acted=True)


async def _not_heard(context: Context, org_id: UUID, call: Call, memory: Memory) -> tuple[Memory, Answer]:
    memory = structs.replace(memory, lost=memory.lost + 1)
    if memory.lost < LOST_AT:
        return memory, Answer(_NOT_HEARD[(memory.lost - 1) % len(_NOT_HEARD)])
    if memory.takes_message:
        return memory, Answer("I'm sorry, I cannot hear you. Please call again. Goodbye.", After(ends=True))
    words = "I'm sorry, I cannot hear you well. Let me get a colleague for you."
    return await _hand_off(context, org_id, call, memory, words, "not understood")
