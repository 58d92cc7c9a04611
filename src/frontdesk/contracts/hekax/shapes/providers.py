"""Providers that an organisation can connect."""

from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.integrations import model


class Provider(Shape):
    """One of them."""

    id: str
    name: str
    connected: bool


class Providers(Shape):
    """All of a kind."""

    providers: list[Provider]

    @classmethod
    def of(cls, found: list[model.Standing]) -> "Providers":
        return cls([Provider(each.provider.id, each.provider.name, each.connected) for each in found])
