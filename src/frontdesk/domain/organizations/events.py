"""Facts about organisations and their members."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("organization.created", "organization")
class OrganizationCreated(Fact, frozen=True, kw_only=True):
    """A tenant began."""

    owner_id: UUID


@fact("organization.updated", "organization")
class OrganizationUpdated(Fact, frozen=True, kw_only=True):
    """Settings of the organisation changed: `fields` names them."""

    fields: list[str]


@fact("member.invited", "invitation")
class MemberInvited(Fact, frozen=True, kw_only=True):
    """Somebody was invited; also told when the invitation is sent again."""

    role: str


@fact("member.joined", "user")
class MemberJoined(Fact, frozen=True, kw_only=True):
    """A person became a member."""

    role: str
    invitation_id: UUID | None = None


@fact("member.changed", "user")
class MemberChanged(Fact, frozen=True, kw_only=True):
    """A member's role, permissions, datasets or status changed."""

    role: str
    status: str


@fact("member.removed", "user")
class MemberRemoved(Fact, frozen=True, kw_only=True):
    """A person is no member any more."""
