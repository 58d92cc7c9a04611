"""Proving webhooks as Twilio signs them, by the arithmetic of the vendor's own validator; and its tokens for handsets.

Its `validate` takes the address apart and signs it twice each time; here an address is taken apart once, and one that
fits as it stands is not tried another way. What is genuine is the same, and a test holds it.
"""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlparse

from twilio import request_validator
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

_vendors: Any = request_validator  # the SDK is typed in part


class Signatures:
    """The signatures of one auth token."""

    def __init__(self, auth_token: str) -> None:
        self._validator = _vendors.RequestValidator(auth_token)

    def of(self, url: str, form: Mapping[str, str]) -> str:
        """What a post of `form` to `url` is signed with. Raises ValueError for text that is no UTF-8."""
        return str(self._validator.compute_signature(url, form))

    def prove(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether `signature` is that of `form` posted to `url`, which the vendor signs with its port or without."""
        try:
            given = signature.encode()
            return any(hmac.compare_digest(self.of(one, form).encode(), given) for one in _spelled(url))
        except ValueError:  # text that is no UTF-8, a URL that is none
            return False


@lru_cache(256)
def _spelled(url: str) -> tuple[str, str]:
    parsed = urlparse(url)
    return str(_vendors.remove_port(parsed)), str(_vendors.add_port(parsed))


def handset_token(
    account_sid: str, key_sid: str, key_secret: str, identity: str, lifetime: timedelta, *,
    app_sid: str | None = None, told: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """A token, made by the vendor's SDK, that lets a browser take calls as `identity`, and place them by the TwiML app
    where there is one, which is `told` this. It is signed by the key, and good from now on by the clock on the wall."""
    seconds = int(lifetime.total_seconds())
    token = AccessToken(account_sid, key_sid, key_secret, identity=identity, ttl=seconds)
    placing: dict[str, Any] = {"outgoing_application_sid": app_sid, "outgoing_application_params": dict(told or {})}
    token.add_grant(VoiceGrant(incoming_allow=True, **placing))
    return str(token.to_jwt())
