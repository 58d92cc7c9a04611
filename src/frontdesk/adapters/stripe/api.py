"""Stripe's REST API over HTTP: forms with brackets out, JSON in. The vendor's own client is 31 MB and not needed.

What answers mean is for `payments`.
"""

import asyncio
import json
from typing import Any, cast

import aiohttp
from yarl import URL

from frontdesk.kernel.ids import new_id
from frontdesk.ports.payments import PaymentFailed

BASE_URL = "https://api.stripe.com"
VERSION = "2026-10-28.endive"
PATIENCE = 10.0
"""Seconds for one try."""
_PAUSES = (0.5, 1.0)
"""Seconds before another try, each."""


class StripeRefused(PaymentFailed):
    """Stripe answered, and not with what was asked for."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Stripe answered {status}.")
        self.status = status


class StripeApi:
    """One account's API. Connections are opened when first needed; `close` ends them."""

    def __init__(self, secret_key: str, base_url: str | None = None, *, patience: float = PATIENCE) -> None:
        self._base = (base_url or BASE_URL).rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret_key}", "Stripe-Version": VERSION}
        self._patience = aiohttp.ClientTimeout(total=patience, connect=5)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """A resource. Raises PaymentFailed."""
        return await self._call("GET", path, query=flat(query))

    async def post(self, path: str, key: str = "", /, **fields: Any) -> dict[str, Any]:
        """Make something, once: all tries carry one key, and so does whoever gives the same `key` within a day. Raises
        PaymentFailed."""
        return await self._call("POST", path, form=flat(fields), key=key or new_id().hex)

    async def delete(self, path: str, **query: Any) -> dict[str, Any] | None:
        """End something. None where it is not there any more. Raises PaymentFailed."""
        try:
            return await self._call("DELETE", path, query=flat(query))
        except StripeRefused as refused:
            if refused.status == 404:
                return None
            raise

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
        query: list[tuple[str, str]] | None = None,
        form: list[tuple[str, str]] | None = None,
        key: str = "",
    ) -> dict[str, Any]:
        """Ask, up to three times where an answer may yet come. Raises PaymentFailed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._patience, cookie_jar=aiohttp.DummyCookieJar())
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        for pause in (*_PAUSES, None):
            try:
                async with self._session.request(
                    method, URL(self._base + path).with_query(query or []), data=form, headers=headers,
                    allow_redirects=False,
                ) as answer:  # fmt: skip
                    text = await answer.read()
                    if answer.status < 300:
                        return _object(text)
                    problem: PaymentFailed = StripeRefused(answer.status)
                    again = _worth_another(answer.status, answer.headers.get("Stripe-Should-Retry", ""))
            except (aiohttp.ClientError, TimeoutError, OSError):
                problem, again = PaymentFailed("Stripe did not answer."), True
            if pause is None or not again:
                raise problem
            await asyncio.sleep(pause)
        raise AssertionError


def _worth_another(status: int, told: str) -> bool:
    """Whether to try again: Stripe says so, or else the status does."""
    return told == "true" or (told != "false" and (status in (409, 429) or status >= 500))


def _object(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise PaymentFailed("Stripe's answer made no sense.") from error
    if not isinstance(body, dict):
        raise PaymentFailed("Stripe's answer made no sense.")
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
