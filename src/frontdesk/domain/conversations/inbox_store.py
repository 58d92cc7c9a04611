"""The SQL of the inbox: conversations in lists, counts and read marks; delays of a whole dataset."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.conversations.model import (
    MOST_COUNTED,
    Conversation,
    InboxFilter,
    InboxLine,
    InboxOnly,
    InboxPage,
    Message,
)
from frontdesk.domain.conversations.store import CONVERSATION, MESSAGE
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS as LEAD
from frontdesk.domain.leads.store import FEW, allowed, few_like, like, looked_up, seen, words_of
from frontdesk.platform.database import Row, Work, record

NEWS = timedelta(days=30)
"""What is older than this, or than the member, counts as read: nobody begins with a thousand unread conversations."""

_LOOKED_AT = 2_000
"""Among how many conversations in which leads wrote last unread ones are looked for."""

_SOURCE = "conversations c join leads l on l.org_id = c.org_id and l.id = c.lead_id"

_UNREAD = f"""select h.id, h.generation - coalesce(r.generation, 0) as texts
    from (select id, generation from conversations
          where org_id = $1 and last_inbound_at >= greatest(
              $4::timestamptz, (select created_at from memberships where org_id = $1 and user_id = $3))
          order by last_inbound_at desc limit {_LOOKED_AT}) h
    left join conversation_reads r on r.org_id = $1 and r.user_id = $3 and r.conversation_id = h.id
    where h.generation > coalesce(r.generation, 0)"""

_ONLY = {
    InboxOnly.OPEN: "c.status <> 'closed'",
    InboxOnly.UNREAD: f"c.id in (select id from ({_UNREAD}) u)",
    InboxOnly.NEEDS_HUMAN: "c.status = 'needs_human'",
    InboxOnly.HOT: "l.contact_status = 'HOT' and c.status <> 'closed'",
    InboxOnly.DRAFTS: "c.id in (select m.conversation_id from messages m where m.org_id = $1 and m.status = 'draft')",
    InboxOnly.CLOSED: "c.status = 'closed'",
}


def _scope(work: Work, wanted: InboxFilter) -> tuple[list[str], list[Any]]:
    """The clauses that all filters share, and their arguments: $1 to $4 are always the same."""
    args: list[Any] = [work.org_id, allowed(work), work.actor.id, work.now - NEWS]
    named = "($3::uuid is null or $4::timestamptz is not null)"  # every argument has to be named by every statement
    where = ["c.org_id = $1", seen("c.lead_id", 2), named, "c.message_count > 0"]
    if wanted.dataset_id is not None:
        args.append(wanted.dataset_id)
        where.append(f"c.dataset_id = ${len(args)}")
    if wanted.assigned_to is not None:
        args.append(wanted.assigned_to)
        where.append(f"l.assigned_to = ${len(args)}")
    return where, args


async def page(work: Work, wanted: InboxFilter) -> InboxPage:
    """A part of the inbox: ids by keyset, one more than asked for, and then what stands in their lines."""
    where, args = _scope(work, wanted)
    words = words_of(wanted.search)
    if not (words and wanted.only is InboxOnly.OPEN):
        where.append(_ONLY[wanted.only])
    if words:
        where.append(await _matching(work, words, args))
    upwards, edge = wanted.after is not None, wanted.after or wanted.before
    if edge is not None:
        args += [edge.at, edge.id]
        sign = ">" if upwards else "<"
        where.append(f"(c.last_message_at, c.id) {sign} (${len(args) - 1}, ${len(args)})")
    way = "asc" if upwards else "desc nulls last"
    rows = await work.fetch(
        f"""select c.id from {_SOURCE} where {" and ".join(where)}
            order by c.last_message_at {way}, c.id {"asc" if upwards else "desc"} limit {wanted.limit + 1}""",
        *args,
    )
    ids = [row["id"] for row in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
    return InboxPage(
        lines=await _lines(work, ids[::-1] if upwards else ids, words),
        has_newer=more if upwards else edge is not None,
        has_older=upwards or more,
    )


async def _matching(work: Work, words: list[str], args: list[Any]) -> str:
    """The clause for leads that are called so, and conversations in which the lead has said so."""
    called = (await few_like(work, words)).ids
    saying = await _saying(work, words)
    if called is not None and saying is not None:
        args += [called, saying]
        return f"(c.lead_id = any(${len(args) - 1}) or c.id = any(${len(args)}))"
    args.append(like(words))
    return f"""(l.search like all (${len(args)}::text[]) or exists (
        select from messages m where m.org_id = $1 and m.conversation_id = c.id and m.direction = 'inbound'
          and lower(m.body) like all (${len(args)}::text[])))"""


async def _saying(work: Work, words: list[str]) -> list[UUID] | None:
    """The conversations in which the lead has said all `words`; None where they are too many or the words too short."""
    if not looked_up(words):
        return None
    longest, *others = like(words)
    rows = await work.fetch(
        f"select conversations_saying($1, $2, $3::text[]) as id limit {FEW + 1}", work.org_id, longest, others
    )
    return [row["id"] for row in rows] if len(rows) <= FEW else None


async def _lines(work: Work, ids: list[UUID], words: list[str]) -> list[InboxLine]:
    if not ids:
        return []
    conversations = await work.fetch(
        f"""select {CONVERSATION}, coalesce(u.texts, 0) as mine
            from conversations c left join ({_UNREAD}) u on u.id = c.id
            where c.org_id = $1 and {seen("c.lead_id", 2)} and c.id = any($5)""",
        work.org_id, allowed(work), work.actor.id, work.now - NEWS, ids,
    )  # fmt: skip
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
    said = await _said(work, ids, words) if words else {}
    by_id: dict[UUID, Row] = {row["id"]: row for row in conversations}
    return [
        InboxLine(
            conversation=record(Conversation, by_id[i]),
            lead=lead_of[by_id[i]["lead_id"]],
            last_message=last_of.get(i),
            unread=by_id[i]["mine"],
            found=said.get(i),
        )
        for i in ids
        if i in by_id
    ]


async def _said(work: Work, ids: list[UUID], words: list[str]) -> dict[UUID, str]:
    """What was said that holds the words, by conversation."""
    rows = await work.fetch(
        """select distinct on (conversation_id) conversation_id, body from messages
           where org_id = $1 and conversation_id = any($2) and direction = 'inbound' and lower(body) like all ($3)
           order by conversation_id, created_at desc""",
        work.org_id, ids, like(words),
    )  # fmt: skip
    return {row["conversation_id"]: row["body"] for row in rows}


async def counts_by_filter(work: Work, wanted: InboxFilter) -> dict[InboxOnly, int]:
    """How many each filter has, up to a bound, in one statement."""
    where, args = _scope(work, wanted)
    counted = ", ".join(
        f"""(select count(*) from (select from {_SOURCE} where {" and ".join([*where, clause])}
                limit {MOST_COUNTED}) x) as {only.value}"""
        for only, clause in _ONLY.items()
    )
    row = await work.fetchrow(f"select {counted}", *args)
    assert row is not None
    return {only: row[only.value] for only in _ONLY}


async def mark_read(work: Work, conversation: Conversation, behind: int = 0) -> None:
    """The actor has read all of the lead's texts but the last `behind`."""
    await work.execute(
        """insert into conversation_reads (org_id, user_id, conversation_id, generation, read_at)
           values ($1, $2, $3, $4, $5)
           on conflict (org_id, user_id, conversation_id) do update set generation = $4, read_at = $5
               where conversation_reads.generation <> $4""",
        work.org_id, work.actor.id, conversation.id, conversation.generation - behind, work.now,
    )  # fmt: skip
    if conversation.unread and not behind:
        await work.execute(
            "update conversations set unread = 0 where org_id = $1 and id = $2", work.org_id, conversation.id
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
    """How many conversations the actor has not read, and how many want a person, up to a bound."""
    scope = f"c.org_id = $1 and {seen('c.lead_id', 2)}"
    row = await work.fetchrow(
        f"""select
                (select count(*) from (
                    select from conversations c join ({_UNREAD}) u on u.id = c.id where {scope} limit {MOST_COUNTED}) x)
                    as unread,
                (select count(*) from (
                    select from conversations c where {scope} and c.status = 'needs_human' limit {MOST_COUNTED}) x)
                    as needs_human""",
        work.org_id, allowed(work), work.actor.id, work.now - NEWS,
    )  # fmt: skip
    assert row is not None
    return record(Waiting, row)
