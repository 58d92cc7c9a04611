"""Calls and figures as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, Calls and Stats Endpoints."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.passage import Passage
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts._http.times import iso
from frontdesk.contracts.hekax.shapes.calls import CallDetail, CallList, CallQuery, DashboardStats, RecordingLink
from frontdesk.contracts.hekax.shapes.voice import NewCall
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallNotFound
from frontdesk.domain.calls.service import reading
from frontdesk.kernel.access import Actor, system_actor
from frontdesk.kernel.ranges import part_of
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_AUDIO = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "sandbox",
    "Content-Disposition": "inline",
}
LASTING = timedelta(hours=1)
"""How long the address of a recording is good, at least."""


@get("/api/calls", operation_id="list_calls", dependencies=wanted_of(CallQuery))
async def list_calls(work: Given[Work], wanted: Given[CallQuery]) -> CallList:
    which = wanted.filter()
    return CallList.of(await reading.page(work, which), which)


@post("/api/calls", operation_id="place_call", status_code=201, extension=True)
async def place_call(context: Given[Context], actor: Given[Actor], data: JSONBody[NewCall]) -> CallDetail:
    """Call a lead or a number: with the assistant, or with a member of the team whose own telephone rings first. The
    call is on its way: its record tells what becomes of it."""
    call = await calls.place_call(context, actor, data.wish())
    async with context.works.read(actor) as work:
        return CallDetail.of(await reading.detail(work, call.id))


@get("/api/calls/{call_id:str}", operation_id="get_call")
async def get_call(work: Given[Work], call_id: FromPath[str]) -> CallDetail:
    return CallDetail.of(await reading.detail(work, path_id(call_id, CallNotFound)))


@post("/api/calls/{call_id:str}/hang-up", operation_id="hang_up_call", status_code=200, extension=True)
async def hang_up_call(context: Given[Context], actor: Given[Actor], call_id: FromPath[str]) -> CallDetail:
    """End a call: one that waits or rings is called off, one that goes on is hung up, whoever talks in it."""
    call = await calls.hang_up(context, actor, path_id(call_id, CallNotFound))
    async with context.works.read(actor) as work:
        return CallDetail.of(await reading.detail(work, call.id))


@get("/api/calls/{call_id:str}/recording", operation_id="get_call_recording")
async def get_call_recording(
    work: Given[Work], serving: Given[Serving], passage: Given[Passage], call_id: FromPath[str]
) -> RecordingLink:
    which = path_id(call_id, CallNotFound)
    found = await reading.recording(work, which)
    path = _audio_path(which)
    query = serving.urls.sign(path, work.org_id, work.now, LASTING)
    expires = datetime.fromtimestamp(int(parse_qs(query[1:])["expires"][0]), UTC)
    return RecordingLink(
        url=passage.base_url + path + query, expires_at=iso(expires), content_type=found.content_type,
        seconds=round(found.seconds, 2),
    )  # fmt: skip


def _audio_path(call_id: UUID) -> str:
    """The path that the signature of a recording's address covers."""
    return f"/api/calls/{call_id}/recording/audio"


@get(
    "/api/calls/{call_id:str}/recording/audio",
    operation_id="download_call_recording",
    auth=Auth.SIGNATURE,
    extension=True,
    media_type="audio/wav",
    responses={
        206: ResponseSpec(str, media_type="audio/wav", generate_examples=False, description="The range asked for"),
        416: ResponseSpec(str, media_type="audio/wav", generate_examples=False, description="A range beyond the end"),
    },
)
async def download_call_recording(
    serving: Given[Serving], call_id: FromPath[str], request: Request[Any, Any, Any]
) -> Stream:
    """The recording, or the range of it that is asked for, for whoever holds the address that `url` gave."""
    which = path_id(call_id, CallNotFound)
    works = serving.context.works
    org_id = serving.urls.check(_audio_path(which), dict(request.query_params.items()), works.clock.now())
    async with works.read(system_actor(org_id)) as work:
        found = await reading.recording(work, which)
    part = part_of(request.headers.get("range"), found.bytes)
    return Stream(
        part.of(serving.context.files.read(found.file_key)),
        status_code=part.status,
        media_type=found.content_type,
        headers={**part.headers, **_AUDIO},
    )


@get("/api/stats/dashboard", operation_id="get_dashboard_stats")
async def get_dashboard_stats(work: Given[Work]) -> DashboardStats:
    return DashboardStats.of(await reading.dashboard(work))


ROUTES = [
    list_calls, place_call, get_call, hang_up_call, get_call_recording, download_call_recording, get_dashboard_stats,
]  # fmt: skip
