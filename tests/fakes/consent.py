"""A provider's consent on a real socket: OAuth 2 with PKCE (RFC 6749, 7636), for one app and one person."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from frontdesk.platform.crypto import make_token

CLIENT_ID, CLIENT_SECRET = "client-1", "secret-1"


class FakeConsent:
    """See the module. What a provider would refuse stands in `breaches`."""

    def __init__(self) -> None:
        self.breaches: list[str] = []
        self.url = ""
        self.lasts = 3600
        self.rotates = True
        """Whether a renewal gives a new refresh token, and takes the old one once only."""
        self.renewals = 0
        self.faults: list[tuple[int, dict[str, str]]] = []
        """Status and headers of the next answers, in place of what would be."""
        self.lost = 0
        """So many answers to what was done do not reach whoever asked."""
        self._codes: dict[str, dict[str, str]] = {}
        self._access: set[str] = set()
        self._refresh: set[str] = set()

    def consent(self, address: str) -> tuple[str, str]:
        """What a person does at `address`: the code and the state that they come back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        wanted = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256"}
        self.breaches += [f"{name}: {asked.get(name)}" for name, value in wanted.items() if asked.get(name) != value]
        self.breaches += [f"no {name}" for name in ("scope", "state", "redirect_uri", "code_challenge")
                          if not asked.get(name)]  # fmt: skip
        code = make_token()
        self._codes[code] = asked
        return code, asked["state"]

    def expire(self) -> None:
        """Take no access token any more that was given so far."""
        self._access.clear()

    def revoke(self) -> None:
        """Take nothing any more that was given so far."""
        self._access.clear()
        self._refresh.clear()

    def admitted(self, request: web.Request) -> bool:
        """Whether a call of the API comes with a token that is good."""
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self._access

    async def token(self, request: web.Request) -> web.Response:
        """The token endpoint."""
        form: dict[str, str] = {name: str(value) for name, value in (await request.post()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused("invalid_client", 401)
        if form.get("grant_type") == "authorization_code":
            asked = self._codes.pop(form.get("code", ""), None)
            proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
            if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form["redirect_uri"]):
                return _refused("invalid_grant")
            return web.json_response(self._issued())
        if form.get("grant_type") == "refresh_token":
            given = form.get("refresh_token", "")
            if given not in self._refresh:
                return _refused("invalid_grant")
            self.renewals += 1
            if self.rotates:
                self._refresh.discard(given)
            return web.json_response(self._issued(refresh=self.rotates))
        return _refused("unsupported_grant_type")

    async def revocation(self, request: web.Request) -> web.Response:
        """The revocation endpoint."""
        form = await request.post()
        if form.get("token") not in self._refresh | self._access:
            return _refused("invalid_token")
        self.revoke()
        return web.json_response({})

    def _issued(self, *, refresh: bool = True) -> dict[str, Any]:
        access = make_token()
        self._access.add(access)
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lasts, "scope": "x"}
        if refresh:
            told["refresh_token"] = make_token()
            self._refresh.add(told["refresh_token"])
        return told


def _refused(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error, "error_description": "as told"}, status=status)
