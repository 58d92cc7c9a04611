"""Members of the team."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.contracts.hekax.dialect import Shape, role_name
from frontdesk.domain.organizations import model
from frontdesk.kernel.access import Role

RoleName = Literal["OWNER", "ADMIN", "MANAGER", "AGENT", "VIEWER"]


class TeamMember(Shape):
    """A member. `lastLoginAt` is left out for one who never signed in."""

    id: UUID
    email: str
    name: str | None
    role: str
    status: str
    last_login_at: Instant | UnsetType

    @classmethod
    def of(cls, member: model.Member) -> "TeamMember":
        return cls(
            id=member.user_id,
            email=member.email,
            name=f"{member.first_name} {member.last_name}".strip() or None,
            role=role_name(member.role),
            status=member.status.value.upper(),
            last_login_at=iso(member.last_sign_in_at) if member.last_sign_in_at else UNSET,
        )


class RoleChange(Shape):
    """The body that gives a member another role."""

    role: RoleName

    def change(self, was: model.Member) -> model.MemberChange:
        """The same in the product's words. The name of the role that `was` has changes nothing."""
        return model.MemberChange(role=was.role if role_name(was.role) == self.role else Role(self.role.lower()))


class Removed(Shape):
    """The answer to a removal."""

    removed: bool = True
