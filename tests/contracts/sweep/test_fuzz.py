"""Requests made up from each contract's document, right and wrong: never a server error, never off the document.

The ids among them are replaced, half of the time, by those of records that are there, so that the use cases are
reached. Bounded and the same at every run.
"""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from tests.contracts.clients import ClientFor
from tests.contracts.published import Published
from tests.contracts.sweep.farm import Farm
from tests.fixtures.organizations import Organization

from frontdesk.app import CONTRACTS
from frontdesk.contracts._http.auth import Auth
from frontdesk.ledger import entries

EXAMPLES = 8
WITH_BODY = {"POST", "PUT", "PATCH"}
OF_PATH = {
    "datasets": "dataset_id",
    "leads": "lead_id",
    "conversations": "conversation_id",
    "imports": "import_id",
    "notifications": "notification_id",
    "team": "user_id",
}


def served() -> list[Any]:
    """The operations of all documents that are served to users, as schemathesis knows them."""
    found: list[Any] = []
    for contract in CONTRACTS:
        if not contract.documented:
            continue
        done = {
            (entry.method, entry.path)
            for entry in entries(contract.name, contract)
            if any(handler.opt.get("auth", Auth.USER) is Auth.USER for handler in entry.handlers)
        }
        document = schemathesis.openapi.from_dict(Published(contract).document)
        for result in document.get_all_operations():
            operation = result.ok()
            if (operation.method.upper(), operation.path) in done:
                found.append(pytest.param(contract.prefix, operation, id=f"{contract.name} {operation.label}"))
    return found


@pytest.fixture
async def client(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    return await client_for(org)


def aimed(value: Any, farm: Farm, hit: bool) -> Any:
    """`value` with what is called like an id replaced by one that names something."""
    if not hit or not isinstance(value, dict):
        return value
    return {name: str(farm.ids[name]) if name in farm.ids else aimed(inner, farm, hit) for name, inner in value.items()}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize(("prefix", "operation"), served())
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_whatever_is_asked_the_answer_is_in_the_document(
    prefix: str, operation: Any, mode: GenerationMode, data: st.DataObject, client: httpx.AsyncClient, farm: Farm
) -> None:
    case, hit = data.draw(operation.as_strategy(generation_mode=mode)), data.draw(st.booleans())
    told = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
    method, path = operation.method.upper(), operation.path
    for name, value in (case.path_parameters or {}).items():
        own = farm.ids.get(OF_PATH.get(path.split("/")[2], ""))
        path = path.replace(f"{{{name}}}", quote(str(own if hit and own else value), safe=""))
    told = {kind: value for kind, value in told.items() if kind in ("params", "json", "data", "files")}
    if "json" in told:
        told["json"] = aimed(told["json"], farm, hit)
    made = requests.Request(method, "http://127.0.0.1:8000", **told).prepare()
    sent: dict[str, Any] = {"params": told.get("params")}
    if method in WITH_BODY:
        kind = made.headers.get("Content-Type")
        sent |= {"content": made.body or b"", "headers": {"Content-Type": kind} if kind else {}}
    answer = await client.request(method, prefix + path, **sent)
    assert answer.status_code < 500, answer.text
