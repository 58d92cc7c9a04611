"""The SQL of deliveries and attempts."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.webhooks.errors import DeliveryNotFound
from frontdesk.domain.webhooks.model import Attempt, Delivery, DeliveryStatus
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record, records

COUNTED_TO = 10_000

_COLUMNS = """d.id, d.endpoint_id, d.event_id, d.event, d.sequence, d.payload, d.status, d.test, d.attempts,
    d.next_attempt_at, d.created_at, d.delivered_at, a.started_at as last_attempt_at, a.status_code as last_status_code,
    a.latency_ms as last_latency_ms, a.error as last_error"""
_LAST = "left join webhook_attempts a on a.org_id = d.org_id and a.delivery_id = d.id and a.number = d.attempts"


class Claim(Struct, frozen=True):
    """A delivery that is held for one attempt."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    payload: str
    number: int
    tries: int
    url: str
    leased_until: datetime
    """Which also tells this hold from a later one."""


async def insert(
    work: Work, endpoints: list[tuple[UUID, bool]], event_id: UUID, event: str, sequence: int, payload: str,
    *, test: bool = False,
) -> list[UUID]:  # fmt: skip
    """A delivery to each of (endpoint, is on), once for an event. Returns the ids of those that are new."""
    rows = await work.fetch(
        """insert into webhook_deliveries
               (org_id, id, endpoint_id, event_id, event, sequence, payload, status, test, next_attempt_at, created_at)
           select $1, id, endpoint_id, $2, $3, $4, $5, case when enabled then 'pending' else 'skipped' end, $6,
                  case when enabled then $7::timestamptz end, $7
           from unnest($8::uuid[], $9::uuid[], $10::bool[]) as t (id, endpoint_id, enabled)
           on conflict (endpoint_id, event_id) do nothing returning id""",
        work.org_id, event_id, event, sequence, payload, test, work.now, [new_id() for _ in endpoints],
        [endpoint_id for endpoint_id, _ in endpoints], [enabled for _, enabled in endpoints],
    )  # fmt: skip
    return [row["id"] for row in rows]


async def page(work: Work, endpoint_id: UUID, status: DeliveryStatus | None, page: int, limit: int) -> Page[Delivery]:
    """A page of an endpoint's deliveries, newest first. Exact to 10,000."""
    where = "d.org_id = $1 and d.endpoint_id = $2 and ($3::text is null or d.status = $3)"
    args = work.org_id, endpoint_id, status.value if status else None
    total: int = await work.fetchval(
        f"select count(*) from (select from webhook_deliveries d where {where} limit {COUNTED_TO + 1}) counted", *args
    )
    rows = await work.fetch(
        f"""select {_COLUMNS} from webhook_deliveries d {_LAST} where {where}
            order by d.created_at desc, d.id desc limit $4 offset $5""",
        *args, limit, (page - 1) * limit,
    )  # fmt: skip
    return Page(records(Delivery, rows), min(total, COUNTED_TO), total > COUNTED_TO)


async def get(work: Work, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """The delivery. Raises DeliveryNotFound."""
    row = await work.fetchrow(
        f"select {_COLUMNS} from webhook_deliveries d {_LAST} where d.org_id = $1 and d.endpoint_id = $2 and d.id = $3",
        work.org_id, endpoint_id, delivery_id,
    )  # fmt: skip
    if row is None:
        raise DeliveryNotFound
    return record(Delivery, row)


async def attempts(work: Work, delivery_id: UUID) -> list[Attempt]:
    """The attempts at a delivery, newest first."""
    rows = await work.fetch(
        """select number, started_at, status_code, latency_ms, error from webhook_attempts
           where org_id = $1 and delivery_id = $2 order by number desc limit 100""",
        work.org_id, delivery_id,
    )  # fmt: skip
    return records(Attempt, rows)


async def again(
    work: Work, endpoint_id: UUID, *, delivery_id: UUID | None = None, since: datetime | None = None,
    status: DeliveryStatus | None = None,
) -> int:  # fmt: skip
    """Have one delivery sent anew, or all made since then that have the status. Those on their way are not touched.
    Returns how many."""
    return await work.execute(
        """update webhook_deliveries set status = 'pending', tries = 0, next_attempt_at = $6, delivered_at = null
           where org_id = $1 and endpoint_id = $2 and ($3::uuid is null or id = $3) and status <> 'pending'
               and ($4::timestamptz is null or created_at >= $4) and ($5::text is null or status = $5)
               and ($3 is not null or not test)""",
        work.org_id, endpoint_id, delivery_id, since, status.value if status else None, work.now,
    )  # fmt: skip


async def due(work: Work, each: int, most: int) -> list[tuple[UUID, UUID]]:
    """(organisation, delivery) of what is due, of every organisation; of one endpoint not more than `each` at a time,
    counting those on their way, so that one that hangs holds up no other."""
    rows = await work.fetch(
        """select d.org_id, d.id from webhook_endpoints e
           cross join lateral (
               select org_id, id, next_attempt_at, leased_until from webhook_deliveries
               where endpoint_id = e.id and status = 'pending' and next_attempt_at <= $1
               order by next_attempt_at, id limit $2) d
           where e.enabled and (d.leased_until is null or d.leased_until <= $1)
           order by d.next_attempt_at, d.id limit $3""",
        work.now, each, most,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


async def claim(work: Work, delivery_id: UUID, leased_until: datetime) -> Claim | None:
    """Hold a delivery for an attempt, whose beginning is noted; None where it is not due or is held."""
    row = await work.fetchrow(
        """with due as (
               select d.id, e.url from webhook_deliveries d
               join webhook_endpoints e on e.org_id = d.org_id and e.id = d.endpoint_id
               where d.org_id = $1 and d.id = $2 and d.status = 'pending' and d.next_attempt_at <= $3 and e.enabled
                   and (d.leased_until is null or d.leased_until <= $3)
               for update of d skip locked),
           held as (
               update webhook_deliveries d set attempts = attempts + 1, tries = tries + 1, leased_until = $4
               from due where d.org_id = $1 and d.id = due.id
               returning d.id, d.endpoint_id, d.event_id, d.payload, d.attempts as number, d.tries, due.url,
                         d.leased_until),
           noted as (
               insert into webhook_attempts (org_id, delivery_id, number, started_at)
               select $1, id, number, $3 from held)
           select * from held""",
        work.org_id, delivery_id, work.now, leased_until,
    )  # fmt: skip
    return None if row is None else record(Claim, row)


async def settle(
    work: Work, claim: Claim, status: DeliveryStatus, next_attempt_at: datetime | None, *,
    status_code: int | None, latency_ms: int, error: str,
) -> None:  # fmt: skip
    """Keep how an attempt went, and what comes of the delivery unless somebody else has begun another."""
    await work.execute(
        """update webhook_attempts set status_code = $4, latency_ms = $5, error = $6
           where org_id = $1 and delivery_id = $2 and number = $3""",
        work.org_id, claim.id, claim.number, status_code, latency_ms, error,
    )  # fmt: skip
    await work.execute(
        """update webhook_deliveries set status = $4, next_attempt_at = $5, leased_until = null,
               delivered_at = case when $4 = 'delivered' then $6::timestamptz end
           where org_id = $1 and id = $2 and attempts = $3 and status = 'pending'""",
        work.org_id, claim.id, claim.number, status.value, next_attempt_at, work.now,
    )  # fmt: skip


async def delete_old(work: Work, before: datetime) -> int:
    """Delete what was made before then, of all organisations."""
    return await work.execute("delete from webhook_deliveries where created_at < $1", before)
