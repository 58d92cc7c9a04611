"""Access tokens: JWTs signed with the program's secret (HS256), with the claims that supabase-js and PostgREST read.

A token says who signed in, not what they may do now: that is looked up by its session on every request. What stands
in it beyond the session serves the client that shows it.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from msgspec import Struct

from frontdesk.kernel.errors import Unauthenticated

AUDIENCE = "authenticated"


class TokenInvalid(Unauthenticated):
    """Not a token of ours, or one that was altered."""

    code = "INVALID_TOKEN"

    def __init__(self) -> None:
        super().__init__("The access token is not valid.")


class TokenExpired(Unauthenticated):
    """A token of ours whose time has passed."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The access token has expired.")


class AccessClaims(Struct, frozen=True, kw_only=True):
    """What a token says. The instants are by the clock on the wall, which is the one that clients have."""

    user_id: UUID
    session_id: UUID
    org_id: UUID | None
    role: str | None
    """The role in the organisation, as this program names it."""
    email: str
    user_metadata: dict[str, Any]
    signed_in_at: datetime
    issued_at: datetime
    expires_at: datetime


def app_metadata(org_id: UUID | None, role: str | None) -> dict[str, Any]:
    """What the server says of a user, in a token and in a user object. `client_id` is the organisation again, by the
    name that clients of the reactivation contract know it by."""
    org = str(org_id) if org_id else None
    return {"provider": "email", "providers": ["email"], "org_id": org, "client_id": org, "role": role}


MoreClaims = Callable[[AccessClaims], Mapping[str, Any]]
"""What a token says besides, by the names of a client; they go before ours."""


class TokenSigner:
    """Makes access tokens, and follows chains of refresh tokens."""

    def __init__(self, secret: str, issuer: str, also: MoreClaims | None = None) -> None:
        """`secret` has 32 characters or more; `issuer` is the URL that `iss` shows."""
        self._secret, self._issuer, self._also = secret, issuer, also

    def sign(self, claims: AccessClaims) -> str:
        """The token that says `claims`."""
        return jwt.encode(
            {
                "iss": self._issuer,
                "sub": str(claims.user_id),
                "aud": AUDIENCE,
                "exp": int(claims.expires_at.timestamp()),
                "iat": int(claims.issued_at.timestamp()),
                "email": claims.email,
                "phone": "",
                "role": "authenticated",
                "aal": "aal1",
                "amr": [{"method": "password", "timestamp": int(claims.signed_in_at.timestamp())}],
                "session_id": str(claims.session_id),
                "is_anonymous": False,
                "org_id": str(claims.org_id) if claims.org_id else None,
                "app_metadata": app_metadata(claims.org_id, claims.role),
                "user_metadata": claims.user_metadata,
                **(self._also(claims) if self._also else {}),
            },
            self._secret,
            algorithm="HS256",
        )

    def successor(self, refresh_token: str) -> str:
        """The refresh token that follows `refresh_token`. Always the same one, so that two tabs that refresh at once
        with the same token end up with the same next one, though only hashes are stored."""
        raw = hmac.digest(self._secret.encode(), b"refresh:" + refresh_token.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def session_of(token: str, secret: str, at: datetime) -> UUID:
    """The session that `token`, signed with `secret`, belongs to, at the instant `at` by the clock on the wall.

    Proves the signature, the audience and the expiry; whether the session still stands is for the database to
    say. Raises TokenInvalid or TokenExpired.
    """
    session, expires = _proved(token, secret)
    if at >= expires:
        raise TokenExpired
    return session


@lru_cache(4096)
def _proved(token: str, secret: str) -> tuple[UUID, datetime]:
    """The session of a token that is ours, and when it expires. A token that was proved once is not proved again at
    each request: that takes more time than the rest of the look-up."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            # Times are compared by the caller, by the clock that made them.
            options={
                "require": ["exp", "sub", "aud", "session_id"],
                "verify_exp": False, "verify_iat": False, "verify_nbf": False,
            },
        )  # fmt: skip
        return UUID(claims["session_id"]), datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise TokenInvalid from error
