"""What can go wrong with plans and payments."""

from typing import ClassVar

from frontdesk.kernel.errors import DomainError, Invalid, Kind, NotFound, Unauthenticated, Upstream


class NoSuchPrice(Invalid):
    """Nothing is sold under this id, or not by this interval."""

    code = "NO_SUCH_PRICE"

    def __init__(self, field: str, known: list[str]) -> None:
        super().__init__(f"There is no such price; there are {', '.join(known)}.", field=field)


class NoSuchPack(Invalid):
    """No pack of minutes is sold under this id."""

    code = "NO_SUCH_PRODUCT"

    def __init__(self, known: list[str]) -> None:
        super().__init__(f"There is no such pack of minutes; there are {', '.join(known)}.", field="productId")


class NothingPaid(DomainError):
    """There is no customer at the provider whose payments could be managed."""

    kind: ClassVar[Kind] = Kind.PAYMENT_REQUIRED
    code = "NO_SUBSCRIPTION"

    def __init__(self) -> None:
        super().__init__("There is nothing to manage yet: choose a plan first.")


class CheckoutNotFound(NotFound):
    """No such checkout, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such checkout.")


class ProviderFailed(Upstream):
    """The payment provider refused, failed or did not answer."""

    def __init__(self) -> None:
        super().__init__("The payment provider did not answer as it should. Try again in a moment.")


class NotFromProvider(Unauthenticated):
    """A webhook whose signature is not the payment provider's."""

    def __init__(self) -> None:
        super().__init__("The signature is not genuine.")
