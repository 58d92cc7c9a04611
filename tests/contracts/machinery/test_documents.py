"""The documents that are served, for programs and for people."""

from collections.abc import Callable

import httpx
import pytest
import schemathesis
from tests.contracts.clients import PUBLIC_URL, ClientFor

from frontdesk.app import CONTRACTS

DOCUMENTED = [contract for contract in CONTRACTS if contract.documented]


@pytest.mark.parametrize("contract", DOCUMENTED, ids=lambda contract: contract.name)
async def test_the_document_is_valid_and_names_its_address(client_for: ClientFor, contract: object) -> None:
    client: httpx.AsyncClient = await client_for(base=contract.prefix)  # pyright: ignore
    served = (await client.get("/docs/openapi.json")).json()
    schemathesis.openapi.from_dict(served).validate()
    assert served["servers"] == [{"url": PUBLIC_URL + contract.prefix}]  # pyright: ignore


@pytest.mark.parametrize("contract", DOCUMENTED, ids=lambda contract: contract.name)
async def test_the_page_shows_every_operation_and_loads_nothing(client_for: ClientFor, contract: object) -> None:
    client: httpx.AsyncClient = await client_for(base=contract.prefix)  # pyright: ignore
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script" not in page.headers["content-security-policy"]
    for forbidden in ("<script", "src=", "@import", "url("):
        assert forbidden not in page.text
    served = (await client.get("/docs/openapi.json")).json()
    operations = sum(
        isinstance(operation, dict) and "operationId" in operation
        for item in served["paths"].values()
        for operation in item.values()
    )
    assert page.text.count("<article") == operations


async def test_at_the_root_of_a_host_the_address_is_that_host(
    client_for: ClientFor, with_settings: Callable[..., object]
) -> None:
    app = with_settings(hosts={"leads.example.com": "reactivation"}, public_url="https://desk.example.com")
    client = await client_for(of=app, Host="leads.example.com")
    served = (await client.get("/docs/openapi.json")).json()
    assert served["servers"] == [{"url": "https://leads.example.com"}]
