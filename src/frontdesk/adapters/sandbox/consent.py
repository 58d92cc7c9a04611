"""The sandbox as a provider of consent, in place of one for which there are no keys: OAuth with a page of our own.

Implements `ports.consent.Consent` and `ConsentPage`. Codes and tokens are sealed and say what they stand for, so only
the accounts are stored; everything is the organisation's that asked.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.crypto import Unreadable, Vault
from frontdesk.platform.database import Works
from frontdesk.ports.consent import AccessExpired, Account, Ask, Asked, ConsentRefused, Tokens

PAGE = "/console/sandbox/consent"
LASTS = timedelta(hours=1)
"""How long an access token is good."""
_WAITS = timedelta(minutes=10)

S = TypeVar("S")


class _Question(Struct, frozen=True, tag="question"):
    org_id: UUID
    provider: str
    name: str
    state: str
    challenge: str
    callback: str
    until: datetime


class _Code(Struct, frozen=True, tag="code"):
    org_id: UUID
    account: UUID
    provider: str
    challenge: str
    callback: str
    until: datetime


class _Access(Struct, frozen=True, tag="access"):
    org_id: UUID
    account: UUID
    until: datetime
    nonce: UUID
    """No two are alike."""


class _Renewal(Struct, frozen=True, tag="renewal"):
    org_id: UUID
    account: UUID


class SandboxAccounts:
    """The accounts that people have with the sandbox, and what proves that one may use them."""

    def __init__(self, works: Works, vault: Vault, public_url: str) -> None:
        self.works, self._vault, self._public_url = works, vault, public_url.rstrip("/")

    @property
    def now(self) -> datetime:
        """The clock on the wall: a token says when it expires by that."""
        return self.works.clock.wall_time(self.works.clock.now())

    # --- the page -----------------------------------------------------------------------------------------------------

    def page(self, provider: str, name: str, ask: Ask) -> str:
        """The address of the page that asks what `ask` does."""
        question = _Question(
            ask.org_id, provider, name, ask.state, challenge_of(ask.verifier), ask.callback, self.now + _WAITS
        )
        return f"{self._public_url}{PAGE}?ask={quote(self.seal(question))}"

    def look(self, ask: str) -> Asked | None:
        """As the port says."""
        question = self._question(ask)
        return Asked(question.name, question.callback) if question else None

    async def allow(self, ask: str, label: str) -> str | None:
        """As the port says. The same address is the same account."""
        question = self._question(ask)
        if question is None:
            return None
        async with self.works.begin(system_actor(question.org_id)) as work:
            account = await work.fetchval(
                """select id from sandbox_accounts
                   where org_id = $1 and provider = $2 and label = $3 and revoked_at is null limit 1""",
                work.org_id, question.provider, label,
            )  # fmt: skip
            if account is None:
                account = new_id()
                await work.execute(
                    """insert into sandbox_accounts (org_id, id, provider, label, created_at)
                       values ($1, $2, $3, $4, $5)""",
                    work.org_id, account, question.provider, label, work.now,
                )  # fmt: skip
        code = _Code(
            question.org_id, account, question.provider, question.challenge, question.callback, self.now + _WAITS
        )
        return f"{question.callback}?{urlencode({'state': question.state, 'code': self.seal(code)})}"

    def refuse(self, ask: str) -> str | None:
        """As the port says."""
        question = self._question(ask)
        if question is None:
            return None
        return f"{question.callback}?{urlencode({'state': question.state, 'error': 'access_denied'})}"

    def _question(self, ask: str) -> _Question | None:
        question = self.opened(ask, _Question)
        return question if question is not None and question.until > self.now else None

    # --- tokens -------------------------------------------------------------------------------------------------------

    async def account_of(self, tokens: Tokens) -> tuple[UUID, UUID]:
        """The organisation and the account that tokens are good for. Raises AccessExpired."""
        access = self.opened(tokens.access_token, _Access)
        if access is None or access.until <= self.now or await self.label_of(access.org_id, access.account) is None:
            raise AccessExpired
        return access.org_id, access.account

    async def label_of(self, org_id: UUID, account: UUID) -> str | None:
        """The address of an account. None where its consent was taken back."""
        async with self.works.read(system_actor(org_id)) as work:
            return await work.fetchval(
                "select label from sandbox_accounts where org_id = $1 and id = $2 and revoked_at is null",
                org_id, account,
            )  # fmt: skip

    async def revoke(self, org_id: UUID, account: UUID) -> None:
        """Take the consent back."""
        async with self.works.begin(system_actor(org_id)) as work:
            await work.execute(
                "update sandbox_accounts set revoked_at = $3 where org_id = $1 and id = $2 and revoked_at is null",
                org_id, account, work.now,
            )  # fmt: skip

    def tokens(self, org_id: UUID, account: UUID) -> Tokens:
        """New ones."""
        until = (self.now + LASTS).astimezone(UTC)
        return Tokens(
            access_token=self.seal(_Access(org_id, account, until, new_id())),
            refresh_token=self.seal(_Renewal(org_id, account)),
            expires_at=until,
        )

    async def renewed(self, tokens: Tokens) -> Tokens:
        """Newer ones. Raises ConsentRefused."""
        renewal = self.opened(tokens.refresh_token, _Renewal)
        if renewal is None or await self.label_of(renewal.org_id, renewal.account) is None:
            raise ConsentRefused("The consent was taken back.")
        return self.tokens(renewal.org_id, renewal.account)

    async def given_back(self, tokens: Tokens) -> None:
        """Take the consent back that the tokens come from."""
        if renewal := self.opened(tokens.refresh_token, _Renewal):
            await self.revoke(renewal.org_id, renewal.account)

    async def exchanged(self, provider: str, code: str, ask: Ask) -> tuple[Tokens, Account]:
        """What a code is worth. Raises ConsentRefused."""
        told = self.opened(code, _Code)
        if told is None or told.until <= self.now or (told.provider, told.callback) != (provider, ask.callback):
            raise ConsentRefused("The code is not good, or no longer.")
        if not hmac.compare_digest(told.challenge, challenge_of(ask.verifier)):
            raise ConsentRefused("The code was asked for by somebody else.")
        label = await self.label_of(told.org_id, told.account)
        if label is None:
            raise ConsentRefused("The consent was taken back.")
        return self.tokens(told.org_id, told.account), Account(label, label)

    def seal(self, told: Struct) -> str:
        """`told` as a text that only we can read."""
        return self._vault.seal(msgspec.json.encode(told).decode())

    def opened(self, sealed: str, shape: type[S]) -> S | None:
        """What was sealed, if it was that."""
        try:
            return msgspec.json.decode(self._vault.open(sealed), type=shape)
        except (Unreadable, msgspec.MsgspecError, ValueError):
            return None


class SandboxConsent:
    """The sandbox, standing in for one provider."""

    sandbox = True

    def __init__(self, accounts: SandboxAccounts, provider: str, name: str) -> None:
        self._accounts, self._provider, self._name = accounts, provider, name

    def address(self, ask: Ask) -> str:
        """As the port says."""
        return self._accounts.page(self._provider, self._name, ask)

    async def exchange(self, code: str, ask: Ask) -> tuple[Tokens, Account]:
        """As the port says."""
        return await self._accounts.exchanged(self._provider, code, ask)

    async def renew(self, tokens: Tokens) -> Tokens:
        """As the port says."""
        return await self._accounts.renewed(tokens)

    async def revoke(self, tokens: Tokens) -> None:
        """As the port says."""
        await self._accounts.given_back(tokens)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
