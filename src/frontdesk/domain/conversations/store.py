"""The SQL of conversations and messages.

Rows are locked in one order everywhere, so that nobody waits in a circle: the number (contactability), the lead, its
conversation, its messages. Locks leave the key alone (`no key update`), because a new row that refers to one waits for
a stronger lock and for nothing else.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from frontdesk.domain.conversations.errors import ConversationNotFound, MessageNotFound
from frontdesk.domain.conversations.model import Conversation, Message, MessageStatus, NewMessage
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.sms import segments_of
from frontdesk.platform.database import Work, record, records

CONVERSATION = """c.id, c.lead_id, c.channel, c.dataset_id, c.status, c.sentiment, c.quality_score::float8,
    c.message_count,
    c.unread, c.generation, c.answered_generation, c.reply_delay, c.started_at, c.last_message_at,
    c.last_inbound_at"""

DAY = timedelta(days=1)

MESSAGE = """m.id, m.conversation_id, m.lead_id, m.dataset_id, m.channel, m.direction, m.category, m.status, m.body,
    m.sender, m.recipient, m.segments, m.provider, m.provider_id, m.error_code, m.error_message, m.ai_generated,
    m.ai_model, m.ai_prompt, m.ai_confidence, m.ai_reasoning, m.ai_action, m.slots, m.lessons, m.quality_score::float8,
    m.coach_feedback, m.coach_feedback_status, m.generation, m.author_id, m.due_at, m.attempts, m.put_offs,
    m.claimed_at, m.deliver_until, m.created_at, m.sent_at, m.delivered_at"""


async def get(work: Work, conversation_id: UUID, *, lock: bool = False) -> Conversation:
    """The conversation. Raises ConversationNotFound, also where the actor is not let see the lead."""
    row = await work.fetchrow(
        f"""select {CONVERSATION} from conversations c
            where c.org_id = $1 and c.id = $2 and {seen("c.lead_id", 3)}
            {"for no key update" if lock else ""}""",
        work.org_id,
        conversation_id,
        allowed(work),
    )
    if row is None:
        raise ConversationNotFound
    return record(Conversation, row)


async def of_lead(work: Work, lead_id: UUID) -> Conversation | None:
    """The lead's conversation by text, if there is one."""
    row = await work.fetchrow(
        f"""select {CONVERSATION} from conversations c
            where c.org_id = $1 and c.lead_id = $2 and c.channel = 'sms'""",
        work.org_id,
        lead_id,
    )
    return None if row is None else record(Conversation, row)


async def open_for(
    work: Work, lead_ids: list[UUID], *, dataset_id: UUID | None = None, reply_delay: float | None = None
) -> dict[UUID, UUID]:
    """The conversation of each of the leads, made where there is none. The newest campaign sets dataset and delay."""
    rows = await work.fetch(
        """insert into conversations (org_id, id, lead_id, dataset_id, reply_delay, started_at)
           select $1, id, lead_id, $4, coalesce($5, 60), $6 from unnest($2::uuid[], $3::uuid[]) as t (id, lead_id)
           order by lead_id
           on conflict (org_id, lead_id, channel) do update
               set dataset_id = coalesce($4, conversations.dataset_id),
                   reply_delay = coalesce($5, conversations.reply_delay)
           returning lead_id, id""",
        work.org_id, [new_id() for _ in lead_ids], lead_ids, dataset_id, reply_delay, work.now,
    )  # fmt: skip
    return {row["lead_id"]: row["id"] for row in rows}


async def messages_of(work: Work, conversation_id: UUID, *, drafts: bool = True) -> list[Message]:
    """All messages of a conversation, oldest first."""
    rows = await work.fetch(
        f"""select {MESSAGE} from messages m
            where m.org_id = $1 and m.conversation_id = $2 and ($3 or m.status <> 'draft')
            order by m.created_at, m.id""",
        work.org_id, conversation_id, drafts,
    )  # fmt: skip
    return records(Message, rows)


async def message(work: Work, message_id: UUID, *, lock: bool = False) -> Message:
    """The message; with its lead, which goes first, locked if asked. Raises MessageNotFound."""
    plain = f"select {MESSAGE} from messages m where m.org_id = $1 and m.id = $2"
    row = await work.fetchrow(_LOCKED if lock else plain, work.org_id, message_id)
    if row is None:
        raise MessageNotFound
    return record(Message, row)


_LOCKED = f"""
    with first as materialized (
        select from leads where org_id = $1 and id = (select lead_id from messages where org_id = $1 and id = $2)
        for no key update)
    select {MESSAGE} from first, messages m where m.org_id = $1 and m.id = $2 for no key update of m"""


async def messages(work: Work, ids: list[UUID]) -> list[Message]:
    """Those of the messages that there are."""
    rows = await work.fetch(
        f"select {MESSAGE} from messages m where m.org_id = $1 and m.id = any($2)", work.org_id, ids
    )
    return records(Message, rows)


async def message_of_provider(work: Work, provider: str, provider_id: str) -> Message | None:
    """The message that the carrier knows by `provider_id`."""
    row = await work.fetchrow(
        f"select {MESSAGE} from messages m where m.org_id = $1 and m.provider = $2 and m.provider_id = $3",
        work.org_id, provider, provider_id,
    )  # fmt: skip
    return None if row is None else record(Message, row)


async def insert(work: Work, new: list[NewMessage]) -> list[UUID]:
    """Store outgoing messages and count them in their conversations, in one statement.

    A message that the database already has for the same step or generation is left out; what was stored is returned.
    """
    rows = await work.fetch(
        """with stored as (
               insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status,
                   body, sender, recipient, segments, provider, ai_generated, ai_model, ai_confidence, ai_reasoning,
                   ai_action, slots, generation, author_id, due_at, claimed_at, ai_prompt, deliver_until, attempts,
                   created_at)
               select $1, id, conversation_id, lead_id, dataset_id, 'outbound', category, status, body, sender,
                   recipient, segments, provider, ai_model is not null, ai_model, ai_confidence, ai_reasoning,
                   ai_action, slots::jsonb, generation, author_id, due_at, claimed_at, ai_prompt, deliver_until,
                   (status = 'sending')::int, $2
               from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],
                           $10::text[], $11::text[], $12::smallint[], $13::text[], $14::text[], $15::real[],
                           $16::text[], $17::text[], $18::text[], $19::int[], $20::uuid[], $21::timestamptz[],
                           $22::timestamptz[], $23::text[], $24::timestamptz[])
                   as t (id, conversation_id, lead_id, dataset_id, category, status, body, sender, recipient, segments,
                         provider, ai_model, ai_confidence, ai_reasoning, ai_action, slots, generation, author_id,
                         due_at, claimed_at, ai_prompt, deliver_until)
               on conflict do nothing
               returning id, conversation_id, status),
           counted as (
               update conversations c set message_count = c.message_count + n, last_message_at = $2
               from (select conversation_id, count(*) as n from stored where status <> 'draft' group by 1) s
               where c.org_id = $1 and c.id = s.conversation_id)
           select id from stored""",
        work.org_id, work.now, *_columns(new),
    )  # fmt: skip
    return [row["id"] for row in rows]


def _columns(new: list[NewMessage]) -> list[list[Any]]:
    return [
        [m.id for m in new], [m.conversation_id for m in new], [m.lead_id for m in new], [m.dataset_id for m in new],
        [m.category for m in new], [m.status.value for m in new], [m.body for m in new], [m.sender for m in new],
        [m.recipient for m in new], [segments_of(m.body) for m in new], [m.provider for m in new],
        [m.ai_model for m in new], [m.ai_confidence for m in new], [m.ai_reasoning for m in new],
        [m.ai_action for m in new], [msgspec.json.encode(m.slots).decode() for m in new], [m.generation for m in new],
        [m.author_id for m in new], [m.due_at for m in new], [m.claimed_at for m in new],
        [m.ai_prompt for m in new], [m.deliver_until for m in new],
    ]  # fmt: skip


async def complete(work: Work, message_id: UUID, more: str) -> None:
    """Add words to a message that waits, and have it wait no longer. Nothing happens where it is on its way."""
    body = await work.fetchval(
        "select body from messages where org_id = $1 and id = $2 and status = 'queued' for update",
        work.org_id, message_id,
    )  # fmt: skip
    if body is not None:
        await work.execute(
            "update messages set body = $3, segments = $4, due_at = null where org_id = $1 and id = $2",
            work.org_id, message_id, body + more, segments_of(body + more),
        )  # fmt: skip


async def delete_drafts(work: Work, conversation_id: UUID) -> None:
    """Drop the drafts of a conversation."""
    await work.execute(
        "delete from messages where org_id = $1 and conversation_id = $2 and status = 'draft'",
        work.org_id,
        conversation_id,
    )


async def take_draft(work: Work, draft: Message, body: str, recipient: str) -> None:
    """Turn a draft into a message that waits to be sent to `recipient`. It is a person's word now, and no longer the
    one answer that the AI has for a generation."""
    await work.execute(
        """with taken as (
               update messages set status = 'queued', body = $3, segments = $4, created_at = $5, generation = null,
                   author_id = $7, recipient = $8
               where org_id = $1 and id = $2)
           update conversations set message_count = message_count + 1, last_message_at = $5
           where org_id = $1 and id = $6""",
        work.org_id, draft.id, body, segments_of(body), work.now, draft.conversation_id, work.actor.id, recipient,
    )  # fmt: skip


async def claim(work: Work, message_id: UUID, sender: str, provider: str, until: datetime | None) -> Message | None:
    """Take a queued message for sending from this number, by this carrier, to be delivered before `until`. None where
    it is not queued (any more)."""
    row = await work.fetchrow(
        f"""update messages m set status = 'sending', claimed_at = $3, attempts = m.attempts + 1, sender = $4,
                provider = $5, deliver_until = $6
            where m.org_id = $1 and m.id = $2 and m.status = 'queued' returning {MESSAGE}""",
        work.org_id, message_id, work.now, sender, provider, until,
    )  # fmt: skip
    return None if row is None else record(Message, row)


async def reclaim(work: Work, message_id: UUID, until: datetime | None) -> None:
    """Renew the claim on a message that the caller has locked."""
    await work.execute(
        "update messages set claimed_at = $3, deliver_until = $4 where org_id = $1 and id = $2",
        work.org_id, message_id, work.now, until,
    )  # fmt: skip


async def put_off(
    work: Work, message_id: UUID, due_at: datetime, code: str, why: str, provider_id: str | None = None
) -> None:
    """Have a message wait until then that the carrier did not take or, where it gave it an id, did not send."""
    await work.execute(
        f"""update messages m set status = 'queued', due_at = $3, error_code = $5, error_message = $6,
               provider_id = {_CARRIERS_ID}, put_offs = put_offs + 1
           where org_id = $1 and id = $2""",
        work.org_id, message_id, due_at, provider_id, code, why,
    )  # fmt: skip


_CARRIERS_ID = """case when $4::text is null or exists (
        select from messages o where o.org_id = $1 and o.provider = m.provider and o.provider_id = $4 and o.id <> $2)
    then provider_id else $4 end"""


async def set_status(
    work: Work,
    message_id: UUID,
    status: MessageStatus,
    *,
    provider_id: str | None = None,
    error_code: str | None = None,
    error_message: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Move a message on; times of sending and delivery are kept once set.

    An id of the carrier's that another message has already is left with that one: of two equal texts to one number,
    one may have been taken for the other.
    """
    await work.execute(
        f"""update messages m set status = $3, error_code = $5, error_message = $6, due_at = $7,
               provider_id = {_CARRIERS_ID},
               sent_at = case when $3 in ('sent', 'delivered') then coalesce(sent_at, $8) else sent_at end,
               delivered_at = case when $3 = 'delivered' then coalesce(delivered_at, $8) else delivered_at end
           where org_id = $1 and id = $2""",
        work.org_id, message_id, status.value, provider_id, error_code, error_message, due_at, work.now,
    )  # fmt: skip


async def cancel_queued(work: Work, conversation_id: UUID, reason: str, *, people: bool) -> None:
    """Cancel what waits to be sent in a conversation, confirmations apart; what people wrote, only if told."""
    await work.execute(
        """update messages set status = 'canceled', due_at = null, error_message = $3
           where org_id = $1 and conversation_id = $2 and status = 'queued' and category <> 'system'
             and (author_id is null or $4)""",
        work.org_id, conversation_id, reason, people,
    )  # fmt: skip


async def set_answered(work: Work, conversation_id: UUID, generation: int) -> None:
    """The generation needs no (further) answer. The lease ends."""
    await work.execute(
        """update conversations set answered_generation = greatest(answered_generation, $3), lease_until = null
           where org_id = $1 and id = $2""",
        work.org_id, conversation_id, generation,
    )  # fmt: skip


async def lease(work: Work, conversation_id: UUID, generation: int, until: datetime) -> int | None:
    """Take the conversation to answer this generation; None where it is old, answered, or being answered.

    Otherwise the number of answers that were thought of since a day began for it, this one included.
    """
    return await work.fetchval(
        """update conversations set lease_until = $5,
               decisions = case when decisions_since > $6 then decisions + 1 else 1 end,
               decisions_since = case when decisions_since > $6 then decisions_since else $4 end
           where org_id = $1 and id = $2 and generation = $3 and answered_generation < $3
             and (lease_until is null or lease_until < $4)
           returning decisions""",
        work.org_id, conversation_id, generation, work.now, until, work.now - DAY,
    )  # fmt: skip


async def unlease(work: Work, conversation_id: UUID, until: datetime) -> None:
    """Give the conversation back unanswered, if the lease until then is still what it is held by."""
    await work.execute(
        "update conversations set lease_until = null where org_id = $1 and id = $2 and lease_until = $3",
        work.org_id, conversation_id, until,
    )  # fmt: skip


async def set_conversation(work: Work, conversation_id: UUID, *, status: str | None, sentiment: str | None) -> None:
    """Set status and sentiment; None leaves them."""
    await work.execute(
        """update conversations set status = coalesce($3, status), sentiment = coalesce($4, sentiment)
           where org_id = $1 and id = $2""",
        work.org_id, conversation_id, status, sentiment,
    )  # fmt: skip


async def answer_of(work: Work, conversation_id: UUID, generation: int) -> UUID | None:
    """The queued answer to a generation, if one was decided and not yet handed over."""
    return await work.fetchval(
        """select id from messages where org_id = $1 and conversation_id = $2 and generation = $3
           and category = 'ai_response' and status = 'queued'""",
        work.org_id, conversation_id, generation,
    )  # fmt: skip


async def latest_draft(work: Work, conversation_id: UUID) -> Message | None:
    """The newest draft that answers the newest text, if any."""
    row = await work.fetchrow(
        f"""select {MESSAGE} from messages m join conversations c on c.org_id = m.org_id and c.id = m.conversation_id
            where m.org_id = $1 and m.conversation_id = $2 and m.status = 'draft' and m.generation = c.generation
            order by m.created_at desc, m.id desc limit 1""",
        work.org_id, conversation_id,
    )  # fmt: skip
    return None if row is None else record(Message, row)


async def due(work: Work, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, message) of queued messages that are due, over all organisations. Those of a campaign that goes on
    are left to it: they keep its pace. Runs as the system role."""
    rows = await work.fetch(
        """select m.org_id, m.id from messages m
           left join datasets d on d.org_id = m.org_id and d.id = m.dataset_id
           where m.status = 'queued' and (m.due_at is null or m.due_at <= $1)
             and (m.category not in ('m1', 'm2', 'm3') or coalesce(d.campaign_status, '') not in ('active', 'paused'))
           order by m.due_at nulls first, m.id limit $2""",
        work.now,
        limit,
    )
    return [(row["org_id"], row["id"]) for row in rows]


async def in_doubt(work: Work, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, message) of messages claimed before then whose outcome is not known. Runs as the system role.

    Those that a carrier would not tell of come last and in any order: they must not stand before the others for ever.
    """
    rows = await work.fetch(
        """select org_id, id from messages where status in ('sending', 'unknown') and claimed_at < $1
           order by status = 'unknown', random() limit $2""",
        before,
        limit,
    )
    return [(row["org_id"], row["id"]) for row in rows]


async def is_known(work: Work, provider: str, provider_id: str) -> bool:
    """Whether a message of ours has this id of the carrier's."""
    return bool(
        await work.fetchval(
            "select true from messages where org_id = $1 and provider = $2 and provider_id = $3",
            work.org_id, provider, provider_id,
        )
    )  # fmt: skip


async def unanswered(work: Work, limit: int) -> list[tuple[UUID, UUID, int]]:
    """(organisation, conversation, generation) of those whose answer is due, over all organisations. Runs as the
    system role."""
    rows = await work.fetch(
        """select org_id, id, generation from conversations
           where answered_generation < generation and last_inbound_at + make_interval(secs => reply_delay) <= $1
             and (lease_until is null or lease_until < $1)
           order by last_inbound_at limit $2""",
        work.now,
        limit,
    )
    return [(row["org_id"], row["id"], row["generation"]) for row in rows]
