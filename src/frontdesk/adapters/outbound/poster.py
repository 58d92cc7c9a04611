"""Posting to addresses that users gave, over connections of which each is judged by where it really leads."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
from aiohttp.abc import AbstractResolver

from frontdesk.adapters.outbound.addresses import Address, Network, address_of, host_of, is_local_name, may_reach
from frontdesk.ports.outbound import AddressRefused, Answer

PATIENCE = 15.0
"""Seconds for all of a request: look-up, connection, sending, the head of the answer."""
_LOOKS_UP = 5.0
_LARGEST_LINE = 8190

Resolve = Callable[[str], Awaitable[list[Address]]]
"""The addresses of a name. Raises OSError where there are none."""

_REFUSED = "This address is not on the public internet, so it is not reached."


class _Forbidden(OSError):
    """A connection to where none may be made."""


class GuardedPoster:
    """A `Poster`. `allowed` are networks that may be reached besides public ones. No connection is used twice."""

    def __init__(
        self, allowed: Sequence[Network] = (), *, patience: float = PATIENCE, resolve: Resolve | None = None
    ) -> None:
        self._allowed, self._patience = tuple(allowed), patience
        self._resolve = resolve or _look_up

    async def check(self, url: str) -> None:
        host, address = host_of(url)
        if address is not None:
            addresses = [address]
        else:
            try:
                async with asyncio.timeout(_LOOKS_UP):
                    addresses = await self._resolve(host)
            except (OSError, TimeoutError):
                if is_local_name(host):
                    raise AddressRefused(_REFUSED) from None
                return
        if not addresses or not all(may_reach(each, self._allowed) for each in addresses):
            raise AddressRefused(_REFUSED)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self._patience):
                await self.check(url)
                async with (
                    self._session() as session,
                    session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
                ):
                    return Answer(answer.status, retry_after=_retry_after(answer.headers))
        except AddressRefused as refused:
            return Answer(None, f"Refused: {refused.message}")
        except TimeoutError:
            return Answer(None, f"No answer within {self._patience:g} seconds.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, _told(error))

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            force_close=True, use_dns_cache=False, resolver=_Names(self._resolve), socket_factory=self._socket_to
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False,
            max_line_size=_LARGEST_LINE, max_field_size=_LARGEST_LINE,
        )  # fmt: skip

    def _socket_to(self, where: Any) -> socket.socket:
        """A socket for one address: the last look, at what is connected to and not at what was looked up before."""
        family, kind, protocol, _, place = where
        if not may_reach(address_of(cast(str, place[0])), self._allowed):
            raise _Forbidden(_REFUSED)
        return socket.socket(family, kind, protocol)


class _Names(AbstractResolver):
    """Names to addresses, for aiohttp."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> list[Any]:
        return [
            {
                "hostname": host, "host": str(each), "port": port, "proto": 0, "flags": socket.AI_NUMERICHOST,
                "family": socket.AF_INET if each.version == 4 else socket.AF_INET6,
            }
            for each in await self._resolve(host)
        ]  # fmt: skip

    async def close(self) -> None: ...


async def _look_up(host: str) -> list[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [address_of(str(place[0])) for *_, place in found]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After: given, or by its date and that of the answer, for no clock is like another."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        wait = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())


def _told(error: Exception) -> str:
    """What went wrong, in words for who owns the receiver, without addresses of ours."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "The certificate is not valid."
    if isinstance(error, aiohttp.ClientSSLError):
        return "No secure connection came about."
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "The host is not known."
    if isinstance(error, aiohttp.ClientConnectorError):
        with contextlib.suppress(AttributeError):
            if isinstance(error.os_error, _Forbidden):
                return f"Refused: {_REFUSED}"
        return "No connection came about."
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError):
        return "The connection was closed before an answer came."
    return "The answer made no sense."
