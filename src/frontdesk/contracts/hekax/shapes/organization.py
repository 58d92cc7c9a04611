"""The organisation and its assistant."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.billing.model import Usage
from frontdesk.domain.organizations import model
from frontdesk.domain.organizations.model import WEEKDAYS, OrganizationChange
from frontdesk.domain.scheduling.model import DEFAULT_HOURS


class Hours(Struct):
    """When a day's business starts and ends."""

    start: str
    end: str


class Organization(Shape):
    """The organisation. Days that `businessHours` leaves out are closed; of one that has set none, the usual hours."""

    id: UUID
    name: str
    slug: str
    status: str
    plan: str
    twilio_number: str | None
    ai_enabled: bool
    voice_id: str
    greeting: str | None
    timezone: str
    business_hours: dict[str, Hours]
    used_call_minutes: float
    used_ai_minutes: float
    monthly_call_minutes: int
    monthly_ai_minutes: int
    country: str
    agent_name: str

    @classmethod
    def of(cls, org: model.Organization, used: Usage) -> "Organization":
        hours = org.business_hours or DEFAULT_HOURS
        return cls(
            id=org.org_id,
            name=org.name,
            slug=org.slug,
            status="SUSPENDED" if org.suspended_at else "ACTIVE",
            plan=org.plan.value.upper(),
            twilio_number=org.number,
            ai_enabled=org.ai_enabled,
            voice_id=org.voice_id,
            greeting=org.greeting,
            timezone=org.time_zone,
            business_hours={day: Hours(at.start, at.end) for day in WEEKDAYS if (at := hours.get(day))},
            used_call_minutes=used.call_minutes.used,
            used_ai_minutes=used.ai_minutes.used,
            monthly_call_minutes=org.allowance.call_minutes,
            monthly_ai_minutes=org.allowance.ai_minutes,
            country=org.country,
            agent_name=org.agent_name,
        )


class OrganizationUpdate(Shape):
    """The body that changes some of it. Null empties what can be empty. `businessHours` replaces all of them."""

    name: str | UnsetType = UNSET
    greeting: str | UnsetType | None = UNSET
    voice_id: str | UnsetType = UNSET
    ai_enabled: bool | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    business_hours: dict[str, Hours | None] | UnsetType = UNSET
    country: str | UnsetType = UNSET
    agent_name: str | UnsetType = UNSET

    def change(self) -> OrganizationChange:
        """The same in the product's words."""
        return OrganizationChange(
            name=self.name,
            greeting=self.greeting,
            voice_id=self.voice_id,
            ai_enabled=self.ai_enabled,
            time_zone=self.timezone,
            business_hours=UNSET if self.business_hours is UNSET else _hours(self.business_hours),
            country=self.country,
            agent_name=self.agent_name,
        )


def _hours(given: dict[str, Hours | None]) -> dict[str, model.Hours | None]:
    """Every day, closed where it is left out: without any the product would take them for not set."""
    told = {day: model.Hours(at.start, at.end) if at else None for day, at in given.items()}
    return dict.fromkeys(WEEKDAYS) | told


class AiSettingsUpdate(Shape):
    """The body that changes how the assistant works, from the next call on. Null empties what can be empty."""

    system_prompt: str | UnsetType | None = UNSET
    voice_id: str | UnsetType = UNSET
    max_call_duration: int | UnsetType = UNSET
    max_turns: int | UnsetType = UNSET
    ai_temperature: float | UnsetType | None = UNSET

    def change(self) -> OrganizationChange:
        """The same in the product's words."""
        return OrganizationChange(
            system_prompt=self.system_prompt,
            voice_id=self.voice_id,
            max_call_seconds=self.max_call_duration,
            max_turns=self.max_turns,
            ai_temperature=self.ai_temperature,
        )


class AiSettings(Shape):
    """How the assistant works. `aiTemperature` is left out where the model's own is used."""

    id: UUID
    system_prompt: str
    voice_id: str
    max_call_duration: int
    max_turns: int
    ai_temperature: float | UnsetType

    @classmethod
    def of(cls, org: model.Organization) -> "AiSettings":
        return cls(
            id=org.org_id,
            system_prompt=org.system_prompt or "",
            voice_id=org.voice_id,
            max_call_duration=org.max_call_seconds,
            max_turns=org.max_turns,
            ai_temperature=UNSET if org.ai_temperature is None else org.ai_temperature,
        )


FIELDS = {
    "voice_id": "voiceId",
    "time_zone": "timezone",
    "business_hours": "businessHours",
    "agent_name": "agentName",
    "system_prompt": "systemPrompt",
    "max_call_seconds": "maxCallDuration",
    "max_turns": "maxTurns",
    "ai_temperature": "aiTemperature",
}
"""The product's names of settings, to the document's."""
