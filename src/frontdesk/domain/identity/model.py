"""A person, their sessions and tokens. Pure rules; no I/O, no wire shapes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.domain.identity.errors import WeakPassword
from frontdesk.domain.organizations.model import permissions_of
from frontdesk.kernel.access import Actor, ActorType, Permission, Role
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.platform.tokens import MoreClaims, TokenSigner

ACCESS_TERM = timedelta(hours=1)
SESSION_TERM = timedelta(days=30)
"""An `api` session lives this long after its last refresh."""
CONSOLE_TERM = timedelta(days=7)
"""A `console` session lives this long, and so does its access token, which the browser cannot refresh by itself."""
BEARER_TERM = timedelta(hours=24)
"""A `bearer` session lives this long, and so does its one access token: such clients never refresh."""
REUSE_GRACE = timedelta(seconds=10)
"""Two tabs may refresh with one token this far apart."""

MOST_FAILURES = 10
LOCK_TERM = timedelta(minutes=15)

RESET_TERM = timedelta(hours=1)
MOST_TRIES = 10
"""Codes that may be typed for one that was mailed."""
VERIFY_TERM = timedelta(hours=24)
MAIL_PAUSE = timedelta(seconds=60)
"""Between two mails of one kind to one person, so that nobody's inbox can be flooded."""

LEAST_PASSWORD, MOST_PASSWORD = 8, 256
MOST_METADATA = 16 * 1024


class Realm(Struct, frozen=True):
    """What identity needs to know besides the database: how tokens are signed, and what the operator allows."""

    signer: TokenSigner
    sign_up_open: bool = True
    confirm_emails: bool = False
    """Whether an address must be confirmed before its owner may sign in."""

    @classmethod
    def of(cls, secrets: Secrets, settings: Settings, also: MoreClaims | None = None) -> "Realm":
        """As configured. `also` gives what tokens are to say besides, for clients that read claims of their own."""
        signer = TokenSigner(secrets.jwt_secret, f"{settings.public_url}/supabase/auth/v1", also)
        return cls(signer, settings.signup == "open", settings.email_confirmation)


class SessionKind(StrEnum):
    """Where a person signed in."""

    API = "api"
    CONSOLE = "console"
    BEARER = "bearer"


class Client(Struct, frozen=True):
    """What a session is begun from."""

    kind: SessionKind = SessionKind.API
    ip: str = ""
    user_agent: str = ""


class User(Struct, frozen=True):
    """A person with an account."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    email_verified_at: datetime | None
    platform_admin: bool
    suspended_at: datetime | None
    metadata: dict[str, Any]
    """The person's own to write: never to be trusted."""
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime


class NewUser(Struct, frozen=True, kw_only=True):
    """Somebody who signs up. `organization` names their organisation, or `metadata.company_name`; `email_verified` is
    for callers that vouch for the address, and then no mail is sent."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    organization: str | None = None
    metadata: dict[str, Any] = {}
    country: str = "GB"
    time_zone: str = "Europe/London"
    email_verified: bool = False


class Tokens(Struct, frozen=True):
    """A session's tokens, and whose they are."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token lasts from when it was made."""
    expires_at: datetime
    """The same by the clock on the wall."""
    session_id: UUID
    user: User
    org_id: UUID | None
    """The organisation the session is for, if the person belongs to one."""
    role: Role | None


class Session(Struct, frozen=True):
    """An open session, as its owner sees it."""

    id: UUID
    org_id: UUID | None
    kind: SessionKind
    user_agent: str
    ip: str
    created_at: datetime
    expires_at: datetime


class SignOutScope(StrEnum):
    """Which of a person's sessions end."""

    LOCAL = "local"
    GLOBAL = "global"
    OTHERS = "others"


def actor_of_member(
    user_id: UUID,
    email: str,
    org_id: UUID | None,
    role: Role | None,
    extra: Collection[str],
    datasets: Collection[UUID] | None,
    *,
    session_id: UUID | None = None,
    platform_admin: bool = False,
) -> Actor:
    """A person at work for an organisation, or for none while they belong to none."""
    permissions = permissions_of(role, extra) if role else frozenset[Permission]()
    return Actor(
        type=ActorType.USER,
        id=user_id,
        org_id=org_id,
        role=role,
        permissions=permissions | {Permission.PLATFORM} if platform_admin else permissions,
        allowed_datasets=None if datasets is None else frozenset(datasets),
        email=email,
        session_id=session_id,
        platform_admin=platform_admin,
    )


# The first that anybody tries, of those that are long enough.
_TRIED_FIRST = frozenset({
    "password", "passw0rd", "password1", "12345678", "123456789", "1234567890", "87654321", "qwertyui", "qwertyuiop",
    "asdfghjkl", "iloveyou", "sunshine", "princess", "football", "baseball", "superman", "trustno1", "letmein1",
    "welcome1", "qwerty123", "1q2w3e4r", "abcd1234", "abc12345", "changeme",
})  # fmt: skip


def checked_password(password: str, email: str) -> str:
    """`password`, if it may guard the account of `email`. Raises WeakPassword."""
    if len(password) < LEAST_PASSWORD:
        raise WeakPassword(f"The password must have at least {LEAST_PASSWORD} characters.", "length")
    if len(password) > MOST_PASSWORD:
        raise WeakPassword(f"The password must have at most {MOST_PASSWORD} characters.", "length")
    plain = password.lower()
    if plain in _TRIED_FIRST or len(set(plain)) == 1 or plain in (email, email.partition("@")[0]):
        raise WeakPassword("This password is too easy to guess.", "characters")
    return password


def checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """`metadata`, if it is small enough to keep. Raises Invalid."""
    encoded = msgspec.json.encode(metadata)
    if len(encoded) > MOST_METADATA:
        raise Invalid(f"The data must not be larger than {MOST_METADATA // 1024} KiB.", field="data")
    if b"\\u0000" in encoded:
        raise Invalid("The data must not hold NUL characters.", field="data")
    return metadata
