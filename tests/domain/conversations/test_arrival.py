"""Plain texts are taken in by one statement: it writes what a transaction writes for other texts, or nothing at all."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization, make_organization

from frontdesk.domain.conversations.arrival_store import Arrival, ArrivingText, take_in_at_once
from frontdesk.domain.conversations.service import inbound
from frontdesk.domain.conversations.tasks import REPLY
from frontdesk.domain.leads.model import Stage
from frontdesk.domain.leads.service import capturing
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

BODY = "Yes please, call me tomorrow"


async def _texts(context: Context, org: Organization, phone: Any, provider_id: str) -> bool:
    return await inbound.receive(context, org.number, phone, BODY, "sandbox", provider_id)


async def _not_possible(*_: Any) -> Arrival:
    return Arrival.APART


def _text(called: str, sender: Any, only: UUID | None = None) -> ArrivingText:
    return ArrivingText(
        called=called, sender=str(sender), body=BODY, provider="sandbox", provider_id=f"SM-{called}-{sender}", only=only
    )


async def _written(works: Works, org: Organization, lead_id: Any) -> list[Any]:
    """All that is known of a lead's texts, the ids made alike."""
    async with works.across_tenants("tests") as work:
        rows: list[Any] = []
        for sql in (
            """select stage, latest_reply, reply_received_at, updated_at, contact_status from leads
               where org_id = $1 and id = $2""",
            """select channel, dataset_id, status, message_count, unread, generation, answered_generation, started_at,
                   last_message_at, last_inbound_at from conversations where org_id = $1 and lead_id = $2""",
            """select direction, category, status, body, recipient, segments, provider, created_at from messages
               where org_id = $1 and lead_id = $2 order by created_at""",
            """select type, subject_type, version, actor_type, actor_id, occurred_at,
                   payload - 'conversation_id' - 'lead_id' as payload,
                   payload ->> 'conversation_id' = (select id::text from conversations
                                                    where org_id = $1 and lead_id = $2) as its_own
               from events where org_id = $1 and (subject_id = $2 or payload ->> 'lead_id' = $2::text)
               order by written""",
            """select q.priority, q.entrypoint, q.execute_after, q.status,
                   convert_from(q.payload, 'UTF8')::jsonb - 'conversation_id' as payload
               from pgqueuer q, conversations c
               where c.org_id = $1 and c.lead_id = $2
                 and convert_from(q.payload, 'UTF8')::jsonb ->> 'conversation_id' = c.id::text""",
        ):
            rows.append([dict(row) for row in await work.fetch(sql, org.id, lead_id)])
        return rows


@pytest.mark.parametrize("stage", ["new", "contacted", "qualified", "booked", "lost"])
async def test_both_ways_write_the_same(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow = await a_lead(stage=stage), await a_lead(stage=stage)

    for n in range(2):  # the first makes the conversation
        assert await _texts(context, org, quick.phone, f"SM-quick-{n}")
        with monkeypatch.context() as patch:
            patch.setattr(inbound, "_take_in_at_once", _not_possible)
            assert await _texts(context, org, slow.phone, f"SM-slow-{n}")
    written = await _written(works, org, quick.id)
    assert written == await _written(works, org, slow.id)
    assert [len(part) for part in written] == [1, 1, 2, 3, 2]  # the second says the same at the same instant


async def test_a_text_that_came_before_is_not_taken_again(
    context: Context, works: Works, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead(stage="contacted", last_step=1)
    assert await _texts(context, org, lead.phone, "SM-1")
    before = await _written(works, org, lead.id)
    assert not await _texts(context, org, lead.phone, "SM-1")
    assert await _written(works, org, lead.id) == before


async def test_the_same_words_again_are_news_of_their_time_alone(
    context: Context, works: Works, clock: FrozenClock, org: Organization, a_lead: MakeLead,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    quick, slow = await a_lead(stage="contacted", last_step=1), await a_lead(stage="contacted", last_step=1)
    for n in range(2):
        assert await _texts(context, org, quick.phone, f"SM-quick-{n}")
        with monkeypatch.context() as patch:
            patch.setattr(inbound, "_take_in_at_once", _not_possible)
            assert await _texts(context, org, slow.phone, f"SM-slow-{n}")
        clock.move(timedelta(minutes=1))
    written = await _written(works, org, quick.id)
    assert written == await _written(works, org, slow.id)
    assert [event["payload"]["fields"] for event in written[3] if event["type"] == "lead.updated"] == [
        ["stage", "latest_reply", "reply_received_at"],
        ["reply_received_at"],
    ]


@pytest.mark.parametrize("kept", [{"stage": "opted_out"}, {"stage": "replied", "manual_mode": True}])
async def test_leads_that_nobody_answers_are_left_to_the_long_way(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, kept: dict[str, Any]
) -> None:
    lead = await a_lead(**kept)
    before = await _written(works, org, lead.id)
    text = ArrivingText(
        called=org.number, sender=str(lead.phone), body=BODY, provider="sandbox", provider_id="SM-1", only=None
    )
    assert await inbound._take_in_at_once(works, text) is Arrival.APART  # pyright: ignore[reportPrivateUsage]
    assert await _written(works, org, lead.id) == before
    assert await _texts(context, org, lead.phone, "SM-1")
    assert len((await _written(works, org, lead.id))[2]) == 1


async def test_nothing_is_taken_in_for_whom_the_number_is_not(
    works: Works, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead()
    before = await _written(works, org, lead.id)
    for called, spoken_for in ((org.number, new_id()), ("+447700900999", None)):
        text = ArrivingText(
            called=called, sender=str(lead.phone), body=BODY, provider="sandbox", provider_id="SM-1", only=spoken_for
        )
        assert await inbound._take_in_at_once(works, text) is Arrival.NOBODY  # pyright: ignore[reportPrivateUsage]
    assert await _written(works, org, lead.id) == before


@pytest.mark.committed
async def test_texts_that_come_at_once_are_taken_in_together_each_as_it_would_be_alone(
    committed_works: Works,
) -> None:
    works = committed_works
    orgs = [await make_organization(works, f"Acme {n}", f"+44770090000{n}") for n in range(1, 4)]
    ids: dict[tuple[UUID, int], UUID] = {}
    for org in orgs:
        async with works.begin(org.actor) as work:
            for place in range(4):
                lead = await capturing.capture_or_get(work, Contact(phone=f"+4477009001{place:02}"))
                ids[org.id, place] = lead.id
    texts = [_text(org.number, f"+4477009001{place:02}") for place in range(4) for org in orgs] * 2
    took = [inbound._take_in_at_once(works, text) for text in texts]  # pyright: ignore[reportPrivateUsage]
    found = await asyncio.gather(*took)
    assert Counter(found) == {Arrival.TAKEN: 12, Arrival.REPEATED: 12}
    for org in orgs:
        for place in range(4):
            leads, threads, messages, events, tasks = await _written(works, org, ids[org.id, place])
            assert leads[0]["latest_reply"] == BODY
            assert [len(threads), len(messages), len(tasks)] == [1, 1, 1]
            assert [event["type"] for event in events if event["type"] == "message.received"] == ["message.received"]


async def test_each_of_a_batch_becomes_what_it_would_alone(
    works: Works, org: Organization, other_org: Organization, a_lead: MakeLead
) -> None:
    lead, gone, other = await a_lead(stage="contacted", last_step=1), await a_lead(stage="opted_out"), await a_lead()
    wanted = {
        _text(org.number, lead.phone): Arrival.TAKEN,
        _text(org.number, gone.phone): Arrival.APART,
        _text(org.number, "+447700900777"): Arrival.APART,
        _text(other_org.number, "+447700900778"): Arrival.APART,
        _text(other_org.number, other.phone): Arrival.APART,  # a lead of the first one is nobody to the second
        _text("+447700900779", "+447700900780"): Arrival.NOBODY,
        _text(org.number, "+447700900781", only=other_org.id): Arrival.NOBODY,
    }

    async def take_in() -> list[Arrival]:
        return await take_in_at_once(works, list(wanted), [Stage.OPTED_OUT], (inbound.HEARD, Stage.REPLIED), REPLY)

    assert await take_in() == list(wanted.values())
    assert [len(part) for part in await _written(works, org, lead.id)] == [1, 1, 1, 2, 1]
    assert [len(part) for part in await _written(works, org, gone.id)] == [1, 0, 0, 0, 0]
    assert await take_in() == [Arrival.REPEATED, *list(wanted.values())[1:]]
