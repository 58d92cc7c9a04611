"""Phone numbers, had and for sale."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.numbers import model
from frontdesk.domain.numbers.model import NumberChange
from frontdesk.ports.carrier import OfferedNumber, Wish


class PhoneNumber(Shape):
    """A number of the organisation. `status`: active, out_of_service where the carrier refuses its texts, or leaving
    until the carrier has taken it back."""

    id: UUID
    number: str
    friendly_name: str | None
    route_to_ai: bool
    status: str
    provider: str
    sandbox: bool

    @classmethod
    def of(cls, number: model.Number) -> "PhoneNumber":
        return cls(
            id=number.id,
            number=number.phone,
            friendly_name=number.friendly_name,
            route_to_ai=number.route_to_ai,
            status="leaving" if number.leaving_at else "out_of_service" if number.problem else "active",
            provider=number.provider,
            sandbox=number.sandbox,
        )


class PhoneNumbers(Shape):
    """All of them."""

    numbers: list[PhoneNumber]

    @classmethod
    def of(cls, found: list[model.Number]) -> "PhoneNumbers":
        return cls([PhoneNumber.of(number) for number in found])


class GivenBack(Shape):
    """The answer where a number is gone. `released`: the carrier may sell it to others."""

    id: UUID
    number: str
    released: bool

    @classmethod
    def of(cls, number: model.Number) -> "GivenBack":
        return cls(number.id, number.phone, number.bought_at is not None)


class NumberQuery(Shape):
    """The query of numbers for sale."""

    area_code: str = ""
    contains: str = ""
    country: str = "US"

    def wish(self) -> Wish:
        """The same in the product's words."""
        return Wish(self.country, self.area_code, self.contains)


class Capabilities(Struct):
    """What a number is good for."""

    voice: bool
    sms: bool
    mms: bool


class AvailableNumber(Shape):
    """A number for sale."""

    number: str
    friendly_name: str
    region: str | None
    capabilities: Capabilities


class AvailableNumbers(Shape):
    """Some of those."""

    numbers: list[AvailableNumber]

    @classmethod
    def of(cls, found: list[OfferedNumber]) -> "AvailableNumbers":
        return cls(
            [
                AvailableNumber(
                    each.phone, each.label, each.region,
                    Capabilities(each.can_call, each.can_text, each.can_send_pictures),
                )
                for each in found
            ]
        )  # fmt: skip


class Purchase(Shape):
    """The body that buys one."""

    number: str
    friendly_name: str | None = None


class NumberUpdate(Shape):
    """The body that changes one. A name of null takes it off."""

    friendly_name: str | UnsetType | None = UNSET
    route_to_ai: bool | UnsetType = UNSET

    def change(self) -> NumberChange:
        """The same in the product's words."""
        return NumberChange(friendly_name=self.friendly_name, route_to_ai=self.route_to_ai)


FIELDS = {"area_code": "areaCode", "friendly_name": "friendlyName"}
"""The product's names of fields, to the document's."""
