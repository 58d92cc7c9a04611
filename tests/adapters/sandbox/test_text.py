"""Segments, and the TwiML that a webhook is answered with."""

import pytest

from frontdesk.adapters.sandbox.segments import segments_of
from frontdesk.adapters.sandbox.twiml import messages


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" * 77, 3),  # the first € would be split: 152, 76 times 2, and the rest
        ("ä" * 160, 1),
        ("ç" * 70, 1),  # not in GSM-7
        ("ç" * 71, 2),
        ("👋" * 35, 1),
        ("👋" * 36, 2),
        ("x" * 66 + "👋" * 34, 3),  # no pair is split
    ],
)
def test_segments(body: str, segments: int):
    assert segments_of(body) == segments


@pytest.mark.parametrize(
    ("answer", "bodies"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>', []),
        ('<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hi &amp; bye</Message></Response>', ["Hi & bye"]),
        ('<Response><Message to="+447700900999"><Body>Hi</Body></Message></Response>', ["Hi"]),
        ("<Response><Message>  </Message><Redirect>x</Redirect></Response>", []),
        ("<Response><Message>unclosed</Response>", []),
        ("<Message>no response</Message>", []),
        ('<!DOCTYPE r [<!ENTITY x "y">]><Response><Message>&x;</Message></Response>', []),
        ('{"Message": "<Message"}', []),
        ("", []),
    ],
)
def test_twiml(answer: str, bodies: list[str]):
    assert messages(answer) == bodies
