"""What the published document leaves out and its users need: files, refused rows, live events. All marked as
extensions in the document that is served."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Request, get
from litestar.response import Stream
from msgspec import Meta, Struct

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import FromPath, Given
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import reader
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts._http.sse import event_stream
from frontdesk.contracts.reactivation.links import upload_path
from frontdesk.domain.activity import service as activity
from frontdesk.domain.leads.errors import ImportNotFound, UploadNotFound
from frontdesk.domain.leads.model import ImportResult
from frontdesk.domain.leads.service import imports, noted
from frontdesk.kernel.access import Actor, system_actor
from frontdesk.kernel.errors import Forbidden, Upstream
from frontdesk.platform.context import Context

_DOWNLOAD = {"Content-Security-Policy": "sandbox", "Cache-Control": "private, no-store"}


@get(
    "/api/uploads/{upload_id:str}/file",
    operation_id="download_upload",
    auth=Auth.SIGNATURE,
    extension=True,
    media_type="text/csv",
)
async def download_upload(serving: Given[Serving], upload_id: FromPath[str], request: Request[Any, Any, Any]) -> Stream:
    """The uploaded file, for whoever holds the address that `file_url` gave."""
    which = path_id(upload_id, UploadNotFound)
    works = serving.context.works
    org_id = serving.urls.check(upload_path(which), dict(request.query_params.items()), works.clock.now())
    async with works.read(system_actor(org_id)) as work:
        upload = await imports.get_upload(work, which)
    return _download(serving.context.files.read(upload.file_key), f"upload-{which}.csv")


@get("/api/imports/{import_id:str}/notes", operation_id="download_import_notes", extension=True, media_type="text/csv")
async def download_import_notes(context: Given[Context], actor: Given[Actor], import_id: FromPath[str]) -> Stream:
    """Every row of an import that was refused, was a duplicate or was repaired, with line and reason, as CSV. The
    columns of the imported file come after `reason`. An apostrophe stands before what a spreadsheet would take for a
    formula, numbers with + included; importing the file again takes it away."""
    which = path_id(import_id, ImportNotFound)
    async with context.works.read(actor) as work:
        found = await imports.result(work, which)
    return _download(_rows(context, actor, found), f"import-{which}.csv")


class EventQuery(Struct):
    """The query of the event stream."""

    after: Annotated[int, Meta(ge=0)] | None = None


_read_query = reader(EventQuery)


@get(
    "/api/events", operation_id="follow_events", extension=True, media_type="text/event-stream", query_shape=EventQuery
)
async def follow_events(serving: Given[Serving], actor: Given[Actor], request: Request[Any, Any, Any]) -> Stream:
    """The organisation's events as they happen (server-sent events), as far as the caller may see what they are about.
    `after` or `Last-Event-ID` takes up the thread."""
    last = request.headers.get("last-event-id")
    wanted = _read_query([("after", last)] if last else request.query_params.multi_items())
    if actor.org_id is None:
        raise Forbidden("You belong to no organisation yet.")
    if serving.hub is None:
        raise Upstream("Live events are not served by this process.")
    return event_stream(activity.watch(serving.context.works, serving.hub, actor, wanted.after))


def _download(chunks: AsyncIterator[bytes], filename: str) -> Stream:
    headers = {**_DOWNLOAD, "Content-Disposition": f'attachment; filename="{filename}"'}
    return Stream(chunks, media_type="text/csv; charset=utf-8", headers=headers)


async def _rows(context: Context, actor: Actor, found: ImportResult) -> AsyncIterator[bytes]:
    yield noted.head(found.columns, ("row", "kind", "reason")).encode()
    async for some in noted.every(context, actor, found.id):
        yield noted.lines(some).encode()


ROUTES = [download_upload, download_import_notes, follow_events]
