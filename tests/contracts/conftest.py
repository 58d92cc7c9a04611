"""The program's web side in the test's own transaction, and clients for it whose every answer is checked."""

import functools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs
from tests.contracts.clients import PUBLIC_URL, ClientFor, TokenFor, make_token
from tests.contracts.published import CheckedTransport, Published
from tests.fixtures.organizations import Organization

from frontdesk.app import CONTRACTS, build_app
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings


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
def with_settings(context: Context, settings: Settings, secrets: Secrets) -> Callable[..., Dispatcher]:
    """Makes the web side again, with other settings."""

    def make(**changes: Any) -> Dispatcher:
        return build_app(context, structs.replace(settings, **changes), secrets)

    return make


@pytest.fixture
def token_for(works: Works, secrets: Secrets) -> TokenFor:
    """Makes access tokens: of the owner of an organisation, or of a new member with a role."""
    return functools.partial(make_token, works, secrets)


@pytest.fixture
async def client_for(app: Dispatcher, token_for: TokenFor, published: dict[str, Published]) -> AsyncIterator[ClientFor]:
    """Makes clients. `org` None: anonymous. `base` is the contract's prefix, `of` another application than `app`."""
    clients: list[httpx.AsyncClient] = []

    async def make(
        org: Organization | None = None, role: Role = Role.OWNER, *, base: str = "", of: Any = None, **headers: str
    ) -> httpx.AsyncClient:
        if org is not None:
            headers["Authorization"] = f"Bearer {await token_for(org, role)}"
        transport = CheckedTransport(of or app, published)
        made = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL + base, headers=headers)
        clients.append(made)
        return made

    yield make
    for client in clients:
        await client.aclose()
