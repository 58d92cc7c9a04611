"""Consent (OAuth 2): a person lets us use their account with an outside system, and can take it back any time.

What is then done with the account is for the port of that kind of system: `calendar`, `crm`.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class ConsentRefused(Exception):
    """The provider will not have it, or not any more: the person has to consent anew."""


class AccessExpired(Exception):
    """The provider did not take the access token (401). A renewed one may do; after that, only consent."""


class ProviderTrouble(Exception):
    """The provider is down, slow or busy, or said something senseless. Says nothing of secrets."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """`retry_after`: seconds, where the provider said so."""
        super().__init__(message)
        self.retry_after = retry_after


class Tokens(Struct, frozen=True, kw_only=True):
    """What lets us in. Stored sealed, and never shown."""

    access_token: str
    refresh_token: str = ""
    """Empty: it cannot be renewed."""
    expires_at: datetime | None = None
    """By the clock on the wall. None: the provider does not say, and tells by a 401."""
    more: dict[str, str] = {}
    """What else the provider gave that calls need, by its own names: `instance_url`."""


class Account(Struct, frozen=True):
    """Whose consent it is."""

    id: str
    """The provider's."""
    label: str
    """As people know it: mostly an address."""


class Ask(Struct, frozen=True, kw_only=True):
    """A consent that is asked for."""

    org_id: UUID
    state: str
    """What the provider sends back, to tell this consent from others."""
    verifier: str
    """Of PKCE: what proves at the exchange that it was we who asked."""
    callback: str
    """Where the provider sends the person back to."""


class Consent(Protocol):
    """A provider's consent."""

    sandbox: bool
    """Whether this is the sandbox, standing in for a provider for which there are no keys."""

    def address(self, ask: Ask) -> str:
        """The page on which a person consents."""
        ...

    async def exchange(self, code: str, ask: Ask) -> tuple[Tokens, Account]:
        """The tokens for the code that a person was sent back with, and whose they are. Raises ConsentRefused,
        ProviderTrouble."""
        ...

    async def renew(self, tokens: Tokens) -> Tokens:
        """Newer tokens. Those given may be worth nothing afterwards. Raises ConsentRefused, ProviderTrouble."""
        ...

    async def revoke(self, tokens: Tokens) -> None:
        """Give the consent back, where the provider takes it. Raises ProviderTrouble."""
        ...


class Asked(Struct, frozen=True):
    """What a page of consent is about."""

    provider: str
    """As people know it."""
    callback: str


class ConsentPage(Protocol):
    """The page of consent of the sandbox, which has nobody else to show it. `ask` is what opens it."""

    def look(self, ask: str) -> Asked | None:
        """What is asked there. None: nothing, or no longer."""
        ...

    async def allow(self, ask: str, label: str) -> str | None:
        """Consent, as the account with that address: where to go then. None: nothing is asked, or no longer."""
        ...

    def refuse(self, ask: str) -> str | None:
        """Do not: where to go then. None: nothing is asked, or no longer."""
        ...
