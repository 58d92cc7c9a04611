"""A carrier that fails in each way a carrier can: every text arrives once, or is known not to have arrived."""

import asyncio
from typing import Any

import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found
from tests.end_to_end.installation import Installation
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("desk")]

LEADS = 4
PASSING = ["busy", "uncertain_accepted", "uncertain_lost", "brownout"]
"""Faults of the hand-over. They strike every text, and pass."""
ANNOYING = ["slow", "duplicate", "late", "reorder"]
"""Faults that cost nothing but time."""
RECOVERY = 150.0


async def campaign_through(us: Business, kind: str, *, passing: bool = False) -> dict[str, Any]:
    """Run M1 of a campaign while the carrier has a fault, and tell how it ended. A passing one has struck each once."""
    await us.fault(kind)
    numbers = handsets(LEADS)
    dataset_id = await us.campaign(numbers, m2_delay_hours=1000)
    lead_ids = [lead["id"] for lead in (await us.leads(dataset_id)).values()]

    async def has_struck_all() -> bool:
        texts = [await us.thread(lead_id) for lead_id in lead_ids]
        return all(text and text[0]["delivery_status"] != "sending" for text in texts)

    async def m1() -> dict[str, int]:
        return (await us.progress(dataset_id))["steps"]["m1"]

    async def is_over() -> bool:
        now = await m1()
        return now["delivered"] + now["failed"] == LEADS

    if passing:
        await until(has_struck_all, RECOVERY)
        await us.fault(kind, rate=0)
    await until(is_over, RECOVERY)
    received = [len(await us.received(number)) for number in numbers]
    statuses = {lead["contact_status"] for lead in (await us.leads(dataset_id)).values()}
    return {"m1": await m1(), "received": received, "statuses": statuses}


async def test_each_text_of_a_campaign_arrives_once_whatever_the_carrier_does(desk: Installation, found: Found) -> None:
    kinds = [*PASSING, *ANNOYING]
    us = [await found(desk, kind) for kind in kinds]
    # Side by side, because settling what is uncertain takes its time.
    outcomes = await asyncio.gather(
        *(campaign_through(each, kind, passing=kind in PASSING) for each, kind in zip(us, kinds, strict=True))
    )
    arrived = {
        "m1": {"waiting": 0, "sent": LEADS, "delivered": LEADS, "failed": 0, "unknown": 0},
        "received": [1] * LEADS,
        "statuses": {"CONTACTED_1"},
    }
    assert dict(zip(kinds, outcomes, strict=True)) == dict.fromkeys(kinds, arrived)


@pytest.mark.parametrize(("kind", "statuses"), [("reject", {"READY"}), ("fail", {"CONTACTED_1"})])
async def test_what_does_not_arrive_is_known_as_failed(
    desk: Installation, found: Found, kind: str, statuses: set[str]
) -> None:
    us = await found(desk)
    outcome = await campaign_through(us, kind)
    assert outcome == {
        "m1": {"waiting": 0, "sent": 0, "delivered": 0, "failed": LEADS, "unknown": 0},
        "received": [0] * LEADS,
        "statuses": statuses,
    }


async def test_a_hand_send_says_what_became_of_it(desk: Installation, found: Found) -> None:
    us = await found(desk)
    [number] = handsets(1)
    answer = await us.imported("First Name,Last Name,Mobile,Enquiry\nAnn,Test," + number + ",a kitchen")
    lead_id = (await us.leads(answer["dataset_id"]))[number]["id"]
    body = {"lead_id": lead_id, "content": "Shall I call you?", "message_category": "human_manual"}

    await us.fault("reject")
    refused = await us.refused("messages/send", body)
    assert (refused["code"], refused["details"]["carrier_code"]) == ("SEND_FAILED", "30007")
    await us.fault("reject", rate=0)

    await us.fault("busy")
    sent = (await us.post("messages/send", body))["message"]
    assert (sent["status"], sent["delivery_status"], sent["sent_at"]) == ("pending", "queued", None)
    assert await us.received(number) == []
    await us.fault("busy", rate=0)

    async def has(count: int) -> bool:
        return len(await us.received(number)) == count

    await until(lambda: has(1), 60)

    await us.fault("uncertain_accepted")
    sent = (await us.post("messages/send", body))["message"]
    assert sent["status"] in ("pending", "sent", "delivered")  # its callback may have been quicker than this answer
    await us.fault("uncertain_accepted", rate=0)
    await until(lambda: has(2), 60)

    async def all_is_told() -> bool:
        return [text["delivery_status"] for text in await us.thread(lead_id)] == ["failed", "delivered", "delivered"]

    await until(all_is_told, 60)


async def test_a_text_whose_webhook_comes_twice_is_heard_and_answered_once(desk: Installation, found: Found) -> None:
    us = await found(desk)
    [number] = handsets(1)
    dataset_id = await us.campaign([number], m2_delay_hours=1000)

    async def has(count: int) -> bool:
        return len(await us.received(number)) >= count

    await until(lambda: has(1), 60)
    lead_id = (await us.leads(dataset_id))[number]["id"]
    await us.fault("duplicate")
    await us.text(number, "How much does it cost?")
    await until(lambda: has(2), 60)
    await us.text(number, "STOP")
    await until(lambda: has(3), 60)
    said = [text["message_category"] for text in await us.thread(lead_id)]
    assert said == ["m1", "inbound", "ai_response", "inbound", "system"]
