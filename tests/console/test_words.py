"""Instants in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from frontdesk.console.views.words import TASK_WORDS, full_time, moment, point
from frontdesk.jobs.periodic import PERIODIC
from frontdesk.runtime import HANDLERS

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [(0.4, "in 1 s"), (2, "in 2 s"), (59.5, "in 60 s"), (60, "in 1 min"), (150, "in 2 min"), (-2, "just now")],
)
def test_what_is_near_is_told_as_near(ahead: float, told: str):
    assert f">{told}</time>" in moment(NOW + timedelta(seconds=ahead), ZoneInfo("UTC"), NOW)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/London", "Wednesday 1 July 2026, 10:00 BST"),
        ("America/Sao_Paulo", "Wednesday 1 July 2026, 06:00 UTC-03"),
    ],
)
def test_a_whole_time_names_its_zone(zone: str, told: str):
    assert full_time(NOW, ZoneInfo(zone)) == told


@pytest.mark.parametrize(
    ("ahead", "told"),
    [(-120, "08:58"), (120, "09:02"), (26 * 3600, "tomorrow 11:00"), (-40 * 86400, "22 May"), (7 * 86400, "8 Jul")],
)
def test_what_follows_since_and_until_is_never_a_distance(ahead: float, told: str):
    assert f">{told}</time>" in point(NOW + timedelta(seconds=ahead), ZoneInfo("UTC"), NOW)


def test_every_background_task_has_a_name_for_people():
    assert {*(each.task for each in HANDLERS), *(each.task for each in PERIODIC)} - set(TASK_WORDS) == set()
