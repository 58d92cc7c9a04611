"""How the reactivation API says things: errors as {error: {code, message, details?}}, and its limits.

Its document lists 400, 401, 403, 404, 429 and 500 for all routes: kinds that HTTP would tell apart by other statuses
are told apart by their code here.
"""

from typing import Any

from frontdesk.contracts._http.dialect import STATUSES, Dialect
from frontdesk.kernel.errors import DomainError, Kind
from frontdesk.platform.limits import Limit


def envelope(error: DomainError) -> dict[str, Any]:
    """The body of an error."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.fields:
        told["details"] = error.fields
    return {"error": told}


DIALECT = Dialect(
    envelope=envelope,
    statuses={
        **STATUSES,
        Kind.CONFLICT: 400,
        Kind.TOO_LARGE: 400,
        Kind.PAYMENT_REQUIRED: 403,
        Kind.UPSTREAM: 500,
    },
)

LIMITS = {
    limit.name: limit
    for limit in (
        Limit("standard", 100, 60, per="user"),
        Limit("message-sending", 60, 3600, per="client"),
        Limit("sophie-analysis", 1000, 3600, per="client"),
    )
}
