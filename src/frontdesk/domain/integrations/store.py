"""The SQL of connections and consents."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import Connection, ConnectionStatus, Consenting, Kind
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.consent import Account

_CONNECTION = "id, kind, provider, sandbox, account, label, status, connected_at"


class Held(Struct, frozen=True, kw_only=True):
    """A connection with what lets us in, sealed."""

    id: UUID
    kind: Kind
    provider: str
    sandbox: bool
    status: ConnectionStatus
    tokens: str
    renewing_until: datetime | None


async def connections(work: Work, kind: Kind) -> list[Connection]:
    """Those of a kind, the oldest first."""
    rows = await work.fetch(
        f"select {_CONNECTION} from connections where org_id = $1 and kind = $2 order by connected_at, id",
        work.org_id, kind.value,
    )  # fmt: skip
    return records(Connection, rows)


async def keep(work: Work, kind: Kind, provider: str, account: Account, tokens: str, *, sandbox: bool) -> Connection:
    """Keep a connection, in place of an earlier one with the same provider. Of the same account it stays the same
    connection; of another it is a new one, for what belongs to the earlier must not reach that account."""
    await work.execute(
        """delete from connections
           where org_id = $1 and kind = $2 and provider = $3 and (account, sandbox) <> ($4, $5)""",
        work.org_id, kind.value, provider, account.id, sandbox,
    )  # fmt: skip
    row = await work.fetchrow(
        f"""insert into connections (org_id, id, kind, provider, sandbox, account, label, tokens, connected_at,
                                     updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
            on conflict (org_id, kind, provider) do update
                set label = excluded.label, tokens = excluded.tokens, status = 'connected', renewing_until = null,
                    updated_at = excluded.updated_at
            returning {_CONNECTION}""",
        work.org_id, new_id(), kind.value, provider, sandbox, account.id, account.label[:320], tokens, work.now,
    )  # fmt: skip
    assert row is not None
    return record(Connection, row)


async def held(work: Work, connection_id: UUID, *, lock: bool = False) -> Held:
    """The connection with its tokens. Raises ConnectionNotFound."""
    row = await work.fetchrow(
        f"""select id, kind, provider, sandbox, status, tokens, renewing_until from connections
            where org_id = $1 and id = $2 {"for update" if lock else ""}""",
        work.org_id,
        connection_id,
    )
    if row is None:
        raise ConnectionNotFound
    return record(Held, row)


async def set_renewing(work: Work, connection_id: UUID, until: datetime | None) -> None:
    """Note that somebody renews its tokens, or does no longer."""
    await work.execute(
        "update connections set renewing_until = $3 where org_id = $1 and id = $2", work.org_id, connection_id, until
    )


async def set_tokens(work: Work, connection_id: UUID, tokens: str) -> None:
    """Renewed ones."""
    await work.execute(
        """update connections set tokens = $3, renewing_until = null, updated_at = $4 where org_id = $1 and id = $2""",
        work.org_id, connection_id, tokens, work.now,
    )  # fmt: skip


async def lapse(work: Work, connection_id: UUID, tokens: str) -> bool:
    """Note that `tokens`, sealed, are worth nothing any more. False: it is noted, or there are others by now."""
    done = await work.execute(
        """update connections set status = 'reconnect', renewing_until = null, updated_at = $4
           where org_id = $1 and id = $2 and tokens = $3 and status = 'connected'""",
        work.org_id, connection_id, tokens, work.now,
    )  # fmt: skip
    return done > 0


async def delete(work: Work, connection_id: UUID, kind: Kind) -> Held:
    """Forget it; what it was. Raises ConnectionNotFound."""
    found = await held(work, connection_id, lock=True)
    if found.kind is not kind:
        raise ConnectionNotFound
    await work.execute("delete from connections where org_id = $1 and id = $2", work.org_id, connection_id)
    return found


# --- consents ---------------------------------------------------------------------------------------------------------


async def insert_consent(work: Work, state_hash: bytes, begun: Consenting, expires_at: datetime) -> None:
    """Remember a consent that was begun."""
    await work.execute(
        """insert into consents (org_id, state_hash, kind, provider, verifier, session_id, key_id, in_console,
                                 created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        begun.org_id, state_hash, begun.kind.value, begun.provider, begun.verifier, begun.session_id, begun.key_id,
        begun.in_console, work.now, expires_at,
    )  # fmt: skip


async def take_consent(
    work: Work, state_hash: bytes, kind: Kind, provider: str, session_id: UUID | None
) -> Consenting | None:
    """The consent, once; one that was begun in the console only in its session. `work` spans tenants."""
    row = await work.fetchrow(
        """update consents set used_at = $5
           where state_hash = $1 and kind = $2 and provider = $3 and used_at is null and expires_at > $5
               and (not in_console or session_id = $4)
           returning org_id, kind, provider, verifier, session_id, key_id, in_console""",
        state_hash, kind.value, provider, session_id, work.now,
    )  # fmt: skip
    return record(Consenting, row) if row else None


async def in_console(work: Work, state_hash: bytes) -> bool:
    """Whether a consent was begun in the console. `work` spans tenants."""
    return bool(await work.fetchval("select in_console from consents where state_hash = $1", state_hash))


async def delete_consents(work: Work, before: datetime) -> None:
    """Forget those that expired before then. `work` spans tenants."""
    await work.execute("delete from consents where expires_at < $1", before)
