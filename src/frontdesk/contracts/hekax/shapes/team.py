"""Members of the team."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.contracts.hekax.dialect import Shape, role_name
from frontdesk.contracts.hekax.shapes.auth import full_name, names_in
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
            name=full_name(member.first_name, member.last_name) or None,
            role=role_name(member.role),
            status=member.status.value.upper(),
            last_login_at=iso(member.last_sign_in_at) if member.last_sign_in_at else UNSET,
        )


class TeamList(Shape):
    """Everybody in the organisation, in the order they joined. `limit` is the seats of its plan."""

    members: list[TeamMember]
    total: int
    limit: int

    @classmethod
    def of(cls, members: list[model.Member], org: model.Organization) -> "TeamList":
        return cls([TeamMember.of(member) for member in members], len(members), org.allowance.seats)


class Invite(Shape):
    """The body that invites."""

    email: str
    role: RoleName
    name: str = ""

    def invitation(self) -> model.NewInvitation:
        """The same in the product's words."""
        return model.NewInvitation(self.email, Role(self.role.lower()), *names_in(self.name))


class Invitation(Shape):
    """An invitation. PENDING, or EXPIRED."""

    id: UUID
    email: str
    name: str
    role: str
    status: str
    expires_at: Instant

    @classmethod
    def of(cls, made: model.Invitation, now: datetime | None = None) -> "Invitation":
        expired = now is not None and made.expires_at <= now
        return cls(
            id=made.id,
            email=made.email,
            name=full_name(made.first_name, made.last_name),
            role=role_name(made.role),
            status="EXPIRED" if expired else "PENDING",
            expires_at=iso(made.expires_at),
        )


class OneInvitation(Shape):
    """The answer to an invitation."""

    invitation: Invitation

    @classmethod
    def of(cls, made: model.Invitation) -> "OneInvitation":
        return cls(Invitation.of(made))


class Invitations(Shape):
    """Those that nobody has accepted."""

    invitations: list[Invitation]

    @classmethod
    def of(cls, found: list[model.Invitation], now: datetime) -> "Invitations":
        return cls([Invitation.of(each, now) for each in found])


class Acceptance(Shape):
    """The body that accepts one."""

    token: str
    password: str
    name: str = ""


class RoleChange(Shape):
    """The body that gives a member another role."""

    role: RoleName

    def change(self, was: model.Member) -> model.MemberChange:
        """The same in the product's words. The name of the role that `was` has changes nothing."""
        return model.MemberChange(role=was.role if role_name(was.role) == self.role else Role(self.role.lower()))


class Removed(Shape):
    """The answer to a removal."""

    removed: bool = True
