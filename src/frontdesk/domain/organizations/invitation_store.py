"""The SQL of invitations."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.organizations.errors import InvitationNotFound
from frontdesk.domain.organizations.model import Invitation, NewInvitation
from frontdesk.kernel.access import ActorType
from frontdesk.platform.database import Work, record, records

_COLUMNS = """org_id, id, email, first_name, last_name, role, extra_permissions, allowed_dataset_ids, invited_by,
    created_at, expires_at, accepted_at, revoked_at"""
_OPEN = "accepted_at is null and revoked_at is null"


async def insert(
    work: Work, id_: UUID, token_hash: bytes, new: NewInvitation, expires_at: datetime
) -> Invitation | None:
    """None when an invitation for the address is open."""
    maker = work.actor.id if work.actor.type is ActorType.USER else None
    row = await work.fetchrow(
        f"""insert into invitations (org_id, id, token_hash, email, first_name, last_name, role, extra_permissions,
                                     allowed_dataset_ids, invited_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict (org_id, lower(email)) where {_OPEN} do nothing
            returning {_COLUMNS}""",
        work.org_id, id_, token_hash, new.email, new.first_name, new.last_name, new.role.value,
        new.extra_permissions, new.allowed_dataset_ids, maker,
        work.now, expires_at,
    )  # fmt: skip
    return record(Invitation, row) if row else None


async def revoke_expired(work: Work, email: str) -> None:
    """Close an invitation that ran out, so that the address can be invited anew."""
    await work.execute(
        f"""update invitations set revoked_at = $3
            where org_id = $1 and lower(email) = $2 and {_OPEN} and expires_at <= $3""",
        work.org_id, email, work.now,
    )  # fmt: skip


async def open_ones(work: Work) -> list[Invitation]:
    """All that are neither accepted nor revoked, expired ones included, newest first."""
    rows = await work.fetch(
        f"select {_COLUMNS} from invitations where org_id = $1 and {_OPEN} order by created_at desc, id desc",
        work.org_id,
    )
    return records(Invitation, rows)


async def get_open(work: Work, id_: UUID) -> Invitation:
    """The open invitation, locked. Raises InvitationNotFound."""
    row = await work.fetchrow(
        f"select {_COLUMNS} from invitations where org_id = $1 and id = $2 and {_OPEN} for update", work.org_id, id_
    )
    if row is None:
        raise InvitationNotFound
    return record(Invitation, row)


async def revoke(work: Work, id_: UUID) -> None:
    await work.execute(
        "update invitations set revoked_at = $3 where org_id = $1 and id = $2", work.org_id, id_, work.now
    )


async def renew(work: Work, id_: UUID, token_hash: bytes, expires_at: datetime) -> Invitation:
    """A new token and a new term; the old link is dead."""
    row = await work.fetchrow(
        f"update invitations set token_hash = $3, expires_at = $4 where org_id = $1 and id = $2 returning {_COLUMNS}",
        work.org_id, id_, token_hash, expires_at,
    )  # fmt: skip
    assert row
    return record(Invitation, row)


async def by_token(work: Work, token_hash: bytes, *, lock: bool = False) -> tuple[Invitation, str] | None:
    """The invitation behind a token that is good now, and the name of its organisation. Reads across tenants."""
    row = await work.fetchrow(
        f"""select {", ".join("i." + column.strip() for column in _COLUMNS.split(","))}, o.name as org_name
            from invitations i join organizations o on o.org_id = i.org_id and o.suspended_at is null
            where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2
            {"for update of i" if lock else ""}""",
        token_hash, work.now,
    )  # fmt: skip
    return (record(Invitation, row), row["org_name"]) if row else None


async def accept(work: Work, invitation: Invitation) -> None:
    await work.execute(
        "update invitations set accepted_at = $3 where org_id = $1 and id = $2",
        invitation.org_id, invitation.id, work.now,
    )  # fmt: skip
