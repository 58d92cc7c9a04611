"""The SQL of endpoints. Deliveries: `delivery_store`."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.webhooks.errors import EndpointNotFound
from frontdesk.domain.webhooks.model import DisabledReason, Endpoint
from frontdesk.platform.database import Row, Work, record, records

_COLUMNS = ", ".join(Endpoint.__struct_fields__)


async def count_locked(work: Work) -> int:
    """How many the organisation has; others who would add one wait."""
    await work.execute("select from organizations where org_id = $1 for no key update", work.org_id)
    return await work.fetchval("select count(*) from webhook_endpoints where org_id = $1", work.org_id)


async def insert(
    work: Work, endpoint_id: UUID, url: str, events: list[str], dialect: str, description: str, sealed: str
) -> Endpoint:
    row = await work.fetchrow(
        f"""insert into webhook_endpoints
                (org_id, id, url, events, dialect, description, secret, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning {_COLUMNS}""",
        work.org_id, endpoint_id, url, events, dialect, description, sealed, work.now,
    )  # fmt: skip
    assert row
    return record(Endpoint, row)


async def every(work: Work) -> list[Endpoint]:
    """All of the organisation's, oldest first."""
    rows = await work.fetch(
        f"select {_COLUMNS} from webhook_endpoints where org_id = $1 order by created_at, id", work.org_id
    )
    return records(Endpoint, rows)


async def get(work: Work, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    """The endpoint. Raises EndpointNotFound."""
    row = await work.fetchrow(
        f"select {_COLUMNS} from webhook_endpoints where org_id = $1 and id = $2{' for update' if lock else ''}",
        work.org_id, endpoint_id,
    )  # fmt: skip
    if row is None:
        raise EndpointNotFound
    return record(Endpoint, row)


async def save(work: Work, endpoint: Endpoint) -> None:
    """Write what a person or the product changed."""
    await work.execute(
        """update webhook_endpoints set url = $3, events = $4, description = $5, enabled = $6, failing_since = $7,
               disabled_at = $8, disabled_reason = $9, updated_at = $10 where org_id = $1 and id = $2""",
        work.org_id, endpoint.id, endpoint.url, endpoint.events, endpoint.description, endpoint.enabled,
        endpoint.failing_since, endpoint.disabled_at,
        endpoint.disabled_reason.value if endpoint.disabled_reason else None, work.now,
    )  # fmt: skip


async def delete(work: Work, endpoint_id: UUID) -> None:
    """Delete it with its deliveries."""
    await work.execute("delete from webhook_endpoints where org_id = $1 and id = $2", work.org_id, endpoint_id)


async def rotate(work: Work, endpoint_id: UUID, sealed: str, previous_until: datetime) -> None:
    """Give it a new secret; the one before is good until then."""
    await work.execute(
        """update webhook_endpoints set previous_secret = secret, previous_until = $4, secret = $3, updated_at = $5
           where org_id = $1 and id = $2""",
        work.org_id, endpoint_id, sealed, previous_until, work.now,
    )  # fmt: skip


async def secrets(work: Work, endpoint_id: UUID) -> tuple[str, str | None]:
    """Its sealed secret, and the one before while that is good."""
    row: Row | None = await work.fetchrow(
        """select secret, case when previous_until > $3 then previous_secret end as previous from webhook_endpoints
           where org_id = $1 and id = $2""",
        work.org_id, endpoint_id, work.now,
    )  # fmt: skip
    if row is None:
        raise EndpointNotFound
    return row["secret"], row["previous"]


async def listening(work: Work, event: str) -> list[tuple[UUID, bool]]:
    """Endpoints that asked for the event, and whether they are on. Each stays until the work is done."""
    rows = await work.fetch(
        """select id, enabled from webhook_endpoints where org_id = $1 and $2 = any(events) order by id
           for key share""",
        work.org_id, event,
    )  # fmt: skip
    return [(row["id"], row["enabled"]) for row in rows]


async def note_success(work: Work, endpoint_id: UUID) -> None:
    """It took something: whatever failed before is forgotten."""
    await work.execute(
        """update webhook_endpoints set failing_since = null
           where org_id = $1 and id = $2 and failing_since is not null""",
        work.org_id, endpoint_id,
    )  # fmt: skip


async def note_failure(work: Work, endpoint_id: UUID) -> datetime | None:
    """It failed. Returns since when it has done nothing else; None where it is gone or off."""
    return await work.fetchval(
        """update webhook_endpoints set failing_since = coalesce(failing_since, $3)
           where org_id = $1 and id = $2 and enabled returning failing_since""",
        work.org_id, endpoint_id, work.now,
    )  # fmt: skip


async def disable(work: Work, endpoint_id: UUID, reason: DisabledReason) -> bool:
    """Switch it off. Returns whether it was on."""
    return bool(
        await work.execute(
            """update webhook_endpoints set enabled = false, disabled_at = $3, disabled_reason = $4, updated_at = $3
               where org_id = $1 and id = $2 and enabled""",
            work.org_id, endpoint_id, work.now, reason.value,
        )
    )  # fmt: skip
