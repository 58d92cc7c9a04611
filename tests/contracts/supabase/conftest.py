"""Clients of the GoTrue routes, and what the vendor publishes of them."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jsonschema
import pytest
from msgspec import structs
from tests.fixtures.specs import spec

from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.supabase import supabase_mount
from frontdesk.platform.context import Context
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

GoTrue = Callable[..., httpx.AsyncClient]


def vendor(name: str) -> Any:
    """One of the vendor's documents. Skips where they are not at hand."""
    return json.loads(spec(name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def check_shape() -> Callable[[str, Any], None]:
    """Checks a value against a schema of the vendor's document, by its name."""
    document = vendor("supabase-auth.openapi.json")

    def check(name: str, value: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)

    return check


@pytest.fixture
async def gotrue(context: Context, settings: Settings, secrets: Secrets) -> AsyncIterator[GoTrue]:
    """Makes clients of the auth service, each with the anonymous key; keywords are other settings."""
    clients: list[httpx.AsyncClient] = []

    def make(**changes: Any) -> httpx.AsyncClient:
        chosen = structs.replace(settings, **changes)
        app = Dispatcher(Serving.of(context, chosen, secrets), [supabase_mount(context, secrets, chosen)])
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1:8000/supabase/auth/v1",
            headers={"apikey": "anon", "Authorization": "Bearer anon"},
        )
        clients.append(made)
        return made

    yield make
    for client in clients:
        await client.aclose()
