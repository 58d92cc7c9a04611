"""A model behind guardrails that hold whatever it says (DESIGN 11), with the offline brain for when it cannot be used.

What the lead plainly asks for is settled by rules before any model is asked. What a model answers is checked; once it
is asked to mend it, then the offline brain answers. A promise of a colleague is made a hand-off.
"""

import asyncio
from datetime import timedelta

import structlog
from msgspec import structs

from frontdesk.adapters.models.checks import check
from frontdesk.adapters.models.trouble import Breaker, ModelTrouble
from frontdesk.adapters.offline.brain import OfflineBrain, cues_of
from frontdesk.adapters.offline.cues import Cue
from frontdesk.ports.llm import Action, Brief, Channel, Fact, Intent, LanguageModel, Reply

log = structlog.get_logger(__name__)

HANGS = timedelta(seconds=30)
"""How long a provider that let a whole reply's time pass is left alone."""


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
        raises; takes no longer than the budget."""
        plain = await self._plain.reply(brief)
        if _settled(brief, plain):
            return plain
        if not self._breaker.lets_through():
            return self._instead(plain, "it has had trouble just now")
        found = _Found(brief)
        try:
            async with asyncio.timeout(self._budget):
                reply = await self._checked(found, plain)
        except TimeoutError:
            self._breaker.failed(HANGS)
            return self._instead(plain, "no answer in time")
        except ModelTrouble as trouble:
            self._breaker.failed(trouble.lasting)
            return self._instead(plain, trouble.why)
        except Exception as error:  # whatever a vendor's SDK may raise: a lead is waiting
            self._breaker.failed()
            log.exception("a model failed unexpectedly", model=self.name)
            return self._instead(plain, type(error).__name__)
        self._breaker.worked()
        if not isinstance(reply, Reply):
            return self._instead(plain, f"its answer {reply}")
        # What a caller tells of themselves is read by the rules, whoever finds the words.
        return structs.replace(reply, caller=plain.caller) if brief.channel is Channel.VOICE else reply

    async def _checked(self, found: "_Found", plain: Reply) -> Reply | str:
        """The model's reply, mended once if it must be. Or what was wrong with it even so."""
        reply, wrongs = check(found.brief, found.facts, await self._model.reply(found.brief), plain)
        if not wrongs:
            return reply
        log.info("a model's answer must be mended", model=self.name, wrongs=len(wrongs))
        corrected = structs.replace(found.brief, corrections=wrongs)
        reply, wrongs = check(corrected, found.facts, await self._model.reply(corrected), plain)
        return wrongs[0] if wrongs else reply

    def _instead(self, plain: Reply, why: str) -> Reply:
        log.warning("the offline brain answers for a model", model=self.name, why=why.split(":")[0])
        return structs.replace(
            plain, reasoning=f"{self.name} could not be used ({why}), so the offline brain answered. {plain.reasoning}"
        )


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
