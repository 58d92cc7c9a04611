"""What an agent knows and is told. Pure; no I/O."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.organizations.model import Hours


class KnowledgeItem(Struct, frozen=True, kw_only=True):
    """A piece of the organisation's knowledge."""

    id: UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime


class AgentProfile(Struct, frozen=True, kw_only=True):
    """The organisation as its agent presents it."""

    name: str
    agent_name: str
    time_zone: str
    ai_enabled: bool
    ai_daily_cap: int
    """Answers by AI that a lead may cause in a day; then a person takes over."""
    business_hours: dict[str, Hours | None]
    phone: str | None
    email: str | None
