"""Calls of a provider's JSON API with somebody's access token. What answers mean is for the provider's adapter.

Failures come as `ports.consent` has them: 401 as AccessExpired, 429, 5xx and silence as ProviderTrouble.
"""

from collections.abc import Mapping
from typing import Any, cast

import aiohttp
from msgspec import Struct
from yarl import URL

from frontdesk.ports.consent import AccessExpired, ProviderTrouble

PATIENCE = aiohttp.ClientTimeout(total=15, connect=5)
"""In seconds."""
_LONGEST_WAIT = 3600.0


class Answer(Struct, frozen=True):
    """What a provider answered. `body` is empty where it was no JSON object; of a list it has the `items`."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


class Rest:
    """A provider's API. Connections are opened when they are first needed; `close` ends them."""

    def __init__(self, name: str, base_url: str) -> None:
        """`name` is what people know the provider by."""
        self.name, self._base = name, base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        method: str,
        path: str,
        access_token: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call of `path`, below the base or whole where it is of the same origin. Raises AccessExpired,
        ProviderTrouble."""
        url = URL(self._base + path) if path.startswith("/") else URL(path, encoded=True)
        if url.origin() != URL(self._base).origin():  # the token goes along
            raise ProviderTrouble(f"{self.name} leads elsewhere.")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.request(
                method,
                url.update_query(query) if query else url,
                json=json,
                headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json", **(headers or {})},
                allow_redirects=False,
            ) as response:
                answer = Answer(response.status, await _json(response))
                wait = response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderTrouble(f"{self.name} did not answer.") from error
        if answer.status == 401:
            raise AccessExpired
        if answer.status == 429 or answer.status >= 500:
            raise ProviderTrouble(f"{self.name} answered {answer.status}.", _seconds(wait))
        return answer


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    if isinstance(body, list):
        return {"items": body}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _seconds(text: str) -> float | None:
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else None
