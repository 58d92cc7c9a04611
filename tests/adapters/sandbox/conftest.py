"""A sandbox carrier on a running clock, and a server of ours that takes its webhooks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from tests.fixtures.nested import NestedConnections
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import running, until
from twilio.request_validator import RequestValidator

from frontdesk.adapters.sandbox import DeliveryLoop, SandboxCarrier, Timing
from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.database import Works

ACCOUNT_SID = "AC" + "5" * 32
AUTH_TOKEN = "a-sandbox-token-for-tests"
PUBLIC_URL = "https://desk.example.com"
HANDSET = "+447700900123"
OTHER_HANDSET = "+447700900124"
QUICK = Timing(sent_after=0.01, delivered_after=0.03, duplicate_after=0.02, late_by=0.4, slow_by=0.2, busy_for=2)


@dataclass
class Post:
    """A webhook that arrived, its signature found genuine."""

    form: dict[str, str]
    message: str | None
    at: float


@dataclass
class Receiver:
    """Takes webhooks as the product would: checks the signature over the public URL, and answers what it is told."""

    base: str = ""
    posts: list[Post] = field(default_factory=list)
    forged: int = 0
    answers: list[tuple[int, str]] = field(default_factory=list)
    """Status and body of the next answers; then 200 and nothing."""
    takes: float = 0.0
    """Seconds an answer takes."""
    hosts: set[str] = field(default_factory=set)

    async def handle(self, request: web.Request) -> web.Response:
        posted = await request.post()
        form = {name: str(value) for name, value in posted.items()}
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(AUTH_TOKEN).validate(PUBLIC_URL + request.path_qs, form, signature):
            self.forged += 1
            return web.Response(status=401)
        self.hosts.add(request.headers["Host"])
        self.posts.append(Post(form, request.query.get("message"), asyncio.get_running_loop().time()))
        if self.takes:
            await asyncio.sleep(self.takes)
        status, text = self.answers.pop(0) if self.answers else (200, "<Response/>")
        return web.Response(status=status, text=text, content_type="text/xml")

    def statuses(self, sid: str) -> list[str]:
        """The statuses posted of a message, in the order of arrival."""
        return [post.form["MessageStatus"] for post in self.posts if post.form["MessageSid"] == sid]


@asynccontextmanager
async def serving(receiver: Receiver, port: int = 0) -> AsyncIterator[int]:
    """`receiver` on a real socket. Yields its port."""
    app = web.Application()
    app.router.add_post("/reactivation/api/webhooks/twilio", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    bound: int = runner.addresses[0][1]
    receiver.base = f"http://127.0.0.1:{bound}"
    try:
        yield bound
    finally:
        await runner.cleanup()


@asynccontextmanager
async def delivering(carrier: SandboxCarrier, **options: Any) -> AsyncIterator[None]:
    """A delivery loop at work."""
    async with running(DeliveryLoop(carrier, **options).run):
        yield


def make_carrier(works: Works, loopback_url: str, timing: Timing = QUICK) -> SandboxCarrier:
    """A sandbox carrier on the clock of `works`."""
    return SandboxCarrier(works, ACCOUNT_SID, AUTH_TOKEN, PUBLIC_URL, loopback_url, works.clock, timing)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running receiver of webhooks."""
    taking = Receiver()
    async with serving(taking):
        yield taking


@pytest.fixture
def running_works(connections: NestedConnections) -> Works:
    """Units of work in the test's transaction, on the clock on the wall."""
    return Works(connections, SystemClock())


@pytest.fixture
def carrier(running_works: Works, receiver: Receiver, org: Organization) -> SandboxCarrier:
    """A sandbox carrier that `org` has a number with."""
    return make_carrier(running_works, receiver.base)


@pytest.fixture
async def delivery(carrier: SandboxCarrier) -> AsyncIterator[None]:
    """The carrier's delivery loop, at work during the test."""
    async with delivering(carrier):
        yield


@pytest.fixture
def owed(carrier: SandboxCarrier) -> Callable[[], Awaitable[int]]:
    """How many webhooks the carrier still owes."""

    async def count() -> int:
        async with carrier.works.across_tenants("tests") as work:
            return await work.fetchval("select count(*) from sandbox_deliveries")

    return count


@pytest.fixture
def all_posted(owed: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    """Waits until the carrier owes nothing any more."""

    async def nothing() -> bool:
        return await owed() == 0

    async def wait() -> None:
        await until(nothing)

    return wait
