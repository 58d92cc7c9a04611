"""The SQL of the sandbox: its messages, the webhooks it owes us, faults and blocks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.carrier import CarrierMessage
from frontdesk.ports.simulator import Direction, Fault, FaultKind, HandsetMessage


class Route(Struct, frozen=True):
    """What the sandbox knows of a number of ours and a handset."""

    org_id: UUID | None
    """Whose number it is; None when it is no sandbox number."""
    blocked: bool
    rates: dict[str, float]
    """The faults in force, by kind."""


class NewMessage(Struct, frozen=True):
    """A message to keep."""

    sid: str
    org_id: UUID
    direction: Direction
    number: str
    handset: str
    body: str
    segments: int
    created_at: datetime
    sent_at: datetime
    ended_at: datetime
    outcome: str
    error_code: str = ""
    reference: UUID | None = None


class Webhooks(Struct, frozen=True):
    """Posts that a message causes: all to one path, in one lane."""

    lane: str
    path: str
    posts: list[tuple[dict[str, str], datetime]]
    """Form and due time."""


class Delivery(Struct, frozen=True):
    """A webhook to post, claimed."""

    id: UUID
    sid: str
    lane: str
    path: str
    form: dict[str, str]
    due_at: datetime
    attempts: int
    """Made so far, all in vain."""
    leased_until: datetime


async def route(work: Work, number: str, handset: str, *, relaxed: bool = False) -> Route:
    """Look up `number` and what stands between it and `handset` at the work's instant.

    `relaxed`: the work's commit need not wait for the database's disk.
    """
    row = await work.fetchrow(
        """select n.org_id,
               exists (select from sandbox_blocks b where b.handset = $2 and b.number = $1) as blocked,
               (select coalesce(jsonb_object_agg(kind, rate), '{}') from (
                   select kind, max(rate) as rate from sandbox_faults f
                   where f.until > $3 and (f.org_id = n.org_id or f.org_id is null) group by kind) r) as rates,
               case when $4 then set_config('synchronous_commit', 'off', true) end as commit
           from (select 1) one left join numbers n on n.phone = $1 and n.provider = 'sandbox'""",
        number, handset, work.now, relaxed,
    )  # fmt: skip
    assert row is not None
    return record(Route, row)


async def add(work: Work, message: NewMessage, webhooks: Webhooks | None = None) -> None:
    """Keep `message`, unless its sid is known, and owe us `webhooks` in any case: one statement."""
    posts = webhooks.posts if webhooks else []
    await work.execute(
        """with kept as (
               insert into sandbox_messages (sid, org_id, direction, number, handset, body, segments, created_at,
                                             sent_at, ended_at, outcome, error_code, reference)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
               on conflict (sid) do nothing)
           insert into sandbox_deliveries (id, sid, lane, path, form, due_at)
           select id, $1, $14, $15, form, due_at
           from unnest($16::uuid[], $17::jsonb[], $18::timestamptz[]) as post (id, form, due_at)""",
        message.sid, message.org_id, message.direction.value, message.number, message.handset, message.body,
        message.segments, message.created_at, message.sent_at, message.ended_at, message.outcome, message.error_code,
        message.reference, webhooks.lane if webhooks else "", webhooks.path if webhooks else "",
        [new_id() for _ in posts], [form for form, _ in posts], [due_at for _, due_at in posts],
    )  # fmt: skip


async def add_answer(work: Work, answered_sid: str, sid: str, body: str, segments: int) -> None:
    """Keep a text that answers another: it goes back to its handset at once, unless that blocks the number."""
    await work.execute(
        """insert into sandbox_messages (sid, org_id, direction, number, handset, body, segments, created_at, sent_at,
                                         ended_at, outcome)
           select $2, org_id, 'outbound', number, handset, $3, $4, $5, $5, $5, 'delivered'
           from sandbox_messages m where sid = $1
               and not exists (select from sandbox_blocks b where b.handset = m.handset and b.number = m.number)""",
        answered_sid, sid, body, segments, work.now,
    )  # fmt: skip


async def sent_to(work: Work, handset: str, since: datetime) -> list[CarrierMessage]:
    """Texts to `handset` accepted since then, newest first."""
    rows = await work.fetch(
        """select sid as provider_id, number as sender, handset as "to", body, created_at,
               case when sent_at > $3 then 'queued' when ended_at > $3 then 'sent'
                    when outcome = 'delivered' then 'delivered' else 'failed' end as status,
               case when ended_at > $3 then '' else error_code end as error_code
           from sandbox_messages where direction = 'outbound' and handset = $1 and created_at >= $2
           order by created_at desc, sid desc""",
        handset, since, work.now,
    )  # fmt: skip
    return records(CarrierMessage, rows)


async def answer_rates(work: Work, handset: str) -> dict[str, float]:
    """The faults in force for a look-up of `handset`: those of every organisation, and of whoever has texted it."""
    row = await work.fetchrow(
        """select coalesce(jsonb_object_agg(kind, rate), '{}') as rates from (
               select kind, max(rate) as rate from sandbox_faults
               where until > $2 and (org_id is null or org_id in (
                   select org_id from sandbox_messages where handset = $1)) group by kind) r""",
        handset, work.now,
    )  # fmt: skip
    assert row is not None
    return row["rates"]


# --- webhooks owed ----------------------------------------------------------------------------------------------------


async def claim(work: Work, limit: int, leased_until: datetime) -> list[Delivery]:
    """Take at most `limit` webhooks that are due, in their order; nobody else gets them until `leased_until`."""
    rows = await work.fetch(
        """with due as (
               select id from sandbox_deliveries
               where due_at <= $1 and (leased_until is null or leased_until <= $1)
               order by due_at, id limit $2 for update skip locked)
           update sandbox_deliveries d set leased_until = $3 from due where d.id = due.id
           returning d.id, coalesce(d.sid, d.call_sid) as sid, d.lane, d.path, d.form, d.due_at, d.attempts,
               d.leased_until""",
        work.now, limit, leased_until,
    )  # fmt: skip
    return sorted(records(Delivery, rows), key=lambda delivery: (delivery.due_at, delivery.id))


async def next_due(work: Work) -> datetime | None:
    """When the next webhook is due that is not due yet."""
    return await work.fetchval(
        """select due_at from sandbox_deliveries where due_at > $1 and leased_until is null
           order by due_at limit 1""",
        work.now,
    )  # fmt: skip


async def finish(work: Work, ids: Sequence[UUID]) -> None:
    """These have been posted, or given up."""
    await work.execute("delete from sandbox_deliveries where id = any($1)", ids)


async def postpone(work: Work, again: Sequence[tuple[UUID, datetime]]) -> None:
    """These failed and are to be tried again at the given time."""
    await work.execute(
        """update sandbox_deliveries d set due_at = again.due_at, attempts = attempts + 1, leased_until = null
           from unnest($1::uuid[], $2::timestamptz[]) as again (id, due_at) where d.id = again.id""",
        [id_ for id_, _ in again], [due_at for _, due_at in again],
    )  # fmt: skip


async def release(work: Work, ids: Sequence[UUID]) -> None:
    """These were claimed and not tried."""
    await work.execute("update sandbox_deliveries set leased_until = null where id = any($1)", ids)


# --- handsets and faults ----------------------------------------------------------------------------------------------


async def on_handset(work: Work, handset: str, limit: int) -> list[HandsetMessage]:
    """The last `limit` texts on `handset` with the organisation's numbers, oldest first."""
    rows = await work.fetch(
        """select sid, direction, number, handset, body, created_at from sandbox_messages
           where org_id = $1 and handset = $2
               and (direction = 'inbound' or (outcome = 'delivered' and ended_at <= $3))
           order by created_at desc, sid desc limit $4""",
        work.org_id, handset, work.now, limit,
    )  # fmt: skip
    return records(HandsetMessage, rows[::-1])


async def country_and_numbers(work: Work) -> tuple[str, list[str]]:
    """The organisation's country and its sandbox numbers."""
    row = await work.fetchrow(
        """select o.country, array(
               select phone from numbers n where n.org_id = o.org_id and n.provider = 'sandbox') as numbers
           from organizations o where o.org_id = $1""",
        work.org_id,
    )
    return (row["country"], row["numbers"]) if row else ("GB", [])


async def set_block(work: Work, handset: str, number: str, *, blocked: bool) -> None:
    """Let `handset` block `number`, or no longer."""
    if blocked:
        await work.execute(
            "insert into sandbox_blocks (handset, number, created_at) values ($1, $2, $3) on conflict do nothing",
            handset, number, work.now,
        )  # fmt: skip
    else:
        await work.execute("delete from sandbox_blocks where handset = $1 and number = $2", handset, number)


async def set_fault(work: Work, org_id: UUID | None, fault: Fault) -> None:
    """Put `fault` in force, in place of one of its kind. Those that are over go."""
    await work.execute("delete from sandbox_faults where until <= $1", work.now)
    await work.execute(
        """insert into sandbox_faults (org_id, kind, rate, until) values ($1, $2, $3, $4)
           on conflict (org_id, kind) do update set rate = excluded.rate, until = excluded.until""",
        org_id, fault.kind.value, fault.rate, fault.until,
    )  # fmt: skip


async def faults(work: Work) -> list[Fault]:
    """The faults in force that the work's tenant may see."""
    rows: list[Any] = await work.fetch(
        """select kind, max(rate) as rate, max(until) as until from sandbox_faults
           where until > $1 and rate > 0 and (org_id = $2 or org_id is null) group by kind order by kind""",
        work.now, work.org_id,
    )  # fmt: skip
    known = {kind.value for kind in FaultKind}
    return records(Fault, [row for row in rows if row["kind"] in known])
