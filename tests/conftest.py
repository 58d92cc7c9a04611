"""Loads the shared fixtures. They live in `tests/fixtures`, one module a concern; nothing else belongs here."""

import sys
from pathlib import Path

# pytest's importlib mode leaves sys.path alone; the fixtures are imported as `tests.fixtures`.
sys.path.insert(0, str(Path(__file__).parent.parent))

pytest_plugins = [
    "tests.fixtures.properties",
    "tests.fixtures.network",
    "tests.fixtures.server",
    "tests.fixtures.database",
    "tests.fixtures.organizations",
    "tests.fixtures.business",
    "tests.fixtures.calls",
    "tests.fixtures.people",
    "tests.fixtures.chromium",
    "tests.fixtures.calendars",
    "tests.fixtures.twilio",
    "tests.fixtures.receiver",
    "tests.fixtures.stripe",
]
