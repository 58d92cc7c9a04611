"""The SQL of records on their way to CRM systems, and of what is what there."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.crm.model import Record, RecordFilter, RecordStatus
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.crm import ActivityKind

COUNTED_TO = 10_000
_RECORD = """org_id, id, connection_id, event, subject, subject_id, lead_id, status, tries, next_try_at, contact,
    activity, error, created_at, tried_at, done_at"""


async def owe(
    work: Work, connection_id: UUID, event_id: UUID, event: str, subject: ActivityKind, subject_id: UUID, lead_id: UUID
) -> None:
    """Owe a CRM an event, once."""
    await work.execute(
        """insert into crm_records (org_id, id, connection_id, event_id, event, subject, subject_id, lead_id, status,
                                    next_try_at, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $9)
           on conflict (connection_id, event_id) do nothing""",
        work.org_id, new_id(), connection_id, event_id, event, subject.value, subject_id, lead_id, work.now,
    )  # fmt: skip


async def due(work: Work, most: int) -> list[tuple[UUID, UUID]]:
    """(organisation, connection) of those whose oldest record is due, of every organisation. `work` spans tenants."""
    rows = await work.fetch(
        """select c.org_id, c.id from connections c
           cross join lateral (select next_try_at from crm_records r
                               where r.connection_id = c.id and r.status = 'pending' order by r.id limit 1) oldest
           where c.kind = 'crm' and c.status = 'connected' and oldest.next_try_at <= $1
           order by oldest.next_try_at limit $2""",
        work.now, most,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


async def begin_try(work: Work, connection_id: UUID, until: datetime) -> Record | None:
    """The oldest record that a connection owes, with the try that begins noted, which nobody else makes before `until`;
    None where it is not due yet, or somebody else is at it."""
    row = await work.fetchrow(
        f"""update crm_records set tries = tries + 1, tried_at = $3, next_try_at = $4
            where org_id = $1 and next_try_at <= $3 and id = (
                select id from crm_records where org_id = $1 and connection_id = $2 and status = 'pending'
                order by id limit 1)
            returning {_RECORD}""",
        work.org_id, connection_id, work.now, until,
    )  # fmt: skip
    return None if row is None else record(Record, row)


async def end_try(
    work: Work, tried: Record, status: RecordStatus, error: str = "", next_try_at: datetime | None = None
) -> None:
    """Note how a try went, unless another has begun since."""
    await work.execute(
        """update crm_records set status = $3, error = $4, next_try_at = coalesce($5, next_try_at),
               done_at = case when $3 = 'done' then $6::timestamptz end
           where org_id = $1 and id = $2 and tries = $7""",
        work.org_id, tried.id, status.value, error[:500], next_try_at, work.now, tried.tries,
    )  # fmt: skip


async def take_try_back(work: Work, tried: Record) -> None:
    """A try that never reached the CRM does not count, and holds up no other."""
    await work.execute(
        """update crm_records set tries = tries - 1, next_try_at = $4
           where org_id = $1 and id = $2 and tries = $3 and tries > 0""",
        work.org_id, tried.id, tried.tries, work.now,
    )  # fmt: skip


async def link(work: Work, connection_id: UUID, subject: str, subject_id: UUID) -> str | None:
    """The CRM's id of something of ours, where it has one. Of a contact the subject is the lead."""
    return await work.fetchval(
        """select remote_id from crm_links
           where org_id = $1 and connection_id = $2 and subject = $3 and subject_id = $4""",
        work.org_id, connection_id, subject, subject_id,
    )  # fmt: skip


async def set_link(work: Work, passed: Record, subject: str, subject_id: UUID, remote_id: str) -> None:
    """Keep the CRM's id of something, there and with the record."""
    await work.execute(
        """insert into crm_links (org_id, connection_id, subject, subject_id, remote_id) values ($1, $2, $3, $4, $5)
           on conflict (connection_id, subject, subject_id) do update set remote_id = excluded.remote_id""",
        work.org_id, passed.connection_id, subject, subject_id, remote_id,
    )  # fmt: skip
    column = "contact" if subject == "contact" else "activity"
    await work.execute(
        f"update crm_records set {column} = $3 where org_id = $1 and id = $2", work.org_id, passed.id, remote_id
    )


async def page(work: Work, connection_id: UUID, wanted: RecordFilter, page: int, limit: int) -> Page[Record]:
    """A page of a connection's records, newest first, with whose they are. Exact to 10,000."""
    columns = ", ".join(f"r.{name.strip()}" for name in _RECORD.split(","))
    who = (
        "coalesce(nullif(concat_ws(' ', nullif(l.first_name, ''), nullif(l.last_name, '')), ''), l.phone, l.email, '')"
    )
    found = f"""from crm_records r left join leads l on l.org_id = r.org_id and l.id = r.lead_id and {seen("l.id", 3)}
        where r.org_id = $1 and r.connection_id = $2 and ($4::text is null or r.status = $4)
            and ($5 = '' or position(lower($5) in lower({who} || ' ' || coalesce(l.phone, ''))) > 0)"""
    args = work.org_id, connection_id, allowed(work), wanted.status and wanted.status.value, wanted.who
    total: int = await work.fetchval(f"select count(*) from (select {found} limit {COUNTED_TO + 1}) counted", *args)
    rows = await work.fetch(
        f"select {columns}, {who} as who {found} order by r.created_at desc, r.id desc limit $6 offset $7",
        *args, limit, (page - 1) * limit,
    )  # fmt: skip
    return Page(records(Record, rows), min(total, COUNTED_TO), total > COUNTED_TO)


async def failed(work: Work, connection_id: UUID) -> int:
    """How many failed."""
    return await work.fetchval(
        "select count(*) from crm_records where org_id = $1 and connection_id = $2 and status = 'failed'",
        work.org_id, connection_id,
    )  # fmt: skip


async def again(work: Work, connection_id: UUID, record_id: UUID | None = None) -> int:
    """Have those that failed tried anew, or that one alone. Returns how many."""
    return await work.execute(
        """update crm_records set status = 'pending', tries = 0, next_try_at = $3, error = ''
           where org_id = $1 and connection_id = $2 and status = 'failed' and ($4::uuid is null or id = $4)""",
        work.org_id, connection_id, work.now, record_id,
    )  # fmt: skip
