"""Imports that wait for a worker: for another one to end, or, where nobody will do them any more, for nothing."""

from datetime import timedelta

import pytest
from tests.fixtures.business import MakeDataset
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads import merge_store
from frontdesk.domain.leads.errors import ImportUnderWay
from frontdesk.domain.leads.model import ImportResult, ImportState
from frontdesk.domain.leads.service import imports
from frontdesk.domain.leads.tasks import ImportDue
from frontdesk.jobs.imports import import_file
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import RetryAfter

MAPPING = {"first_name": "Name", "phone_number": "Phone"}


async def upload_id(context: Context, org: Organization):
    async def chunks():
        yield b"Name,Phone\nAnn,07700 900101\n"

    return (await imports.upload(context, org.actor, "leads.csv", chunks())).id


@pytest.fixture
async def waiting(context: Context, org: Organization, a_dataset: MakeDataset) -> ImportResult:
    """An import that was left to a worker."""
    dataset, upload = await a_dataset(), await upload_id(context, org)
    async with context.works.begin(org.actor) as work:
        return await imports.begin_later(work, upload, dataset.id, MAPPING)


async def now(context: Context, org: Organization, import_id: object) -> ImportResult:
    async with context.works.read(org.actor) as work:
        return await imports.result(work, import_id)


async def lose_jobs(context: Context) -> None:
    async with context.works.across_tenants("tests") as work:
        await work.execute("delete from pgqueuer")


async def test_an_import_that_has_lost_its_job_is_said_to_be_stopped_and_can_be_run_again(
    context: Context, org: Organization, waiting: ImportResult, clock: FrozenClock
):
    await lose_jobs(context)
    assert await imports.fail_forgotten(context) == 0  # it has just been put down
    clock.move(imports.FORGOTTEN + timedelta(seconds=1))
    assert await imports.fail_forgotten(context) == 1
    failed = await now(context, org, waiting.id)
    assert (failed.state, failed.problem) == (ImportState.FAILED, "The program stopped before it was done.")
    assert await imports.fail_forgotten(context) == 0
    async with context.works.begin(org.actor) as work:
        await imports.again(work, waiting.id)
    assert await imports.fail_forgotten(context) == 0  # old as it is, it has a job now
    await import_file(context, ImportDue(org.id, waiting.id))
    assert (await now(context, org, waiting.id)).successful == 1


async def test_an_import_waits_as_long_as_it_has_a_job(
    context: Context, org: Organization, waiting: ImportResult, clock: FrozenClock
):
    clock.move(timedelta(days=1))
    assert await imports.fail_forgotten(context) == 0
    assert (await now(context, org, waiting.id)).state is ImportState.WAITING


async def test_an_import_whose_request_died_is_said_to_be_stopped(
    context: Context, org: Organization, a_dataset: MakeDataset, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    dataset, upload = await a_dataset(), await upload_id(context, org)

    async def die(*_: object) -> int:
        raise ConnectionResetError

    monkeypatch.setattr(merge_store, "take", die)
    with pytest.raises(ConnectionResetError):
        await imports.run(context, org.actor, upload, dataset.id, MAPPING)
    async with context.works.read(org.actor) as work:
        [left] = await imports.list_imports(work, dataset.id)
    clock.move(imports.FORGOTTEN + timedelta(seconds=1))
    assert await imports.fail_forgotten(context) == 1
    assert (await now(context, org, left.id)).state is ImportState.FAILED


async def test_while_another_import_runs_a_worker_lets_it_wait_and_a_request_is_refused(
    context: Context, org: Organization, waiting: ImportResult, monkeypatch: pytest.MonkeyPatch
):
    async def taken(work: Work) -> None:
        raise ImportUnderWay

    upload = await upload_id(context, org)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(merge_store, "hold", taken)
        with pytest.raises(RetryAfter):
            await import_file(context, ImportDue(org.id, waiting.id))
        assert (await now(context, org, waiting.id)).state is ImportState.WAITING
        with pytest.raises(ImportUnderWay):
            await imports.run(context, org.actor, upload, waiting.dataset_id, MAPPING)
    async with context.works.read(org.actor) as work:
        states = {found.id: found.state for found in await imports.list_imports(work, waiting.dataset_id)}
    assert sorted(states.values()) == [ImportState.FAILED, ImportState.WAITING]
    await import_file(context, ImportDue(org.id, waiting.id))
    assert (await now(context, org, waiting.id)).successful == 1
