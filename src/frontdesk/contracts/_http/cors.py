"""Browser clients from other origins: FRONTDESK_CORS_ORIGINS, for every contract alike, preflight included."""

from typing import Any

Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
EXPOSED = (
    b"X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotent-Replayed, "
    b"Content-Range, X-Total-Count, Location, X-Supabase-Api-Version"
)


class Cors:
    """Which origins may read our answers. `*` lets all read, without cookies."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._any = "*" in origins
        self._origins = {origin.lower().encode() for origin in origins}

    def headers_for(self, request: dict[bytes, bytes]) -> Headers:
        """What to add to the answer to a request with these headers; nothing for an origin that is not allowed."""
        origin = request.get(b"origin")
        if origin is None:
            return []
        if origin.lower() in self._origins:
            allowed = [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
        elif self._any:
            allowed = [(b"access-control-allow-origin", b"*")]
        else:
            return [(b"vary", b"Origin")]
        return [*allowed, (b"access-control-expose-headers", EXPOSED), (b"vary", b"Origin")]

    def is_preflight(self, scope: Any, request: dict[bytes, bytes]) -> bool:
        """Whether a browser only asks if it may."""
        return scope["method"] == "OPTIONS" and b"origin" in request and b"access-control-request-method" in request

    def preflight(self, request: dict[bytes, bytes]) -> Headers:
        """The headers of the answer to a preflight."""
        headers = self.headers_for(request)
        if len(headers) == 1:
            return headers
        asked = request.get(b"access-control-request-headers", b"Authorization, Content-Type")
        return [
            *headers,
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", asked),
            (b"access-control-max-age", b"600"),
        ]
