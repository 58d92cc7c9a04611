"""The SQL of API keys. The look-up of a key is `principal_of_api_key` in the schema."""

from uuid import UUID

from frontdesk.domain.organizations.errors import ApiKeyNotFound
from frontdesk.domain.organizations.model import ApiKey, NewApiKey
from frontdesk.kernel.access import ActorType
from frontdesk.platform.database import Work, record, records

_COLUMNS = "org_id, id, name, hint, role, created_by, created_at, last_used_at, expires_at, revoked_at"


async def insert(work: Work, id_: UUID, new: NewApiKey, key_hash: bytes, hint: str) -> ApiKey:
    maker = work.actor.id if work.actor.type is ActorType.USER else None
    row = await work.fetchrow(
        f"""insert into api_keys (org_id, id, name, key_hash, hint, role, created_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning {_COLUMNS}""",
        work.org_id, id_, new.name, key_hash, hint, new.role.value, maker,
        work.now, new.expires_at,
    )  # fmt: skip
    assert row
    return record(ApiKey, row)


async def all_live(work: Work) -> list[ApiKey]:
    """Keys that were not revoked, newest first."""
    rows = await work.fetch(
        f"""select {_COLUMNS} from api_keys where org_id = $1 and revoked_at is null
            order by created_at desc, id desc""",
        work.org_id,
    )
    return records(ApiKey, rows)


async def get_live(work: Work, id_: UUID) -> ApiKey:
    """The key, locked. Raises ApiKeyNotFound, also when it was revoked."""
    row = await work.fetchrow(
        f"select {_COLUMNS} from api_keys where org_id = $1 and id = $2 and revoked_at is null for update",
        work.org_id, id_,
    )  # fmt: skip
    if row is None:
        raise ApiKeyNotFound
    return record(ApiKey, row)


async def revoke(work: Work, id_: UUID) -> None:
    await work.execute("update api_keys set revoked_at = $3 where org_id = $1 and id = $2", work.org_id, id_, work.now)
