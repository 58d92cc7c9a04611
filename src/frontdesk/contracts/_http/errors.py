"""From whatever was raised to the contract's envelope: domain errors, the framework's own, and those nobody foresaw."""

import re
import traceback
from collections.abc import Callable
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from frontdesk.contracts._http.dialect import Dialect, MethodNotAllowed, RouteNotFound, Unexpected
from frontdesk.contracts._http.passage import passage_of
from frontdesk.kernel.errors import DomainError, Invalid, RateLimited, TooLarge, Unauthenticated

log = structlog.stdlib.get_logger("frontdesk.http")

Handler = Callable[[Request[Any, Any, Any], Exception], Response[Any]]
_PERSONAL = re.compile(r"\+?\d[\d\s().-]{5,}\d|[^\s@]+@[^\s@]+|(?<=')[^']*(?=')|(?<=\")[^\"]*(?=\")")


def error_handler(dialect: Dialect) -> Handler:
    """The one exception handler of a contract's application."""

    def answer(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
        error = understood(raised)
        if error is None:
            passage = passage_of(request)
            log.error("request failed", request_id=passage.request_id, **described(raised))
            error = Unexpected(passage.request_id)
        _rename_field(request, error)
        headers: dict[str, str] = {}
        if isinstance(error, RateLimited):
            headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, MethodNotAllowed):
            headers["Allow"] = error.allowed
        if isinstance(error, Unauthenticated):
            headers["WWW-Authenticate"] = "Bearer"
        return Response(
            msgspec.json.encode(dialect.envelope(error)),
            status_code=dialect.status_of(error),
            media_type="application/json",
            headers=headers,
        )

    return answer


def _rename_field(request: Request[Any, Any, Any], error: DomainError) -> None:
    """Name the field at fault as the body names it, where the route says how (its option `fields`)."""
    handler: Any = request.scope.get("route_handler")  # none where no route was found
    names: dict[str, str] = handler.opt.get("fields", {}) if handler else {}
    if (field := error.fields.get("field")) in names:
        error.fields["field"] = names[field]


def understood(raised: BaseException) -> DomainError | None:
    """`raised` as an error that can be told to a caller, or None where it is our own failure."""
    match raised:
        case DomainError():
            return raised
        case MethodNotAllowedException():
            return MethodNotAllowed((raised.headers or {}).get("allow", ""))
        case NotFoundException():
            return RouteNotFound()
        case RequestEntityTooLarge():
            return TooLarge("The request is larger than is accepted here.")
        case NotAuthorizedException():
            return Unauthenticated("Sign in first.")
        case ValidationException():
            return Invalid("The request needs a body." if _lacks_body(raised) else "The request is malformed.")
        case ClientException():
            return Invalid("The request is malformed.")
        case HTTPException() if raised.status_code < 500 or "disconnected" in str(raised.detail):
            return Invalid("The request is malformed.")
        case BaseExceptionGroup():  # what a failing clean-up makes of the error it was told of
            causes = [understood(inner) for inner in raised.exceptions]
            return causes[0] if len(causes) == 1 else None
        case _:
            return None


def _lacks_body(raised: ValidationException) -> bool:
    problems = cast(list[Any], raised.extra or [])
    return any(cast(dict[str, Any], problem).get("key") == "data" for problem in problems if isinstance(problem, dict))


def described(raised: BaseException) -> dict[str, Any]:
    """What a log line may tell of a failure: where it happened and what it was, without anything of a person's."""
    frames = traceback.extract_tb(raised.__traceback__)
    told: dict[str, Any] = {
        "error": type(raised).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }
    if isinstance(raised, asyncpg.PostgresError):  # its text may quote the row
        told |= {"sqlstate": raised.sqlstate, "constraint": getattr(raised, "constraint_name", None)}
    elif not isinstance(raised, DomainError):
        told["said"] = _PERSONAL.sub("…", str(raised))[:300]
    if raised.__cause__ is not None:
        told["because"] = type(raised.__cause__).__name__
    return told
