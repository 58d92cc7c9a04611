"""The main job as a business does it, over HTTP alone: old leads in, texts out, answers, a call booked."""

import re
from datetime import UTC, datetime

import pytest
from tests.end_to_end.business import first_name, handsets
from tests.end_to_end.conftest import Found
from tests.end_to_end.installation import Installation
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("desk")]


async def test_old_leads_become_a_booked_call(desk: Installation, found: Found) -> None:
    us = await found(desk)
    numbers = handsets(5)
    keen, stopping, *silent = numbers
    dataset_id = await us.campaign(numbers, m2_delay_hours=0.005, m3_delay_hours=0.001)

    async def has(number: str, count: int) -> bool:
        return len(await us.received(number)) >= count

    for place, number in enumerate(numbers):
        await until(lambda number=number: has(number, 1), 30)
        [m1] = await us.received(number)
        assert m1.startswith(f"Hi {first_name(place)}, ")
        assert "Harbour Kitchens" in m1

    # One says STOP: it is confirmed once, and that is the end of it, whoever tries.
    await us.text(stopping, "STOP")
    await us.text(keen, "yes, can you call me tomorrow afternoon")
    await until(lambda: has(stopping, 2), 30)
    leads = await us.leads(dataset_id)
    assert leads[stopping]["contact_status"] == "OPTED_OUT"
    body = {"lead_id": leads[stopping]["id"], "content": "Are you sure?", "message_category": "human_manual"}
    assert (await us.refused("messages/send", body))["code"] == "SUPPRESSED"
    await us.text(stopping, "Stop")

    # The other is offered times, picks one, and is booked.
    await until(lambda: has(keen, 2), 30)
    offer = (await us.received(keen))[1]
    assert re.search(r"\d[ap]m", offer), offer  # which times, depends on the weekday and on where it is day now
    await us.text(keen, "the first one please")
    await until(lambda: has(keen, 3), 30)
    lead = (await us.get(f"leads/{leads[keen]['id']}"))["lead"]
    assert lead["contact_status"] == "CALL_BOOKED"
    assert lead["call_booked"]
    assert lead["call_booked_time"]
    assert lead["latest_lead_reply"] == "the first one please"

    # The silent ones get M2 and M3; then the campaign is over.
    await until(lambda: us.is_done(dataset_id), 60)
    for number in silent:
        await until(lambda number=number: has(number, 3), 30)
        assert len(set(await us.received(number))) == 3
    assert [text for text in await us.on_handset(stopping) if text[0] == "inbound"] == [
        ("inbound", "STOP"), ("inbound", "Stop"),
    ]  # fmt: skip
    assert len(await us.received(stopping)) == 2
    assert len(await us.received(keen)) == 3

    progress = await us.progress(dataset_id)
    assert {step: (now["sent"], now["delivered"]) for step, now in progress["steps"].items()} == {
        "m1": (5, 5), "m2": (3, 3), "m3": (3, 3),
    }  # fmt: skip
    assert sum(step["failed"] + step["unknown"] + step["waiting"] for step in progress["steps"].values()) == 0
    assert (progress["total_leads"], progress["replied"], progress["booked"], progress["opted_out"]) == (5, 2, 1, 1)
    dataset = (await us.get(f"datasets/{dataset_id}"))["dataset"]
    assert dataset["campaign_status"] == "completed"
    statuses = {number: lead["contact_status"] for number, lead in (await us.leads(dataset_id)).items()}
    assert [statuses[number] for number in numbers] == ["CALL_BOOKED", "OPTED_OUT", *["CONTACTED_3"] * 3]


async def test_a_pause_holds_the_next_step_back(desk: Installation, found: Found) -> None:
    us = await found(desk)
    numbers = handsets(3)
    dataset_id = await us.campaign(numbers, m2_delay_hours=0.003, m3_delay_hours=1000)

    async def texts() -> list[int]:
        return [len(await us.received(number)) for number in numbers]

    async def have(*counts: int) -> bool:
        return await texts() == list(counts)

    async def m2_is_due() -> bool:
        return datetime.fromisoformat((await us.progress(dataset_id))["next_due_at"]) < datetime.now(UTC)

    await until(lambda: have(1, 1, 1), 30)
    paused = await us.post("campaigns/pause", {"dataset_id": dataset_id})
    assert paused["campaign"]["status"] == "paused"
    await until(m2_is_due, 30)
    await us.text(numbers[0], "STOP")  # what leads say is heeded all the same
    await until(lambda: have(2, 1, 1), 30)
    await us.post("campaigns/resume", {"dataset_id": dataset_id})
    await until(lambda: have(2, 2, 2), 30)
    assert (await us.progress(dataset_id))["skipped"] == {"suppressed": 1}
    assert "unsubscribed" in (await us.received(numbers[0]))[1]
