"""The roles that all work is done as, and the checks that keep a start from trusting the wrong connection.

`frontdesk_app` sees the rows of one organisation; `frontdesk_system` those tables whose policies name it; as
`frontdesk_intake` runs the one function that takes in texts of several organisations at once. None of them can sign in,
be a superuser or bypass row-level security: the program signs in as the owner and takes one of the first two on.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeAlias

import asyncpg

from frontdesk.platform.postgres.errors import PoolerRefused, RoleRefused

APP, SYSTEM, INTAKE = "frontdesk_app", "frontdesk_system", "frontdesk_intake"

_ALL = (APP, SYSTEM, INTAKE)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

Target = str | Mapping[str, Any]
"""Where a database is: a URL, or the keyword arguments of asyncpg.connect."""

_ENSURE = """
do $$
declare wanted text;
begin
    foreach wanted in array array[{roles}] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I', wanted);
        end if;
        if not (select usesuper from pg_user where usename = current_user)
           and not exists (select from pg_auth_members m where m.roleid = wanted::regrole
                           and m.member = quote_ident(current_user)::regrole and {settable}) then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
end $$"""
# From 16 on, whoever makes a role holds a membership that administers it and cannot SET ROLE to it.
_SETTABLE = "m.set_option and m.inherit_option"


async def connect(target: Target, **more: Any) -> Connection:
    """A connection to `target`. Raises what asyncpg.connect raises."""
    return await (asyncpg.connect(target, **more) if isinstance(target, str) else asyncpg.connect(**{**target, **more}))


async def ensure_roles(conn: Connection) -> None:
    """Make the roles if they are not there, and let the connected user become them. Raises RoleRefused.

    Roles belong to the whole cluster: others may be making them for another database at this moment.
    """
    settable = _SETTABLE if conn.get_server_version().major >= 16 else "true"
    statement = _ENSURE.format(roles=", ".join(f"'{role}'" for role in _ALL), settable=settable)
    for last in (False, False, False, False, True):
        try:
            await conn.execute(statement)
            break
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InternalServerError) as error:
            if last:
                raise RoleRefused(f"The roles {', '.join(_ALL)} cannot be made: {error}") from error
            await asyncio.sleep(0.1)
        except asyncpg.InsufficientPrivilegeError as error:
            user = await conn.fetchval("select quote_ident(current_user)")
            there = await conn.fetchval("select array_agg(rolname::text) from pg_roles where rolname = any($1)", _ALL)
            remedy = [f"create role {role};" for role in _ALL if role not in (there or [])]
            remedy.append(f"grant {', '.join(_ALL)} to {user};")
            raise RoleRefused(
                f"The database user {user} may not make roles or become them ({error}). Let an administrator run: "
                + " ".join(remedy)
            ) from error
    for role in _ALL:
        await _check(conn, role)


async def check_role(conn: Connection) -> None:
    """Raise RoleRefused when what `conn` does now would not be held back by row-level security."""
    await _check(conn, await conn.fetchval("select current_user::text"))


async def _check(conn: Connection, role: str) -> None:
    found = await conn.fetchrow("select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = $1", role)
    if found is None:
        raise RoleRefused(f"The role {role} does not exist.")
    powers = [word for word, has in (("is a superuser", found[0]), ("has BYPASSRLS", found[1])) if has]
    if powers:
        raise RoleRefused(
            f"The role {role} {' and '.join(powers)}, so it would see the rows of every organisation. "
            f"Let an administrator run: alter role {role} nosuperuser nobypassrls;"
        )


async def refuse_transaction_pooler(target: Target) -> None:
    """Raise PoolerRefused when connections to `target` share server sessions between transactions.

    The tenant of a connection is a setting of its session; a pooler in transaction mode would hand one tenant's session
    to another. While one connection holds a transaction open, the other's session must stay its own.
    """
    refusal = (
        "The database URL leads to a pooler in transaction mode (such as PgBouncer's pool_mode=transaction). "
        "Give a direct or session-pooled address in FRONTDESK_DATABASE_URL."
    )
    one = await connect(target, statement_cache_size=0)
    try:
        other = await connect(target, statement_cache_size=0)
        try:
            for turn in range(5):
                wanted = f"turn {turn}"
                mine = await one.fetchval(
                    "select pg_backend_pid() from set_config('app.pooler_probe', $1, false)", wanted
                )
                async with other.transaction():
                    theirs = await other.fetchval("select pg_backend_pid()")
                    now = await one.fetchrow("select pg_backend_pid(), current_setting('app.pooler_probe', true)")
                if mine == theirs or now is None or tuple(now) != (mine, wanted):
                    raise PoolerRefused(refusal)
        finally:
            await other.close()
    except (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError) as error:
        raise PoolerRefused(refusal) from error
    except asyncpg.ConnectionDoesNotExistError as error:
        if "pooling mode" not in str(error):
            raise
        raise PoolerRefused(refusal) from error
    finally:
        await one.close()
