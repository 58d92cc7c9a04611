"""Long files: memory that does not grow with them, progress that others see, and nothing half done."""

import asyncio
import dataclasses
import tempfile
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads import slices
from frontdesk.domain.leads.importing.rows import ImportMapping
from frontdesk.domain.leads.model import ImportResult, ImportState
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.domain.leads.slices import Source
from frontdesk.domain.leads.tasks import ImportDue
from frontdesk.jobs.imports import import_file
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

ROWS = 12_000
"""Several slices."""


def lines(rows: int, note: str = "") -> AsyncIterator[bytes]:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"Name,Phone,Email,Notes\n"
        for start in range(0, rows, 1000):
            yield "".join(
                f"Ann,07400{n:06},ann{n}@example.com,{note}\n" for n in range(start, min(start + 1000, rows))
            ).encode()

    return chunks()


MAPPING = {"first_name": "Name", "phone_number": "Phone", "email": "Email", "notes": "Notes"}


async def test_memory_is_bounded_by_slices_and_not_by_the_file(monkeypatch: pytest.MonkeyPatch):
    mib = 1024 * 1024
    monkeypatch.setattr(slices, "_CHARACTERS", mib)
    with tempfile.TemporaryFile() as file:
        async for chunk in lines(4_000, "long words " * 400):
            file.write(chunk)
        size = file.tell()
        tracemalloc.start()
        read = 0
        source = await asyncio.to_thread(Source, file, ImportMapping(phone_number="Phone", notes="Notes"), "GB")
        async for part in source.slices():
            read += part.read
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert read == 4_000
    assert size > 16 * mib
    assert peak < 8 * mib  # two slices, as written and as cleaned, and the reader's buffers


async def begun(world: Context, org: Organization) -> ImportResult:
    upload = await imports.upload(world, org.actor, "long.csv", lines(ROWS))
    async with world.works.begin(org.actor) as work:
        dataset = await datasets.create(work, "Long")
        return await imports.begin(work, upload.id, dataset.id, MAPPING)


async def counted(world: Context, org: Organization) -> tuple[int, int, int]:
    async with world.works.read(org.actor) as work:
        leads = await work.fetchval("select count(*) from leads where org_id = $1", org.id)
        (dataset,) = await datasets.list_all(work)
        (found,) = await imports.list_imports(work, dataset.id)
        return leads, dataset.total_leads, found.successful


async def members_known(world: Context, org: Organization) -> float:
    async with world.works.read(org.actor) as work:
        return await work.fetchval("select reltuples from pg_class where relname = 'dataset_leads'")


@pytest.mark.committed
async def test_a_long_import_is_seen_from_outside_and_cut_short_leaves_nothing_behind(
    context: Context,
    committed_works: Works,
    committed_org: Organization,
    committed_other_org: Organization,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(imports, "_SHOWS_LIFE_EVERY", 0.0)
    world, org = dataclasses.replace(context, works=committed_works), committed_org
    found = await begun(world, org)
    task: asyncio.Task[ImportResult]

    def cut_short(read: int) -> None:
        if read > 5_000:
            task.cancel()

    task = asyncio.create_task(imports.perform(world, org.actor, found.id, follow=cut_short))
    with pytest.raises(asyncio.CancelledError):
        await task
    async with committed_works.read(org.actor) as work:
        seen = await imports.result(work, found.id)
    assert (seen.state, seen.rows_read) == (ImportState.RUNNING, 1_000)  # what was shown, in transactions of its own
    assert await counted(world, org) == (0, 0, 0)

    # A worker takes it up again; and one of an organisation that no statistics know yet is as quick.
    # The planner knows of what came in at once, and not only when autovacuum has been there.
    for each, which in ((org, found), (committed_other_org, await begun(world, committed_other_org))):
        before = await members_known(world, each)
        await import_file(world, ImportDue(each.id, which.id))
        assert await counted(world, each) == (ROWS, ROWS, ROWS)
        assert await members_known(world, each) >= max(before, 0) + ROWS
