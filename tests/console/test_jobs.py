"""Jobs: what failed is shown with its reason and tried again, once."""

from uuid import UUID

import msgspec
import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.activity.service import READER
from frontdesk.domain.scheduling.events import AppointmentCreated
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform import dead_letters
from frontdesk.platform.database import Works


@pytest.fixture
async def letter(works: Works, org: Organization) -> UUID:
    """A task of `org` that failed for good."""
    async with works.across_tenants("tests") as work:
        payload = msgspec.json.encode({"org_id": str(org.id), "conversation_id": "c1"})
        await dead_letters.bury(work, "answer", payload, "TimeoutError at replies.py:41", 5)
    async with works.begin(org.actor) as work:
        (found,) = await dead_letters.listed(work)
    return found.id


@pytest.fixture
async def put_aside(works: Works, org: Organization) -> UUID:
    """An event of `org` that the reader of activities put aside."""
    async with works.begin(org.actor) as work:
        work.emit(AppointmentCreated(subject_id=new_id(), lead_id=None, starts_at=work.now, booked_by="person"))
    async with works.across_tenants("tests") as work:
        event_id: UUID = await work.fetchval(
            "update events set position = 1, sequence = 1 where type = 'appointment.created' returning id"
        )
        await work.execute(
            """insert into event_failures (reader, event_id, error, attempts, failed_at)
               values ($1, $2, 'KeyError at service.py:12', 5, $3)""",
            READER, event_id, work.now,
        )  # fmt: skip
    return event_id


async def test_nothing_has_failed(owner: Browser):
    assert "Nothing has failed" in words(await owner.get("/jobs"))
    assert "Nothing was dealt with" in words(await owner.get("/jobs?show=replayed"))


async def test_a_failed_task_is_shown_and_tried_again_once(owner: Browser, letter: UUID):
    shown = words(await owner.get("/jobs"))
    assert "TimeoutError at replies.py:41" in shown
    assert '"conversation_id": "c1"' in shown
    after = await owner.page(await owner.post(f"/jobs/{letter}/replay"))
    assert "The task is on its way again." in after
    assert "Nothing has failed" in after
    assert "tried again" in words(await owner.get("/jobs?show=replayed"))
    assert "The task was replayed or discarded before." in await owner.page(await owner.post(f"/jobs/{letter}/replay"))


async def test_an_event_is_reacted_to_again(owner: Browser, put_aside: UUID):
    assert "KeyError at service.py:12" in words(await owner.get("/jobs"))
    path = f"/jobs/events/{READER}/{put_aside}/retry"
    after = await owner.page(await owner.post(path))
    assert "The event has been dealt with." in after
    assert "Nothing has failed" in after
    assert (await owner.post(path)).status_code == 404
    assert (await owner.post(f"/jobs/events/nobody/{put_aside}/retry")).status_code == 404


async def test_only_some_may_see_and_try(browser_for: BrowserFor, org: Organization, viewer: Browser, letter: UUID):
    assert "Only some may see jobs" in words(await viewer.get("/jobs"))
    assert (await viewer.post(f"/jobs/{letter}/replay")).status_code == 403
    developer = await browser_for(org, Role.DEVELOPER)
    assert "on its way again" in await developer.page(await developer.post(f"/jobs/{letter}/replay"))


async def test_next_door_and_nonsense_are_not_found(stranger: Browser, letter: UUID, put_aside: UUID):
    assert "TimeoutError" not in (await stranger.get("/jobs")).text
    for wrong in (letter, new_id(), "nonsense"):
        assert (await stranger.post(f"/jobs/{wrong}/replay")).status_code == 404
    assert (await stranger.post(f"/jobs/events/{READER}/{put_aside}/retry")).status_code == 404


async def test_a_failed_task_is_put_away(owner: Browser, letter: UUID):
    assert "The task is put away." in await owner.page(await owner.post(f"/jobs/{letter}/discard", asked="yes"))
    assert "Nothing has failed" in words(await owner.get("/jobs"))
    assert "put away" in words(await owner.get("/jobs?show=replayed"))
    assert "discarded before" in await owner.page(await owner.post(f"/jobs/{letter}/replay"))


async def test_all_failed_tasks_are_tried_again_and_are_seen_to_wait(
    owner: Browser, viewer: Browser, stranger: Browser, letter: UUID
):
    assert (await viewer.post("/jobs/replay-all", asked="yes")).status_code == 403
    assert "0 tasks are on the way again." in await stranger.page(await stranger.post("/jobs/replay-all", asked="yes"))
    assert "1 task is on the way again." in await owner.page(await owner.post("/jobs/replay-all", asked="yes"))
    waits = words(await owner.get("/jobs?show=standing"))
    assert "Answer 0" in waits
    assert "Send the texts that wait 2 s" in waits
    assert "Answer 0" not in words(await stranger.get("/jobs?show=standing"))
    assert "Send the texts that wait" not in words(await viewer.get("/jobs?show=standing"))
