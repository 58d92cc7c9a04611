"""The TwiML that a webhook is answered with."""

import pytest

from frontdesk.adapters.sandbox.twiml import messages


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
