"""How GoTrue says that something failed: in the words of its version 2024-01-01 to clients that ask for it, else in
those of the first one."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from frontdesk.contracts._http.dialect import Dialect, Unexpected
from frontdesk.contracts._http.errors import error_handler, understood
from frontdesk.contracts._http.passage import Connection, passage_of
from frontdesk.kernel.errors import DomainError, Kind

VERSION_HEADER = "X-Supabase-Api-Version"
VERSION = "2024-01-01"
NO_STORE = ("Cache-Control", "no-store")

_CODES: Mapping[str, tuple[int, str]] = {
    "EMAIL_TAKEN": (400, "user_already_exists"),
    "WEAK_PASSWORD": (400, "weak_password"),
    "SAME_PASSWORD": (400, "same_password"),
    "SIGN_UP_CLOSED": (403, "signup_disabled"),
    "INVALID_CREDENTIALS": (400, "invalid_credentials"),
    "ACCOUNT_LOCKED": (429, "over_request_rate_limit"),
    "ACCOUNT_SUSPENDED": (403, "user_banned"),
    "EMAIL_NOT_CONFIRMED": (400, "email_not_confirmed"),
    "REFRESH_TOKEN_INVALID": (400, "refresh_token_not_found"),
    "REFRESH_TOKEN_REUSED": (400, "refresh_token_already_used"),
    "SESSION_ENDED": (401, "session_not_found"),
    "INVALID_TOKEN": (401, "bad_jwt"),
    "TOKEN_EXPIRED": (401, "bad_jwt"),
    "LINK_INVALID": (403, "otp_expired"),
    "METHOD_NOT_ALLOWED": (405, "validation_failed"),
    "INTERNAL_ERROR": (500, "unexpected_failure"),
}
"""Status and code by the domain's code. The document allows 400 and 422 alike; 422 is never used here."""
_BY_KIND: Mapping[Kind, tuple[int, str]] = {
    Kind.INVALID: (400, "validation_failed"),
    Kind.UNAUTHENTICATED: (401, "no_authorization"),
    Kind.PAYMENT_REQUIRED: (402, "validation_failed"),
    Kind.FORBIDDEN: (403, "not_admin"),
    Kind.QUOTA: (403, "over_request_rate_limit"),
    Kind.NOT_FOUND: (404, "not_found"),
    Kind.CONFLICT: (409, "conflict"),
    Kind.TOO_LARGE: (413, "validation_failed"),
    Kind.RATE_LIMITED: (429, "over_request_rate_limit"),
    Kind.UPSTREAM: (502, "unexpected_failure"),
}
_WORDS = {"invalid_credentials": "Invalid login credentials", "user_already_exists": "User already registered"}
"""Sentences that clients have been known to compare."""


def coded(error: DomainError) -> tuple[int, str]:
    """The status and GoTrue's code for `error`."""
    return _CODES.get(error.code) or _BY_KIND[error.kind]


class GoTrueDialect(Dialect):
    """Statuses by the error itself: GoTrue's differ within a kind."""

    def status_of(self, error: DomainError) -> int:
        """The status for an error."""
        return coded(error)[0]


def _first(error: DomainError) -> dict[str, Any]:
    status, code = coded(error)
    return {"code": status, "error_code": code, "msg": _WORDS.get(code, error.message), **_extra(error)}


def _current(error: DomainError) -> dict[str, Any]:
    code = coded(error)[1]
    return {"code": code, "message": _WORDS.get(code, error.message), **_extra(error)}


def _extra(error: DomainError) -> dict[str, Any]:
    if error.code == "WEAK_PASSWORD":
        return {"weak_password": {"reasons": error.fields["reasons"], "message": error.message}}
    return {"error_id": error.fields["request_id"]} if isinstance(error, Unexpected) else {}


DIALECT = GoTrueDialect(envelope=_first)
_CURRENT = GoTrueDialect(envelope=_current)
_say_first, _say_current = error_handler(DIALECT), error_handler(_CURRENT)


def open_answer(connection: Connection) -> bool:
    """Give the answer, whatever it will be, the headers that all have: once, by whoever comes first. Returns whether
    the client knows version 2024-01-01, which the answer then says too. Versions are dates, and compare as texts."""
    current = connection.headers.get(VERSION_HEADER, "") >= VERSION
    headers = passage_of(connection).headers
    if NO_STORE not in headers:
        headers += [NO_STORE, (VERSION_HEADER, VERSION)] if current else [NO_STORE]
    return current


def told(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
    """The answer to what failed, in the client's version."""
    response = (_say_current if open_answer(request) else _say_first)(request, raised)
    error = understood(raised)
    response.headers["x-sb-error-code"] = coded(error)[1] if error else "unexpected_failure"
    return response
