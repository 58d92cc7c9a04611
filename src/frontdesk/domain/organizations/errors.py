"""What can go wrong with organisations, their members, invitations and API keys."""

from frontdesk.kernel.access import Role
from frontdesk.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Quota


class OrganizationNotFound(NotFound):
    """No such organisation for this person."""

    def __init__(self) -> None:
        super().__init__("There is no such organisation.")


class MemberNotFound(NotFound):
    """No such member in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such member.")


class RoleNotAllowed(Forbidden):
    """The actor stands below the role concerned, or would give more than it has."""

    code = "ROLE_NOT_ALLOWED"

    def __init__(self, role: Role, message: str = "This is above your own role.") -> None:
        super().__init__(message, role=role.value)


class LastOwner(Conflict):
    """An organisation always has an owner who can act."""

    code = "LAST_OWNER"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make somebody else an owner first.")


class NotYourself(Conflict):
    """Nobody suspends themselves."""

    code = "NOT_YOURSELF"

    def __init__(self) -> None:
        super().__init__("You cannot do this to yourself.")


class AlreadyMember(Conflict):
    """The person belongs to the organisation."""

    code = "ALREADY_MEMBER"

    def __init__(self) -> None:
        super().__init__("This person is a member already.")


class AlreadyInvited(Conflict):
    """An invitation for the address is open."""

    code = "ALREADY_INVITED"

    def __init__(self) -> None:
        super().__init__("There is an open invitation for this address. Send it again, or revoke it.")


class NoSeatLeft(Quota):
    """The plan has no seat for one more."""

    code = "SEAT_LIMIT"

    def __init__(self, seats: int) -> None:
        super().__init__(f"The plan has {seats} seats, and all are taken or offered.", limit=seats)


class InvitationNotFound(NotFound):
    """No such open invitation in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such open invitation.")


class InvitationInvalid(Invalid):
    """The token of an invitation that never was, was accepted or revoked, or has expired."""

    code = "INVITATION_INVALID"

    def __init__(self) -> None:
        super().__init__("This invitation is not valid, or no longer. Ask for a new one.", field="token")


class ApiKeyNotFound(NotFound):
    """No such API key in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such API key.")


class NoSandboxNumberLeft(Conflict):
    """Every fictional number is taken."""

    code = "NO_SANDBOX_NUMBER"

    def __init__(self) -> None:
        super().__init__("There is no fictional phone number left for another organisation.")
