"""Bringing leads in: choose a file, say what its columns hold, see what became of every row, go on to the campaign."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from frontdesk.console.forms import MENDABLE, AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.campaigns import causes
from frontdesk.console.views.imports import MappingForm, column_names, size_words
from frontdesk.console.views.wording import FIELD_WORDS, NOTE_WORDS
from frontdesk.domain.campaigns.service import audience, campaigns
from frontdesk.domain.leads.errors import DatasetNotFound
from frontdesk.domain.leads.model import ImportState, Upload
from frontdesk.domain.leads.service import datasets, imports, noted, undoing
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError, Invalid, TooLarge
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

NOTES_PER_PAGE = 50
DONE_AT_ONCE = 5_000
"""Rows of a file that is imported while the browser waits; longer ones are left to a worker."""
_CHUNK = 256 * 1024


@get("/imports")
async def choose(request: AnyRequest, work: Given[Work]) -> Response[str]:
    work.require(Permission.IMPORT_LEADS)
    return await _choose_page(request, work, parse_id(request.query_params.get("dataset", "")))


async def _choose_page(request: AnyRequest, work: Work, dataset_id: UUID | None, wrong: str = "") -> Response[str]:
    known = await datasets.list_all(work)
    return await render(
        request,
        "imports/choose.html",
        work,
        status=400 if wrong else 200,
        dataset=next((dataset for dataset in known if dataset.id == dataset_id), None),
        wrong=wrong,
    )


@post("/imports", status_code=200)
async def upload(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[str]:
    form = await form_of(request)
    file, dataset_id = form.file("file"), parse_id(form.text("dataset"))
    try:
        if file is None:
            raise Invalid("Choose a file first.", field="file")
        stored = await imports.upload(context, actor, file.filename, _chunks(file), dataset_id)
    except (*MENDABLE, TooLarge) as error:
        async with context.works.read(actor) as work:
            return await _choose_page(request, work, dataset_id, error.message)
    return go(request, f"/console/imports/{stored.id}")


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


@get("/imports/{upload_id:str}")
async def map_columns(request: AnyRequest, work: Given[Work], upload_id: FromPath[str]) -> Response[str]:
    work.require(Permission.IMPORT_LEADS)
    return await _map_page(request, work, the_id(upload_id))


async def _map_page(request: AnyRequest, work: Work, upload_id: UUID, form: MappingForm | None = None) -> Response[str]:
    stored = await imports.get_upload(work, upload_id)
    may_create = work.actor.may(Permission.CREATE_DATASETS)
    shown = form or MappingForm.suggested(stored, may_create=may_create)
    return await render(
        request,
        "imports/map.html",
        work,
        status=400 if shown.errors else 200,
        upload=stored,
        size=size_words(stored.size),
        form=shown,
        fields=[("", "Leave out"), *((field.value, word) for field, word in FIELD_WORDS.items())],
        datasets=[(dataset.id, dataset.name) for dataset in await datasets.list_all(work)],
        may_create=may_create,
    )


@post("/imports/{upload_id:str}", status_code=200)
async def run(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], upload_id: FromPath[str]
) -> Response[str]:
    which, typed = the_id(upload_id), await form_of(request)
    async with context.works.read(actor) as work:
        work.require(Permission.IMPORT_LEADS)
        stored = await imports.get_upload(work, which)
        form = MappingForm.read(stored, typed.text)
        mapping = form.mapping(stored)
    if not form.errors:
        try:
            import_id = await _import(context, actor, stored, form, mapping)
            return go(request, f"/console/imports/done/{import_id}")
        except (*MENDABLE, DatasetNotFound) as error:
            form.refuse(error)
    async with context.works.read(actor) as work:
        return await _map_page(request, work, which, form)


async def _import(context: Context, actor: Actor, upload: Upload, form: MappingForm, mapping: dict[str, str]) -> UUID:
    """Import, into a new dataset if that is wanted; one made for an import that fails is taken away again. A long file
    is left to a worker."""
    later = upload.rows_detected > DONE_AT_ONCE
    dataset_id, made = form.dataset, None
    async with context.works.begin(actor) as work:
        if form.into == "new" or dataset_id is None:
            dataset_id = made = (await datasets.create(work, form.name)).id
        if later:
            return (await imports.begin_later(work, upload.id, dataset_id, mapping)).id
    try:
        return (await campaigns.import_leads(context, actor, upload.id, dataset_id, mapping)).result.id
    except DomainError:
        if made is not None and actor.may(Permission.DELETE_DATASETS):
            async with context.works.begin(actor) as work:
                await datasets.delete(work, made)
        raise


@get("/imports/done/{import_id:str}")
async def done(request: AnyRequest, work: Given[Work], import_id: FromPath[str]) -> Response[str]:
    which = the_id(import_id)
    result = await imports.result(work, which)
    dataset = await datasets.get(work, result.dataset_id)
    if result.state is not ImportState.DONE:
        stopped = result.state is ImportState.FAILED or result.interrupted(work.now)
        return await render(request, "imports/under_way.html", work, result=result, dataset=dataset, stopped=stopped)
    if request.headers.get("hx-target") == "import":  # the page of its progress has asked: there is another one now
        return Response("", media_type="text/html", headers={"HX-Refresh": "true"})
    counts = {kind: (await imports.notes(work, which, kind, 1, 1)).total for kind in NOTE_WORDS}
    asked = request.query_params.get("kind", "")
    kind = asked if asked in NOTE_WORDS else next((kind for kind, count in counts.items() if count), "refused")
    page = request.query_params.get("page", "")
    number = min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    found = await imports.notes(work, which, kind, number, NOTES_PER_PAGE)
    preflight = await audience.preflight(work, dataset.id)
    return await render(
        request,
        "imports/done.html",
        work,
        result=result,
        dataset=dataset,
        made=result.created_at,
        may_undo=result.undone_at is None and undoing.may_undo(work, result),
        noted=counts,
        kinds=NOTE_WORDS,
        kind=kind,
        number=number,
        per_page=NOTES_PER_PAGE,
        found=found,
        columns=column_names(result.columns, [note.cells for note in found.items]),
        preflight=preflight,
        skipped=causes("unfit", preflight.reasons),
        link=partial(_rows_address, which, kind),
    )


@post("/imports/done/{import_id:str}/again", status_code=200)
async def again(request: AnyRequest, work: Given[Work], import_id: FromPath[str]) -> Response[str]:
    which = the_id(import_id)
    await imports.again(work, which)
    return go(request, _address(which))


@get("/imports/done/{import_id:str}/undo")
async def confirm_undo(request: AnyRequest, work: Given[Work], import_id: FromPath[str]) -> Response[str]:
    which = the_id(import_id)
    result = await imports.result(work, which)
    dataset = await datasets.get(work, result.dataset_id)
    if (why := undoing.obstacle(result, dataset)) is not None:
        return go(request, _address(which), bad=why)
    count = f"{result.successful:,} {'lead' if result.successful == 1 else 'leads'}"
    return await render(
        request,
        "confirm.html",
        work,
        title="Undo the import",
        crumbs=[("Campaigns", "/console/campaigns"), (dataset.name, f"/console/campaigns/{dataset.id}")],
        question=f"Take the {count} of this file out of “{dataset.name}” again?",
        consequence="Those who are in no other list and were never contacted, booked or changed are deleted. "
        "Texts of the campaign that wait for any of them are cancelled. Opt-outs and consent stay in any case.",
        action=f"{_address(which)}/undo",
        verb="Undo the import",
        back=_address(which),
        danger=True,
    )


@post("/imports/done/{import_id:str}/undo", status_code=200)
async def undo(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], import_id: FromPath[str]
) -> Response[str]:
    which = the_id(import_id)
    try:
        async with context.works.begin(actor) as work:
            await campaigns.undo_import(work, which)
    except MENDABLE as problem:
        return go(request, _address(which), bad=problem.message)
    return go(request, _address(which), good="The import is undone.")


def _address(import_id: UUID) -> str:
    return f"/console/imports/done/{import_id}"


def _rows_address(import_id: UUID, kind: str, page: int) -> str:
    return f"/console/imports/done/{import_id}?kind={kind}&page={page}#rows"


@get("/imports/done/{import_id:str}/rows.csv")
async def download_rows(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], import_id: FromPath[str]
) -> Stream:
    which = the_id(import_id)
    asked = request.query_params.get("kind", "")
    kind = asked if asked in NOTE_WORDS else None
    async with context.works.read(actor) as work:
        result = await imports.result(work, which)

    async def lines() -> AsyncIterator[bytes]:
        yield ("\ufeff" + noted.head(result.columns)).encode()  # by the mark Excel knows the encoding
        async for some in noted.every(context, actor, which, [kind] if kind else noted.KINDS):
            yield noted.lines(some).encode()

    name = f"import-{result.created_at:%Y-%m-%d}-{kind or 'rows'}.csv"
    return Stream(
        lines(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


routes = [choose, upload, map_columns, run, done, again, confirm_undo, undo, download_rows]
