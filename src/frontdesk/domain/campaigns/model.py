"""Campaigns: their settings, texts and arithmetic. Pure; no I/O."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.leads.model import CampaignStatus, ImportResult
from frontdesk.kernel.money import Money, Price

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

STEPS = (1, 2, 3)

ALREADY_CONTACTED = "already_contacted"
"""Why a lead gets no M1: it is not fresh any more."""

IN_ANOTHER_CAMPAIGN = "in_another_campaign"
"""Why a lead gets no M1: the campaign of another dataset is writing to it."""

DONE = "done"
"""Why a lead gets no more: it has had all three texts."""

STALE = "stale"
"""Why a follow-up is not sent: its time is too long past, by the campaign's own setting."""

HEAD_START = timedelta(seconds=60)
"""Wall time that a model has at least before the first text is due. A fixed time: nobody waits for the model."""

ALL_SENT, END_DATE = "all_sent", "end_date"
"""Why a campaign ends by itself."""

DEFAULT_TEMPLATES = {
    1: "Hi {first_name}, it's {agent_name} from {business}. You asked us about {service_interest} a while ago. "
    "Are you still looking into it? Text STOP to opt out.",
    2: "Hi {first_name}, {agent_name} from {business} again. If {service_interest} is still on your mind, "
    "I can set up a quick call with the team. Would that help?",
    3: "Hi {first_name}, last note from me. If you would like to pick up {service_interest} with {business}, "
    "just reply and we will find a time. If not, no problem at all.",
}


class Campaign(Struct, frozen=True, kw_only=True):
    """The campaign of one dataset. Delays are hours: M1's from the start, M2's from M1, M3's from M2."""

    dataset_id: UUID
    m1_delay_hours: float = 0
    m2_delay_hours: float = 48
    m3_delay_hours: float = 96
    ai_response_delay_seconds: float = 60
    rate_per_minute: float = 1
    hours_start: int | None = None
    hours_end: int | None = None
    days: list[str] | None = None
    stale_after_hours: float | None = None
    m1_template: str | None = None
    m2_template: str | None = None
    m3_template: str | None = None
    personalise: bool = False
    """Whether a model words its texts for each lead, where one is connected."""
    personalised_per_day: int = 500
    """Texts that a model may be asked for within 24 hours; the others go out as they are written."""
    started_at: datetime | None = None
    paused_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def schedule(self) -> Schedule | None:
        """Its own hours, if it has any."""
        if self.hours_start is None or self.hours_end is None:
            return None
        return Schedule(self.hours_start, self.hours_end, frozenset(self.days or DAYS))

    @property
    def stale_after(self) -> timedelta | None:
        """How late M2 and M3 may be; None: they go however late."""
        return None if self.stale_after_hours is None else timedelta(hours=self.stale_after_hours)

    def template(self, step: int) -> str:
        """The text of M1, M2 or M3 before a lead's fields are put in."""
        return (None, self.m1_template, self.m2_template, self.m3_template)[step] or DEFAULT_TEMPLATES[step]

    def first_delay(self, head_start: timedelta) -> timedelta:
        """From the start to M1. Where a model words the texts it gets a head start, however it fares."""
        delay = timedelta(hours=self.m1_delay_hours)
        return max(delay, head_start) if self.personalise else delay

    def delay_after(self, step: int) -> timedelta | None:
        """From the sending of `step` (0: the start) to the next; None after the last."""
        hours = (self.m1_delay_hours, self.m2_delay_hours, self.m3_delay_hours, None)[step]
        return None if hours is None else timedelta(hours=hours)


class SettingsChange(Struct, frozen=True, kw_only=True):
    """What to change of a campaign; UNSET leaves a setting as it is."""

    m1_delay_hours: float | UnsetType = UNSET
    m2_delay_hours: float | UnsetType = UNSET
    m3_delay_hours: float | UnsetType = UNSET
    ai_response_delay_seconds: float | UnsetType = UNSET
    rate_per_minute: float | UnsetType = UNSET
    schedule: Schedule | UnsetType | None = UNSET
    stale_after_hours: float | UnsetType | None = UNSET
    personalise: bool | UnsetType = UNSET
    personalised_per_day: int | UnsetType = UNSET


class Preflight(Struct, frozen=True):
    """Whom a campaign would write to now, and whom not, by reason."""

    eligible: int
    skipped: int
    reasons: dict[str, int]


class StepCost(Struct, frozen=True, kw_only=True):
    """What one step would send to everybody whom the campaign may write to."""

    step: int
    texts: int
    segments: int
    by_segments: dict[int, int]
    """Texts by how many segments they take."""
    ucs2: int
    """Texts that go as UCS-2, because GSM 03.38 lacks a character."""
    characters: dict[str, int]
    """Those characters, the most frequent first, with how many texts have them."""


class Cost(Struct, frozen=True, kw_only=True):
    """What a campaign would send and what that costs, before it starts."""

    steps: list[StepCost]
    looked_at: int | None
    """How many leads' texts were counted, where that is a sample; None: all."""
    shares: tuple[float, float, float]
    """Of 1: who is likely to get M1, M2 and M3."""
    shares_are_own: bool
    """Whether the shares are the organisation's experience; if not, they are assumed."""
    price: Price | None
    at_most: Money | None
    """All three texts to everybody. None: no price is set, and none is usual in the country."""
    likely: Money | None

    @property
    def segments(self) -> int:
        """Of all three texts to everybody."""
        return sum(step.segments for step in self.steps)


class StartedCampaign(Struct, frozen=True, kw_only=True):
    """A campaign that has just been started."""

    dataset_id: UUID
    status: CampaignStatus
    total_leads: int
    messages_queued: int
    estimated_completion: datetime
    preflight: Preflight


class ImportOutcome(Struct, frozen=True):
    """What an import did, and whom the dataset's campaign would write to afterwards."""

    result: ImportResult
    preflight: Preflight


class StepProgress(Struct, frozen=True, kw_only=True):
    """One step of a campaign in figures. `sent` counts all that the carrier has taken."""

    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    unknown: int = 0


class Progress(Struct, frozen=True, kw_only=True):
    """A campaign in figures. `skipped` is by reason; `next_due_at` None: nothing more to send."""

    campaign: Campaign
    status: CampaignStatus
    total: int
    by_step: dict[str, StepProgress]
    replied: int
    booked: int
    opted_out: int
    skipped: dict[str, int]
    failures: dict[str, int]
    """Texts that failed, by the carrier's code; empty where it told none."""
    held_up: int
    """Texts that wait because the carrier is busy or cannot be reached. No others follow meanwhile."""
    next_due_at: datetime | None
    estimated_completion: datetime | None


class PersonalFigures(Struct, frozen=True, kw_only=True):
    """How a campaign's personalising goes."""

    written: int
    """Texts that a model has worded, sent or not."""
    sent: int
    """Those of them that went out; the others came too late, wait, or fitted no more."""
    faults: dict[str, int]
    """What the model wrote and was not fit to be sent, by its fault; the text as written went out instead."""
    asked: int
    """Texts asked for within the day that counts towards `Campaign.personalised_per_day`."""
