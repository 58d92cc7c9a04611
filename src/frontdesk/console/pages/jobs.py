"""Jobs: tasks that failed for good and events that a reader gave up on, to be tried again."""

from typing import Any

import structlog
from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Given, asked, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Forbidden, NotFound
from frontdesk.platform import dead_letters, event_log
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe

log = structlog.get_logger("frontdesk.console")

HERE = "/console/jobs"


@get("/jobs")
async def jobs(request: AnyRequest, work: Given[Work], house: Given[House]) -> Page:
    """What failed, newest first; `?show=replayed` what was tried again."""
    operates = work.actor.may(Permission.OPERATE_JOBS)
    replayed = asked(request, "show") == "replayed"
    return await render(
        request,
        "jobs/index.html",
        work,
        operates=operates,
        replayed=replayed,
        letters=await dead_letters.listed(work, replayed=replayed) if operates else [],
        failures=await event_log.failures(work) if operates and not replayed else [],
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


routes: list[Any] = [jobs, replay, retry]
