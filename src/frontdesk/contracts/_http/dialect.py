"""How a contract says things where the contracts differ: statuses and envelopes of errors.

A contract has one Dialect, in its `dialect.py`. Shapes of what goes well are in its `shapes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from frontdesk.kernel.errors import DomainError, Invalid, Kind, NotFound
from frontdesk.platform.idempotency import AnswerLost, RequestUnderWay


class RouteNotFound(NotFound):
    """No such path. Told apart from a missing record by its code, so that a client can tell whose mistake it is."""

    code = "ROUTE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is nothing at this path.")


class MethodNotAllowed(Invalid):
    """The path is there, but not with this method."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, allowed: str) -> None:
        super().__init__("This path does not take this method.")
        self.allowed = allowed


class Unexpected(DomainError):
    """Something that nobody foresaw. What it was stands in the log, under the request's id."""

    code = "INTERNAL_ERROR"

    def __init__(self, request_id: str) -> None:
        super().__init__("Something went wrong on our side.", request_id=request_id)


STATUSES: Mapping[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.PAYMENT_REQUIRED: 402,
    Kind.FORBIDDEN: 403,
    Kind.QUOTA: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.RATE_LIMITED: 429,
    Kind.UPSTREAM: 502,
}
"""What HTTP itself would say. A contract whose document lists fewer statuses overrides some."""


@dataclass(frozen=True)
class Dialect:
    """The error language of one contract."""

    envelope: Callable[[DomainError], Any]
    """The body for an error: plain values that JSON can hold."""
    statuses: Mapping[Kind, int] = field(default_factory=lambda: STATUSES)

    def status_of(self, error: DomainError) -> int:
        """The status for an error. Those of HTTP itself are the same everywhere."""
        match error:
            case Unexpected():
                return 500
            case MethodNotAllowed():
                return 405
            case RequestUnderWay() | AnswerLost():
                return 409
            case _:
                return self.statuses[error.kind]
