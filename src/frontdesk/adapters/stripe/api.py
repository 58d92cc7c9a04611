"""Stripe's REST API over HTTP: forms with brackets out, JSON in. The vendor's own client is 31 MB and not needed.

What answers mean is for `payments`.
"""

from typing import Any, cast

import aiohttp
from yarl import URL

from frontdesk.kernel.ids import new_id
from frontdesk.ports.payments import PaymentFailed

BASE_URL = "https://api.stripe.com"
VERSION = "2026-10-28.endive"
PATIENCE = aiohttp.ClientTimeout(total=15, connect=5)
"""In seconds."""


class StripeApi:
    """One account's API. Connections are opened when first needed; `close` ends them."""

    def __init__(self, secret_key: str, base_url: str | None = None) -> None:
        self._base = (base_url or BASE_URL).rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret_key}", "Stripe-Version": VERSION}
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """A resource. Raises PaymentFailed."""
        return await self._call("GET", path, query=query)

    async def post(self, path: str, **fields: Any) -> dict[str, Any]:
        """Make something, never twice: a repeated connection carries the same key. Raises PaymentFailed."""
        return await self._call("POST", path, form=flat(fields))

    async def delete(self, path: str) -> dict[str, Any] | None:
        """End something. None where it is not there any more. Raises PaymentFailed."""
        return await self._call("DELETE", path, missing_ok=True)

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        form: list[tuple[str, str]] | None = None,
        missing_ok: bool = False,
    ) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar())
        headers = {**self._headers, **({"Idempotency-Key": new_id().hex} if method == "POST" else {})}
        try:
            async with self._session.request(
                method, URL(self._base + path).with_query(query or {}), data=form, headers=headers,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise PaymentFailed("Stripe did not answer.") from error
        if missing_ok and answer.status == 404:
            return None
        if answer.status >= 300 or not isinstance(body, dict):
            raise PaymentFailed(f"Stripe answered {answer.status}.")
        return cast("dict[str, Any]", body)


def flat(fields: dict[str, Any], within: str = "") -> list[tuple[str, str]]:
    """Nested fields as Stripe takes them: `line_items[0][quantity]`. None is left out."""
    found: list[tuple[str, str]] = []
    for key, value in fields.items():
        name = f"{within}[{key}]" if within else key
        if isinstance(value, list):
            value = {str(place): each for place, each in enumerate(cast("list[Any]", value))}
        if isinstance(value, dict):
            found += flat(cast("dict[str, Any]", value), name)
        elif isinstance(value, bool):
            found.append((name, str(value).lower()))
        elif value is not None:
            found.append((name, str(value)))
    return found
