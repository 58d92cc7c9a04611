"""What a reply is made of: a brief with what was understood of it, and the deed that comes of it."""

from collections.abc import Sequence

from msgspec import Struct

from frontdesk.adapters.offline import knowledge, wording
from frontdesk.adapters.offline.cues import Cue
from frontdesk.adapters.offline.intents import Reading, Setting
from frontdesk.adapters.offline.slots import Calendar
from frontdesk.ports.llm import Action, Brief, Slot


class Deed(Struct, frozen=True):
    """What a reply says and does."""

    text: str
    why: str
    """The reason, as the end of a sentence."""
    action: Action = Action.NONE
    slots: tuple[Slot, ...] = ()
    hot: bool = False


class Work(Struct, frozen=True):
    """A brief and how its last run of lead turns is understood."""

    brief: Brief
    setting: Setting
    reading: Reading
    zone_label: str = ""
    """What is added to an hour where the lead's own zone is not known."""
    unclear: int = 0
    """How many runs of lead turns, the last one included, could not be read, one after another."""

    @property
    def calendar(self) -> Calendar:
        """The free times."""
        return self.setting.calendar

    @property
    def still_offered(self) -> list[Slot]:
        """The slots of the last offer that are still free."""
        return [slot for slot in self.brief.offered_slots if slot in self.calendar.free]

    def say(self, key: str, **fields: str) -> str:
        """Words of this kind, filled in."""
        return wording.say(key, self.brief, **fields)

    def told(self, slots: Sequence[Slot]) -> str:
        """The slots in words, in the lead's zone."""
        local = [self.calendar.local(slot) for slot in slots]
        return wording.listed(local, american=self.setting.american, zone=self.zone_label)

    def with_answer(self, text: str) -> str:
        """`text` after the answer to a question asked along with it, where that is known and both fit."""
        room = wording.LIMIT - len(text) - 1
        if Cue.ASK not in self.reading.cues or room < 60:
            return text
        found = knowledge.find(self.reading.said.flat, self.brief.facts)
        return f"{wording.sentence(knowledge.quote(found, room - 1))} {text}" if found else text
