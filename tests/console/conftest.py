"""The console in the test's own transaction, and browsers for it: a session's cookie, forms with their token."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.contracts.clients import make_token
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator, Timing
from frontdesk.app import build_app
from frontdesk.console.app import console_app
from frontdesk.console.state import House
from frontdesk.contracts._http.dispatcher import Dispatcher, Mount
from frontdesk.domain.identity.model import Realm
from frontdesk.jobs.periodic import PERIODIC
from frontdesk.jobs.readers import READERS
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

PUBLIC_URL = "http://127.0.0.1:8000"


class Browser:
    """A person at the console. Redirects are not followed: `page` shows what comes after one."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._token = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """A page, by its path under /console."""
        return await self.client.get(f"/console{path}", **more)

    async def post(self, path: str, _token: str | None = None, **fields: Any) -> httpx.Response:
        """Send a form of ours. A field that is a list is sent as often."""
        if not self._token:
            found = re.search(r'data-csrf="([0-9a-f]+)"', (await self.get("/team")).text)
            assert found
            self._token = found[1]
        data = {"csrf_token": self._token if _token is None else _token, **fields}
        return await self.client.post(f"/console{path}", data=data)

    async def page(self, answer: httpx.Response) -> str:
        """What a person reads where a form has led them, tags left out."""
        assert answer.status_code == 303, words(answer)
        return words(await self.client.get(answer.headers["location"].partition("#")[0]))


BrowserFor = Callable[..., Awaitable[Browser]]


def words(answer: httpx.Response) -> str:
    """The words of a page, one space between them."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture
def sandbox(works: Works) -> SandboxCarrier:
    """The sandbox carrier, delivering at once: the clock of `works` stands still."""
    return SandboxCarrier(
        works, "AC1", "token-of-the-sandbox", PUBLIC_URL, "http://127.0.0.1:1", works.clock,
        Timing(sent_after=0, delivered_after=0),
    )  # fmt: skip


@pytest.fixture
def house(
    context: Context, works: Works, secrets: Secrets, realm: Realm, sandbox: SandboxCarrier, tmp_path: Path
) -> House:
    """The product behind the console. No loop of the hub runs."""
    settings = Settings(data_dir=tmp_path, public_url=PUBLIC_URL, limits=False)
    return House(context, settings, secrets, realm, SandboxSimulator(sandbox), Hub(works, ""), READERS, PERIODIC)


@pytest.fixture
def app(house: House) -> Dispatcher:
    """The console where it is mounted."""
    mounts = [Mount("console", "/console", console_app(house))]
    return build_app(house.context, house.settings, house.secrets, mounts=mounts)


@pytest.fixture
async def browser_for(app: Dispatcher, works: Works, secrets: Secrets) -> AsyncIterator[BrowserFor]:
    """Makes browsers: of the owner of an organisation, of a new member with a role, or with the `token` given."""
    clients: list[httpx.AsyncClient] = []

    async def make(org: Organization | None = None, role: Role = Role.OWNER, *, token: str = "") -> Browser:
        if org is not None:
            token = await make_token(works, secrets, org, role)
        cookies = {"fd_session": token} if token else {}
        transport = httpx.ASGITransport(app)  # pyright: ignore
        client = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, cookies=cookies)
        clients.append(client)
        return Browser(client)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def owner(browser_for: BrowserFor, org: Organization) -> Browser:
    """The owner of `org`, signed in."""
    return await browser_for(org)


@pytest.fixture
async def viewer(browser_for: BrowserFor, org: Organization) -> Browser:
    """Somebody who may only look at `org`."""
    return await browser_for(org, Role.VIEWER)


@pytest.fixture
async def stranger(browser_for: BrowserFor, other_org: Organization) -> Browser:
    """The owner of another organisation."""
    return await browser_for(other_org)
