"""Units of work: the only way to a database connection, and the place where the tenant is set.

Here: the pools, `Works` (which makes units of work) and `Work` (one of them). Not here: SQL of features (their
`store.py`), the embedded server and migrations (`platform.postgres`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from frontdesk.kernel.access import Actor, ActorType, Permission
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import Forbidden, Unauthenticated
from frontdesk.kernel.ids import new_id
from frontdesk.platform.crypto import KeyedHash
from frontdesk.platform.events import Fact, insert_facts

Row = asyncpg.Record
Connection = Any  # asyncpg's pool hands out proxies that share no useful type with its Connection
T = TypeVar("T")

APP_ROLE = "frontdesk_app"
SYSTEM_ROLE = "frontdesk_system"


def record(shape: type[T], row: Row) -> T:
    """`row` as the frozen Struct `shape`, by column name. Columns the shape does not name are left out."""
    return msgspec.convert(dict(row), shape, strict=False)


def records(shape: type[T], rows: Sequence[Row]) -> list[T]:
    """Each of `rows` as a `shape`."""
    return [record(shape, row) for row in rows]


class Connections(Protocol):
    """Where units of work get their connections. The tests have one of their own that nests in one transaction."""

    async def acquire(self, role: str) -> Connection:
        """A connection acting as `role`. Whatever tenant it was scoped to before is meaningless."""
        ...

    async def release(self, connection: Connection) -> None:
        """Give it back. An open transaction is rolled back."""
        ...

    async def begin(self, connection: Connection, org_id: UUID | None) -> None:
        """Start a transaction that sees `org_id` only; None sees no tenant's rows."""
        ...

    async def commit(self, connection: Connection) -> None:
        """Commit, or raise: also where the database can only roll back, because a statement had failed."""
        ...

    async def rollback(self, connection: Connection) -> None: ...


async def _prepare(connection: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            format="text",
            encoder=lambda value: msgspec.json.encode(value).decode(),
            decoder=msgspec.json.decode,
        )


async def _keep(connection: asyncpg.Connection) -> None:
    """In place of asyncpg's reset on release, which costs a round trip: every acquisition sets the tenant anew."""


_SESSION = {"jit": "off", "application_name": "frontdesk", "timezone": "UTC"}


async def connect(dsn: str, role: str | None = None) -> asyncpg.Connection:
    """A connection outside the pools, for what belongs to a session: LISTEN, advisory locks. Acts as `role`, or as the
    owner, and sees no tenant. The caller closes it."""
    # The server gives up a client that has gone without a word within half a minute, and its locks with it.
    settings = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"}
    if role is not None:
        settings["role"] = role
    connection = await asyncpg.connect(dsn, timeout=20, command_timeout=60, server_settings=_SESSION | settings)
    await _prepare(connection)
    return connection


class PooledConnections:
    """Two pools on one database: one acting as the app role, a small one as the system role."""

    def __init__(self, app: asyncpg.Pool, system: asyncpg.Pool) -> None:
        self._pools = {APP_ROLE: app, SYSTEM_ROLE: system}
        self._lent: dict[int, asyncpg.Pool] = {}

    @classmethod
    async def open(cls, dsn: str, *, size: int = 10, system_size: int = 4) -> "PooledConnections":
        """Connect. `dsn` names an owner that may act as both roles."""

        async def pool(role: str, most: int) -> asyncpg.Pool:
            return await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=most,
                init=_prepare,
                reset=_keep,
                command_timeout=60,
                server_settings=_SESSION | {"role": role},
            )

        app = await pool(APP_ROLE, size)
        try:
            return cls(app, await pool(SYSTEM_ROLE, system_size))
        except BaseException:
            app.terminate()
            raise

    async def close(self) -> None:
        """Wait for connections in use, for ten seconds at most, and close all."""
        for pool in self._pools.values():
            try:
                await asyncio.wait_for(pool.close(), timeout=10)
            except TimeoutError:
                pool.terminate()

    async def acquire(self, role: str) -> Connection:
        pool = self._pools[role]
        connection = await pool.acquire(timeout=20)
        self._lent[id(connection)] = pool
        return connection

    async def release(self, connection: Connection) -> None:
        pool = self._lent.pop(id(connection))
        try:
            if connection.is_in_transaction():
                await connection.execute("rollback")
        finally:
            await pool.release(connection)

    async def begin(self, connection: Connection, org_id: UUID | None) -> None:
        # One round trip; the value is a UUID or empty, so it can stand in the statement.
        await connection.execute(f"begin; set local app.org_id = '{org_id or ''}'")

    async def commit(self, connection: Connection) -> None:
        # After a statement that failed the answer to a commit is ROLLBACK, and no error.
        if await connection.execute("commit") != "COMMIT":
            raise asyncpg.InFailedSQLTransactionError(
                "nothing was committed: a statement of the transaction had failed"
            )

    async def rollback(self, connection: Connection) -> None:
        # On a lost connection there is nothing to roll back, and what went wrong before it must not be hidden.
        with contextlib.suppress(asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
            await connection.execute("rollback")


class Work:
    """One unit of work for one actor: statements, permissions, facts to emit, audit.

    In a transaction (`Works.begin`, `Works.across_tenants`) or, for reads, outside one (`Works.read`). `now` is the
    instant it began; all SQL takes it from here.
    """

    def __init__(self, connection: Connection, actor: Actor, clock: Clock, keyed: KeyedHash | None = None) -> None:
        self._connection = connection
        self._keyed = keyed
        self._facts: list[tuple[UUID, Fact]] = []
        self._last: list[Callable[[], Awaitable[None]]] = []
        self.actor = actor
        self.clock = clock
        self.now: datetime = clock.now()

    @property
    def org_id(self) -> UUID:
        """The organisation worked for. Raises Forbidden where there is none."""
        if self.actor.org_id is None:
            raise Forbidden("You belong to no organisation yet.")
        return self.actor.org_id

    @property
    def connection(self) -> Connection:
        """The driver's connection, for COPY and for the queue. Statements of features go through the methods below."""
        return self._connection

    @property
    def keyed(self) -> KeyedHash:
        """Hashes under the installation's own key. Raises RuntimeError where the composition gave none."""
        if self._keyed is None:
            raise RuntimeError("this unit of work was given no key")
        return self._keyed

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the actor holds `permission`."""
        if not self.actor.may(permission):
            raise Forbidden("You do not have the permission for this.", permission=permission.value)

    def emit(self, fact: Fact, org_id: UUID | None = None) -> None:
        """Tell a fact. It commits with the work, or not at all. `org_id` where the work spans tenants."""
        self._facts.append((org_id or self.org_id, fact))

    def at_the_end(self, step: Callable[[], Awaitable[None]]) -> None:
        """Have `step` done after all else, just before the commit: for what locks a row that many lock. Whoever waits
        for such a row then holds all other locks already, so that nobody waits in a circle, and holds it briefly."""
        self._last.append(step)

    async def flush(self) -> None:
        """Write the facts told so far, and do what was put off to the end. Done by the commit; earlier only where a
        statement must see them."""
        facts, self._facts = self._facts, []
        await insert_facts(self._connection, facts, self.actor, self.now)
        steps, self._last = self._last, []
        for step in steps:
            await step()

    def told_nothing(self) -> None:
        """Raise RuntimeError if facts were told: for a unit of work without a transaction, where they would be lost."""
        if self._facts or self._last:
            told = self._facts[0][1].TYPE if self._facts else "something"
            raise RuntimeError(f"{told} was told in a unit of work that only reads")

    async def audit(self, action: str, subject_type: str, subject_id: UUID | None, **details: Any) -> None:
        """Record an administrative change in the organisation's audit log."""
        await self.execute(
            """insert into audit_log
                   (org_id, id, actor_type, actor_id, action, subject_type, subject_id, details, occurred_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            self.org_id, new_id(), self.actor.type.value, self.actor.id, action, subject_type, subject_id, details,
            self.now,
        )  # fmt: skip

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        return await self._connection.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        """The first row, if any."""
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, if any."""
        return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run it and return the number of rows it touched."""
        status: str = await self._connection.execute(sql, *args)
        last = status.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0

    async def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run it once for each of `rows`."""
        await self._connection.executemany(sql, rows)

    async def analyze(self, *tables: str) -> None:
        """Let the planner know at once what `tables` hold, what this transaction has added included; others who would
        do so wait until it commits. Where somebody else keeps at it for five seconds, it is left to autovacuum."""
        # Only their owner may, whose login this connection is, and as whom it does nothing else.
        await self._connection.execute(
            f"""do $$
                declare acting text := current_setting('role');
                begin
                    set local role none;
                    set local lock_timeout = '5s';
                    analyze {", ".join(tables)};
                    set local lock_timeout to default;
                    execute format('set local role %I', acting);
                exception when lock_not_available then  -- which undoes what was set
                end $$"""
        )


class Visit:
    """A connection whose tenant the look-up of a credential has set, before it is known what work it is for.

    Made by `Works.visit`; ends with the one `work` it is used for, or with `leave`.
    """

    def __init__(self, works: "Works", connections: Connections, connection: Connection, principal: Row) -> None:
        self._works, self._connections, self._connection = works, connections, connection
        self._left = False
        self.clock = works.clock
        self.principal = principal

    @asynccontextmanager
    async def work(self, actor: Actor, *, writes: bool) -> AsyncIterator[Work]:
        """The unit of work on this connection: a transaction when it writes. Leaves afterwards."""
        try:
            if writes:
                async with _transaction(self._works, self._connections, self._connection, actor) as work:
                    yield work
            else:
                work = self._works.work_on(self._connection, actor)
                yield work
                work.told_nothing()
        finally:
            await self.leave()

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        """One statement before the work, committed at once: the first row, if any."""
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """One statement before the work, committed at once: the first column of the first row, if any."""
        return await self._connection.fetchval(sql, *args)

    async def leave(self) -> None:
        """Give the connection back; nothing happens the second time."""
        if not self._left:
            self._left = True
            await self._connections.release(self._connection)


@asynccontextmanager
async def _transaction(
    works: "Works", connections: Connections, connection: Connection, actor: Actor
) -> AsyncIterator[Work]:
    await connections.begin(connection, actor.org_id)
    try:
        work = works.work_on(connection, actor)
        yield work
        await work.flush()
    except BaseException:
        await connections.rollback(connection)
        raise
    await connections.commit(connection)


class Works:
    """Makes units of work. The only holder of database connections. `keyed` is for what is sealed in them."""

    def __init__(self, connections: Connections, clock: Clock, keyed: KeyedHash | None = None) -> None:
        self._connections, self._keyed = connections, keyed
        self.clock = clock

    def work_on(self, connection: Connection, actor: Actor) -> Work:
        """A unit of work that begins now. For this module."""
        return Work(connection, actor, self.clock, self._keyed)

    @asynccontextmanager
    async def begin(self, actor: Actor) -> AsyncIterator[Work]:
        """A transaction for `actor`, seeing its organisation only. Commits at the end, rolls back on any error."""
        connection = await self._connections.acquire(APP_ROLE)
        try:
            async with _transaction(self, self._connections, connection, actor) as work:
                yield work
        finally:
            await self._connections.release(connection)

    @asynccontextmanager
    async def read(self, actor: Actor) -> AsyncIterator[Work]:
        """Single-statement reads for `actor`, each seeing the newest committed state, without a transaction."""
        connection = await self._connections.acquire(APP_ROLE)
        try:
            await connection.execute("select set_config('app.org_id', $1, false)", str(actor.org_id or ""))
            work = self.work_on(connection, actor)
            yield work
            work.told_nothing()
        finally:
            await self._connections.release(connection)

    async def visit(self, lookup: str, *args: Any) -> Visit:
        """Look a principal up and set the tenant by it, in one round trip.

        `lookup` is a select that yields at most one row with a column `org_id`, over a `security definer` function.
        Raises Unauthenticated when it yields none; the tenant is cleared then.
        """
        connection = await self._connections.acquire(APP_ROLE)
        try:
            principal = await connection.fetchrow(
                # The coalesce matters: an invalid credential must clear the tenant of whoever was here before.
                f"""with p as (select true as known, found.* from ({lookup}) found)
                    select p.*, set_config('app.org_id', coalesce(p.org_id::text, ''), false) as scope
                    from (select 1) one left join p on true""",
                *args,
            )
            if not principal["known"]:
                raise Unauthenticated("The credential is not valid, or no longer.")
        except BaseException:
            await self._connections.release(connection)
            raise
        return Visit(self, self._connections, connection, principal)

    @asynccontextmanager
    async def across_tenants(self, reason: str, actor: Actor | None = None) -> AsyncIterator[Work]:
        """A transaction as the system role, for what must be read before the tenant is known or spans tenants.

        `reason` is one of those that the architecture tests allow (docs/decisions/0003).
        """
        system = actor or Actor(type=ActorType.SYSTEM, id=None, org_id=None, permissions=frozenset(Permission))
        connection = await self._connections.acquire(SYSTEM_ROLE)
        try:
            async with _transaction(self, self._connections, connection, system) as work:
                yield work
        finally:
            await self._connections.release(connection)
