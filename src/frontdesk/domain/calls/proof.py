"""What proves that a media socket is the carrier's for one leg of one call."""

import base64
from uuid import UUID

from frontdesk.platform.crypto import token_hash
from frontdesk.platform.database import Work


def proof_of(work: Work, call_id: UUID, leg: int) -> str:
    """The proof: the same each time, so that a webhook that comes twice is answered alike, and nobody else can make
    it. It opens one socket."""
    sealed = work.keyed.of("call stream", call_id.bytes + leg.to_bytes(2, "big"))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def hash_of(proof: str) -> bytes:
    """What is kept of a proof."""
    return token_hash(proof)
