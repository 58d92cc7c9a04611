"""The SQL of numbers that are given back."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.numbers.model import Number, NumberUse
from frontdesk.domain.numbers.store import NUMBER
from frontdesk.platform.database import Work, record


async def get(work: Work, number_id: UUID) -> Number | None:
    """The organisation's number of that id."""
    row = await work.fetchrow(
        f"select {NUMBER} from numbers n where n.org_id = $1 and n.id = $2", work.org_id, number_id
    )
    return None if row is None else record(Number, row)


async def use_of(work: Work, number: Number, lately: datetime) -> NumberUse:
    """What goes on with a number, and went on since `lately`."""
    row = await work.fetchrow(
        """select o.number is not distinct from $2 as texts_from,
                  (select count(*) from calls where org_id = $1 and status in ('queued', 'ringing', 'in_progress')
                       and $2 in (from_number, to_number)) as calls_now,
                  (select count(*) from messages where org_id = $1 and status = 'queued' and sender = $2)
                  + (select count(*) from messages where org_id = $1 and status in ('sending', 'unknown')
                         and sender = $2) as texts_waiting,
                  (select count(*) from calls where org_id = $1 and started_at >= $3
                       and $2 in (from_number, to_number)) as calls_lately
           from organizations o where o.org_id = $1""",
        work.org_id, number.phone, lately,
    )  # fmt: skip
    assert row is not None
    return NumberUse(number=number, **dict(row))


async def leave(work: Work, number_id: UUID) -> None:
    """Note that it is given back from now on."""
    await work.execute(
        "update numbers set leaving_at = $3, look_at = null where org_id = $1 and id = $2 and leaving_at is null",
        work.org_id, number_id, work.now,
    )  # fmt: skip


async def stay(work: Work, number_id: UUID) -> None:
    """Note that it was not given back."""
    await work.execute(
        "update numbers set leaving_at = null, look_at = null where org_id = $1 and id = $2", work.org_id, number_id
    )


async def due(work: Work, left_before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, number) of those whose leaving nobody saw end. `work` spans tenants."""
    rows = await work.fetch(
        """select org_id, id from numbers where leaving_at < $1 and (look_at is null or look_at <= $2)
           order by look_at nulls first limit $3""",
        left_before, work.now, limit,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


async def look_again(work: Work, number_id: UUID, at: datetime) -> None:
    """Note when it is seen to next."""
    await work.execute(
        "update numbers set look_at = $3 where org_id = $1 and id = $2 and leaving_at is not null",
        work.org_id, number_id, at,
    )  # fmt: skip


async def gone(work: Work, number_id: UUID) -> bool:
    """Forget a number that leaves; False where it is forgotten already. What was said over it stays."""
    return bool(
        await work.execute(
            "delete from numbers where org_id = $1 and id = $2 and leaving_at is not null", work.org_id, number_id
        )
    )
