"""Calls by which members try the assistant out, from the browser. Pure rules.

They are calls like others: with a transcript, a recording, a lead and a booking where these come of it. But no minutes
are taken for them, they are left out of figures, and nobody is rung or told because of them.
"""

from frontdesk.domain.calls.model import Call

CARRIER = "browser"
"""What stands as the carrier of such a call."""

SENDER = "client:browser"
"""And as who calls."""

MOST_A_DAY = 200
"""So often the assistant may be tried in 24 hours: nobody pays for these calls, but speech and models cost."""


def is_trial(call: Call) -> bool:
    """Whether somebody of the organisation only tried the assistant out."""
    return call.carrier == CARRIER


def source_of(call: Call) -> str:
    """Where a lead of the call comes from, in the words of lists."""
    return "Test call" if is_trial(call) else "Phone call"
