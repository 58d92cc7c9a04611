"""How the sandbox says that something failed: {error: {code, message, details?}}, with HTTP's own statuses."""

from typing import Any

from frontdesk.contracts._http.dialect import Dialect
from frontdesk.kernel.errors import DomainError


def envelope(error: DomainError) -> dict[str, Any]:
    """The body of an error."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    return {"error": told | {"details": error.fields} if error.fields else told}


DIALECT = Dialect(envelope=envelope)
