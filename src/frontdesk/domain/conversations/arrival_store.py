"""The SQL of texts that arrive: their webhooks' ids, taking them into the thread, and how keywords were answered.

The busiest way in is one statement that commits by itself. What it writes is what `service.inbound` writes in a
transaction for any other text; a test holds the two together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.conversations.model import Conversation
from frontdesk.domain.conversations.store import CONVERSATION
from frontdesk.kernel.ids import new_id, new_ids
from frontdesk.kernel.sms import segments_of
from frontdesk.platform.database import Work, Works, record


class IncomingText(Struct, frozen=True, kw_only=True):
    """A lead's text on its way into the thread."""

    message_id: UUID
    lead_id: UUID
    body: str
    sender: str
    called: str
    provider: str
    provider_id: str

    @property
    def segments(self) -> int:
        """How many parts it came in, as the carrier counts."""
        return min(segments_of(self.body), 100)


async def take_in(work: Work, text: IncomingText) -> Conversation:
    """Store a lead's text: the message, its conversation (made where there is none) and its count, in one statement."""
    row = await work.fetchrow(
        f"""with c as (
                insert into conversations as c (org_id, id, lead_id, started_at, last_message_at, last_inbound_at,
                                                generation, message_count, unread)
                values ($1, $2, $3, $4, $4, $4, 1, 1, 1)
                on conflict (org_id, lead_id, channel) do update
                    set last_message_at = $4, last_inbound_at = $4, generation = c.generation + 1,
                        message_count = c.message_count + 1, unread = c.unread + 1,
                        status = case c.status when 'closed' then 'active' else c.status end
                returning {CONVERSATION}),
            stored as (
                insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status,
                                      body, sender, recipient, segments, provider, provider_id, created_at)
                select $1, $5, c.id, $3, c.dataset_id, 'inbound', 'inbound', 'received', $6, $7, $8, $9, $10, $11, $4
                from c)
            select * from c""",
        work.org_id, new_id(), text.lead_id, work.now, text.message_id, text.body, text.sender, text.called,
        text.segments, text.provider, text.provider_id,
    )  # fmt: skip
    assert row is not None
    return record(Conversation, row)


class Arrival(StrEnum):
    """What became of a text that was to be taken in by one call."""

    TAKEN = "taken"
    REPEATED = "repeated"
    """It came before."""
    APART = "apart"
    """Nothing was done: the lead is unknown, nobody's to answer, or a person has it."""
    NOBODY = "nobody"
    """Nothing was done: the number is nobody's, or not of who was spoken for."""


class ArrivingText(Struct, frozen=True, kw_only=True):
    """A text as the carrier tells of it. `only` is the organisation that may be told of, if not any."""

    called: str
    sender: str
    body: str
    provider: str
    provider_id: str
    only: UUID | None


async def take_in_at_once(
    works: Works,
    texts: Sequence[ArrivingText],
    nobody_answers: Sequence[str],
    heard: tuple[Sequence[str], str],
    task: str,
) -> list[Arrival]:
    """Take in texts of leads by one statement, which commits by itself: of each the webhook's id, the thread, the
    message, the lead, the facts, and `task` after the conversation's delay. All, or an error and none. Two of one
    sender must not be among them: a statement writes a lead once.

    Leads at a stage of `nobody_answers` are left alone; those at one of `heard` come to the stage beside it.
    """
    clock = works.clock
    now = clock.now()
    due = clock.wall_time(now)
    pace = (clock.wall_time(now + timedelta(seconds=1)) - due).total_seconds()
    visit = await works.visit(
        f"select null::uuid as org_id, take_in_texts({', '.join(f'${n}' for n in range(1, 16))}) as outcomes",
        [text.called for text in texts], [text.sender for text in texts], [text.body for text in texts],
        [min(segments_of(text.body), 100) for text in texts], [text.provider for text in texts],
        [text.provider_id for text in texts], now, [text.only for text in texts], new_ids(4 * len(texts)),
        nobody_answers, *heard, task, due, pace,
    )  # fmt: skip
    await visit.leave()
    return [Arrival(outcome) for outcome in visit.principal["outcomes"]]


async def forget_seen(work: Work, before: datetime) -> None:
    """Drop the ids of webhooks that no carrier posts again. Runs as the system role."""
    await work.execute("delete from webhooks_seen where seen_at < $1", before)


async def first_seen(work: Work, provider: str, event_id: str) -> bool:
    """Note a webhook's id; False where it came before."""
    return bool(
        await work.fetchval(
            """insert into webhooks_seen (provider, event_id, seen_at) values ($1, $2, $3)
               on conflict do nothing returning true""",
            provider, event_id, work.now,
        )
    )  # fmt: skip


async def has_answered(work: Work, conversation_id: UUID, action: str, after: datetime) -> bool:
    """Whether the conversation has an answer with this action, written after then and not cancelled."""
    return bool(
        await work.fetchval(
            """select true from messages where org_id = $1 and conversation_id = $2 and created_at > $4
               and direction = 'outbound' and ai_action = $3 and status <> 'canceled' limit 1""",
            work.org_id, conversation_id, action, after,
        )
    )  # fmt: skip
