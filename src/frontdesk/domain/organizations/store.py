"""The SQL of organisations, members and sandbox numbers. Every statement names the organisation, though row-level
security would hold without it. Invitations and keys: invitation_store.py, key_store.py."""

from typing import Any
from uuid import UUID

from frontdesk.domain.organizations.errors import MemberNotFound, OrganizationNotFound
from frontdesk.domain.organizations.model import (
    Belonging,
    Member,
    MemberStatus,
    NewOrganization,
    Organization,
)
from frontdesk.kernel.access import Role
from frontdesk.platform.database import Work, record, records

_ORGANIZATION = """org_id, name, coalesce(slug, org_id::text) as slug, plan, country, time_zone, email, phone, logo_url,
    primary_color, n8n_workflow_id, free_settings, number, ai_enabled, agent_name, greeting, voice_id, system_prompt,
    max_call_seconds, max_turns, ai_temperature, business_hours, daily_cap, weekly_cap, decisions_kept_days,
    ai_daily_cap, segment_price, segment_currency, suspended_at, created_at, updated_at"""
_MEMBER = """m.org_id, m.user_id, u.email, u.first_name, u.last_name, m.role, m.extra_permissions,
    m.allowed_dataset_ids, m.status, u.last_sign_in_at, m.created_at"""


async def insert_organization(work: Work, org_id: UUID, new: NewOrganization, slug: str, number: str) -> Organization:
    row = await work.fetchrow(
        f"""insert into organizations (org_id, name, slug, country, time_zone, number, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $7) returning {_ORGANIZATION}""",
        org_id, new.name, slug, new.country, new.time_zone, number, work.now,
    )  # fmt: skip
    assert row
    return record(Organization, row)


async def insert_number(work: Work, org_id: UUID, id_: UUID, phone: str) -> None:
    await work.execute(
        """insert into numbers (org_id, id, phone, provider, sandbox, created_at)
           values ($1, $2, $3, 'sandbox', true, $4)""",
        org_id, id_, phone, work.now,
    )  # fmt: skip


# Highest first: made-up leads mostly have low ones, and nobody should have the number of the business they hear from.
_UK_RANGE = "select '+447700900' || lpad(n::text, 3, '0') as phone from generate_series(0, 999) n"
_US_RANGE = """select '+1' || area || '55501' || lpad(n::text, 2, '0') as phone
               from generate_series(201, 989) area, generate_series(0, 99) n
               where area % 100 <> 11 and area / 10 % 10 <> 9"""


async def free_sandbox_number(work: Work) -> str | None:
    """A fictional number nobody has, reserved until the transaction ends. One sign-up at a time gets here."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended('frontdesk sandbox numbers', 0))")
    for candidates in (_UK_RANGE, _US_RANGE):
        phone = await work.fetchval(
            f"""select phone from ({candidates}) candidate
                where not exists (select from numbers where numbers.phone = candidate.phone)
                order by phone desc limit 1"""
        )
        if phone is not None:
            return phone
    return None


async def free_slug(work: Work, wanted: str) -> str:
    """`wanted`, or with the first number behind it that nobody has. Reads across tenants; one sign-up at a time gets
    here, by the lock of `free_sandbox_number`."""
    return await work.fetchval(
        """select slug from (
               select $1 || case n when 1 then '' else '-' || n end as slug, n
               from generate_series(1, (select count(*) + 1 from organizations where starts_with(slug, $1))) n) c
           where not exists (select from organizations o where o.slug = c.slug) order by n limit 1""",
        wanted,
    )


async def ids_of(work: Work, name_or_id: str) -> list[UUID]:
    """The organisations with this id or this name, two at most. Reads across tenants."""
    rows = await work.fetch(
        "select org_id from organizations where org_id::text = $1 or lower(name) = lower($1) limit 2", name_or_id
    )
    return [row["org_id"] for row in rows]


async def ids_of_member(work: Work, email: str) -> list[UUID]:
    """The organisations that the person with this address is an active member of. As the system role."""
    rows = await work.fetch(
        """select m.org_id from memberships m join users u on u.id = m.user_id
           where lower(u.email) = lower($1) and m.status = 'active'""",
        email.strip(),
    )
    return [row["org_id"] for row in rows]


async def get_organization(work: Work, *, lock: bool = False) -> Organization:
    row = await work.fetchrow(
        f"select {_ORGANIZATION} from organizations where org_id = $1 {'for update' if lock else ''}", work.org_id
    )
    if row is None:
        raise OrganizationNotFound
    return record(Organization, row)


async def update_organization(work: Work, changes: dict[str, Any]) -> Organization:
    """`changes` is by column, and its names come from a Struct, never from a client."""
    sets = "".join(f", {column} = ${place}" for place, column in enumerate(changes, 3))
    row = await work.fetchrow(
        f"update organizations set updated_at = $2{sets} where org_id = $1 returning {_ORGANIZATION}",
        work.org_id, work.now, *changes.values(),
    )  # fmt: skip
    if row is None:
        raise OrganizationNotFound
    return record(Organization, row)


# --- members ----------------------------------------------------------------------------------------------------------


async def members(work: Work) -> list[Member]:
    rows = await work.fetch(
        f"""select {_MEMBER} from memberships m join users u on u.id = m.user_id
            where m.org_id = $1 order by m.created_at, m.user_id""",
        work.org_id,
    )
    return records(Member, rows)


async def get_member(work: Work, user_id: UUID, *, lock: bool = False) -> Member:
    row = await work.fetchrow(
        f"""select {_MEMBER} from memberships m join users u on u.id = m.user_id
            where m.org_id = $1 and m.user_id = $2 {"for update of m" if lock else ""}""",
        work.org_id, user_id,
    )  # fmt: skip
    if row is None:
        raise MemberNotFound
    return record(Member, row)


async def is_member(work: Work, email: str) -> bool:
    return await work.fetchval(
        """select exists (select from memberships m join users u on u.id = m.user_id
                          where m.org_id = $1 and lower(u.email) = $2)""",
        work.org_id, email,
    )  # fmt: skip


async def seats_taken(work: Work) -> int:
    """Members, and invitations that can still be accepted."""
    return await work.fetchval(
        """select (select count(*) from memberships where org_id = $1)
               + (select count(*) from invitations where org_id = $1 and accepted_at is null and revoked_at is null
                      and expires_at > $2)""",
        work.org_id, work.now,
    )  # fmt: skip


async def insert_member(
    work: Work, org_id: UUID, user_id: UUID, role: Role, extra: list[str], datasets: list[UUID] | None
) -> bool:
    """False when the person is a member already, whose role then stays as it is."""
    return await work.execute(
        """insert into memberships
               (org_id, user_id, role, extra_permissions, allowed_dataset_ids, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing""",
        org_id, user_id, role.value, extra, datasets, work.now,
    ) > 0  # fmt: skip


async def save_member(work: Work, member: Member) -> None:
    await work.execute(
        """update memberships set role = $3, extra_permissions = $4, allowed_dataset_ids = $5, status = $6,
               updated_at = $7 where org_id = $1 and user_id = $2""",
        work.org_id, member.user_id, member.role.value, member.extra_permissions, member.allowed_dataset_ids,
        member.status.value, work.now,
    )  # fmt: skip


async def delete_member(work: Work, user_id: UUID) -> None:
    await work.execute("delete from memberships where org_id = $1 and user_id = $2", work.org_id, user_id)


async def acting_owners(work: Work) -> set[UUID]:
    """The owners who can act, locked: of two who step down at once, the second sees that the first has."""
    rows = await work.fetch(
        "select user_id from memberships where org_id = $1 and role = $2 and status = $3 order by user_id for update",
        work.org_id, Role.OWNER.value, MemberStatus.ACTIVE.value,
    )  # fmt: skip
    return {row["user_id"] for row in rows}


async def belongings(work: Work, user_id: UUID) -> list[Belonging]:
    """Where the person may act, oldest first. Reads across tenants."""
    rows = await work.fetch(
        """select o.org_id, o.name, m.role from memberships m join organizations o on o.org_id = m.org_id
           where m.user_id = $1 and m.status = 'active' and o.suspended_at is null
           order by m.created_at, m.org_id""",
        user_id,
    )
    return records(Belonging, rows)
