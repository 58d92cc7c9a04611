"""Consent by OAuth 2 with a provider that speaks it as it stands, by authlib. Implements `ports.consent.Consent`.

A provider is described by a `Provider`; calls of its API are for its own adapter, as is to say whose the tokens are.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from msgspec import Struct, structs

from frontdesk.kernel.clock import Clock
from frontdesk.ports.consent import AccessExpired, Account, Ask, ConsentRefused, ProviderTrouble, Tokens

PATIENCE = 15.0
"""Seconds."""
ACCOUNT = "account"
"""In `Tokens.more`: the id of whose they are."""
_REFUSALS = frozenset({"invalid_grant", "access_denied", "consent_required", "interaction_required", "login_required"})
"""Errors that only the person's consent mends. Others are ours or the provider's, and pass."""

_OURS = frozenset({"invalid_client", "unauthorized_client"})


class Misused(ProviderTrouble):
    """The provider refuses the operator's keys."""


class Provider(Struct, frozen=True, kw_only=True):
    """How a provider asks for consent."""

    name: str
    """As people know it."""
    authorize_url: str
    token_url: str
    revoke_url: str | None = None
    scopes: tuple[str, ...]
    asks: Mapping[str, str] = {}
    """More parameters of the consent's address."""
    pkce: bool = True
    refuses: tuple[str, ...] = ()
    """Its own words for a consent that is over, in `category` or `status`, where it does not speak OAuth's `error`."""
    keeps: tuple[str, ...] = ()
    """Fields of its answer that calls need, beside the tokens."""
    whose: Callable[[Tokens], Awaitable[Account]]
    """Asks whose the tokens are. May raise AccessExpired, ProviderTrouble."""


class OAuthConsent:
    """The consent of one provider, with the keys of the operator's app there."""

    sandbox = False

    def __init__(self, provider: Provider, client_id: str, client_secret: str, clock: Clock) -> None:
        self._provider, self._clock = provider, clock
        self._client_id, self._client_secret = client_id, client_secret

    def address(self, ask: Ask) -> str:
        """As the port says."""
        client = self._client()
        url, _ = client.create_authorization_url(
            self._provider.authorize_url,
            state=ask.state,
            code_verifier=ask.verifier if self._provider.pkce else None,
            redirect_uri=ask.callback,
            **self._provider.asks,
        )
        return cast(str, url)

    async def exchange(self, code: str, ask: Ask) -> tuple[Tokens, Account]:
        """As the port says."""
        proof = {"code_verifier": ask.verifier} if self._provider.pkce else {}
        tokens = await self._tokens(
            lambda client: client.fetch_token(
                self._provider.token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=ask.callback,
                **proof,
            )
        )
        try:
            account = await self._provider.whose(tokens)
        except AccessExpired as error:
            raise ConsentRefused(f"{self._provider.name} did not take its own token.") from error
        return structs.replace(tokens, more={**tokens.more, ACCOUNT: account.id}), account

    async def renew(self, tokens: Tokens) -> Tokens:
        """As the port says. Some providers give a new refresh token each time, others never again."""
        fresh = await self._tokens(
            lambda client: client.refresh_token(self._provider.token_url, refresh_token=tokens.refresh_token)
        )
        return Tokens(
            access_token=fresh.access_token,
            refresh_token=fresh.refresh_token or tokens.refresh_token,
            expires_at=fresh.expires_at,
            more=tokens.more | fresh.more,
        )

    async def revoke(self, tokens: Tokens) -> None:
        """As the port says. What the provider does not know any more is given back already."""
        if self._provider.revoke_url is None:
            return
        try:
            async with self._client() as client:
                await client.post(
                    self._provider.revoke_url,
                    data={"token": tokens.refresh_token or tokens.access_token},
                    auth=None,
                )
        except (httpx2.HTTPError, OSError) as error:
            raise ProviderTrouble(f"{self._provider.name} did not answer.") from error

    async def check(self) -> str:
        """What is wrong with the keys of the operator, if anything: a wrong code is not a wrong client. Raises
        ProviderTrouble."""
        try:
            await self._tokens(
                lambda client: client.fetch_token(
                    self._provider.token_url, grant_type="authorization_code", code="frontdesk-looks",
                    redirect_uri="http://localhost",
                )
            )  # fmt: skip
        except ConsentRefused:
            return ""
        except Misused as error:
            return str(error)
        return ""

    def _client(self) -> Any:
        """authlib's client. It has no types."""
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=" ".join(self._provider.scopes),
            token_endpoint_auth_method="client_secret_post",  # noqa: S106
            code_challenge_method="S256",
            timeout=PATIENCE,
            trust_env=False,
        )

    async def _tokens(self, ask: Callable[[Any], Awaitable[Mapping[str, Any]]]) -> Tokens:
        try:
            async with self._client() as client:
                told = await ask(client)
        except OAuthError as error:
            code = str(error.error)
            if code in _REFUSALS:
                raise ConsentRefused(f"{self._provider.name} refuses: {code}.") from error
            if code in _OURS:
                raise Misused(f"{self._provider.name} does not know the client id and secret ({code}).") from error
            raise ProviderTrouble(f"{self._provider.name} answered {code}.") from error
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise ProviderTrouble(f"{self._provider.name} did not answer.") from error
        access_token = told.get("access_token")
        if words := {str(told.get("category")), str(told.get("status"))} & set(self._provider.refuses):
            raise ConsentRefused(f"{self._provider.name} refuses: {words.pop()}.")
        if not isinstance(access_token, str) or not access_token:
            raise ProviderTrouble(f"{self._provider.name} gave no token.")
        return Tokens(
            access_token=access_token,
            refresh_token=str(told.get("refresh_token") or ""),
            expires_at=self._expiry(told),
            more={name: str(told[name]) for name in self._provider.keeps if name in told},
        )

    def _expiry(self, told: Mapping[str, Any]) -> datetime | None:
        """From the seconds that it lasts, by our clock: authlib's own instant is by another."""
        try:
            lasts = float(told["expires_in"])
        except (KeyError, TypeError, ValueError):
            return None
        return datetime.fromtimestamp(self._clock.wall_time(self._clock.now()).timestamp() + lasts, UTC)
