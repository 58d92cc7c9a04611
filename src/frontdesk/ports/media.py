"""The media socket that a carrier opens for a call: where it is, and what it is told to prove itself with.

The socket speaks Twilio's Media Streams. Its place is below the public address of the server, whatever contract the
call came in by; the parameters stand in the `customParameters` of its first message, `start`.
"""

PATH = "/voice/media"
CALL = "call"
"""The parameter with the id of the call."""
PROOF = "proof"
"""The parameter with what `calls.answer` wants to see."""


def address(public_url: str) -> str:
    """The socket's absolute address below the public one: ws:// or wss://, without a query."""
    return "ws" + public_url.rstrip("/").removeprefix("http") + PATH
