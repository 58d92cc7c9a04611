"""A model behind guardrails that hold whatever it says (DESIGN 11), with the offline brain for when it cannot be used.

What the lead plainly asks for is settled by rules before any model is asked. What a model answers is checked; once it
is asked to mend it, then the offline brain answers. A promise of a colleague is made a hand-off.

By voice the sentences of a reply are checked and said as they are written, as far as they hold whatever follows. What
was said stands: the rest is mended to go on from there, or the caller is asked to say it again.
"""

import asyncio
from collections.abc import Callable

import structlog
from msgspec import structs

from frontdesk.adapters.models.checks import check, fit_to_be_said, tidied
from frontdesk.adapters.models.trouble import HANGS, Breaker, ModelTrouble
from frontdesk.adapters.offline.brain import OfflineBrain, cues_of
from frontdesk.adapters.offline.cues import Cue
from frontdesk.ports.llm import Action, Brief, Channel, Fact, Intent, LanguageModel, Reply

log = structlog.get_logger(__name__)

FIRST_WORDS_WITHIN = 5.5
"""Seconds in which, by voice, a reply has to be there, or its first sentence."""
NEXT_WORDS_WITHIN = 4.0
"""Seconds after one sentence in which the next has to be there, or the end; the first takes about as long to hear."""
_LOST_THREAD = "I'm sorry, I lost my thread. Could you say that once more?"


class Guarded:
    """A `LanguageModel` around another one. `budget`: seconds that a reply may take, its mending included."""

    def __init__(
        self, model: LanguageModel, plain: OfflineBrain, *, budget: float, breaker: Breaker | None = None
    ) -> None:
        self.name = model.name
        self._model, self._plain, self._budget = model, plain, budget
        self._breaker = breaker or Breaker()

    async def reply(self, brief: Brief) -> Reply:
        """The model's reply where it may be sent, else the offline brain's, whose reasoning then says why. Never
        raises; takes no longer than the budget, or by voice than a caller waits for words."""
        plain = await self._plain.reply(brief)
        if _settled(brief, plain):
            return plain
        if not self._breaker.lets_through():
            return self._instead(plain, "it has had trouble just now")
        by_voice, ahead = brief.channel is Channel.VOICE, _Ahead(_Found(brief), plain)
        try:
            async with asyncio.timeout(min(self._budget, FIRST_WORDS_WITHIN) if by_voice else self._budget) as limit:
                reply = await self._checked(ahead, limit)
        except TimeoutError:
            if ahead.stopped:
                return self._begun(plain, ahead.said, "the caller spoke")
            self._breaker.failed(HANGS)
            return self._instead(plain, "no answer in time", ahead.said)
        except ModelTrouble as trouble:
            self._breaker.failed(trouble.lasting)
            return self._instead(plain, trouble.why, ahead.said)
        except Exception as error:  # whatever a vendor's SDK may raise: a lead is waiting
            self._breaker.failed()
            log.exception("a model failed unexpectedly", model=self.name)
            return self._instead(plain, type(error).__name__, ahead.said)
        self._breaker.worked()
        if not isinstance(reply, Reply):
            return self._instead(plain, f"its answer {reply}", ahead.said)
        # What a caller tells of themselves is read by the rules, whoever finds the words.
        return structs.replace(reply, caller=plain.caller) if by_voice else reply

    async def _checked(self, ahead: "_Ahead", limit: asyncio.Timeout) -> Reply | str:
        """The model's reply, mended once if it must be. Or what was wrong with it even so."""
        found, plain = ahead.found, ahead.plain
        asked = ahead.asked(limit)
        reply, wrongs = check(asked, found.facts, ahead.whole(await self._model.reply(asked)), plain)
        if not wrongs:
            return reply
        log.info("a model's answer must be mended", model=self.name, wrongs=len(wrongs))
        corrected = structs.replace(found.brief, corrections=wrongs, heard=ahead.said or found.brief.heard, aloud=None)
        reply, wrongs = check(corrected, found.facts, ahead.whole(await self._model.reply(corrected)), plain)
        return wrongs[0] if wrongs else reply

    def _instead(self, plain: Reply, why: str, said: str = "") -> Reply:
        """The offline brain's reply; but what has begun to be `said` is not contradicted."""
        log.warning("the offline brain answers for a model", model=self.name, why=why.split(":")[0], begun=bool(said))
        if said:
            return self._begun(plain, said if said.endswith("?") else f"{said} {_LOST_THREAD}", why)
        return structs.replace(
            plain, reasoning=f"{self.name} could not be used ({why}), so the offline brain answered. {plain.reasoning}"
        )

    def _begun(self, plain: Reply, text: str, why: str) -> Reply:
        """A reply that ends with what was said of it, and does nothing."""
        return structs.replace(
            plain, text=text, action=Action.NONE, slots=[], model=self.name,
            reasoning=f"{self.name} was broken off ({why}) when some of its answer had been said.",
        )  # fmt: skip


class _Found:
    """A brief, and all the knowledge that the model is told beside it."""

    def __init__(self, brief: Brief) -> None:
        self.facts: list[Fact] = list(brief.facts)
        self._search = brief.search
        self.brief = structs.replace(brief, search=self._look) if brief.search else brief

    async def _look(self, question: str) -> list[Fact]:
        assert self._search is not None
        found = await self._search(question)
        self.facts += found
        return found


class _Ahead:
    """A model's reply as far as it is said before the whole is there: an `Aloud` that lets sentences through. The first
    that has to wait keeps all after it."""

    def __init__(self, found: _Found, plain: Reply) -> None:
        """`plain` is what the offline brain answers to the same."""
        self.found, self.plain = found, plain
        self.said, self.stopped = "", False
        self._waits = False
        self._limit: asyncio.Timeout | None = None

    def asked(self, limit: asyncio.Timeout) -> Brief:
        """The brief for the model. Each sentence that is said gives the next its time by `limit`."""
        if self.found.brief.aloud is None:
            return self.found.brief
        self._limit = limit
        self.found.brief.aloud.ends_by(self._stop)
        return structs.replace(self.found.brief, aloud=self)

    async def say(self, sentence: str) -> None:
        """Say it, where it may be said whatever follows."""
        brief = self.found.brief
        text = "" if self._waits else fit_to_be_said(brief, self.found.facts, f"{self.said} {sentence}", self.plain)
        self._waits = not text
        if self._waits or brief.aloud is None or self._limit is None:
            return
        new, self.said = text.removeprefix(self.said).strip(), text
        self._limit.reschedule(_now() + NEXT_WORDS_WITHIN)
        await brief.aloud.say(new)

    def ends_by(self, stop: Callable[[], None]) -> None:
        """The writing ends by the limit."""

    def _stop(self) -> None:
        self.stopped = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(_now())

    def whole(self, reply: Reply) -> Reply:
        """The model's reply with what was said at its beginning, where the model has begun anew or gone on from it."""
        text = tidied(reply.text)
        return reply if text.startswith(self.said) else structs.replace(reply, text=f"{self.said} {text}")


def _now() -> float:
    return asyncio.get_running_loop().time()


def _settled(brief: Brief, plain: Reply) -> bool:
    """Whether the rules' reading is certain enough that no model is asked: nothing to answer, a refusal, a wrong
    number, a wish for a person, a caller's goodbye, something that is read back to a caller, or a text that tries to
    instruct the assistant."""
    if not brief.turns or brief.turns[-1].ours:
        return True
    if (
        plain.action is Action.END
        or plain.caller.email != brief.caller.email
        or plain.caller.phone != brief.caller.phone
    ):
        return True
    if plain.stop_contact or plain.action in (Action.CLOSE, Action.MARK_WRONG_NUMBER):
        return True
    if plain.intent is Intent.WANTS_PERSON and plain.action is Action.HAND_OFF:
        return True
    return Cue.INJECTION in cues_of(brief)
