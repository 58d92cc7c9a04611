"""Twilio's REST API over HTTP: requests, pages, and what became of a request that was not answered.

What an answer means for a text or a number is for `account`. The vendor's own client blocks the event loop.
"""

import base64
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
from msgspec import Struct
from yarl import URL

BASE_URL = "https://api.twilio.com"
VERSION = "2010-04-01"
PATIENCE = aiohttp.ClientTimeout(total=12, connect=5)
"""In seconds; less than a hand-over may take."""
PAGE = 200
_MOST_PAGES = 100
_BUSY_FOR = 2.0
_LONGEST_BUSY = 300.0


Form = Mapping[str, str] | Sequence[tuple[str, str]]
"""In pairs where a name may stand more than once."""


class Answer(Struct, frozen=True):
    """What Twilio answered. `body` is empty where it was no JSON object."""

    status: int
    body: dict[str, Any]
    retry_after: float
    """Seconds, as it says or as is usual."""
    told_at: datetime | None
    """By Twilio's clock."""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The code of the error; the empty string where it gave none."""
        code = self.body.get("code")
        return str(code) if isinstance(code, int) else ""


class NotReached(Exception):
    """No connection came about: Twilio knows nothing of the request."""


class Lost(Exception):
    """Nobody can tell whether Twilio got the request: the answer did not come, or made no sense."""


class Line:
    """One pool of connections to Twilio for all accounts. Opened when it is first needed; `close` ends it."""

    def __init__(self, base_url: str | None = None) -> None:
        self.base_url = (base_url or BASE_URL).rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class Api:
    """The API below one account, with one pair of credentials. Paths are such as `Messages.json`."""

    def __init__(self, line: Line, account_sid: str, user: str, password: str) -> None:
        self._line = line
        self._account = f"/{VERSION}/Accounts/{account_sid}"
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}",
            "Accept": "application/json",
        }

    async def get(self, path: str = "", **query: str) -> Answer:
        """One resource; the account itself without a path. Raises NotReached, Lost."""
        path = f"{self._account}/{path}" if path else f"{self._account}.json"
        return await self._call("GET", URL(self._line.base_url + path).with_query(query))

    async def post(self, path: str, form: Form) -> Answer:
        """Make or change something. Never repeated by itself. Raises NotReached, Lost."""
        return await self._call("POST", URL(f"{self._line.base_url}{self._account}/{path}"), form)

    async def delete(self, path: str) -> Answer:
        """Do away with something; maybe twice, which does no harm. Raises NotReached, Lost."""
        return await self._call("DELETE", URL(f"{self._line.base_url}{self._account}/{path}"))

    async def pages(self, path: str, **query: str) -> AsyncIterator[Answer]:
        """The pages of a list, up to and with the first that is an error. Raises NotReached, Lost."""
        answer = await self.get(path, **query, PageSize=str(PAGE))
        for _ in range(_MOST_PAGES):
            yield answer
            following = answer.body.get("next_page_uri")
            # The credentials go along, so it leads nowhere else.
            if not answer.ok or not isinstance(following, str) or not following.startswith(f"/{VERSION}/"):
                return
            answer = await self._call("GET", URL(self._line.base_url + following, encoded=True))

    async def _call(self, method: str, url: URL, form: Form | None = None) -> Answer:
        try:
            async with self._line.session.request(
                method, url, data=form, headers=self._headers, allow_redirects=False
            ) as response:
                return Answer(
                    response.status, await _json(response), _retry_after(response), _date(response.headers.get("Date"))
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotReached("Twilio cannot be reached.") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost("Twilio did not answer.") from error


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _retry_after(response: aiohttp.ClientResponse) -> float:
    try:
        said = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return _BUSY_FOR
    return min(max(said, 0.1), _LONGEST_BUSY) if said == said else _BUSY_FOR


def _date(text: str | None) -> datetime | None:
    with contextlib.suppress(ValueError):
        return parsedate_to_datetime(text) if text else None
    return None


def time_of(text: object) -> datetime | None:
    """A time as Twilio writes it, RFC 2822 in GMT."""
    return _date(text) if isinstance(text, str) else None
