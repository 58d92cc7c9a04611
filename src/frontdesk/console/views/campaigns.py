"""A campaign as its pages show it: bars, the settings' form, the texts with their previews. Pure; no I/O."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct, structs

from frontdesk.console.views.words import reason_words
from frontdesk.domain.campaigns.model import (
    DAYS,
    DEFAULT_TEMPLATES,
    Campaign,
    Progress,
    SettingsChange,
    StepCost,
    StepProgress,
)
from frontdesk.domain.campaigns.service.audience import lacks_way_out, wrong_with
from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.conversations.model import LONGEST_BODY
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus, Dataset, Lead
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.sms import Size, beyond_gsm, size_of
from frontdesk.ports.carrier_codes import remedy_of, words_of


class Part(Struct, frozen=True):
    """A piece of a bar: from `start`, `width` long, both in hundredths of the whole."""

    word: str
    tone: str
    count: int
    start: float
    width: float


class Bar(Struct, frozen=True):
    """A bar with its name, and its pieces in order; those of nothing are left out of `drawn`."""

    name: str
    parts: list[Part]

    @property
    def drawn(self) -> list[Part]:
        """Pieces that can be seen."""
        return [part for part in self.parts if part.count]

    @property
    def told(self) -> str:
        """The bar in words, for those who do not see it."""
        return ", ".join(f"{part.count:,} {part.word}" for part in self.parts if part.count) or "nothing yet"


def bar(name: str, counts: Sequence[tuple[str, str, int]], whole: int | None = None) -> Bar:
    """A bar of (word, tone, count), as long as `whole`, or as the sum of them."""
    length = max(whole or 0, sum(count for _, _, count in counts)) or 1
    parts: list[Part] = []
    start = 0.0
    for word, tone, count in counts:
        width = 100 * count / length
        parts.append(Part(word, tone, count, round(start, 3), round(width, 3)))
        start += width
    return Bar(name, parts)


LONG_LIST = 20_000
"""Leads from which on a page asks for its figures less often, and does not wait for what looks at every lead."""

_STEP_NAMES = {"m1": "M1", "m2": "M2", "m3": "M3"}


def _step_bar(step: str, done: StepProgress, whole: int, *, over: bool) -> Bar:
    return bar(
        _STEP_NAMES[step],
        [
            ("delivered", "good", done.delivered),
            ("sent", "cold", done.sent - done.delivered),
            ("not delivered", "bad", done.failed),
            ("unclear", "warm", done.unknown),
            ("never sent" if over else "waiting", "plain", done.waiting),
        ],
        whole,
    )


class Cause(Struct, frozen=True):
    """Why leads got no text, and how many. `query` leads to them, from the campaign's page."""

    words: str
    count: int
    query: str
    code: str = ""
    """The carrier's, for texts that failed; with what to do about it."""
    remedy: str = ""


def cause(which: str, reason: str, count: int) -> Cause:
    """One, of three kinds: `left-out`, `unfit` (before the start) and `failed`, whose reason is the carrier's code."""
    query = urlencode({"why": which, "reason": reason})
    if which != "failed":
        return Cause(reason_words(reason), count, query)
    if not reason:
        return Cause("The carrier told no reason.", count, query)
    return Cause(words_of(reason), count, query, reason, remedy_of(reason))


def causes(which: str, counts: Mapping[str, int]) -> list[Cause]:
    """Those of one kind, the most first."""
    found = [cause(which, reason, count) for reason, count in counts.items()]
    return sorted(found, key=lambda one: (-one.count, one.words))


class ProgressView(Struct, frozen=True):
    """The live part of a campaign's page."""

    progress: Progress
    steps: list[Bar]
    skipped: list[Cause]
    failures: list[Cause]

    @classmethod
    def of(cls, progress: Progress) -> "ProgressView":
        """From the domain's figures."""
        over = progress.status is CampaignStatus.COMPLETED
        return cls(
            progress,
            [_step_bar(step, done, progress.total, over=over) for step, done in sorted(progress.by_step.items())],
            causes("left-out", progress.skipped),
            causes("failed", progress.failures),
        )

    @property
    def is_running(self) -> bool:
        """Whether it sends."""
        return self.progress.status is CampaignStatus.ACTIVE

    @property
    def refreshed_every(self) -> int:
        """Seconds until its figures are asked for again; those of a long list take a while to count."""
        return 20 if not self.is_running or self.progress.total > LONG_LIST else 4

    @property
    def failed_in_all(self) -> int:
        """How many texts failed."""
        return sum(cause.count for cause in self.failures)

    @property
    def skipped_in_all(self) -> int:
        """How many leads were left out."""
        return sum(cause.count for cause in self.skipped)


def leads_bar(dataset: Dataset) -> Bar:
    """Where a dataset's leads stand."""
    counts = dataset.counts

    def of(*statuses: ContactStatus) -> int:
        return sum(counts.get(status, 0) for status in statuses)

    return bar(
        "Leads",
        [
            ("booked or won", "good", of(ContactStatus.CALL_BOOKED, ContactStatus.CONVERTED)),
            ("hot", "hot", of(ContactStatus.HOT)),
            ("talking", "warm", of(ContactStatus.WARM, ContactStatus.COLD)),
            (
                "contacted",
                "cold",
                of(ContactStatus.CONTACTED_1, ContactStatus.CONTACTED_2, ContactStatus.CONTACTED_3),
            ),
            ("out", "bad", of(ContactStatus.OPTED_OUT, ContactStatus.INVALID, ContactStatus.LOST)),
            ("ready", "plain", of(ContactStatus.READY)),
        ],
    )


# --- settings ---------------------------------------------------------------------------------------------------------

DAY_WORDS = dict(zip(DAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))

_NUMBERS = ("m1_delay_hours", "m2_delay_hours", "m3_delay_hours", "ai_response_delay_seconds", "rate_per_minute")
_OPTIONAL = ("stale_after_hours",)
_FIELD_OF = {
    "rate_limit_messages_per_minute": "rate_per_minute",
    "schedule.hours_start": "hours_start",
    "schedule.days": "days",
}
_MUST_BE = {
    "m1_delay_hours": "A number of hours from 0 to 8,760.",
    "m2_delay_hours": "A number of hours from 0 to 8,760.",
    "m3_delay_hours": "A number of hours from 0 to 8,760.",
    "ai_response_delay_seconds": "A number of seconds from 0 to 86,400.",
    "rate_per_minute": "A number above 0, 100,000 at most.",
    "stale_after_hours": "A number of hours above 0, 8,760 at most, or nothing.",
    "hours_start": "The opening hour must be before the closing hour.",
    "days": "Choose one day at least.",
}


class SettingsForm(Struct):
    """The settings as typed, and what is wrong with them by field."""

    values: dict[str, str]
    days: list[str]
    own_hours: bool
    errors: dict[str, str]

    @classmethod
    def of(cls, campaign: Campaign) -> "SettingsForm":
        """As they are kept."""
        values = {name: f"{getattr(campaign, name):g}" for name in _NUMBERS}
        late = campaign.stale_after_hours
        values["stale_after_hours"] = "" if late is None else f"{late:g}"
        schedule = campaign.schedule
        values["hours_start"] = str(schedule.hours_start if schedule else 9)
        values["hours_end"] = str(schedule.hours_end if schedule else 18)
        days: list[str] = [day for day in DAYS if day in schedule.days] if schedule else [*DAYS[:5]]
        return cls(values, days, schedule is not None, {})

    @classmethod
    def read(cls, typed: Callable[[str], str], days: Sequence[str]) -> "SettingsForm":
        """As typed."""
        values = {name: typed(name) for name in (*_NUMBERS, *_OPTIONAL, "hours_start", "hours_end")}
        return cls(values, [day for day in DAYS if day in days], typed("own_hours") == "on", {})

    def change(self) -> SettingsChange | None:
        """The change that is asked for; None, and `errors` filled, where something typed cannot be."""
        numbers: dict[str, Any] = {}
        for name in _NUMBERS:
            try:
                numbers[name] = float(self.values[name].replace(",", "."))
            except ValueError:
                self.errors[name] = _MUST_BE[name]
        late: float | None = None
        if self.values["stale_after_hours"]:
            try:
                late = float(self.values["stale_after_hours"].replace(",", "."))
            except ValueError:
                self.errors["stale_after_hours"] = _MUST_BE["stale_after_hours"]
        schedule: Schedule | None = None
        if self.own_hours:
            start, end = self.values["hours_start"], self.values["hours_end"]
            if not all(hour.isascii() and hour.isdigit() and len(hour) < 3 for hour in (start, end)):
                self.errors["hours_start"] = _MUST_BE["hours_start"]
            elif not self.days:
                self.errors["days"] = _MUST_BE["days"]
            else:
                schedule = Schedule(int(start), int(end), frozenset(self.days))
        if self.errors:
            return None
        return SettingsChange(**numbers, schedule=schedule, stale_after_hours=late)

    def refuse(self, error: Invalid) -> bool:
        """Put the domain's error at its field; False where it is about none of them."""
        field = str(error.fields.get("field", ""))
        field = _FIELD_OF.get(field, field)
        if field not in _MUST_BE:
            return False
        self.errors[field] = _MUST_BE[field]
        return True


# --- texts ------------------------------------------------------------------------------------------------------------

PLACEHOLDERS = {
    "first_name": "first name",
    "last_name": "last name",
    "service_interest": "what they asked about",
    "company": "their company",
    "postcode": "their postcode",
    "business": "your business",
    "agent_name": "your assistant",
}
"""What a text may have in braces, in words."""


class TextPreview(Struct, frozen=True):
    """A text as one lead would get it, how long it is, and what is the matter with it."""

    body: str
    size: Size
    wrong: str
    """Why it cannot be saved; empty: it can."""
    warnings: list[str]

    @classmethod
    def of(cls, step: int, template: str, body: str) -> "TextPreview":
        """Of the text of `step`, rendered."""
        size = size_of(body)
        warnings: list[str] = []
        if step == 1 and lacks_way_out(template):
            warnings.append("It does not say how to stop these texts. Add a line such as: Text STOP to opt out.")
        odd = beyond_gsm(body)
        if odd:
            room, plain = (70, 160) if size.segments == 1 else (67, 153)
            verb = "is" if len(odd) == 1 else "are"
            warnings.append(
                f"{_listed(odd)} {verb} not in the alphabet of plain texts: a segment has room for {room} characters "
                f"instead of {plain}."
            )
        return cls(body, size, fault_of(template) or "", warnings)


def _listed(chars: Sequence[str]) -> str:
    named = [f"“{char}”" for char in chars[:6]]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


class SampleView(Struct, frozen=True):
    """A lead that texts can be shown for."""

    id: UUID
    told: str

    @classmethod
    def of(cls, lead: Lead) -> "SampleView":
        """With what it lacks, which is what one wants to see."""
        lacks = [
            word
            for word, value in (("name", lead.first_name), ("interest", lead.service_interest))
            if not (value or "").strip()
        ]
        return cls(
            lead.id, (lead.name or str(lead.phone or "A lead")) + (f" (no {' or '.join(lacks)})" if lacks else "")
        )


class Preview(Struct, frozen=True):
    """The three texts as one lead would get them."""

    who: SampleView
    texts: list[TextPreview]


class TextField(Struct, frozen=True):
    """The field of one text: as it stands in the form, as it is saved, and as it comes with the product."""

    step: str
    text: str
    saved: str
    own: str


def texts_changed(typed: Callable[[str], str]) -> dict[str, str | None]:
    """The three texts as typed; None, for the product's own, where one is left empty or as it came."""
    texts: dict[str, str | None] = {}
    for step, own in DEFAULT_TEMPLATES.items():
        text = typed(f"m{step}").replace("\r\n", "\n")
        texts[f"m{step}"] = None if text in ("", own) else text
    return texts


def with_texts(campaign: Campaign, texts: Mapping[str, str | None]) -> Campaign:
    """`campaign` with other texts, for a preview of them."""
    return structs.replace(campaign, m1_template=texts["m1"], m2_template=texts["m2"], m3_template=texts["m3"])


def fault_of(text: str) -> str | None:
    """Why a text cannot be saved."""
    if len(text) > LONGEST_BODY:
        return f"A text may have {LONGEST_BODY:,} characters at most; this one has {len(text):,}."
    return wrong_with(text)


def text_errors(texts: Mapping[str, str | None]) -> dict[str, str]:
    """What is wrong with texts, by step, before they are saved."""
    return {step: fault for step, text in texts.items() if text and (fault := fault_of(text))}


class StepCostView(Struct, frozen=True):
    """What one step would send, in words."""

    cost: StepCost

    @property
    def lengths(self) -> str:
        """How many texts take how many segments: "90% 1 segment, 10% 2"."""
        texts = self.cost.texts
        if not texts:
            return "nobody"
        (least, count), *more = sorted(self.cost.by_segments.items())
        first = f"{_percent(count, texts)} {least} {'segment' if least == 1 else 'segments'}"
        return ", ".join([first, *(f"{_percent(count, texts)} {segments}" for segments, count in more)])

    @property
    def odd(self) -> str:
        """Which characters make some of the texts longer; empty: none."""
        if not self.cost.ucs2:
            return ""
        named = ", ".join(f"“{char}” in {count:,}" for char, count in list(self.cost.characters.items())[:6])
        return f"{self.cost.ucs2:,} go with 70 characters a segment, because of {named}"


def _percent(count: int, whole: int) -> str:
    share = 100 * count / whole
    return f"{share:.0f}%" if share >= 1 or count == 0 else "under 1%"
