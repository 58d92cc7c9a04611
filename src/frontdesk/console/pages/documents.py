"""Documents among the knowledge: uploaded, replaced, downloaded, deleted and brought back. Their list is in
`knowledge.py`."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from frontdesk.console.forms import MENDABLE, AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.pages.knowledge import HERE, knowledge_page
from frontdesk.domain.agents.service import files
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid, TooLarge
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_CHUNK = 256 * 1024


@post("/knowledge/files", status_code=200)
async def upload(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Take a document in."""
    try:
        return await _take(request, context, actor, None)
    except (*MENDABLE, TooLarge) as problem:
        async with context.works.read(actor) as work:
            return await knowledge_page(request, work, None, problem)


@get("/knowledge/files/{file_id:str}")
async def choose(request: AnyRequest, work: Given[Work], file_id: FromPath[str]) -> Page:
    """Another version of a document, to be chosen."""
    work.require(Permission.EDIT_LESSONS)
    return await render(request, "knowledge/replace.html", work, file=await files.get(work, the_id(file_id)), wrong="")


@post("/knowledge/files/{file_id:str}/replace", status_code=200)
async def replace(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], file_id: FromPath[str]
) -> Response[Any]:
    """Take another version in."""
    which = the_id(file_id)
    try:
        return await _take(request, context, actor, which)
    except (*MENDABLE, TooLarge) as problem:
        async with context.works.read(actor) as work:
            file = await files.get(work, which)
            return await render(request, "knowledge/replace.html", work, status=400, file=file, wrong=problem.message)


async def _take(request: AnyRequest, context: Context, actor: Actor, replaces: UUID | None) -> Response[Any]:
    file = (await form_of(request)).file("file")
    if file is None:
        raise Invalid("Choose a file first.", field="file")
    stored = await files.upload(context, actor, file.filename, _chunks(file), replaces)
    return go(request, f"{HERE}#documents", good=f"“{stored.name}” is stored, and is being read.")


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


@get("/knowledge/files/{file_id:str}/download")
async def download(context: Given[Context], actor: Given[Actor], file_id: FromPath[str]) -> Stream:
    """The file as it was uploaded. It is never shown by the browser, whatever it holds."""
    async with context.works.read(actor) as work:
        file = await files.get(work, the_id(file_id))
    return Stream(
        context.files.read(file.file_key),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, no-store",
        },
    )


@post("/knowledge/files/{file_id:str}/delete", status_code=200)
async def delete(request: AnyRequest, work: Given[Work], file_id: FromPath[str]) -> Response[Any]:
    """Delete it, and offer it back on the page that follows."""
    file = await files.delete(work, the_id(file_id))
    undo = f"{HERE}/files/{file.id}/restore"
    return go(request, f"{HERE}#documents", good=f"“{file.name}” is deleted.", undo=undo)


@post("/knowledge/files/{file_id:str}/restore", status_code=200)
async def restore(request: AnyRequest, work: Given[Work], file_id: FromPath[str]) -> Response[Any]:
    """Bring it back."""
    file = await files.restore(work, the_id(file_id))
    return go(request, f"{HERE}#documents", good=f"“{file.name}” is back.")


routes: list[Any] = [upload, choose, replace, download, delete, restore]
