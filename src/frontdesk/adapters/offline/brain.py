"""The offline brain: from a brief to a reply, by rules. `intents` understands, `deeds` decides what follows."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from msgspec import structs

from frontdesk.adapters.offline import deeds, scene, sentiment, wording
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.intents import Reading, Setting, understand
from frontdesk.adapters.offline.phone import reception
from frontdesk.adapters.offline.slots import Calendar
from frontdesk.adapters.offline.work import Work
from frontdesk.ports.llm import Action, Brief, Channel, Intent, Reply, Sentiment, Slot

_AMERICAN_ZONES = ("America/", "US/", "Pacific/Honolulu")


class OfflineBrain:
    """A `LanguageModel` without a model: deterministic, instant, and honest about being automated."""

    name = "offline"

    async def reply(self, brief: Brief) -> Reply:
        """The next reply to the lead. Never raises, whatever the lead wrote; books and offers only `brief.free_slots`.

        Hours are told in `brief.time_zone`; where that names no zone, in UTC and marked so. The text has at most 320
        characters; it is empty where the lead asks for silence, or has not written.
        """
        return answer(brief)


def answer(brief: Brief) -> Reply:
    """The reply to the last run of lead turns in `brief`; silence where there is none."""
    messages = scene.last_run(brief.turns)
    if not messages:
        return Reply(
            text="",
            intent=Intent.OTHER,
            action=Action.NONE,
            sentiment=Sentiment.NEUTRAL,
            confidence=1.0,
            reasoning="The lead has not written since our last message, so there is nothing to answer.",
        )
    work = _understood(brief, messages, brief.offered_slots, len(brief.turns) - len(messages))
    if work.reading.intent is Intent.OTHER:
        work = structs.replace(work, unclear=_unclear_in_a_row(brief))
    by_voice = brief.channel is Channel.VOICE
    deed, caller = reception.do(work, messages) if by_voice else (deeds.do(work), brief.caller)
    return Reply(
        text=deed.text,
        intent=work.reading.intent,
        action=deed.action,
        sentiment=sentiment.of(work.reading, "\n".join(messages), hot=deed.hot),
        confidence=_confidence(work.reading),
        reasoning=_reasoning(work, deed.why),
        slots=list(deed.slots),
        stop_contact=work.reading.stop and work.reading.intent is Intent.REFUSAL,
        hot=deed.hot,
        caller=caller,
    )


def cues_of(brief: Brief) -> frozenset[Cue]:
    """What the last run of lead turns holds signs of; nothing where there is none."""
    messages = scene.last_run(brief.turns)
    if not messages:
        return frozenset()
    before = len(brief.turns) - len(messages)
    return frozenset(_understood(brief, messages, brief.offered_slots, before).reading.cues)


def _understood(brief: Brief, messages: list[str], offered: Sequence[Slot], before: int) -> Work:
    """The run `messages`, which follows the first `before` turns, understood in its place."""
    zone, label = _zone(brief.time_zone)
    turns = brief.turns[:before]
    name = wording.first_name(brief)
    setting = Setting(
        asked=scene.asked(turns, name),
        calendar=Calendar(brief.free_slots, brief.now, zone),
        now=brief.now.astimezone(zone),
        first_name=name,
        business=brief.business,
        agent=brief.agent_name,
        offered=tuple(offered),
        american=brief.time_zone.startswith(_AMERICAN_ZONES),
        booked=scene.booked_before(turns),
    )
    return Work(brief, setting, understand(messages, setting), label)


def _zone(name: str) -> tuple[tzinfo, str]:
    """The zone, and what to add to an hour: nothing, or "UTC" where the name is none that is known."""
    try:
        return ZoneInfo(name), ""
    except (ValueError, OSError, KeyError):
        return UTC, "UTC"


def _unclear_in_a_row(brief: Brief) -> int:
    """How many runs of the lead, the last one included, could not be read, one after another."""
    count = 1
    for messages, before in scene.earlier_runs(brief.turns)[: deeds.LOST_AT - 1]:
        reading = _understood(brief, messages, (), before).reading
        if reading.intent is not Intent.OTHER or reading.courtesy:
            break
        count += 1
    return count


def _confidence(reading: Reading) -> float:
    """How sure the reading is: the strength of its sign, and how far the next reading is behind."""
    if reading.stop:
        return 0.97
    if reading.intent is Intent.OTHER:
        return 0.6 if Cue.INJECTION in reading.cues or reading.courtesy else 0.25
    return round(min(0.4 + 0.045 * reading.weight + 0.04 * min(reading.margin, 4.0), 0.97), 2)


_MEANINGS: dict[Intent, str] = {
    Intent.INTEREST: "interest",
    Intent.REFUSAL: "a refusal",
    Intent.QUESTION: "a question",
    Intent.WANTS_CALL: "wanting a call",
    Intent.PICKS_SLOT: "an answer to the times offered",
    Intent.WANTS_PERSON: "wanting a person",
    Intent.WRONG_NUMBER: "a wrong number",
    Intent.NOT_NOW: "not now",
    Intent.OTHER: "nothing the rules know",
}
_SHOWN: dict[str, str] = {
    "emojiyes": "thumbs up",
    "emojino": "thumbs down",
    "emojihappy": "smile",
    "emojimeh": "rolling eyes",
    "emojiangry": "angry face",
    "emoji": "picture",
}


def _reasoning(work: Work, why: str) -> str:
    reading, brief = work.reading, work.brief
    names = {"leadname": brief.lead_first_name, "ourname": brief.business, "agentname": brief.agent_name, **_SHOWN}
    words = " ".join(names.get(word, word) for word in reading.evidence.split())
    shown = words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + "..."
    return f'Offline rules read "{shown}" as {_MEANINGS[reading.intent]}: {why}.'
