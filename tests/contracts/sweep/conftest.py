"""Everything that is served, the sandbox included, and one of everything in it."""

import hashlib
from collections.abc import Awaitable, Callable

import pytest
from tests.contracts.sweep.farm import Farm, plant
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator
from frontdesk.app import build_app
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.contracts.sandbox.routes import sandbox_contract
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

OF_REQUESTS = ["api_keys", "idempotency_keys"]
"""Tables that note requests themselves: when a key was used last, which answers are kept."""
State = Callable[[], Awaitable[str]]


@pytest.fixture
def app(context: Context, settings: Settings, secrets: Secrets) -> Dispatcher:
    """As in production, with the sandbox beside the contracts."""
    url = context.public_url
    carrier = SandboxCarrier(context.works, "AC1", secrets.sandbox_auth_token, url, url, context.works.clock)
    return build_app(context, settings, secrets, contracts=[sandbox_contract(SandboxSimulator(carrier))])


@pytest.fixture
async def farm(context: Context, org: Organization) -> Farm:
    """One of everything in `org`."""
    return await plant(context, org)


@pytest.fixture
def state(works: Works, org: Organization) -> State:
    """A digest of all that `org` has: the same as long as nothing is changed."""

    async def digest() -> str:
        told = hashlib.sha256()
        async with works.read(org.actor) as work:
            tables = await work.fetch(
                """select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
                   where c.relkind = 'r' and a.attname = 'org_id' and c.relnamespace = 'public'::regnamespace
                     and has_table_privilege(c.oid, 'select') and c.relname <> all($1) order by 1""",
                OF_REQUESTS,
            )
            for table in tables:
                rows = await work.fetch(
                    f"select t::text as row from {table['name']} t where org_id = $1 order by 1", org.id
                )
                told.update(repr([table["name"], *(row["row"] for row in rows)]).encode())
        return told.hexdigest()

    return digest
