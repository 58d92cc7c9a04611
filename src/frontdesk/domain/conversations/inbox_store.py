"""The SQL of the inbox: conversations in lists, read marks, delays of a whole dataset."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.conversations.model import Conversation, InboxLine, Message, Only
from frontdesk.domain.conversations.store import CONVERSATION, MESSAGE
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS as LEAD
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record

COUNTED_TO = 10_000

_FILTERS: dict[Only, str] = {
    "all": "true",
    "unread": "c.unread > 0",
    "needs_human": "c.status = 'needs_human'",
    "hot": "l.contact_status = 'HOT'",
}


async def page(work: Work, search: str, only: Only, number: int, limit: int) -> Page[InboxLine]:
    """One page of conversations with lead and last message, newest first."""
    args: list[Any] = [work.org_id, allowed(work)]
    where = ["c.org_id = $1", seen("c.lead_id", 2), "c.message_count > 0", _FILTERS[only]]
    for word in search.lower().split()[:5]:
        args.append("%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
        where.append(f"l.search like ${len(args)}")
    source = "conversations c join leads l on l.org_id = c.org_id and l.id = c.lead_id"
    condition = " and ".join(where)
    total: int = await work.fetchval(
        f"select count(*) from (select from {source} where {condition} limit {COUNTED_TO + 1}) counted", *args
    )
    rows = await work.fetch(
        f"""select c.id from {source} where {condition}
            order by c.last_message_at desc nulls last, c.id desc limit {int(limit)} offset {(number - 1) * limit}""",
        *args,
    )
    lines = await _lines(work, [row["id"] for row in rows])
    return Page(items=lines, total=min(total, COUNTED_TO), total_capped=total > COUNTED_TO)


async def _lines(work: Work, ids: list[UUID]) -> list[InboxLine]:
    if not ids:
        return []
    conversations = await work.fetch(
        f"select {CONVERSATION} from conversations c where c.org_id = $1 and c.id = any($2)", work.org_id, ids
    )
    leads = await work.fetch(
        f"""select {LEAD} from leads l join conversations c on c.org_id = l.org_id and c.lead_id = l.id
            where c.org_id = $1 and c.id = any($2)""",
        work.org_id,
        ids,
    )
    last = await work.fetch(
        f"""select {MESSAGE} from unnest($2::uuid[]) as wanted (id) cross join lateral (
                select * from messages
                where org_id = $1 and conversation_id = wanted.id and status <> 'draft'
                order by created_at desc, id desc limit 1) m""",
        work.org_id,
        ids,
    )
    lead_of = {row["id"]: record(Lead, row) for row in leads}
    last_of = {row["conversation_id"]: record(Message, row) for row in last}
    by_id = {row["id"]: record(Conversation, row) for row in conversations}
    return [InboxLine(by_id[i], lead_of[by_id[i].lead_id], last_of.get(i)) for i in ids if i in by_id]


async def mark_read(work: Work, conversation_id: UUID) -> None:
    """Nothing unread."""
    await work.execute(
        "update conversations set unread = 0 where org_id = $1 and id = $2", work.org_id, conversation_id
    )


async def set_reply_delay(work: Work, dataset_id: UUID, seconds: float) -> None:
    """The delay of all conversations whose last campaign is this dataset's."""
    await work.execute(
        """update conversations c set reply_delay = $3
           from (select id from conversations where org_id = $1 and dataset_id = $2 and reply_delay <> $3
                 order by lead_id for no key update) t
           where c.org_id = $1 and c.id = t.id""",
        work.org_id, dataset_id, seconds,
    )  # fmt: skip


async def waiting(work: Work) -> int:
    """Messages queued or under way, and conversations that wait for an answer."""
    return await work.fetchval(
        """select (select count(*) from messages where org_id = $1 and status in ('queued', 'sending', 'unknown'))
                + (select count(*) from conversations where org_id = $1 and answered_generation < generation)""",
        work.org_id,
    )


class Waiting(Struct, frozen=True):
    """What waits for a person."""

    unread: int
    needs_human: int


async def counts(work: Work) -> Waiting:
    """How many conversations have something unread, and how many want a person."""
    row = await work.fetchrow(
        f"""select count(*) filter (where unread > 0) as unread,
                  count(*) filter (where status = 'needs_human') as needs_human
           from conversations c
           where org_id = $1 and (unread > 0 or status = 'needs_human') and {seen("c.lead_id", 2)}""",
        work.org_id,
        allowed(work),
    )
    assert row is not None
    return record(Waiting, row)
