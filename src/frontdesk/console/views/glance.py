"""The overview as its page shows it: leads by how far they are, days as bars, what to do next. Pure; no I/O."""

from collections.abc import Sequence

from msgspec import Struct

from frontdesk.domain.activity.model import DayFigures, Overview
from frontdesk.domain.leads.model import ContactStatus

_STANDINGS: tuple[tuple[str, str, tuple[ContactStatus, ...]], ...] = (
    ("Ready", "plain", (ContactStatus.READY,)),
    ("Texted", "cold", (ContactStatus.CONTACTED_1, ContactStatus.CONTACTED_2, ContactStatus.CONTACTED_3)),
    ("Talking", "warm", (ContactStatus.WARM, ContactStatus.COLD)),
    ("Hot", "hot", (ContactStatus.HOT,)),
    ("Booked or won", "good", (ContactStatus.CALL_BOOKED, ContactStatus.CONVERTED)),
    ("Lost", "note", (ContactStatus.LOST,)),
    ("Not to be texted", "bad", (ContactStatus.OPTED_OUT, ContactStatus.INVALID)),
)
_ONE_WAY = {ContactStatus.READY, ContactStatus.INVALID, *_STANDINGS[1][2]}
"""Statuses of leads that have not said anything."""
FULL = 100.0


class Standing(Struct, frozen=True):
    """How many leads are how far. `status` is what the list of leads is filtered by, where one status says it all."""

    word: str
    tone: str
    count: int
    status: str


def standings(leads: dict[ContactStatus, int]) -> list[Standing]:
    """Leads in a few steps from untouched to the end, empty ones left out."""
    counted = [
        Standing(word, tone, sum(leads.get(status, 0) for status in of), of[0].value if len(of) == 1 else "")
        for word, tone, of in _STANDINGS
    ]
    return [standing for standing in counted if standing.count]


class DayBars(Struct, frozen=True):
    """One day's bars on a drawing 100 high, in widths of a day."""

    figures: DayFigures
    x: float
    sent: float
    replies: float


def bars(days: Sequence[DayFigures]) -> list[DayBars]:
    """Each day's bars, the highest of all days filling the height."""
    most = max((max(day.sent, day.replies) for day in days), default=0)
    scale = FULL / most if most else 0.0
    return [DayBars(day, float(at), day.sent * scale, day.replies * scale) for at, day in enumerate(days)]


class Step(Struct, frozen=True):
    """Something to do before the front desk runs by itself."""

    title: str
    text: str
    path: str
    done: bool


def steps(figures: Overview, facts: int, started: bool) -> list[Step]:
    """What a new organisation does first, in order."""
    heard = any(count for status, count in figures.leads.items() if status not in _ONE_WAY)
    return [
        Step(
            "Bring in your old leads", "A CSV file as your CRM exports it. You see what is in it first.",
            "/console/imports", bool(sum(figures.leads.values())),
        ),
        Step(
            "Tell the AI about your business", "Prices, areas, opening hours: it answers from what you write here.",
            "/console/knowledge", facts > 0,
        ),
        Step(
            "Start a campaign", "Three friendly texts, some days apart, to those who may be texted.",
            "/console/campaigns", started,
        ),
        Step(
            "Answer as a lead would", "Pick up a virtual handset, reply to the first text, and watch the inbox.",
            "/console/simulator", heard,
        ),
    ]  # fmt: skip
