"""Members: who they are, what they may do, and their going."""

from uuid import UUID

from msgspec import UNSET, structs

from frontdesk.domain.organizations import store
from frontdesk.domain.organizations.errors import LastOwner, NotYourself
from frontdesk.domain.organizations.events import MemberChanged, MemberRemoved
from frontdesk.domain.organizations.model import (
    Member,
    MemberChange,
    MemberStatus,
    checked_extras,
    must_be_able_to_grant,
    must_outrank,
)
from frontdesk.kernel.access import Permission, Role
from frontdesk.platform.database import Work


async def list_members(work: Work) -> list[Member]:
    """Everybody in the organisation, in the order they joined. Needs `view`."""
    work.require(Permission.VIEW)
    return await store.members(work)


async def get_member(work: Work, user_id: UUID) -> Member:
    """One of them. Needs `view`. Raises MemberNotFound."""
    work.require(Permission.VIEW)
    return await store.get_member(work, user_id)


async def change_member(work: Work, user_id: UUID, change: MemberChange) -> Member:
    """Give a member another role, other permissions or other datasets; it bites at their next request.

    Needs `manage_users`. Raises MemberNotFound, RoleNotAllowed (they stand above the actor, or would get more than the
    actor has), LastOwner, Invalid for a permission that does not exist. Audited; emits member.changed.
    """
    work.require(Permission.MANAGE_USERS)
    was = await store.get_member(work, user_id, lock=True)
    must_outrank(work.actor, was.role)
    given = {name: value for name, value in structs.asdict(change).items() if value is not UNSET}
    member = structs.replace(was, **given)
    member = structs.replace(member, extra_permissions=checked_extras(member.extra_permissions))
    if member == was:
        return was
    must_be_able_to_grant(work.actor, member.role, member.extra_permissions, member.allowed_dataset_ids)
    if member.role is not Role.OWNER:
        await _leave_an_owner(work, was)
    return await _save(work, member, "member.changed", was)


async def suspend_member(work: Work, user_id: UUID) -> Member:
    """Bar a member from the organisation; bites at their next request, whatever token they hold.

    Needs `manage_users`. Raises MemberNotFound, RoleNotAllowed, LastOwner, NotYourself. Audited; emits member.changed.
    """
    work.require(Permission.MANAGE_USERS)
    if user_id == work.actor.id:
        raise NotYourself
    was = await store.get_member(work, user_id, lock=True)
    must_outrank(work.actor, was.role)
    if was.status is MemberStatus.SUSPENDED:
        return was
    await _leave_an_owner(work, was)
    return await _save(work, structs.replace(was, status=MemberStatus.SUSPENDED), "member.suspended", was)


async def reactivate_member(work: Work, user_id: UUID) -> Member:
    """Let a suspended member act again. Needs `manage_users`. Raises MemberNotFound, RoleNotAllowed. Audited; emits
    member.changed."""
    work.require(Permission.MANAGE_USERS)
    was = await store.get_member(work, user_id, lock=True)
    must_outrank(work.actor, was.role)
    if was.status is MemberStatus.ACTIVE:
        return was
    return await _save(work, structs.replace(was, status=MemberStatus.ACTIVE), "member.reactivated", was)


async def remove_member(work: Work, user_id: UUID) -> None:
    """Take a person out of the organisation; their account and their other organisations stay.

    Needs `manage_users`, but anybody may leave. Raises MemberNotFound, RoleNotAllowed, LastOwner. Audited; emits
    member.removed.
    """
    if user_id != work.actor.id:
        work.require(Permission.MANAGE_USERS)
    was = await store.get_member(work, user_id, lock=True)
    must_outrank(work.actor, was.role)
    await _leave_an_owner(work, was)
    await store.delete_member(work, user_id)
    work.emit(MemberRemoved(subject_id=user_id))
    await work.audit("member.removed", "user", user_id, role=was.role.value)


async def _leave_an_owner(work: Work, member: Member) -> None:
    if member.role is Role.OWNER and await store.acting_owners(work) <= {member.user_id}:
        raise LastOwner


async def _save(work: Work, member: Member, action: str, was: Member) -> Member:
    await store.save_member(work, member)
    work.emit(MemberChanged(subject_id=member.user_id, role=member.role.value, status=member.status.value))
    await work.audit(
        action, "user", member.user_id,
        role=member.role.value, was=was.role.value, permissions=member.extra_permissions,
        datasets=None if member.allowed_dataset_ids is None else [str(each) for each in member.allowed_dataset_ids],
    )  # fmt: skip
    return member
