"""Jobs: what runs and waits in the background, and what failed for good, to be tried again or put away."""

from typing import Any

import structlog
from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Given, asked, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Forbidden, NotFound
from frontdesk.platform import dead_letters, event_log, standing
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe

log = structlog.get_logger("frontdesk.console")

HERE = "/console/jobs"


@get("/jobs")
async def jobs(request: AnyRequest, work: Given[Work], house: Given[House]) -> Page:
    """What failed, newest first; `?show=replayed` what was dealt with; `?show=standing` what runs and waits."""
    operates = work.actor.may(Permission.OPERATE_JOBS)
    show = asked(request, "show")
    replayed, works = show == "replayed", house.context.works
    return await render(
        request,
        "jobs/index.html",
        work,
        operates=operates,
        show=show if show in ("replayed", "standing") else "",
        letters=await dead_letters.listed(work, dealt_with=replayed) if operates and show != "standing" else [],
        failures=await event_log.failures(work) if operates and not show else [],
        queued=await standing.queued(works, work.actor) if operates and show == "standing" else [],
        periodic=await standing.periodic(works, work.actor, house.periodic) if operates and show == "standing" else [],
        readers={reader.name for reader in house.readers},
    )


@post("/jobs/{letter_id:str}/replay", status_code=200)
async def replay(request: AnyRequest, work: Given[Work], letter_id: FromPath[str]) -> Response[Any]:
    """Try a failed task again."""
    try:
        await dead_letters.replay(work, the_id(letter_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good="The task is on its way again. It comes back here if it fails.")


@post("/jobs/replay-all", status_code=200)
async def replay_all(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Try all failed tasks again."""
    count = await dead_letters.replay_all(work)
    return go(request, HERE, good=f"{count} {'task is' if count == 1 else 'tasks are'} on the way again.")


@post("/jobs/{letter_id:str}/discard", status_code=200)
async def discard(request: AnyRequest, work: Given[Work], letter_id: FromPath[str]) -> Response[Any]:
    """Put a failed task away for good."""
    try:
        await dead_letters.discard(work, the_id(letter_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good="The task is put away. It stands under Dealt with.")


@post("/jobs/events/{reader:str}/{event_id:str}/retry", status_code=200)
async def retry(
    request: AnyRequest,
    context: Given[Context],
    actor: Given[Actor],
    house: Given[House],
    reader: FromPath[str],
    event_id: FromPath[str],
) -> Response[Any]:
    """Let a reader react again to an event that it put aside."""
    found = next((each for each in house.readers if each.name == reader), None)
    if found is None:
        raise NotFound("There is no such reader.")
    try:
        async with context.works.begin(actor) as work:
            await event_log.retry(work, found, the_id(event_id))
    except (NotFound, Forbidden):
        raise
    except Exception as error:  # whatever the reaction raises: it is undone, and the event stays put aside
        log.warning("event_failed_again", reader=reader, event_id=event_id, error=describe(error))
        return go(request, HERE, bad="It failed again, so the event stays here. The log has the reason.")
    return go(request, HERE, good="The event has been dealt with.")


routes: list[Any] = [jobs, replay, replay_all, discard, retry]
