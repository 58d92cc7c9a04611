"""Documents as knowledge: taken in, read in the background, found by what they say. What they say is data to answer
from and never an instruction: it reaches a model as the facts of a brief do."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import PurePath
from uuid import UUID

from frontdesk.domain.agents import file_store as store
from frontdesk.domain.agents import passages
from frontdesk.domain.agents.errors import KnowledgeFileNotFound
from frontdesk.domain.agents.events import DocumentRead
from frontdesk.domain.agents.model import FileKind, FileStatus, KnowledgeFile, kind_of
from frontdesk.domain.agents.tasks import READ, DocumentDue
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import Invalid, NotFound, TooLarge
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue
from frontdesk.ports.documents import Unreadable

LARGEST = 10 * 1024 * 1024
"""Bytes of a document."""
MOST_FILES = 500
"""Documents of an organisation."""
KEPT_DELETED = timedelta(days=1)
"""How long a deleted document can be brought back."""

_LOOKED_AT = 4096


async def upload(
    context: Context, actor: Actor, name: str, chunks: AsyncIterator[bytes], replaces: UUID | None = None
) -> KnowledgeFile:
    """Store a document and have it read in the background; in the place of another, if told, whose passages serve until
    the new ones are there.

    Raises Invalid (of a kind that is not taken, by name or content; too many), TooLarge, KnowledgeFileNotFound.
    Audited; knowledge.read is emitted when it has been read.
    """
    name = PurePath(name.replace("\\", "/")).name.strip()[-200:]
    if not name.isprintable():
        raise Invalid("The file's name has characters that cannot be.", field="file")
    async with context.works.read(actor) as work:
        work.require(Permission.EDIT_LESSONS)
        was = None if replaces is None else await get(work, replaces)
        if was is None and await store.count(work) >= MOST_FILES:
            raise Invalid(f"There are {MOST_FILES} documents already. Delete what is out of date.", field="file")
        org_id = work.org_id
    begins, rest = await _beginning(chunks)
    kind = kind_of(name, begins)
    key = f"{org_id}/knowledge/{new_id()}.{kind}"
    try:
        size = await context.files.write(key, rest, limit=LARGEST)
    except TooLarge as error:
        raise TooLarge(f"A document may have {LARGEST // 1024 // 1024} MB at most.", field="file") from error
    try:
        async with context.works.begin(actor) as work:
            stored = await _keep(work, replaces, name, kind, size, key)
    except BaseException:
        await context.files.delete(key)
        raise
    if was is not None:
        await context.files.delete(was.file_key)
    return stored


async def _keep(work: Work, replaces: UUID | None, name: str, kind: FileKind, size: int, key: str) -> KnowledgeFile:
    if replaces is None:
        stored = KnowledgeFile(
            id=new_id(), name=name, kind=kind, size=size, file_key=key, generation=1, status=FileStatus.WAITING, done=0,
            pages=None, problem=None, passages=0, created_at=work.now, updated_at=work.now, deleted_at=None,
        )  # fmt: skip
        await store.insert(work, stored)
    else:
        replaced = await store.replace(work, replaces, name, kind.value, size, key)
        if replaced is None:
            raise KnowledgeFileNotFound
        stored = replaced
    await enqueue(work, READ, DocumentDue(work.org_id, stored.id, stored.generation))
    await work.audit("knowledge.uploaded", "knowledge_file", stored.id, name=name, size=size)
    return stored


async def _beginning(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The first bytes, and all of them."""
    held: list[bytes] = []
    async for chunk in chunks:
        held.append(chunk)
        if sum(map(len, held)) >= _LOOKED_AT:
            break

    async def everything() -> AsyncIterator[bytes]:
        for chunk in held:
            yield chunk
        async for chunk in chunks:
            yield chunk

    return b"".join(held)[:_LOOKED_AT], everything()


async def read(context: Context, due: DocumentDue) -> None:
    """Read a document and keep its passages, unless it was replaced or deleted meanwhile. What cannot be read is
    `failed`, with the reason for whoever uploaded it."""
    actor = system_actor(due.org_id)

    async def progress(done: int, of: int) -> None:
        async with context.works.begin(actor) as work:
            await store.note(work, due.file_id, due.generation, done=done, pages=of)

    async with context.works.begin(actor) as work:
        file = await store.get(work, due.file_id)
        if file is None or file.generation != due.generation or file.status is FileStatus.READY:
            return
        await store.note(work, file.id, file.generation, status=FileStatus.READING.value)
    found, problem = list[passages.Passage](), None
    try:
        data = b"".join([chunk async for chunk in context.files.read(file.file_key)])
        found = passages.split(file.name, await context.documents.read(file.kind.value, data, progress))
        if len(found) > passages.MOST:
            problem = f"It has more than {passages.MOST:,} passages. Upload it in parts."
    except Unreadable as error:
        problem = error.message
    except NotFound:
        problem = "The file is gone. Upload it again."
    async with context.works.begin(actor) as work:
        if problem is not None:
            if await store.note(work, file.id, file.generation, status=FileStatus.FAILED.value, problem=problem):
                work.emit(DocumentRead(subject_id=file.id, status=FileStatus.FAILED.value, passages=0))
        elif await store.note(
            work, file.id, file.generation, status=FileStatus.READY.value, problem=None, passages=len(found)
        ):
            await store.keep_passages(work, file.id, found)
            work.emit(DocumentRead(subject_id=file.id, status=FileStatus.READY.value, passages=len(found)))


async def list_files(work: Work) -> list[KnowledgeFile]:
    """All documents, by name."""
    work.require(Permission.VIEW)
    return await store.listed(work)


async def get(work: Work, file_id: UUID) -> KnowledgeFile:
    """One document. Raises KnowledgeFileNotFound."""
    work.require(Permission.VIEW)
    found = await store.get(work, file_id)
    if found is None:
        raise KnowledgeFileNotFound
    return found


async def delete(work: Work, file_id: UUID) -> KnowledgeFile:
    """Take a document away; for a day it can be brought back. Raises KnowledgeFileNotFound. Audited."""
    work.require(Permission.EDIT_LESSONS)
    found = await get(work, file_id)
    if not await store.set_deleted(work, file_id, work.now):
        raise KnowledgeFileNotFound
    await work.audit("knowledge.file_deleted", "knowledge_file", file_id)
    return found


async def restore(work: Work, file_id: UUID) -> KnowledgeFile:
    """Bring a deleted document back. Raises KnowledgeFileNotFound. Audited."""
    work.require(Permission.EDIT_LESSONS)
    if not await store.set_deleted(work, file_id, None):
        raise KnowledgeFileNotFound
    found = await get(work, file_id)
    if found.status in (FileStatus.WAITING, FileStatus.READING):
        await enqueue(work, READ, DocumentDue(work.org_id, file_id, found.generation))
    await work.audit("knowledge.file_restored", "knowledge_file", file_id)
    return found


async def purge_deleted(context: Context) -> None:
    """Take away for good what was deleted a day ago; for a periodic job."""
    async with context.works.across_tenants("deleted documents") as work:
        before = work.now - work.clock.lasting(KEPT_DELETED)
        due = await store.deleted_before(work, before)
    for org_id, file_id in due:
        async with context.works.begin(system_actor(org_id)) as work:
            key = await store.purge(work, file_id, before)
        if key is not None:
            await context.files.delete(key)
