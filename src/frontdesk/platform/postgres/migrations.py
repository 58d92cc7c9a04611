"""The schema's versions: files `NNNN_what.sql`, run in order, each once, each whole or not at all.

A file is one transaction. One whose first line is `-- no-transaction` (for `create index concurrently`) runs statement
by statement, and has to bear being run again after it failed midway. Forward only: an applied file never changes.
"""

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from msgspec import Struct

import frontdesk
from frontdesk.platform.postgres.errors import MigrationFailed
from frontdesk.platform.postgres.roles import Connection, Target, connect, ensure_roles

Hook = Callable[[Any], Awaitable[object]]
"""Takes an asyncpg connection."""

OLDEST_SERVER = 15
NO_TRANSACTION = "-- no-transaction"
_LOCK = 0x66726F6E74  # "front"
_TABLE = """
    create table if not exists schema_migrations (
        version int primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
    )"""

# What a semicolon may hide in, and the semicolon itself.
_TOKENS = re.compile(
    r"""--[^\n]* | /\*.*?\*/ | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | (\$\w*\$).*?\1
    | \bbegin\s+atomic\b.*?\bend\s*(?=;) | (?P<end>;)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_OWN_TRANSACTION = re.compile(r"(begin|commit|rollback|start\s+transaction|end|abort)\b", re.IGNORECASE)


class Migration(Struct, frozen=True):
    """One file."""

    version: int
    name: str
    text: str
    checksum: str

    def statements(self) -> Iterator[tuple[int, str]]:
        """Each statement with the line it starts on."""
        start = 0
        for token in [*_TOKENS.finditer(self.text), None]:
            if token is not None and token["end"] is None:
                continue
            end = token.end() if token else len(self.text)
            piece = self.text[start:end]
            bare = re.match(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", piece, re.DOTALL)
            skipped = bare.end() if bare else 0
            if piece[skipped:].strip(" \n\t;"):
                yield self.text.count("\n", 0, start + skipped) + 1, piece[skipped:]
            start = end


def default_directory() -> Path:
    """`migrations/` beside the package in a wheel, or at the root of a checkout. Raises MigrationFailed."""
    package = Path(frontdesk.__file__).parent
    for place in (package / "migrations", package.parent.parent / "migrations"):
        if place.is_dir():
            return place
    raise MigrationFailed(f"There are no migrations beside {package}: the installation is incomplete.")


def read_migrations(directory: Path) -> list[Migration]:
    """The files of `directory`, in order. Raises MigrationFailed when their numbers are not 1, 2, 3 and so on."""
    found: list[Migration] = []
    for path in sorted(directory.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", path.name)
        if match is None:
            raise MigrationFailed(f"{path}: a migration is named NNNN_what.sql, with small letters, digits and _.")
        if int(match[1]) != len(found) + 1:
            raise MigrationFailed(f"{path}: number {len(found) + 1:04} was expected here.")
        text = path.read_text(encoding="utf-8")
        found.append(Migration(int(match[1]), path.stem, text, hashlib.sha256(text.encode()).hexdigest()))
    return found


async def ensure_database(target: Target) -> None:
    """Make the database of `target` if it is not there. Raises MigrationFailed when it cannot be reached or made."""
    await (await _connect_making_database(target)).close()


async def migrate(
    target: Target, directory: Path | None = None, *, after: Sequence[Hook] = (), lock_timeout: float = 120.0
) -> list[str]:
    """Bring the database of `target` up to date as its owner, and return the names of the files that were run.

    Makes the database, the roles and their grants where they are not there. `after` are run each time, on the same
    connection and under the same lock, once the files are through. Waits at most `lock_timeout` seconds for another
    process that migrates. Raises MigrationFailed, RoleRefused.
    """
    wanted = read_migrations(directory or default_directory())
    conn = await _connect_making_database(target)
    try:
        version = conn.get_server_version()
        if version.major < OLDEST_SERVER:
            raise MigrationFailed(f"The server is PostgreSQL {version.major}; {OLDEST_SERVER} or newer is needed.")
        with contextlib.suppress(asyncpg.PostgresError):  # not to be had on every system
            # A statement that goes on after we were killed would keep the lock: let the server look after us.
            await conn.execute("set client_connection_check_interval = '2s'")
        await _lock(conn, lock_timeout)
        await ensure_roles(conn)
        await conn.execute(_TABLE)
        applied = {
            row["version"]: row for row in await conn.fetch("select version, name, checksum from schema_migrations")
        }
        _compare(wanted, applied)
        pending = [migration for migration in wanted if migration.version not in applied]
        for migration in pending:
            await _apply(conn, migration)
        for hook in after:
            await hook(conn)
    finally:
        await conn.close()
    return [migration.name for migration in pending]


async def _connect_making_database(target: Target) -> Connection:
    try:
        try:
            return await connect(target)
        except asyncpg.InvalidCatalogNameError as error:
            name = re.search(r'"(.+)"', str(error))
            if name is None:
                raise
            conn = await connect(target, database="postgres")
            try:
                await conn.execute("create database " + '"' + name[1].replace('"', '""') + '"')
            except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                pass  # another process was quicker
            finally:
                await conn.close()
            return await connect(target)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationFailed(f"The database cannot be reached: {error or type(error).__name__}") from error


async def _lock(conn: Connection, patience: float) -> None:
    """Take the lock of this database until the connection ends. Asked for again and again, not waited for: a statement
    that waits would hold up a `create index concurrently` of the one who has it, for ever."""
    deadline = time.monotonic() + patience
    while not await conn.fetchval("select pg_try_advisory_lock($1)", _LOCK):
        if time.monotonic() > deadline:
            raise MigrationFailed(
                f"Another process has been migrating this database for {patience:g} seconds. Try later."
            )
        await asyncio.sleep(0.2)


def _compare(wanted: list[Migration], applied: dict[int, asyncpg.Record]) -> None:
    """Refuse a history that these files do not continue."""
    for migration in wanted:
        was = applied.get(migration.version)
        if was is None and any(version > migration.version for version in applied):
            raise MigrationFailed(f"{migration.name} was never applied to this database, and later ones were.")
        if was is not None and (was["name"], was["checksum"]) != (migration.name, migration.checksum):
            raise MigrationFailed(
                f"{migration.name} is not what was applied to this database as {was['name']}. "
                "Applied migrations never change: restore the file, and put the change into a new one."
            )
    newer = [row["name"] for version, row in sorted(applied.items()) if version > len(wanted)]
    if newer:
        raise MigrationFailed(
            f"The database is newer than this program: it has {', '.join(newer)}. Install a newer one."
        )


async def _apply(conn: Connection, migration: Migration) -> None:
    record = "insert into schema_migrations (version, name, checksum) values ($1, $2, $3)"
    row = (migration.version, migration.name, migration.checksum)
    if migration.text.startswith(NO_TRANSACTION):
        await _run(conn, migration)
        await conn.execute(record, *row)
        return
    for line, statement in migration.statements():
        if _OWN_TRANSACTION.match(statement):
            raise MigrationFailed(f"{migration.name}, line {line}: a migration is one transaction and may not end it.")
    async with conn.transaction():
        await conn.execute("set local lock_timeout = '30s'")  # a waiting lock holds up all who come after it
        await _run(conn, migration)
        await conn.execute(record, *row)


async def _run(conn: Connection, migration: Migration) -> None:
    """Run the statements. Raises MigrationFailed with the line and what the server said."""
    for line, statement in migration.statements():
        try:
            await conn.execute(statement)
        except asyncpg.PostgresError as error:
            position = getattr(error, "position", None)
            at = line + statement.count("\n", 0, int(position) - 1) if position else line
            said = "; ".join(part.strip() for part in str(error).splitlines())
            first = " ".join(statement.split())[:100]
            kept = (
                "What ran before it is kept." if migration.text.startswith(NO_TRANSACTION) else "The file was undone."
            )
            raise MigrationFailed(f"{migration.name}, line {at}: {said}. {kept} The statement: {first}") from error
