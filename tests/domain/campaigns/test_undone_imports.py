"""What becomes of a campaign's texts whose leads leave it again, because their import is undone."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.fixtures.business import MakeDataset, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns, sending
from frontdesk.domain.leads.model import Dataset, ImportResult
from frontdesk.domain.leads.service import imports
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Busy, OutgoingText

CSV = b"Name,Phone\nAnn,07700 900101\nBob,07700 900102\nCy,07700 900103\n"


@pytest.fixture
async def dataset(a_dataset: MakeDataset) -> Dataset:
    return await a_dataset()


async def file() -> AsyncIterator[bytes]:
    yield CSV


async def imported(context: Context, org: Organization, dataset: Dataset) -> ImportResult:
    upload = await imports.upload(context, org.actor, "leads.csv", file())
    mapping = {"first_name": "Name", "phone_number": "Phone"}
    return (await campaigns.import_leads(context, org.actor, upload.id, dataset.id, mapping)).result


async def start(context: Context, org: Organization, dataset: Dataset) -> None:
    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id, SettingsChange(rate_per_minute=6000))


async def pause_and_undo(context: Context, org: Organization, dataset: Dataset, result: ImportResult) -> None:
    async with context.works.begin(org.actor) as work:
        await campaigns.pause(work, dataset.id)
        await campaigns.undo_import(work, result.id)


async def go_on(context: Context, org: Organization, dataset: Dataset, clock: FrozenClock) -> int:
    """Resume the campaign; how many texts it claims an hour later."""
    async with context.works.begin(org.actor) as work:
        await campaigns.resume(work, dataset.id)
    clock.move(timedelta(hours=1))
    return await sending.run_due(context)


async def texts(context: Context, org: Organization) -> list[tuple[str, str | None]]:
    """How the organisation's texts stand, and why those that were cancelled were."""
    async with context.works.begin(org.actor) as work:
        rows = await work.fetch("select status, error_message from messages where org_id = $1 order by 1, 2", org.id)
    return [(row["status"], row["error_message"]) for row in rows]


async def test_texts_that_wait_go_with_their_import_and_who_comes_back_is_written_to(
    context, org, carrier: RememberingCarrier, dataset, clock: FrozenClock
):
    result = await imported(context, org, dataset)
    carrier.fail_with = [Busy(1)] * 3
    await start(context, org, dataset)
    assert await sending.run_due(context) == 3
    await pause_and_undo(context, org, dataset, result)
    assert await texts(context, org) == [("canceled", "withdrawn")] * 3
    assert await go_on(context, org, dataset, clock) == 0
    assert carrier.taken == []
    await imported(context, org, dataset)
    assert await sending.run_due(context) == 3
    assert {text.to for text in carrier.taken} == {f"+44770090010{place}" for place in (1, 2, 3)}
    assert await texts(context, org) == [("canceled", "withdrawn")] * 3 + [("sent", None)] * 3
    async with context.works.begin(org.actor) as work:
        first = (await campaigns.progress(work, dataset.id)).by_step["m1"]
    assert (first.waiting, first.sent) == (0, 3)


async def test_texts_under_way_while_their_import_is_undone_are_not_tried_again(
    context, org, carrier: RememberingCarrier, dataset, clock: FrozenClock
):
    result = await imported(context, org, dataset)
    carrier.fail_with = [Busy(1)] * 3

    async def undo(_: OutgoingText) -> None:
        carrier.on_send = None
        await pause_and_undo(context, org, dataset, result)

    carrier.on_send = undo
    await start(context, org, dataset)
    await sending.run_due(context)
    assert await go_on(context, org, dataset, clock) == 0
    assert carrier.taken == []
    assert await texts(context, org) == [("canceled", "withdrawn")] * 3
