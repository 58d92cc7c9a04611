"""What can go wrong, in kinds that a contract can render. No status codes here: each contract has its own."""

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """How a failure is to be treated by whoever asked."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    QUOTA = "quota"
    PAYMENT_REQUIRED = "payment_required"
    RATE_LIMITED = "rate_limited"
    TOO_LARGE = "too_large"
    UPSTREAM = "upstream"


class DomainError(Exception):
    """A failure with a kind, a stable code, a sentence for people, and the facts that belong to it.

    Subclasses set `kind` and `code`; `fields` holds plain JSON values that a client may act on.
    """

    kind: ClassVar[Kind] = Kind.INVALID
    code: str = "INVALID"

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields: dict[str, Any] = fields


class Invalid(DomainError):
    """Something in the request cannot be. `field` names it."""

    kind = Kind.INVALID
    code = "VALIDATION_ERROR"

    def __init__(self, message: str, field: str | None = None, **fields: Any) -> None:
        super().__init__(message, **({"field": field} if field else {}), **fields)


class Unauthenticated(DomainError):
    """No valid credential."""

    kind = Kind.UNAUTHENTICATED
    code = "UNAUTHORIZED"


class Forbidden(DomainError):
    """A valid credential without the right."""

    kind = Kind.FORBIDDEN
    code = "FORBIDDEN"


class NotFound(DomainError):
    """No such thing within the caller's organisation."""

    kind = Kind.NOT_FOUND
    code = "NOT_FOUND"


class Conflict(DomainError):
    """The state of things does not allow it."""

    kind = Kind.CONFLICT
    code = "CONFLICT"


class Quota(DomainError):
    """The plan allows no more."""

    kind = Kind.QUOTA
    code = "QUOTA_EXCEEDED"


class RateLimited(DomainError):
    """Too often. `retry_after` is in whole seconds."""

    kind = Kind.RATE_LIMITED
    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after: int, **fields: Any) -> None:
        super().__init__(message, retry_after=retry_after, **fields)
        self.retry_after = retry_after


class TooLarge(DomainError):
    """More than is accepted in one piece."""

    kind = Kind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"


class Upstream(DomainError):
    """An outside provider failed or did not answer in time."""

    kind = Kind.UPSTREAM
    code = "UPSTREAM_ERROR"
