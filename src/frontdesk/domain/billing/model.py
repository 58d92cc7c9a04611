"""Kinds of usage, and what was used over a time. Pure; no I/O."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class UsageKind(StrEnum):
    """What is metered."""

    CALL_SECONDS = "call_seconds"
    AI_SECONDS = "ai_seconds"
    """Of the call seconds, those with the assistant."""


class Used(Struct, frozen=True):
    """What was used over a time, in seconds."""

    call_seconds: int
    ai_seconds: int

    @property
    def call_minutes(self) -> float:
        """Minutes on the phone, to a tenth."""
        return round(self.call_seconds / 60, 1)

    @property
    def ai_minutes(self) -> float:
        """Of these, minutes with the assistant."""
        return round(self.ai_seconds / 60, 1)


class UsedIn(Struct, frozen=True):
    """What was used from `start` up to the next span; `calls` that were metered in it."""

    start: datetime
    used: Used
    calls: int
