"""Secrets of endpoints, and the headers that prove a delivery: Standard Webhooks, and HEKAX's own beside them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook

PREFIX = "whsec_"


def make_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(event_id: UUID, at: datetime, body: str, secret: str, previous: str | None = None) -> dict[str, str]:
    """The headers of a delivery that leaves at `at` by the clock on the wall.

    `webhook-signature` has a signature by each secret; X-HEKAX-Signature, which has room for one, is by `secret`, and
    X-HEKAX-Signature-Previous by the one before while that is good.
    """
    timestamp = int(at.timestamp())
    good = [secret, previous] if previous else [secret]
    found = {
        "Content-Type": "application/json",
        "User-Agent": "Frontdesk-Webhooks/1",
        "webhook-id": str(event_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(Webhook(each).sign(str(event_id), at, body) for each in good),
        "X-HEKAX-Timestamp": str(timestamp),
        "X-HEKAX-Signature": _hekax(secret, timestamp, body),
    }
    if previous:
        found["X-HEKAX-Signature-Previous"] = _hekax(previous, timestamp, body)
    return found


def _hekax(secret: str, timestamp: int, body: str) -> str:
    """The key is the secret as it is written, prefix included."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
