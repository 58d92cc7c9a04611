"""A conversation as pages show it: messages under their days, and the draft that waits to be approved. Pure; no I/O."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.conversations.model import Message, MessageStatus, Thread


class DayOfTalk(Struct, frozen=True):
    """What was said on one local day."""

    day: date
    name: str
    messages: list[Message]


def days_of_talk(messages: Sequence[Message], zone: ZoneInfo, now: datetime) -> list[DayOfTalk]:
    """Messages under their local days, oldest first. Drafts are left out: they were not said."""
    days: dict[date, list[Message]] = {}
    for message in messages:
        if message.status is not MessageStatus.DRAFT:
            at = (message.sent_at or message.created_at).astimezone(zone)
            days.setdefault(at.date(), []).append(message)
    today = now.astimezone(zone).date()
    return [DayOfTalk(day, _name(day, today), said) for day, said in days.items()]


def fresh_draft(messages: Sequence[Message]) -> Message | None:
    """The AI's last draft, as long as nothing has been said since."""
    if messages and messages[-1].status is MessageStatus.DRAFT:
        return messages[-1]
    return None


def stale_draft(thread: Thread) -> Message | None:
    """The AI's last draft, if the lead has written since it was made, and nobody has answered that."""
    last = next((message for message in reversed(thread.messages) if message.direction == "outbound"), None)
    return last if last is not None and last.out_of_date(thread.conversation) else None


def _name(day: date, today: date) -> str:
    match (today - day).days:
        case 0:
            return "Today"
        case 1:
            return "Yesterday"
        case _:
            return f"{day:%A} {day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")
