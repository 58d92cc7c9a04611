"""The SQL of people, their sessions and one-time tokens. All of it reads across tenants, as the system role: people
belong to no organisation. The look-up of a session on each request is `principal_of_session` in the schema."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.identity.model import Client, Session, User
from frontdesk.kernel.access import Role
from frontdesk.platform.database import Work, record, records

_USER = """id, email, first_name, last_name, email_verified_at, platform_admin, suspended_at, metadata,
    last_sign_in_at, created_at, updated_at"""


class Credentials(Struct, frozen=True):
    """What a password is checked against."""

    id: UUID
    password_hash: str | None
    locked_until: datetime | None


async def insert_user(
    work: Work,
    id_: UUID,
    email: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    metadata: dict[str, Any],
    verified_at: datetime | None,
    *,
    platform_admin: bool = False,
) -> User | None:
    """None when the address is taken."""
    row = await work.fetchrow(
        f"""insert into users (id, email, password_hash, first_name, last_name, metadata, email_verified_at,
                               platform_admin, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (lower(email)) do nothing
            returning {_USER}""",
        id_, email, password_hash, first_name, last_name, metadata, verified_at, platform_admin, work.now,
    )  # fmt: skip
    return record(User, row) if row else None


async def user_by_id(work: Work, user_id: UUID, *, lock: bool = False) -> User | None:
    row = await work.fetchrow(f"select {_USER} from users where id = $1 {'for update' if lock else ''}", user_id)
    return record(User, row) if row else None


async def user_by_email(work: Work, email: str) -> User | None:
    row = await work.fetchrow(f"select {_USER} from users where lower(email) = $1", email)
    return record(User, row) if row else None


async def org_that_may_help(work: Work, user_id: UUID) -> UUID | None:
    """The person's organisation, if it is their only one and they neither own nor administer it: those who do may read
    captured mail that lets them in."""
    return await work.fetchval(
        """select min(org_id::text)::uuid from memberships where user_id = $1
           having count(*) = 1 and bool_and(role not in ('owner', 'admin'))
               and not exists (select from users where id = $1 and platform_admin)""",
        user_id,
    )


async def credentials(work: Work, email: str) -> Credentials | None:
    row = await work.fetchrow("select id, password_hash, locked_until from users where lower(email) = $1", email)
    return record(Credentials, row) if row else None


async def credentials_of(work: Work, user_id: UUID) -> Credentials | None:
    row = await work.fetchrow("select id, password_hash, locked_until from users where id = $1", user_id)
    return record(Credentials, row) if row else None


async def count_failure(work: Work, user_id: UUID, most: int, locked_until: datetime) -> None:
    """One wrong password more; the one that makes it `most` locks. A lock that has run out begins the count anew."""
    await work.execute(
        """update users set
               failed_sign_ins = case when locked_until <= $4 then 1 else failed_sign_ins + 1 end,
               locked_until = case
                   when locked_until > $4 then locked_until
                   when locked_until is null and failed_sign_ins + 1 >= $2 then $3 end
           where id = $1""",
        user_id, most, locked_until, work.now,
    )  # fmt: skip


async def note_sign_in(work: Work, user_id: UUID, new_hash: str | None) -> User | None:
    """The person, signed in; None when they got locked while the password was being checked."""
    row = await work.fetchrow(
        f"""update users set failed_sign_ins = 0, locked_until = null, last_sign_in_at = $2,
                password_hash = coalesce($3, password_hash)
            where id = $1 and (locked_until is null or locked_until <= $2) returning {_USER}""",
        user_id, work.now, new_hash,
    )  # fmt: skip
    return record(User, row) if row else None


async def set_password(work: Work, user_id: UUID, password_hash: str) -> None:
    """Also unlocks."""
    await work.execute(
        """update users set password_hash = $2, failed_sign_ins = 0, locked_until = null, updated_at = $3
           where id = $1""",
        user_id, password_hash, work.now,
    )  # fmt: skip


async def unlock(work: Work, user_id: UUID) -> None:
    await work.execute("update users set failed_sign_ins = 0, locked_until = null where id = $1", user_id)


async def set_names(work: Work, user_id: UUID, first_name: str, last_name: str, metadata: dict[str, Any]) -> User:
    row = await work.fetchrow(
        f"""update users set first_name = $2, last_name = $3, metadata = $4, updated_at = $5 where id = $1
            returning {_USER}""",
        user_id, first_name, last_name, metadata, work.now,
    )  # fmt: skip
    assert row
    return record(User, row)


async def verify_address(work: Work, user_id: UUID, email: str) -> bool:
    """The person has shown that they read mail at `email`, which becomes theirs. False when another has it by now."""
    return await work.execute(
        """update users set email = $2, email_verified_at = $3, updated_at = $3
           where id = $1 and not exists (select from users other where lower(other.email) = $2 and other.id <> $1)""",
        user_id, email, work.now,
    ) > 0  # fmt: skip


# --- sessions ---------------------------------------------------------------------------------------------------------


class Standing(Struct, frozen=True):
    """Where a session stands: whose it is, and as what in which organisation."""

    session_id: UUID
    kind: str
    created_at: datetime
    user_id: UUID
    org_id: UUID | None
    role: Role | None


_STANDING = """select s.id as session_id, s.kind, s.created_at, s.user_id, m.org_id, m.role
    from sessions s
    left join (memberships m join organizations o on o.org_id = m.org_id and o.suspended_at is null)
        on m.org_id = s.org_id and m.user_id = s.user_id and m.status = 'active'
    where s.id = $1 and s.revoked_at is null and s.expires_at > $2"""


async def insert_session(
    work: Work, id_: UUID, user_id: UUID, org_id: UUID | None, client: Client, end: datetime
) -> None:
    await work.execute(
        """insert into sessions (id, user_id, org_id, kind, user_agent, ip, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        id_, user_id, org_id, client.kind.value, client.user_agent, client.ip, work.now, end,
    )  # fmt: skip


async def last_org(work: Work, user_id: UUID) -> UUID | None:
    """Where the person worked last, if they still may; else where they have been longest."""
    return await work.fetchval(
        """select m.org_id from memberships m
           join organizations o on o.org_id = m.org_id and o.suspended_at is null
           left join lateral (select max(s.created_at) as at from sessions s
                              where s.user_id = m.user_id and s.org_id = m.org_id and s.revoked_at is null) last on true
           where m.user_id = $1 and m.status = 'active'
           order by last.at desc nulls last, m.created_at, m.org_id limit 1""",
        user_id,
    )


async def standing(work: Work, session_id: UUID) -> Standing | None:
    row = await work.fetchrow(f"{_STANDING} for update of s", session_id, work.now)
    return record(Standing, row) if row else None


async def open_sessions(work: Work, user_id: UUID) -> list[Session]:
    rows = await work.fetch(
        """select id, org_id, kind, user_agent, ip, created_at, expires_at from sessions
           where user_id = $1 and revoked_at is null and expires_at > $2 order by created_at desc, id desc""",
        user_id, work.now,
    )  # fmt: skip
    return records(Session, rows)


async def revoke_sessions(work: Work, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
    """End the person's sessions: all, `only` one, or all `but` one. Returns how many ended."""
    return await work.execute(
        """update sessions set revoked_at = $2
           where user_id = $1 and revoked_at is null
               and ($3::uuid is null or id = $3) and ($4::uuid is null or id <> $4)""",
        user_id, work.now, only, but,
    )  # fmt: skip


async def move_session(work: Work, session_id: UUID, org_id: UUID) -> bool:
    """False when the person may not act for `org_id`."""
    return await work.execute(
        """update sessions s set org_id = m.org_id
           from memberships m join organizations o on o.org_id = m.org_id and o.suspended_at is null
           where s.id = $1 and m.org_id = $2 and m.user_id = s.user_id and m.status = 'active'""",
        session_id, org_id,
    ) > 0  # fmt: skip


async def extend_session(work: Work, session_id: UUID, end: datetime) -> None:
    await work.execute("update sessions set expires_at = $2 where id = $1", session_id, end)


async def session_of_refresh_token(work: Work, token_hash: bytes) -> UUID | None:
    return await work.fetchval("select session_id from refresh_tokens where token_hash = $1", token_hash)


async def refresh_token_used_at(work: Work, token_hash: bytes) -> datetime | None:
    return await work.fetchval("select used_at from refresh_tokens where token_hash = $1", token_hash)


async def insert_refresh_token(work: Work, session_id: UUID, token_hash: bytes) -> None:
    await work.execute(
        "insert into refresh_tokens (token_hash, session_id, created_at) values ($1, $2, $3)",
        token_hash, session_id, work.now,
    )  # fmt: skip


async def use_refresh_token(work: Work, token_hash: bytes) -> None:
    await work.execute("update refresh_tokens set used_at = $2 where token_hash = $1", token_hash, work.now)


async def drop_refresh_tokens(work: Work, session_id: UUID) -> None:
    await work.execute("delete from refresh_tokens where session_id = $1", session_id)


# --- mailed links -----------------------------------------------------------------------------------------------------


async def mailed_since(work: Work, user_id: UUID, purpose: str, since: datetime) -> bool:
    return await work.fetchval(
        """select exists (select from one_time_tokens
                          where user_id = $1 and purpose = $2 and used_at is null and created_at > $3)""",
        user_id, purpose, since,
    )  # fmt: skip


async def pending_email(work: Work, user_id: UUID) -> str | None:
    """The address that a person wants to change to."""
    return await work.fetchval(
        """select email from one_time_tokens
           where user_id = $1 and purpose = 'change_email' and used_at is null and expires_at > $2""",
        user_id, work.now,
    )  # fmt: skip


async def insert_one_time_token(
    work: Work, token_hash: bytes, purpose: str, user_id: UUID, email: str, expires_at: datetime
) -> None:
    """Those of the same purpose that were sent before are dead from now on."""
    await work.execute(
        "delete from one_time_tokens where user_id = $1 and purpose = $2 and used_at is null", user_id, purpose
    )
    await work.execute(
        """insert into one_time_tokens (token_hash, purpose, user_id, email, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6)""",
        token_hash, purpose, user_id, email, work.now, expires_at,
    )  # fmt: skip


async def find_one_time_token(work: Work, token_hash: bytes, purposes: list[str]) -> tuple[UUID, str] | None:
    """Whom a good token was sent to: user and address."""
    row = await work.fetchrow(
        """select user_id, email from one_time_tokens
           where token_hash = $1 and purpose = any ($2) and used_at is null and expires_at > $3""",
        token_hash, purposes, work.now,
    )  # fmt: skip
    return (row["user_id"], row["email"]) if row else None


async def use_one_time_token(work: Work, token_hash: bytes, purposes: list[str]) -> tuple[UUID, str, str] | None:
    """User, address and purpose of a good token, which is good no more. Of two at once, one gets it."""
    row = await work.fetchrow(
        """update one_time_tokens set used_at = $3
           where token_hash = $1 and purpose = any ($2) and used_at is null and expires_at > $3
           returning user_id, email, purpose""",
        token_hash, purposes, work.now,
    )  # fmt: skip
    return (row["user_id"], row["email"], row["purpose"]) if row else None


async def try_code(work: Work, user_id: UUID, purpose: str, code_hash: bytes, most: int) -> str | None:
    """The address that a code was sent to, which is used up then. None: it is not the one, or was tried too often."""
    return await work.fetchval(
        """update one_time_tokens set tries = tries + 1, used_at = case when token_hash = $3 then $5 end
           where user_id = $1 and purpose = $2 and used_at is null and expires_at > $5 and tries < $4
           returning case when used_at is not null then email end""",
        user_id, purpose, code_hash, most, work.now,
    )  # fmt: skip


async def purge(work: Work, before: datetime) -> int:
    """Delete sessions and tokens that ended before that. Returns how many rows went."""
    sessions = await work.execute("delete from sessions where coalesce(revoked_at, expires_at) < $1", before)
    links = await work.execute("delete from one_time_tokens where coalesce(used_at, expires_at) < $1", before)
    tokens = await work.execute("delete from refresh_tokens where used_at < $1", before)
    return sessions + links + tokens
