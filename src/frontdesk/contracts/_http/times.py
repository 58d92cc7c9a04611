"""Instants and dates as the contracts that use ISO 8601 write and read them."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Annotated

from msgspec import Meta

from frontdesk.kernel.errors import Invalid

Instant = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A text made by `iso`."""


@lru_cache(maxsize=4096)  # what was imported came at one moment: lists have the same one many times
def iso(instant: datetime) -> str:
    """`instant` in UTC with milliseconds: 2026-11-22T09:00:00.000Z."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def iso_or_none(instant: datetime | None) -> str | None:
    """As `iso`; None stays None."""
    return None if instant is None else iso(instant)


def parse_instant(text: str, field: str) -> datetime:
    """The instant written in `text`: a date with a time, or a date alone for its midnight, in UTC unless it names an
    offset. Raises Invalid with `field`."""
    try:
        found = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{field} should be an ISO 8601 date or time.", field=field) from error
    return found
