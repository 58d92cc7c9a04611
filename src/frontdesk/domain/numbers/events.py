"""Facts about numbers; the subject is the number."""

from frontdesk.platform.events import Fact, fact


@fact("number.out_of_service", "number")
class NumberOutOfService(Fact, frozen=True, kw_only=True):
    """The carrier takes no texts from the number; `code` is the carrier's. `stops` where that holds for every
    recipient, so that nothing is to be gained by trying on."""

    code: str
    stops: bool


@fact("number.changed", "number")
class NumberChanged(Fact, frozen=True, kw_only=True):
    """The organisation texts from another number from now on."""

    provider: str


@fact("number.bought", "number")
class NumberBought(Fact, frozen=True, kw_only=True):
    """The organisation has one more number."""

    provider: str


@fact("number.given_back", "number")
class NumberGivenBack(Fact, frozen=True, kw_only=True):
    """The organisation has the number no longer."""

    provider: str
