"""The SQL of calls that we place."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.calls.model import AnsweredBy, Call, Outgoing, OutgoingState
from frontdesk.platform.database import Work, record

_OUTGOING = """o.call_id, o.recipient, o.asked_by, o.purpose, o.first_rings, o.state, o.attempts, o.asked_at, o.due_at,
    o.claimed_at, o.answered_by, o.error_code"""


async def insert(work: Work, made: Outgoing) -> None:
    """Keep a call that is asked for."""
    await work.execute(
        """insert into outgoing_calls
               (org_id, call_id, recipient, asked_by, purpose, first_rings, state, asked_at, due_at, claimed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        work.org_id, made.call_id, made.recipient, made.asked_by, made.purpose, made.first_rings, made.state.value,
        made.asked_at, made.due_at, made.claimed_at,
    )  # fmt: skip


async def get(work: Work, call_id: UUID, *, lock: bool = False) -> Outgoing | None:
    """What there is of a call that we place; None for one that we do not."""
    row = await work.fetchrow(
        f"""select {_OUTGOING} from outgoing_calls o where o.org_id = $1 and o.call_id = $2
            {"for no key update" if lock else ""}""",
        work.org_id, call_id,
    )  # fmt: skip
    return None if row is None else record(Outgoing, row)


async def save(work: Work, made: Outgoing) -> None:
    """Write what of it can change."""
    await work.execute(
        """update outgoing_calls set state = $3, attempts = $4, due_at = $5, claimed_at = $6, answered_by = $7,
               error_code = $8
           where org_id = $1 and call_id = $2""",
        work.org_id, made.call_id, made.state.value, made.attempts, made.due_at, made.claimed_at, made.answered_by,
        made.error_code,
    )  # fmt: skip


async def set_provider_id(work: Work, call: Call, provider_call_id: str) -> None:
    """The carrier has the call, and calls it so."""
    await work.execute(
        "update calls set provider_call_id = $3, updated_at = $4 where org_id = $1 and id = $2",
        work.org_id, call.id, provider_call_id, work.now,
    )  # fmt: skip


async def under_way_to(work: Work, recipient: str) -> bool:
    """Whether a call to the number is being placed, or going on."""
    return await work.fetchval(
        """select exists (select from calls c join outgoing_calls o on o.org_id = c.org_id and o.call_id = c.id
               where c.org_id = $1 and c.status in ('queued', 'ringing', 'in_progress') and o.recipient = $2)""",
        work.org_id, recipient,
    )  # fmt: skip


async def answered_by(work: Work, call_id: UUID) -> AnsweredBy | None:
    """Who took up a call of ours, as far as that is known."""
    found = await work.fetchval(
        "select answered_by from outgoing_calls where org_id = $1 and call_id = $2", work.org_id, call_id
    )
    return AnsweredBy(found) if found else None


async def is_known(work: Work, carrier: str, provider_call_id: str) -> bool:
    """Whether the carrier's id is that of a call that we have."""
    return await work.fetchval(
        """select exists (select from calls where org_id = $1 and carrier = $2 and provider_call_id = $3
               and provider_call_id <> '')""",
        work.org_id, carrier, provider_call_id,
    )  # fmt: skip


async def doubtful(
    work: Work, claimed_before: datetime, placed_before: datetime, limit: int
) -> list[tuple[UUID, UUID]]:
    """(organisation, call) of those that nobody saw placed, and of those that were placed and of which the carrier has
    told no beginning and no end. Runs as the system role."""
    rows = await work.fetch(
        """select o.org_id, o.call_id from outgoing_calls o join calls c on c.org_id = o.org_id and c.id = o.call_id
           where (o.state in ('calling', 'in_doubt') and o.claimed_at < $1)
              or (c.status in ('queued', 'ringing') and c.direction = 'outbound' and o.state = 'placed'
                  and o.claimed_at < $2)
           order by o.claimed_at limit $3""",
        claimed_before, placed_before, limit,
    )  # fmt: skip
    return [(row["org_id"], row["call_id"]) for row in rows]


OPEN = (OutgoingState.CALLING, OutgoingState.IN_DOUBT)
"""States in which the carrier may have the call without our knowing."""
