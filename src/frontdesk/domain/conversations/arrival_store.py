"""The SQL of texts that arrive: their webhooks' ids, and taking them into the thread.

The busiest way in is one statement that commits by itself. What it writes is what `service.inbound` writes in a
transaction for any other text; a test holds the two together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.conversations.model import Conversation
from frontdesk.domain.conversations.store import CONVERSATION
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.sms import segments_of
from frontdesk.platform.database import Work, record
from frontdesk.platform.events import Fact, telling, told
from frontdesk.platform.queue import enqueuing

TAKING_IN = f"""
    c as (
        insert into conversations as c (org_id, id, lead_id, started_at, last_message_at, last_inbound_at,
                                        generation, message_count, unread)
        select $1, $2, $3, $4, $4, $4, 1, 1, 1 from {{source}}
        on conflict (org_id, lead_id, channel) do update
            set last_message_at = $4, last_inbound_at = $4, generation = c.generation + 1,
                message_count = c.message_count + 1, unread = c.unread + 1,
                status = case c.status when 'closed' then 'active' else c.status end
        returning {CONVERSATION}),
    stored as (
        insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status,
                              body, sender, recipient, segments, provider, provider_id, created_at)
        select $1, $5, c.id, $3, c.dataset_id, 'inbound', 'inbound', 'received', $6, $7, $8, $9, $10, $11, $4
        from c)"""
"""Two common table expressions that take a lead's text in where `source` has a row. The parameters are those of
`IncomingText`."""


class IncomingText(Struct, frozen=True, kw_only=True):
    """A lead's text on its way into the thread."""

    message_id: UUID
    lead_id: UUID
    body: str
    sender: str
    called: str
    provider: str
    provider_id: str

    def args(self, work: Work) -> list[Any]:
        """The parameters of `TAKING_IN`, $1 to $11."""
        return [
            work.org_id, new_id(), self.lead_id, work.now, self.message_id, self.body, self.sender, self.called,
            min(segments_of(self.body), 100), self.provider, self.provider_id,
        ]  # fmt: skip


async def take_in(work: Work, text: IncomingText) -> Conversation:
    """Store a lead's text: the message, its conversation (made where there is none) and its count, in one statement."""
    row = await work.fetchrow(f"with {TAKING_IN.format(source='(select) one')} select * from c", *text.args(work))
    assert row is not None
    return record(Conversation, row)


# The lead is locked as it was read, or nothing is done at all. The order of locks is that of `store`.
_AT_ONCE = f"""
    with unchanged as (
        select from leads where org_id = $1 and id = $3 and stage = $12 and contact_status = $13 and manual_mode = $14
        for no key update),
    seen as (
        insert into webhooks_seen (provider, event_id, seen_at) select $10, $11, $4 from unchanged
        on conflict do nothing returning true),
    heard as (
        update leads set latest_reply = $6, reply_received_at = $4, stage = $15, updated_at = $4
        where org_id = $1 and id = $3 and exists (select from seen)),
    {TAKING_IN.format(source="seen")},
    told as ({
    telling(
        "c",
        '''case when t.payload ? 'conversation_id'
               then t.payload || jsonb_build_object('conversation_id', c.id, 'dataset_id', c.dataset_id)
               else t.payload end''',
        first=19,
    )
}),
    queued as ({
    enqueuing(
        "c",
        "$16",
        "jsonb_build_object('org_id', $1, 'conversation_id', c.id, 'generation', c.generation)",
        "$17::timestamptz + make_interval(secs => c.reply_delay * $18)",
    )
})
    select exists (select from unchanged) as unchanged, exists (select from seen) as fresh"""


async def take_in_at_once(
    work: Work, text: IncomingText, was: Lead, heard: Lead, facts: Sequence[Fact], task: str
) -> bool | None:
    """Store a text of the lead, which has been read and not locked as `was` and is `heard` from now on; tell `facts`,
    with the conversation in those that name one, and have `task` answer after the conversation's delay.

    Whether the text was new. None: the lead is no longer as it was, and nothing has been done.
    """
    wall = work.clock.wall_time(work.now)
    pace = (work.clock.wall_time(work.now + timedelta(seconds=1)) - wall).total_seconds()
    row = await work.fetchrow(
        _AT_ONCE, *text.args(work), was.stage.value, was.contact_status.value, was.manual_mode, heard.stage.value,
        task, wall, pace, *told([(work.org_id, fact) for fact in facts], work.actor, work.now),
    )  # fmt: skip
    assert row is not None
    return row["fresh"] if row["unchanged"] else None


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
