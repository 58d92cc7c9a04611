"""When a campaign will have sent everything. Pure: its rate, its steps with their delays, its hours and the quiet hours
of each group of leads, walked through a quarter of an hour at a time. An estimate: nobody is supposed to reply."""

from collections import deque
from datetime import datetime, timedelta

from msgspec import Struct

from frontdesk.domain.campaigns.model import Campaign
from frontdesk.domain.contactability.model import Schedule, next_open

LONGEST = timedelta(days=2 * 365)
"""No estimate reaches further."""

_QUARTER = timedelta(minutes=15)
_LONG = timedelta(days=20)
"""Of sending without a break: above this an hour is walked at a time."""


class Waiting(Struct, frozen=True):
    """Leads alike: where they live, which text is next for them (1 to 3), and when it is due."""

    zones: frozenset[str]
    step: int
    due_at: datetime
    count: int


class _Hours:
    """When leads of some zones may be written to, asked in ascending order of time."""

    def __init__(self, zones: frozenset[str], schedule: Schedule | None, org_zone: str) -> None:
        self._zones, self._schedule, self._org_zone = zones, schedule, org_zone
        self.opens_at: datetime | None = None

    def open(self, at: datetime) -> bool:
        """Whether they are at `at`; `opens_at` is when they will be, and None where that is never."""
        if self.opens_at is None or self.opens_at <= at:
            self.opens_at = next_open(at - _QUARTER, self._zones, self._schedule, self._org_zone)
        return self.opens_at is not None and self.opens_at <= at


def finished_at(waiting: list[Waiting], campaign: Campaign, now: datetime, org_zone: str) -> datetime | None:
    """When all of `waiting` have had their last text; `now` where there is nobody.

    None: not within two years, or never, because a group's hours never meet the campaign's.
    """
    if timedelta(minutes=sum(group.count for group in waiting) / campaign.rate_per_minute) > LONGEST:
        return None
    total = sum(group.count * (4 - group.step) for group in waiting)
    stride = timedelta(hours=1) if timedelta(minutes=total / campaign.rate_per_minute) > _LONG else _QUARTER
    hours = {zones: _Hours(zones, campaign.schedule, org_zone) for zones in {group.zones for group in waiting}}
    lines: dict[tuple[frozenset[str], int], deque[tuple[datetime, float]]] = {
        (zones, step): deque() for zones in hours for step in (1, 2, 3)
    }
    for group in sorted(waiting, key=lambda one: one.due_at):
        lines[group.zones, group.step].append((group.due_at, group.count))
    at, last = now, now
    while any(lines.values()):
        if at > now + LONGEST:
            return None
        ready = [key for key, line in lines.items() if line and line[0][0] <= at and hours[key[0]].open(at)]
        if not ready:
            at = _next_chance(lines, hours, at)
            if at is None:
                return None
            continue
        minutes = (at - now) // stride * stride + stride - (at - now)
        room = campaign.rate_per_minute * (minutes / timedelta(minutes=1))
        spent = 0.0
        while ready and spent < room:
            key = min(ready, key=lambda one: lines[one][0][0])
            line, (zones, step) = lines[key], key
            due, count = line.popleft()
            sent = min(count, room - spent)
            if count - sent > 1e-6:
                line.appendleft((due, count - sent))
            spent += sent
            last = at + minutes * (spent / room)
            delay = campaign.delay_after(step)
            if delay is not None:
                _join(lines[zones, step + 1], last + delay, sent)
            if not line or line[0][0] > at:
                ready.remove(key)
        at += minutes
    return last


def _join(line: deque[tuple[datetime, float]], due: datetime, count: float) -> None:
    """Queue up; with those in front whose turn comes at about the same time."""
    if line and due - line[-1][0] < timedelta(minutes=5):
        due_before, before = line.pop()
        line.append((max(due_before, due), before + count))
    else:
        line.append((due, count))


def _next_chance(
    lines: dict[tuple[frozenset[str], int], deque[tuple[datetime, float]]],
    hours: dict[frozenset[str], _Hours],
    at: datetime,
) -> datetime | None:
    """The next moment at which a line may move: its head is due, and its hours have begun. None: never."""
    chances: list[datetime] = []
    for (zones, _), line in lines.items():
        if not line:
            continue
        if line[0][0] > at:
            chances.append(line[0][0])
        elif (opens := hours[zones].opens_at) is not None:
            chances.append(opens)
    return min(chances, default=None)
