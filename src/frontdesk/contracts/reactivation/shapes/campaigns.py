"""Campaigns: their settings, their standing, and what is told beside the published answers."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.domain.campaigns.model import Cost, Preflight, Progress, SettingsChange, StartedCampaign, StepCost
from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.leads.model import CampaignStatus, Dataset
from frontdesk.kernel.money import Money

Hours = Annotated[float, Meta(ge=0)]
HourOfDay = Annotated[int, Meta(ge=0, le=24)]


class Day(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class ScheduleInput(Struct):
    """When a campaign may send, in the client's zone."""

    hours_start: HourOfDay
    hours_end: HourOfDay
    days: list[Day]

    def schedule(self) -> Schedule:
        """The same in the product's words."""
        return Schedule(self.hours_start, self.hours_end, frozenset(day.value for day in self.days))


class CampaignSettings(Struct):
    """Settings as they come with an import or a start; what is left out stays as it is."""

    m1_delay_hours: Hours | UnsetType = UNSET
    m2_delay_hours: Hours | UnsetType = UNSET
    m3_delay_hours: Hours | UnsetType = UNSET
    ai_response_delay_seconds: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    rate_limit_messages_per_minute: Annotated[float, Meta(gt=0)] | UnsetType = UNSET
    schedule: ScheduleInput | UnsetType | None = UNSET
    stale_after_hours: Annotated[float, Meta(gt=0)] | UnsetType | None = UNSET
    personalise: bool | UnsetType = UNSET
    personalised_per_day: Annotated[int, Meta(ge=0)] | UnsetType = UNSET

    def change(self) -> SettingsChange:
        """The same in the product's words."""
        schedule: Any = self.schedule.schedule() if isinstance(self.schedule, ScheduleInput) else self.schedule
        return SettingsChange(
            m1_delay_hours=self.m1_delay_hours,
            m2_delay_hours=self.m2_delay_hours,
            m3_delay_hours=self.m3_delay_hours,
            ai_response_delay_seconds=self.ai_response_delay_seconds,
            rate_per_minute=self.rate_limit_messages_per_minute,
            schedule=schedule,
            stale_after_hours=self.stale_after_hours,
            personalise=self.personalise,
            personalised_per_day=self.personalised_per_day,
        )


FIELDS = {
    name: f"settings.{name}"
    for name in (
        "m1_delay_hours",
        "m2_delay_hours",
        "m3_delay_hours",
        "ai_response_delay_seconds",
        "rate_limit_messages_per_minute",
        "schedule.hours_start",
        "schedule.days",
        "stale_after_hours",
        "personalised_per_day",
    )
}
"""The product's names of settings, to those of the body that starts a campaign."""

IMPORT_FIELDS = {name: f"campaign_{wire}" for name, wire in FIELDS.items()}
"""The same for the body of an import."""


class PreflightFigures(Struct):
    """Whom the campaign would write to, and whom not, by reason."""

    eligible: int
    skipped: int
    reasons: dict[str, int]

    @classmethod
    def of(cls, preflight: Preflight) -> "PreflightFigures":
        return cls(preflight.eligible, preflight.skipped, preflight.reasons)


class DatasetRef(Struct):
    """The body that names a dataset."""

    dataset_id: UUID


class StartCampaign(Struct):
    """The body that starts a campaign."""

    dataset_id: UUID
    settings: CampaignSettings | None = None


class StartedState(Struct):
    """A campaign that was started."""

    dataset_id: UUID
    status: CampaignStatus
    total_leads: int
    messages_queued: int
    estimated_completion: Instant
    preflight: PreflightFigures


class Started(Struct):
    """The answer to a start."""

    campaign: StartedState
    preflight: PreflightFigures

    @classmethod
    def of(cls, started: StartedCampaign) -> "Started":
        preflight = PreflightFigures.of(started.preflight)
        state = StartedState(
            dataset_id=started.dataset_id,
            status=started.status,
            total_leads=started.total_leads,
            messages_queued=started.messages_queued,
            estimated_completion=iso(started.estimated_completion),
            preflight=preflight,
        )
        return cls(state, preflight)


class CampaignState(Struct):
    """Where a campaign stands."""

    dataset_id: UUID
    status: CampaignStatus


class OneCampaign(Struct):
    """The answer to pausing and resuming."""

    campaign: CampaignState

    @classmethod
    def of(cls, dataset: Dataset) -> "OneCampaign":
        return cls(CampaignState(dataset.id, dataset.campaign_status))


class StepCostFigures(Struct):
    """What one step would send. `by_segments`: texts by how many segments they take; `ucs2_characters`: what makes some
    of them go as UCS-2, with how many texts have it."""

    texts: int
    segments: int
    by_segments: dict[str, int]
    ucs2_texts: int
    ucs2_characters: dict[str, int]

    @classmethod
    def of(cls, step: StepCost) -> "StepCostFigures":
        by_segments = {str(segments): texts for segments, texts in step.by_segments.items()}
        return cls(step.texts, step.segments, by_segments, step.ucs2, step.characters)


class MoneyFigure(Struct):
    """An amount in minor units of a currency: pence, cents."""

    minor_units: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> "MoneyFigure | None":
        return None if money is None else cls(money.minor, money.currency)


class CostFigures(Struct):
    """What a campaign would send, and what that costs. `segment_price` is a decimal number of minor units; `at_most` is
    for all three texts to everybody, `likely` for `likely_shares` of them; `sample`: the leads counted, where not all
    were."""

    steps: dict[str, StepCostFigures]
    segments: int
    segment_price: str | None
    currency: str | None
    at_most: MoneyFigure | None
    likely: MoneyFigure | None
    likely_shares: list[float]
    sample: int | None

    @classmethod
    def of(cls, cost: Cost) -> "CostFigures":
        return cls(
            steps={f"m{step.step}": StepCostFigures.of(step) for step in cost.steps},
            segments=cost.segments,
            segment_price=f"{cost.price.minor.normalize():f}" if cost.price else None,
            currency=cost.price.currency if cost.price else None,
            at_most=MoneyFigure.of(cost.at_most),
            likely=MoneyFigure.of(cost.likely),
            likely_shares=list(cost.shares),
            sample=cost.looked_at,
        )


class DatasetPreflight(Struct):
    """The answer to the question whom a campaign would write to, and at what cost."""

    preflight: PreflightFigures
    cost: CostFigures

    @classmethod
    def of(cls, preflight: Preflight, cost: Cost) -> "DatasetPreflight":
        return cls(PreflightFigures.of(preflight), CostFigures.of(cost))


class StepFigures(Struct):
    """One step of a campaign. `sent` includes what was delivered."""

    waiting: int
    sent: int
    delivered: int
    failed: int
    unknown: int


class ProgressFigures(Struct):
    """A campaign in figures."""

    dataset_id: UUID
    status: CampaignStatus
    total_leads: int
    steps: dict[str, StepFigures]
    replied: int
    booked: int
    opted_out: int
    skipped: dict[str, int]
    next_due_at: Instant | None
    estimated_completion: Instant | None


class CampaignProgress(Struct):
    """The answer to the question how far a campaign is."""

    progress: ProgressFigures

    @classmethod
    def of(cls, progress: Progress) -> "CampaignProgress":
        return cls(
            ProgressFigures(
                dataset_id=progress.campaign.dataset_id,
                status=progress.status,
                total_leads=progress.total,
                steps={
                    step: StepFigures(one.waiting, one.sent, one.delivered, one.failed, one.unknown)
                    for step, one in progress.by_step.items()
                },
                replied=progress.replied,
                booked=progress.booked,
                opted_out=progress.opted_out,
                skipped=progress.skipped,
                next_due_at=iso_or_none(progress.next_due_at),
                estimated_completion=iso_or_none(progress.estimated_completion),
            )
        )
