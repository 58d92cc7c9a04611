"""The simulator's REST: its shapes, its errors, and that a person from next door gets nowhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.fixtures.nested import NestedConnections
from tests.fixtures.people import SignUp

from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator, Timing
from frontdesk.contracts._http.contract import contract_app
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.sandbox.routes import sandbox_contract
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.ports.carrier import OutgoingText
from frontdesk.ports.email import Mail

HANDSET = "+447700900123"
ADA, BEN = "ada@example.com", "ben@example.com"


@pytest.fixture
def running_carrier(works: Works) -> SandboxCarrier:
    """Delivers at once: the clock of `works` stands still."""
    return SandboxCarrier(
        works, "AC1", "token-of-the-sandbox", "http://127.0.0.1:1", "http://127.0.0.1:1", works.clock,
        Timing(sent_after=0, delivered_after=0),
    )  # fmt: skip


@pytest.fixture
async def client(
    context: Context, secrets: Secrets, running_carrier: SandboxCarrier, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the sandbox's application, without a credential."""
    settings = Settings(data_dir=tmp_path, public_url=context.public_url, limits=False)
    app = contract_app(sandbox_contract(SandboxSimulator(running_carrier)), Serving.of(context, settings, secrets))
    transport = httpx.ASGITransport(app)  # pyright: ignore
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as http:
        yield http


class Person:
    """Somebody signed in, with an organisation and its number."""

    def __init__(self, client: httpx.AsyncClient, token: str, number: str) -> None:
        self._client, self._headers, self.number = client, {"Authorization": f"Bearer {token}"}, number

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(path, headers=self._headers)

    async def post(self, path: str, json: Any) -> httpx.Response:
        return await self._client.post(path, json=json, headers=self._headers)


async def signed_in(client: httpx.AsyncClient, works: Works, signed_up: SignUp, email: str) -> Person:
    tokens = await signed_up(email)
    async with works.across_tenants("tests") as work:
        number = await work.fetchval("select phone from numbers where org_id = $1", tokens.org_id)
    return Person(client, tokens.access_token, number)


@pytest.fixture
async def ada(client: httpx.AsyncClient, works: Works, signed_up: SignUp) -> Person:
    return await signed_in(client, works, signed_up, ADA)


@pytest.fixture
async def ben(client: httpx.AsyncClient, works: Works, signed_up: SignUp) -> Person:
    return await signed_in(client, works, signed_up, BEN)


def error_of(answer: httpx.Response) -> tuple[int, str, Any]:
    told = answer.json()["error"]
    assert told["message"]
    return answer.status_code, told["code"], told.get("details", {}).get("field")


async def test_a_handset_texts_and_shows_its_texts(ada: Person, works: Works):
    answer = await ada.post("/messages", {"from": HANDSET, "to": ada.number, "body": "Yes please"})
    assert answer.status_code == 201
    message = answer.json()["message"]
    assert message == {
        "sid": message["sid"], "direction": "inbound", "from": HANDSET, "to": ada.number, "body": "Yes please",
        "created_at": "2026-03-10T11:00:00.000Z",
    }  # fmt: skip
    for path in (f"/handsets/{HANDSET}/messages", "/handsets/%2B447700900123/messages?limit=1"):
        shown = await ada.get(path)
        assert (shown.status_code, shown.json()) == (200, {"messages": [message]})


async def test_what_reaches_the_handset_is_outbound(ada: Person, running_carrier: SandboxCarrier):
    await running_carrier.send(OutgoingText(ada.number, HANDSET, "Hello", uuid4()))
    (message,) = (await ada.get(f"/handsets/{HANDSET}/messages")).json()["messages"]
    assert (message["direction"], message["from"], message["to"]) == ("outbound", ada.number, HANDSET)


async def test_faults_are_set_and_listed(ada: Person):
    answer = await ada.post("/faults", {"kind": "late", "rate": 1, "seconds": 30})
    fault = {"kind": "late", "rate": 1.0, "until": "2026-03-10T11:00:30.000Z"}
    assert (answer.status_code, answer.json()) == (201, {"fault": fault})
    assert (await ada.get("/faults")).json() == {"faults": [fault]}


async def test_mail_is_listed(ada: Person, works: Works):
    mailer = CapturedMailer(works)
    await mailer.send(Mail(to=ADA, subject="Welcome", text="Hello", html="<p>Hello</p>"))
    await mailer.send(Mail(to=BEN, subject="Not yours", text="Hello"))
    found = (await ada.get(f"/mail?to={ADA}")).json()["mail"]
    assert found[0] == {
        "to": ADA, "subject": "Welcome", "text": "Hello", "html": "<p>Hello</p>", "sent_at": "2026-03-10T11:00:00.000Z",
    }  # fmt: skip
    assert {mail["to"] for mail in (await ada.get("/mail")).json()["mail"]} == {ADA}


async def test_next_door_sees_and_strikes_nothing(ada: Person, ben: Person):
    await ada.post("/messages", {"from": HANDSET, "to": ada.number, "body": "Private"})
    await ada.post("/faults", {"kind": "reject", "rate": 1, "seconds": 30})
    assert (await ben.get(f"/handsets/{HANDSET}/messages")).json() == {"messages": []}
    assert (await ben.get("/faults")).json() == {"faults": []}
    refused = await ben.post("/messages", {"from": HANDSET, "to": ada.number, "body": "Hi"})
    assert error_of(refused) == (404, "NOT_FOUND", "to")


async def test_what_is_wrong_is_named(ada: Person):
    wrong: list[tuple[str, Any, str]] = [
        ("/messages", {"from": HANDSET, "to": 5, "body": "Hi"}, "to"),
        ("/messages", {"from": HANDSET, "to": HANDSET}, "body"),
        ("/messages", {"from": "12", "to": HANDSET, "body": "Hi"}, "from"),
        ("/faults", {"kind": "earthquake"}, "kind"),
        ("/faults", {"kind": "late", "rate": "1"}, "rate"),
        ("/faults", {"kind": "late", "rate": 2}, "rate"),
        ("/faults", {"kind": "late", "rate": 1, "seconds": 1e9}, "seconds"),
    ]
    for path, body, field in wrong:
        assert error_of(await ada.post(path, body)) == (400, "VALIDATION_ERROR", field)


async def test_a_limit_that_cannot_be_is_named(ada: Person):
    for limit in ("0", "1001", "x"):
        answer = await ada.get(f"/handsets/{HANDSET}/messages?limit={limit}")
        assert error_of(answer) == (400, "VALIDATION_ERROR", "limit")


async def test_an_answer_comes_when_the_connection_was_given_back(
    ada: Person, connections: NestedConnections, monkeypatch: pytest.MonkeyPatch
):
    """Also where the question is refused while the connection is on its way back."""
    ours, on_their_way = connections.release, 0

    async def release(connection: Any) -> None:
        nonlocal on_their_way
        on_their_way += 1
        for _ in range(20):  # as by a database that takes its time
            await asyncio.sleep(0)
        await ours(connection)
        on_their_way -= 1

    monkeypatch.setattr(connections, "release", release)
    assert (await ada.get(f"/handsets/{HANDSET}/messages?limit=x")).status_code == 400
    assert on_their_way == 0


async def test_a_handset_that_cannot_be_is_not_there(ada: Person):
    for number in ("nobody", "%00", "%20"):
        assert error_of(await ada.get(f"/handsets/{number}/messages"))[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/messages"),
        ("GET", f"/handsets/{HANDSET}/messages"),
        ("GET", "/mail"),
        ("POST", "/faults"),
        ("GET", "/faults"),
    ],
)
async def test_without_a_credential_nothing_is_served(client: httpx.AsyncClient, method: str, path: str):
    answer = await client.request(method, path, content=b"not json")
    assert error_of(answer) == (401, "UNAUTHORIZED", None)
