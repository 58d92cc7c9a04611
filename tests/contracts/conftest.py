"""The program's web side in the test's own transaction, and clients for it whose every answer is checked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs
from tests.contracts.published import CheckedTransport, Published
from tests.fixtures.organizations import Organization

from frontdesk.app import CONTRACTS, build_app
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.platform.tokens import AccessClaims, TokenSigner

PUBLIC_URL = "http://127.0.0.1:8000"
Client = httpx.AsyncClient
TokenFor = Callable[..., Awaitable[str]]
ClientFor = Callable[..., Awaitable[Client]]


@pytest.fixture(scope="session")
def published() -> dict[str, Published]:
    """The documents, by the prefix of their contracts."""
    return {contract.prefix: Published(contract) for contract in CONTRACTS if contract.documented}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Rate limits are off, but for tests of them."""
    return Settings(data_dir=tmp_path, public_url=PUBLIC_URL, limits=False)


@pytest.fixture
def app(context: Context, settings: Settings, secrets: Secrets) -> Dispatcher:
    """Everything that is served, on the test's transaction. Its lifespan is not entered: no loop runs."""
    return build_app(context, settings, secrets)


@pytest.fixture
def token_for(works: Works, secrets: Secrets) -> TokenFor:
    """Makes access tokens of new members: the owner of an organisation, or somebody with `role` in it."""
    signer = TokenSigner(secrets.jwt_secret, f"{PUBLIC_URL}/supabase/auth/v1")

    async def make(org: Organization, role: Role = Role.OWNER) -> str:
        user_id, session_id = (org.owner_id if role is Role.OWNER else new_id()), new_id()
        email = f"{role}-{session_id.hex[-6:]}@example.com"
        async with works.across_tenants("tests") as work:
            if role is not Role.OWNER:
                await work.execute(
                    """insert into users (id, email, email_verified_at, created_at, updated_at)
                       values ($1, $2, $3, $3, $3)""",
                    user_id, email, work.now,
                )  # fmt: skip
                await work.execute(
                    """insert into memberships (org_id, user_id, role, created_at, updated_at)
                       values ($1, $2, $3, $4, $4)""",
                    org.id, user_id, role.value, work.now,
                )  # fmt: skip
            ends = work.now + timedelta(days=1)
            await work.execute(
                "insert into sessions (id, user_id, org_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
                session_id, user_id, org.id, work.now, ends,
            )  # fmt: skip
            claims = AccessClaims(
                user_id=user_id, session_id=session_id, org_id=org.id, role=role.value, email=email,
                user_metadata={}, signed_in_at=work.now, issued_at=work.now, expires_at=ends,
            )  # fmt: skip
            return signer.sign(claims)

    return make


@pytest.fixture
async def client_for(app: Dispatcher, token_for: TokenFor, published: dict[str, Published]) -> AsyncIterator[ClientFor]:
    """Makes clients. `org` None: anonymous. `base` is the contract's prefix."""
    clients: list[Client] = []

    async def make(
        org: Organization | None = None, role: Role = Role.OWNER, *, base: str = "", of: Any = None, **headers: str
    ) -> Client:
        if org is not None:
            headers["Authorization"] = f"Bearer {await token_for(org, role)}"
        made = httpx.AsyncClient(
            transport=CheckedTransport(of or app, published), base_url=PUBLIC_URL + base, headers=headers
        )
        clients.append(made)
        return made

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def with_settings(context: Context, settings: Settings, secrets: Secrets) -> Callable[..., Dispatcher]:
    """Makes the web side again, with other settings."""

    def make(**changes: Any) -> Dispatcher:
        return build_app(context, structs.replace(settings, **changes), secrets)

    return make
