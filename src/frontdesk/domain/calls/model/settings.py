"""How an organisation takes calls."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class CallSettings(Struct, frozen=True, kw_only=True):
    """How an organisation takes calls."""

    concurrent_calls: int = 10
    """Calls that the assistant takes at once; whoever comes then hears that all lines are busy."""
    recording: bool = True
    announcement: str | None = None
    """Said before a recording starts. None: `ANNOUNCEMENT`; empty: nothing."""
    ring_numbers: list[str] = []
    """E.164: rung, all at once, for callers who want a person."""
    ring_members: list[UUID] = []
    """The same, in their browsers."""
    ring_seconds: int = 20
    voicemail: str | None = None
    """Said to an answering machine that takes a call of ours. None: the usual message; empty: nothing, it is put
    down."""


class CallSettingsChange(Struct, frozen=True, kw_only=True):
    """What to change of the settings; fields left UNSET stay."""

    concurrent_calls: int | UnsetType = UNSET
    recording: bool | UnsetType = UNSET
    announcement: str | UnsetType | None = UNSET
    ring_numbers: list[str] | UnsetType = UNSET
    ring_members: list[UUID] | UnsetType = UNSET
    ring_seconds: int | UnsetType = UNSET
    voicemail: str | UnsetType | None = UNSET
