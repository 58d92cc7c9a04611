"""Facts about organisations and their members."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("organization.created", "organization")
class OrganizationCreated(Fact):
    """A tenant began."""

    owner_id: UUID


@fact("organization.updated", "organization")
class OrganizationUpdated(Fact):
    """Settings of the organisation changed: `fields` names them."""

    fields: list[str]


@fact("member.invited", "invitation")
class MemberInvited(Fact):
    """Somebody was invited; also told when the invitation is sent again."""

    role: str


@fact("member.joined", "user")
class MemberJoined(Fact):
    """A person became a member."""

    role: str
    invitation_id: UUID | None = None


@fact("member.changed", "user")
class MemberChanged(Fact):
    """A member's role, permissions, datasets or status changed."""

    role: str
    status: str


@fact("member.removed", "user")
class MemberRemoved(Fact):
    """A person is no member any more."""
