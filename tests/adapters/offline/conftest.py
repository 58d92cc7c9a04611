"""The small world the offline brain is tried in: one business, one lead, one calendar."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from frontdesk.ports.llm import Brief, Fact, Slot, Turn

OPENING = "Hi Dave, it's Sophie from Sunny Solar. Are you still interested in solar panels?"
DAYS = {"mon": 23, "tue": 24, "wed": 25, "thu": 26, "fri": 27, "sat": 28, "mon+1": 30, "tue+1": 31}
HOURS = ("09:00", "11:00", "14:00", "15:00", "16:30", "17:30")
FACTS = [
    Fact("Price", "A typical 4kW system is from £5,500 fitted, including VAT. The exact price follows a free survey."),
    Fact("Areas we cover", "We cover Leeds, Bradford and all of West Yorkshire."),
    Fact("Warranty", "All panels come with a 25 year guarantee, and the inverter with 10 years."),
    Fact("Paying monthly", "We offer 0% finance over 24 months, subject to status."),
    Fact("Installation", "Most homes are fitted in two days, about four weeks after the survey."),
    Fact("Opening hours", "We are open 9am to 6pm Monday to Friday and 10am to 4pm on Saturday."),
    Fact("Accreditation", "We are MCS certified and members of RECC."),
]


class World:
    """Builds briefs. Now is Monday 23 November 2026, 10:00 on the lead's clock."""

    opening = OPENING
    facts = FACTS

    def __init__(self, zone: str = "Europe/London") -> None:
        self.zone = zone
        self.tz = ZoneInfo(zone)
        self.now = datetime(2026, 11, 23, 10, tzinfo=self.tz)

    def slot(self, spoken: str) -> Slot:
        """The half hour that begins at "tue 15:00" on the lead's clock."""
        day, hour = spoken.split()
        hours, minutes = map(int, hour.split(":"))
        local = datetime(2026, 11, 23, hours, minutes, tzinfo=self.tz) + timedelta(days=DAYS[day] - 23)
        start = local.astimezone(UTC)
        return Slot(start, start + timedelta(minutes=30))

    def all_free(self) -> list[Slot]:
        days = ("mon", "tue", "wed", "thu", "fri", "mon+1", "tue+1")
        slots = [self.slot(f"{day} {hour}") for day in days for hour in HOURS]
        return [slot for slot in slots if slot.start > self.now]

    def spoken(self, slot: Slot) -> tuple[str, str]:
        """The slot's day as in `DAYS`, and its hour."""
        local = slot.start.astimezone(self.tz)
        number = (local.date() - self.now.date()).days + 23
        return next(name for name, day in DAYS.items() if day == number), f"{local:%H:%M}"

    def brief(self, turns: list[Turn], **changed: Any) -> Brief:
        fields: dict[str, Any] = {
            "business": "Sunny Solar", "agent_name": "Sophie", "lead_first_name": "Dave",
            "lead_interest": "solar panels", "now": self.now, "time_zone": self.zone, "facts": FACTS,
            "free_slots": self.all_free(),
        }  # fmt: skip
        return Brief(turns=turns, **{**fields, **changed})

    def heard(self, *texts: str, ours: str = OPENING, **changed: Any) -> Brief:
        """A brief in which the lead answers `ours` with `texts`."""
        before = [Turn(True, ours, self.now - timedelta(hours=1))] if ours else []
        return self.brief([*before, *(Turn(False, text, self.now) for text in texts)], **changed)


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def world_in() -> Callable[[str], World]:
    return World
