"""Handsets as the simulator shows them: whose they are, what is on their screens, and a number for a new one."""

import random
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.console.views.week import day_name
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.phone import E164
from frontdesk.ports.simulator import Direction, HandsetMessage

MOST_OPEN = 6
TEXTS_SHOWN = 60


class Handset(Struct, frozen=True):
    """A handset that is open, the newest text last."""

    number: E164
    lead: Lead | None
    texts: list[HandsetMessage]
    calls: str
    """Our number that it texts."""

    @property
    def digits(self) -> str:
        """The number as addresses carry it."""
        return self.number.removeprefix("+")

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.lead.name if self.lead and self.lead.name else "No lead" if self.lead is None else "No name"

    @property
    def seen(self) -> str:
        """What tells whether there is news: the newest text, and where the lead stands."""
        stands = f"{self.lead.contact_status.value}-{int(self.lead.manual_mode)}" if self.lead else ""
        return f"{self.texts[-1].sid if self.texts else ''}.{stands}"


class DayOfTexts(Struct, frozen=True):
    """Texts of one local day."""

    name: str
    texts: list[tuple[bool, str, datetime]]
    """Whether the handset's owner wrote it, the words, and when."""


def screen(texts: Sequence[HandsetMessage], zone: ZoneInfo, now: datetime) -> list[DayOfTexts]:
    """What a handset's screen shows."""
    today, days = now.astimezone(zone).date(), dict[date, list[tuple[bool, str, datetime]]]()
    for text in texts:
        mine = text.direction is Direction.INBOUND
        days.setdefault(text.created_at.astimezone(zone).date(), []).append((mine, text.body, text.created_at))
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
