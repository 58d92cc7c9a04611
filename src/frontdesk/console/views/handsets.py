"""Handsets as the simulator shows them: whose they are, what is on their screens, and a number for a new one."""

import random
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.console.views.week import day_name
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.phone import E164
from frontdesk.ports.simulator import Direction, HandsetCall, HandsetMessage

MOST_OPEN = 6
TEXTS_SHOWN, CALLS_SHOWN = 60, 10


class Handset(Struct, frozen=True):
    """A handset that is open, the newest text last."""

    number: E164
    lead: Lead | None
    texts: list[HandsetMessage]
    texts_to: str
    """Our number."""
    calls: list[HandsetCall]
    """The newest last."""

    @property
    def digits(self) -> str:
        """The number as addresses carry it."""
        return self.number.removeprefix("+")

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.lead.name if self.lead and self.lead.name else "No lead" if self.lead is None else "No name"

    @property
    def call(self) -> HandsetCall | None:
        """The call that rings at it, or that it is on."""
        last = self.calls[-1] if self.calls else None
        return last if last and last.status in ("ringing", "in-progress") else None

    @property
    def seen(self) -> str:
        """What tells whether there is news: the newest text and call, and where the lead stands."""
        stands = f"{self.lead.contact_status.value}-{int(self.lead.manual_mode)}" if self.lead else ""
        rang = f"{self.calls[-1].sid}-{self.calls[-1].status}" if self.calls else ""
        return f"{self.texts[-1].sid if self.texts else ''}.{rang}.{stands}"


class Shown(Struct, frozen=True):
    """A line of a handset's screen: a text, or a call that is over."""

    words: str
    at: datetime
    mine: bool = False
    """Whether the handset's owner wrote it."""
    call: bool = False


class DayOfTexts(Struct, frozen=True):
    """Texts and calls of one local day."""

    name: str
    lines: list[Shown]


_CALLS = {
    "completed": "Call", "busy": "Call declined", "no-answer": "Missed call", "canceled": "Missed call",
}  # fmt: skip


def screen(handset: Handset, zone: ZoneInfo, now: datetime) -> list[DayOfTexts]:
    """What a handset's screen shows."""
    lines = [Shown(text.body, text.created_at, text.direction is Direction.INBOUND) for text in handset.texts]
    lines += [Shown(_CALLS[call.status], call.created_at, call=True) for call in handset.calls if call.status in _CALLS]
    today, days = now.astimezone(zone).date(), dict[date, list[Shown]]()
    for line in sorted(lines, key=lambda each: each.at):
        days.setdefault(line.at.astimezone(zone).date(), []).append(line)
    return [DayOfTexts(day_name(day, today), found) for day, found in days.items()]


def fresh_number(country: str) -> str:
    """A number of a range set aside for fiction, as a handset's. It may be taken: ask for another then."""
    if country in ("US", "CA"):
        return f"+1{random.choice(('212', '213', '312', '415'))}55501{random.randrange(100):02}"  # noqa: S311
    return f"+447700900{random.randrange(100, 800)}"  # noqa: S311


def from_digits(text: str) -> E164 | None:
    """The number that digits in an address stand for; None for what cannot be one."""
    digits = text.strip().removeprefix("+")
    return E164("+" + digits) if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 else None
