"""What is told of requests: metrics, and one log line each. Never a path as it was sent: paths and queries may hold
phone numbers, so routes are told by their template."""

import time
from typing import Any

import structlog
from litestar.types import Send
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

log = structlog.get_logger("frontdesk.http")

_REQUESTS = Counter("frontdesk_http_requests_total", "Requests answered.", ["app", "method", "route", "status"])
_SECONDS = Histogram(
    "frontdesk_http_request_seconds",
    "Time until an answer was out.",
    ["app", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES = frozenset({"/health", "/metrics"})


class Observed:
    """One request, from its coming until its answer is out."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self._began = time.perf_counter()
        self.status = 0
        """0 until an answer has started."""

    async def send(self, message: Any) -> None:
        """Pass a message on, with the headers that every answer gets."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), *self._headers]
        await self._send(message)

    def tell(self, app: str, scope: Any, request_id: str) -> None:
        """Count the request, and write its line."""
        route, method = scope.get("path_template") or "-", scope["method"]
        seconds = time.perf_counter() - self._began
        _REQUESTS.labels(app, method if method in _METHODS else "OTHER", route, self.status).inc()
        _SECONDS.labels(app, route).observe(seconds)
        if route not in QUIET_ROUTES:
            log.info(
                "request",
                app=app,
                method=method,
                route=route,
                status=self.status,
                ms=round(seconds * 1000, 1),
                request_id=request_id,
            )


def metrics() -> tuple[bytes, str]:
    """All metrics of the process, in Prometheus' text form, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
