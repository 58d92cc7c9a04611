"""Written words as a voice says them, and the code of telephone lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.voice import mulaw
from frontdesk.voice.spoken import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Tue 24 Nov at 10am or 2:30pm.", "Tuesday the twenty-fourth of November at 10 A M or 2 30 P M."),
        ("Tuesday, November 24 at 3pm", "Tuesday, November the twenty-fourth at 3 P M"),
        ("on the 1st of May", "on the 1st of May"),
        ("Monday 09:00-17:00", "Monday 9 A M to 5 P M"),
        ("It costs £45.50, or $1.", "It costs 45 pounds 50, or 1 dollar."),
        ("Write to sarah.jones@example.com", "Write to sarah dot jones at example dot com"),
        ("Call +44 7700 900123", "Call plus 4 4 7, 7 0 0, 9 0 0, 1 2 3"),
        ("Kitchens & baths, 20% off", "Kitchens and baths, 20 percent off"),
        ("**Bold** and `code`", "Bold and code"),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    assert spoken(written) == said


@settings(deadline=None)
@given(st.text(max_size=300))
def test_nothing_breaks_it(text: str) -> None:
    assert "\n" not in spoken(text)


@settings(deadline=None)
@given(st.integers(-32_768, 32_767))
def test_the_line_keeps_a_sample_about(sample: int) -> None:
    raw = sample.to_bytes(2, "little", signed=True)
    back = int.from_bytes(mulaw.decode(mulaw.encode(raw)), "little", signed=True)
    assert abs(back - max(-32_635, min(sample, 32_635))) <= max(abs(sample) / 16, 8)
