"""Making clients of what is served: their tokens, and their types."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
from tests.fixtures.organizations import Organization

from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.tokens import AccessClaims, TokenSigner

PUBLIC_URL = "http://127.0.0.1:8000"
ClientFor = Callable[..., Awaitable[httpx.AsyncClient]]
TokenFor = Callable[..., Awaitable[str]]


async def make_token(works: Works, secrets: Secrets, org: Organization, role: Role = Role.OWNER) -> str:
    """An access token of the owner of an organisation, or of a new member with `role`."""
    signer = TokenSigner(secrets.jwt_secret, f"{PUBLIC_URL}/supabase/auth/v1")
    user_id, session_id = (org.owner_id if role is Role.OWNER else new_id()), new_id()
    email = f"{role}-{session_id.hex[-6:]}@example.com"
    async with works.across_tenants("tests") as work:
        if role is not Role.OWNER:
            await work.execute(
                "insert into users (id, email, email_verified_at, created_at, updated_at) values ($1, $2, $3, $3, $3)",
                user_id, email, work.now,
            )  # fmt: skip
            await work.execute(
                "insert into memberships (org_id, user_id, role, created_at, updated_at) values ($1, $2, $3, $4, $4)",
                org.id, user_id, role.value, work.now,
            )  # fmt: skip
        ends = work.now + timedelta(days=1)
        await work.execute(
            "insert into sessions (id, user_id, org_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
            session_id, user_id, org.id, work.now, ends,
        )  # fmt: skip
    claims = AccessClaims(
        user_id=user_id, session_id=session_id, org_id=org.id, role=role.value, email=email, user_metadata={},
        signed_in_at=work.now, issued_at=work.now, expires_at=ends,
    )  # fmt: skip
    return signer.sign(claims)
