"""What can go wrong when people prove who they are."""

from frontdesk.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated


class EmailTaken(Conflict):
    """There is an account with this address."""

    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is an account with this e-mail address already.", field="email")


class WeakPassword(Invalid):
    """The password is too short, too long, or among the first that anybody tries. `reasons`: length, characters."""

    code = "WEAK_PASSWORD"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, field="password", reasons=[reason])


class SamePassword(Invalid):
    """The new password is the old one."""

    code = "SAME_PASSWORD"

    def __init__(self) -> None:
        super().__init__("The new password must differ from the old one.", field="password")


class SignUpClosed(Forbidden):
    """The operator lets nobody sign up."""

    code = "SIGN_UP_CLOSED"

    def __init__(self) -> None:
        super().__init__("Sign-up is closed here. Ask to be invited.")


class WrongCredentials(Unauthenticated):
    """No such person, or not this password: which of them is not told."""

    code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class AccountLocked(RateLimited):
    """Too many wrong passwords. Ends by itself, or by a password reset."""

    code = "ACCOUNT_LOCKED"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many wrong passwords. Try again later, or reset the password.", retry_after)


class AccountSuspended(Forbidden):
    """The operator has barred this person."""

    code = "ACCOUNT_SUSPENDED"

    def __init__(self) -> None:
        super().__init__("This account is suspended.")


class EmailNotConfirmed(Forbidden):
    """The operator wants addresses confirmed, and this one is not."""

    code = "EMAIL_NOT_CONFIRMED"

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first: follow the link in the mail that was sent to you.")


class RefreshTokenInvalid(Unauthenticated):
    """The refresh token is unknown, or its session has ended."""

    code = "REFRESH_TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("The refresh token is not valid, or its session has ended.")


class RefreshTokenReused(Unauthenticated):
    """The refresh token was used before, so somebody else may have it: the session has been ended."""

    code = "REFRESH_TOKEN_REUSED"

    def __init__(self) -> None:
        super().__init__("The refresh token was used before. The session has been ended; sign in again.")


class SessionEnded(Unauthenticated):
    """The session behind a genuine token was signed out of, revoked, or has expired."""

    code = "SESSION_ENDED"

    def __init__(self) -> None:
        super().__init__("The session has ended. Sign in again.")


class SessionNotFound(NotFound):
    """No such open session of this person."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class LinkInvalid(Invalid):
    """The token of a mailed link that never was, was used, or has expired."""

    code = "LINK_INVALID"

    def __init__(self) -> None:
        super().__init__("This link is not valid, or no longer. Ask for a new one.", field="token")


class CodeInvalid(Invalid):
    """The code is not the one that was mailed, or no longer good."""

    code = "CODE_INVALID"

    def __init__(self) -> None:
        super().__init__("This code is not right, or no longer. Ask for a new one.", field="code")


class InvitationForAnother(Forbidden):
    """The signed-in person is not the one who was invited."""

    code = "INVITATION_FOR_ANOTHER"

    def __init__(self) -> None:
        super().__init__("This invitation is for another e-mail address than yours. Sign out first.")


class UserNotFound(NotFound):
    """No such person."""

    def __init__(self) -> None:
        super().__init__("There is no such user.")
