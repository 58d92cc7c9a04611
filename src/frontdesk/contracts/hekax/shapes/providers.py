"""Providers that an organisation can connect, and consenting to it."""

from uuid import UUID

from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.integrations import model
from frontdesk.domain.integrations.service.connecting import Answer


class Provider(Shape, omit_defaults=True):
    """One of them. What follows `connected` stands there where there is a connection: its id is what disconnects it,
    `account` whose it is, `status` connected or reconnect, `sandbox` whether the sandbox stands in for the provider."""

    id: str
    name: str
    connected: bool
    connection_id: UUID | None = None
    account: str | None = None
    status: str | None = None
    sandbox: bool | None = None


class Providers(Shape):
    """All of a kind."""

    providers: list[Provider]

    @classmethod
    def of(cls, found: list[model.Standing]) -> "Providers":
        return cls([_provider(each) for each in found])


def _provider(standing: model.Standing) -> Provider:
    of, made = standing.provider, standing.connection
    if made is None:
        return Provider(of.id, of.name, connected=False)
    return Provider(
        of.id, of.name, standing.connected, connection_id=made.id, account=made.label, status=made.status.value,
        sandbox=made.sandbox,
    )  # fmt: skip


class ConsentAddress(Shape):
    """Where a person consents."""

    auth_url: str


class ConsentAnswer(Shape):
    """The query that a provider sends a person back with: a code, or an error."""

    state: str = ""
    code: str = ""
    error: str = ""

    def given(self) -> Answer:
        """The same as the product reads it."""
        return Answer(self.state, self.code, self.error)


class Connected(Shape):
    """The answer to a person who has consented."""

    connected: bool
    provider: str
    account: str

    @classmethod
    def of(cls, made: model.Connection) -> "Connected":
        return cls(connected=True, provider=made.provider, account=made.label)


class Disconnected(Shape):
    """The answer where a connection was removed."""

    disconnected: bool = True
