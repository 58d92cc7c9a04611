"""The SQL of the sandbox's calls, and of the webhooks that tell of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.calling import PlacedCall
from frontdesk.ports.simulator import HandsetCall

_CALL = "sid, org_id, number, handset, reference, status, answered_by, created_at, rings_until, answered_at, ended_at"
_SHOWN = "sid, number, handset, status, created_at, answered_at, ended_at"


class Rung(Struct, frozen=True):
    """A call that the sandbox has."""

    sid: str
    org_id: UUID
    number: str
    handset: str
    reference: UUID
    status: str
    answered_by: str
    created_at: datetime
    rings_until: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None


class Post(Struct, frozen=True):
    """A webhook to post: where, below the public address, what, and when."""

    path: str
    form: dict[str, str]
    due_at: datetime


async def insert(work: Work, call: Rung) -> None:
    """Keep a new call."""
    await work.execute(
        f"insert into sandbox_calls ({_CALL}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        call.sid, call.org_id, call.number, call.handset, call.reference, call.status, call.answered_by,
        call.created_at, call.rings_until, call.answered_at, call.ended_at,
    )  # fmt: skip


async def save(work: Work, call: Rung) -> None:
    """Write what of it can change."""
    await work.execute(
        "update sandbox_calls set status = $2, answered_by = $3, answered_at = $4, ended_at = $5 where sid = $1",
        call.sid, call.status, call.answered_by, call.answered_at, call.ended_at,
    )  # fmt: skip


async def owe(work: Work, sid: str, posts: Sequence[Post]) -> None:
    """Owe us webhooks about a call: those of one call are posted one after another."""
    await work.execute(
        """insert into sandbox_deliveries (id, call_sid, lane, path, form, due_at)
           select id, $1, $1, path, form, due_at
           from unnest($2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[]) as post (id, path, form, due_at)""",
        sid, [new_id() for _ in posts], [post.path for post in posts], [post.form for post in posts],
        [post.due_at for post in posts],
    )  # fmt: skip


async def owe_no_more(work: Work, sid: str) -> None:
    """What was to come of a call does not, for something else has: but what is due already is posted."""
    await work.execute(
        "delete from sandbox_deliveries where call_sid = $1 and due_at > $2 and leased_until is null", sid, work.now
    )


async def get(work: Work, sid: str) -> Rung | None:
    """The call, locked."""
    row = await work.fetchrow(f"select {_CALL} from sandbox_calls where sid = $1 for no key update", sid)
    return None if row is None else record(Rung, row)


async def at_handset(work: Work, org_id: UUID, handset: str) -> Rung | None:
    """The call that rings at a handset, or that it is on, locked."""
    row = await work.fetchrow(
        f"""select {_CALL} from sandbox_calls where org_id = $1 and handset = $2
              and (status = 'in-progress' or (status = 'ringing' and rings_until > $3))
            order by created_at desc limit 1 for no key update""",
        org_id, handset, work.now,
    )  # fmt: skip
    return None if row is None else record(Rung, row)


async def to_handset(work: Work, handset: str, limit: int) -> list[HandsetCall]:
    """The organisation's last calls to a handset, oldest first."""
    rows = await work.fetch(
        f"""select sid, number, handset, created_at, answered_at, coalesce(ended_at, case when status = 'ringing'
                and rings_until <= $4 then rings_until end) as ended_at,
                case when status = 'ringing' and rings_until <= $4 then 'no-answer' else status end as status
            from (select {_SHOWN}, org_id, rings_until from sandbox_calls) c
            where org_id = $1 and handset = $2 order by created_at desc, sid desc limit $3""",
        work.org_id, handset, limit, work.now,
    )  # fmt: skip
    return records(HandsetCall, rows[::-1])


async def placed_to(work: Work, handset: str, since: datetime) -> list[PlacedCall]:
    """Calls to `handset` that were placed since then, newest first."""
    rows = await work.fetch(
        """select sid as provider_id, number as sender, handset as "to", created_at,
               case when status = 'ringing' and rings_until <= $3 then 'no-answer' else status end as status
           from sandbox_calls where handset = $1 and created_at >= $2 order by created_at desc, sid desc""",
        handset, since, work.now,
    )  # fmt: skip
    return records(PlacedCall, rows)
