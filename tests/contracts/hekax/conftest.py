"""Clients of the HEKAX contract."""

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.fixtures.organizations import Organization

from frontdesk.kernel.access import Role

BASE = "/hekax"


@pytest.fixture
async def api(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    """The owner of `org`, signed in."""
    return await client_for(org, base=BASE)


@pytest.fixture
async def agent(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    """Somebody in `org` who works with leads and administers nothing."""
    return await client_for(org, Role.AGENT, base=BASE)


@pytest.fixture
async def viewer(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    """Somebody in `org` who may only look."""
    return await client_for(org, Role.VIEWER, base=BASE)


@pytest.fixture
async def stranger(client_for: ClientFor, other_org: Organization) -> httpx.AsyncClient:
    """The owner of another organisation."""
    return await client_for(other_org, base=BASE)


@pytest.fixture
async def anonymous(client_for: ClientFor) -> httpx.AsyncClient:
    """Nobody."""
    return await client_for(base=BASE)
