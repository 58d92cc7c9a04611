"""What an agent knows and is told. Pure; no I/O."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


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
    phone: str | None
    email: str | None
