"""Calls: the list, one call with its transcript beside its audio, and the audio."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.response import Stream

from frontdesk.console.forms import AnyRequest, FromPath, Given, asked, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.calls import (
    MOOD_WORDS,
    PER_PAGE,
    STATUS_WORDS,
    TASK_WORDS,
    CallQuery,
    lasting,
    peaks_of,
    quickness,
    transcript,
    whom,
    why_ended,
)
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import NotHungUp
from frontdesk.domain.calls.model import Direction, Recording
from frontdesk.domain.calls.service import reading, trying
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor
from frontdesk.kernel.ranges import part_of
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_WORDS: dict[str, Any] = {
    "statuses": STATUS_WORDS, "moods": MOOD_WORDS, "why_ended": why_ended, "tasks": TASK_WORDS, "whom": whom,
    "lasting": lasting, "is_trial": trying.is_trial,
}  # fmt: skip


@get("/calls")
async def list_calls(request: AnyRequest, work: Given[Work]) -> Page:
    """The list, newest first."""
    wanted = CallQuery.of(request.query_params)
    found = await reading.page(work, wanted.filter())
    response = await render(
        request,
        "calls/list.html",
        work,
        wanted=wanted,
        found=found,
        per_page=PER_PAGE,
        directions=[(Direction.INBOUND.value, "Incoming"), (Direction.OUTBOUND.value, "Outgoing")],
        **_WORDS,
    )
    if request.headers.get("hx-request"):
        response.headers["HX-Push-Url"] = wanted.turned_to(wanted.page)
    return response


@get("/calls/{call:str}")
async def call_page(request: AnyRequest, work: Given[Work], call: FromPath[str]) -> Page:
    """One call. `?leg=` chooses the recording that is played, of several."""
    found = await reading.detail(work, the_id(call))
    lead = await leads.get(work, found.call.lead_id) if found.call.lead_id else None
    zone = ZoneInfo((await organizations.get(work)).time_zone)
    played = _played(found.recordings, asked(request, "leg"))
    return await render(
        request,
        "calls/call.html",
        work,
        found=found,
        call=found.call,
        lead=lead,
        name=whom(found.call, found.lead_name),
        played=played,
        lines=transcript(found, played.leg if played else None, zone),
        quick=quickness(found.turns),
        **_WORDS,
    )


def _played(recordings: list[Recording], leg: str) -> Recording | None:
    chosen = next((each for each in recordings if str(each.leg) == leg), None)
    return chosen or max(recordings, key=lambda each: each.seconds, default=None)


async def _recording(context: Context, actor: Actor, call: str, leg: str) -> Recording:
    chosen = int(leg) if leg.isascii() and leg.isdigit() and len(leg) < 4 else None
    async with context.works.read(actor) as work:
        return await reading.recording(work, the_id(call), chosen)


@get("/calls/{call:str}/audio")
async def audio(request: AnyRequest, context: Given[Context], actor: Given[Actor], call: FromPath[str]) -> Stream:
    """The recording, or the range of it that the player asks for."""
    found = await _recording(context, actor, call, asked(request, "leg"))
    part = part_of(request.headers.get("range"), found.bytes)
    return Stream(
        part.of(context.files.read(found.file_key)),
        status_code=part.status,
        media_type=found.content_type,
        headers={**part.headers, "Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"},
    )


@get("/calls/{call:str}/waveform")
async def waveform(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], call: FromPath[str]
) -> Response[list[list[float]]]:
    """How loud either side is over time, for the drawing beside the player."""
    found = await _recording(context, actor, call, asked(request, "leg"))
    data = b"".join([chunk async for chunk in context.files.read(found.file_key)])
    peaks = await asyncio.to_thread(peaks_of, data)
    return Response(peaks, headers={"Cache-Control": "private, max-age=3600"})


@post("/calls/{call:str}/hang-up", status_code=200)
async def hang_up(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], call: FromPath[str]
) -> Response[Any]:
    """Call off a call that rings, or end one that goes on."""
    here = f"/console/calls/{the_id(call)}"
    try:
        now = await calls.hang_up(context, actor, the_id(call))
    except NotHungUp as problem:
        return go(request, here, bad=problem.message)
    called_off = now.answered_at is None and now.direction is Direction.OUTBOUND
    return go(request, here, good="The call is called off." if called_off else "The call is ended.")


routes: list[Any] = [list_calls, call_page, hang_up, audio, waveform]
