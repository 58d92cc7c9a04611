"""The SQL of documents and their passages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.domain.agents.model import KnowledgeFile
from frontdesk.domain.agents.passages import Passage
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records

_COLUMNS = ", ".join(KnowledgeFile.__struct_fields__)


async def insert(work: Work, file: KnowledgeFile) -> None:
    """Write a new document."""
    await work.execute(
        """insert into knowledge_files (org_id, id, name, kind, size, file_key, status, created_by, created_at,
                updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)""",
        work.org_id, file.id, file.name, file.kind.value, file.size, file.file_key, file.status.value, work.actor.id,
        work.now,
    )  # fmt: skip


async def replace(work: Work, file_id: UUID, name: str, kind: str, size: int, file_key: str) -> KnowledgeFile | None:
    """Another file in its place, to be read. None where it is gone."""
    row = await work.fetchrow(
        f"""update knowledge_files set name = $3, kind = $4, size = $5, file_key = $6, generation = generation + 1,
                status = 'waiting', done = 0, pages = null, problem = null, updated_at = $7
            where org_id = $1 and id = $2 and deleted_at is null returning {_COLUMNS}""",
        work.org_id, file_id, name, kind, size, file_key, work.now,
    )  # fmt: skip
    return None if row is None else record(KnowledgeFile, row)


async def get(work: Work, file_id: UUID, *, deleted: bool = False, lock: bool = False) -> KnowledgeFile | None:
    """One document that is there, or that is deleted."""
    row = await work.fetchrow(
        f"""select {_COLUMNS} from knowledge_files
            where org_id = $1 and id = $2 and (deleted_at is not null) = $3 {"for update" if lock else ""}""",
        work.org_id, file_id, deleted,
    )  # fmt: skip
    return None if row is None else record(KnowledgeFile, row)


async def listed(work: Work) -> list[KnowledgeFile]:
    """All documents, by name."""
    rows = await work.fetch(
        f"select {_COLUMNS} from knowledge_files where org_id = $1 and deleted_at is null order by lower(name), id",
        work.org_id,
    )
    return records(KnowledgeFile, rows)


async def count(work: Work) -> int:
    """How many documents there are."""
    return await work.fetchval(
        "select count(*) from knowledge_files where org_id = $1 and deleted_at is null", work.org_id
    )


async def note(work: Work, file_id: UUID, generation: int, **columns: Any) -> bool:
    """Change `columns` of a document that has not been replaced since. False where it was."""
    sets = "".join(f", {column} = ${place}" for place, column in enumerate(columns, 5))
    return bool(
        await work.execute(
            f"update knowledge_files set updated_at = $4{sets} where org_id = $1 and id = $2 and generation = $3",
            work.org_id, file_id, generation, work.now, *columns.values(),
        )
    )  # fmt: skip


async def keep_passages(work: Work, file_id: UUID, passages: list[Passage]) -> None:
    """Put these in the place of the document's passages."""
    await work.execute("delete from knowledge_passages where org_id = $1 and file_id = $2", work.org_id, file_id)
    await work.execute(
        """insert into knowledge_passages (org_id, file_id, id, place, title, body)
           select $1, $2, p.* from unnest($3::uuid[], $4::int[], $5::text[], $6::text[]) as p""",
        work.org_id, file_id, [new_id() for _ in passages], list(range(1, len(passages) + 1)),
        [each.title for each in passages], [each.body for each in passages],
    )  # fmt: skip


async def set_deleted(work: Work, file_id: UUID, deleted_at: datetime | None) -> bool:
    """Delete it, or bring it back. False where it was so already, or is not there."""
    return bool(
        await work.execute(
            """update knowledge_files set deleted_at = $3 where org_id = $1 and id = $2
                   and (deleted_at is null) = ($3::timestamptz is not null)""",
            work.org_id, file_id, deleted_at,
        )
    )  # fmt: skip


async def deleted_before(work: Work, before: datetime) -> list[tuple[UUID, UUID]]:
    """(Organisation, document) of what was deleted before then, across tenants."""
    rows = await work.fetch("select org_id, id from knowledge_files where deleted_at < $1 limit 1000", before)
    return [(row["org_id"], row["id"]) for row in rows]


async def purge(work: Work, file_id: UUID, before: datetime) -> str | None:
    """Take it away for good, unless it was brought back. Returns the key of its file."""
    return await work.fetchval(
        "delete from knowledge_files where org_id = $1 and id = $2 and deleted_at < $3 returning file_key",
        work.org_id, file_id, before,
    )  # fmt: skip
