"""Bringing leads in: choose a file, say what its columns hold, see what became of every row, go on to the campaign."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from frontdesk.console.forms import MENDABLE, AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.campaigns import reason_counts
from frontdesk.console.views.imports import MappingForm, column_names, made_at, notes_head, notes_lines, size_words
from frontdesk.console.views.wording import FIELD_WORDS, NOTE_WORDS
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.errors import DatasetNotFound
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError, Invalid, TooLarge
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

NOTES_PER_PAGE = 50
_CHUNK = 256 * 1024
_NOTES_AT_ONCE = 1_000


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
            import_id = await _import(context, actor, which, form, mapping)
            return go(request, f"/console/imports/done/{import_id}")
        except (*MENDABLE, DatasetNotFound) as error:
            form.refuse(error)
    async with context.works.read(actor) as work:
        return await _map_page(request, work, which, form)


async def _import(
    context: Context, actor: Actor, upload_id: UUID, form: MappingForm, mapping: Mapping[str, str]
) -> UUID:
    """Import, into a new dataset if that is wanted; one made for an import that fails is taken away again."""
    dataset_id, made = form.dataset, None
    if form.into == "new" or dataset_id is None:
        async with context.works.begin(actor) as work:
            dataset_id = made = (await datasets.create(work, form.name)).id
    try:
        return (await campaigns.import_leads(context, actor, upload_id, dataset_id, dict(mapping))).result.id
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
    noted = {kind: (await imports.notes(work, which, kind, 1, 1)).total for kind in NOTE_WORDS}
    asked = request.query_params.get("kind", "")
    kind = asked if asked in NOTE_WORDS else next((kind for kind, count in noted.items() if count), "refused")
    page = request.query_params.get("page", "")
    number = min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    found = await imports.notes(work, which, kind, number, NOTES_PER_PAGE)
    preflight = await campaigns.preflight(work, dataset.id)
    return await render(
        request,
        "imports/done.html",
        work,
        result=result,
        dataset=dataset,
        made=made_at(which),
        noted=noted,
        kinds=NOTE_WORDS,
        kind=kind,
        number=number,
        per_page=NOTES_PER_PAGE,
        found=found,
        columns=column_names(await _columns(work, result.dataset_id, which), [note.cells for note in found.items]),
        preflight=preflight,
        skipped=reason_counts(preflight.reasons),
        link=partial(_rows_address, which, kind),
    )


def _rows_address(import_id: UUID, kind: str, page: int) -> str:
    return f"/console/imports/done/{import_id}?kind={kind}&page={page}#rows"


async def _columns(work: Work, dataset_id: UUID, import_id: UUID) -> list[str]:
    """What the imported file's columns are called, where that is still known: of a dataset's newest import."""
    dataset = await datasets.get(work, dataset_id)
    newest = await imports.list_imports(work, dataset_id)
    if dataset.upload_id is None or not newest or newest[0].id != import_id:
        return []
    return [column.name for column in (await imports.get_upload(work, dataset.upload_id)).columns]


@get("/imports/done/{import_id:str}/rows.csv")
async def download_rows(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], import_id: FromPath[str]
) -> Stream:
    which = the_id(import_id)
    asked = request.query_params.get("kind", "")
    kind = asked if asked in NOTE_WORDS else None
    async with context.works.read(actor) as work:
        result = await imports.result(work, which)
        columns = await _columns(work, result.dataset_id, which)

    async def lines() -> AsyncIterator[bytes]:
        yield notes_head(columns).encode()
        number = 1
        while True:
            async with context.works.read(actor) as work:
                found = await imports.notes(work, which, kind, number, _NOTES_AT_ONCE)
            if not found.items:
                return
            yield notes_lines(found.items).encode()
            number += 1

    name = f"import-{made_at(which):%Y-%m-%d}-{kind or 'rows'}.csv"
    return Stream(
        lines(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


routes = [choose, upload, map_columns, run, done, download_rows]
