"""Live events over HTTP: in order, without a gap after a lost connection, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.contracts.clients import make_token
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import running

from frontdesk.app import build_app
from frontdesk.contracts._http import sse
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.domain.leads.model import DatasetChange
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.domain.notifications.events import Notified
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import OrganizationChange
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.event_log import Sequencer
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

pytestmark = pytest.mark.committed


class Stream:
    """What a browser's EventSource sees of GET /reactivation/api/events."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.comments = 0
        self.gone, self.ended = asyncio.Event(), asyncio.Event()
        self._asked = False

    async def receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        for block in message.get("body", b"").decode().split("\n\n"):
            lines = [line.partition(": ") for line in block.splitlines()]
            told = {name: value for name, _, value in lines if name}
            self.comments += any(not name for name, _, _ in lines)
            if "data" in told:
                self.events.put_nowait(told)
        if not message.get("more_body", False):
            self.ended.set()

    async def next(self) -> dict[str, str]:
        return await asyncio.wait_for(self.events.get(), 10)


@pytest.fixture
async def hub(committed_works: Works, committed_database: str) -> AsyncIterator[Hub]:
    hub = Hub(committed_works, committed_database)
    async with running(Sequencer(committed_database).run, hub.run):
        yield hub


@pytest.fixture
def app(context: Context, committed_works: Works, settings: Settings, secrets: Secrets, hub: Hub) -> Dispatcher:
    return build_app(replace(context, works=committed_works), settings, secrets, hub=hub)


@asynccontextmanager
async def listening(app: Dispatcher, token: str, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    stream = Stream()
    told = {"authorization": f"Bearer {token}", "host": "127.0.0.1:8000", **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/reactivation/api/events", "raw_path": b"/reactivation/api/events", "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    asking = asyncio.create_task(app(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.gone.set()
        await asyncio.wait_for(asking, 10)


async def a_lead(works: Works, org: Organization) -> Any:
    lead_id = new_id()
    async with works.begin(org.actor) as work:
        await work.execute(
            "insert into leads (org_id, id, first_name, created_at, updated_at) values ($1, $2, 'Dana', $3, $3)",
            org.id, lead_id, work.now,
        )  # fmt: skip
    return lead_id


async def change(works: Works, org: Organization, lead_id: Any, enabled: bool) -> None:
    async with works.begin(org.actor) as work:
        await leads.set_manual_mode(work, lead_id, enabled)


async def test_events_come_live_and_after_a_lost_connection(
    app: Dispatcher, committed_works: Works, secrets: Secrets, committed_org: Organization,
    committed_other_org: Organization,
) -> None:  # fmt: skip
    works, org = committed_works, committed_org
    token = await make_token(works, secrets, org)
    lead_id, foreign = await a_lead(works, org), await a_lead(works, committed_other_org)
    await change(works, org, lead_id, True)
    async with listening(app, token, "after=0") as stream:
        first = await stream.next()
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-cache"
        await change(works, committed_other_org, foreign, True)
        await change(works, org, lead_id, False)
        second = await stream.next()
    assert [first["event"], second["event"]] == ["lead.updated", "lead.updated"]
    told = msgspec.json.decode(second["data"])
    assert told["subject_id"] == str(lead_id)
    assert told["sequence"] == 2
    assert told["occurred_at"].endswith("Z")

    await change(works, org, lead_id, True)
    async with listening(app, token, last_event_id=first["id"]) as stream:
        replayed = [await stream.next() for _ in range(2)]
    assert replayed[0] == second
    assert str(foreign) not in str(replayed)


async def test_a_member_held_to_datasets_hears_of_theirs_only(
    app: Dispatcher, committed_works: Works, secrets: Secrets, committed_org: Organization
) -> None:
    works, org = committed_works, committed_org
    seen, hidden = await a_lead(works, org), await a_lead(works, org)
    async with works.begin(org.actor) as work:
        mine, theirs = await datasets.create(work, "Mine"), await datasets.create(work, "Theirs")
        await work.executemany(
            "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
            [(org.id, mine.id, seen, work.now), (org.id, theirs.id, hidden, work.now)],
        )
    token = await make_token(works, secrets, org, Role.AGENT)
    async with works.across_tenants("tests") as work:
        await work.execute(
            "update memberships set allowed_dataset_ids = $2 where org_id = $1 and role = 'agent'", org.id, [mine.id]
        )
    await change(works, org, hidden, True)
    async with listening(app, token, "after=0") as stream:
        await change(works, org, seen, True)
        await change(works, org, hidden, False)
        async with works.begin(org.actor) as work:
            await datasets.change(work, theirs.id, DatasetChange(name="Still theirs"))
            await organizations.update(work, OrganizationChange(agent_name="Kim"))
        await change(works, org, seen, False)
        told = [await stream.next() for _ in range(3)]
    subjects = [msgspec.json.decode(each["data"])["subject_id"] for each in told]
    assert subjects == [str(seen), str(org.id), str(seen)]


async def test_what_somebody_was_told_is_heard_by_them_alone(
    app: Dispatcher, committed_works: Works, secrets: Secrets, committed_org: Organization
) -> None:
    works, org = committed_works, committed_org
    token = await make_token(works, secrets, org)
    async with listening(app, token, "after=0") as stream:
        async with works.begin(org.actor) as work:
            work.emit(Notified(subject_id=new_id(), user_ids=[new_id()]))
        async with works.begin(org.actor) as work:
            work.emit(Notified(subject_id=org.id, user_ids=[new_id(), org.owner_id]))
        assert msgspec.json.decode((await stream.next())["data"])["subject_id"] == str(org.id)


async def test_a_silent_stream_beats_and_ends(
    app: Dispatcher, committed_works: Works, secrets: Secrets, committed_org: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(sse, "BEAT", 0.05)
    monkeypatch.setattr(sse, "LONGEST", 0.3)
    token = await make_token(committed_works, secrets, committed_org)
    async with listening(app, token) as stream:
        await asyncio.wait_for(stream.ended.wait(), 10)
        assert stream.comments >= 3


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1&after=2"])
async def test_a_bad_position_is_refused(
    app: Dispatcher, committed_works: Works, secrets: Secrets, committed_org: Organization, query: str
) -> None:
    token = await make_token(committed_works, secrets, committed_org)
    async with listening(app, token, query) as stream:
        await asyncio.wait_for(stream.ended.wait(), 10)
    assert stream.status == 400
