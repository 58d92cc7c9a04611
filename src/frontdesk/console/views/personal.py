"""The card of the editor that lets a model word the texts, and its previews, as their page shows them. Pure; no I/O."""

from collections.abc import Mapping

from msgspec import Struct

from frontdesk.console.views.campaigns import SampleView
from frontdesk.domain.campaigns.model import Campaign, PersonalFigures
from frontdesk.domain.campaigns.service.personalising import Shown
from frontdesk.kernel.sms import Size, size_of
from frontdesk.ports.llm import Fault

FAULT_WORDS: Mapping[Fault, str] = {
    Fault.INSTRUCTIONS: "what the lead once filled in reads like an instruction",
    Fault.NO_ANSWER: "the model gave no text",
    Fault.TOO_LONG: "longer than the text as written",
    Fault.WORDS_LOST: "a name, figure or the way out was lost or changed",
    Fault.STRAYS: "another message than the text as written",
    Fault.FIGURES: "a price or figure that is not in the text",
    Fault.TIMES: "a time that is not in the text",
    Fault.ADDRESSES: "a link or number that is not in the text",
    Fault.PROMISES: "a promise that is not in the text",
    Fault.DISCRETION: "something that an assistant must not say",
}


class PersonalView(Struct, frozen=True):
    """The setting as it is typed or kept, and how it has gone so far. `model` empty: none is connected."""

    model: str
    is_on: bool
    per_day: str
    wrong: str
    figures: PersonalFigures
    faults: list[tuple[str, int]]
    """Phrases with counts, the most first."""

    @classmethod
    def of(
        cls, campaign: Campaign, model: str, figures: PersonalFigures, per_day: str | None = None, wrong: str = ""
    ) -> "PersonalView":
        """`per_day`: as typed, where that differs from what is kept."""
        faults = sorted(((FAULT_WORDS[Fault(name)], count) for name, count in figures.faults.items()),
                        key=lambda one: (-one[1], one[0]))  # fmt: skip
        kept = str(campaign.personalised_per_day)
        return cls(model, campaign.personalise, kept if per_day is None else per_day, wrong, figures, faults)

    @property
    def can_change(self) -> bool:
        """Whether there is something to switch: a model, or a setting that was left on."""
        return bool(self.model) or self.is_on


class ShownView(Struct, frozen=True):
    """A text as it is written, and as the model words it, for one lead."""

    who: SampleView
    text: str
    worded: str
    """The model's words; empty where there are none that may be sent."""
    why: str
    """Why there are none."""
    size: Size

    @classmethod
    def of(cls, shown: Shown) -> "ShownView":
        """In words."""
        written = shown.written
        if written is None:
            why = "The model could not be had just now."
        else:
            why = f"Not used: {FAULT_WORDS[written.fault]}." if written.fault else ""
        worded = written.text if written else ""
        return cls(SampleView.of(shown.lead), shown.text, worded, why, size_of(worded or shown.text))
