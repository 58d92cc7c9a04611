"""What can go wrong with numbers and accounts with carriers."""

from typing import ClassVar

from frontdesk.kernel.errors import Conflict, DomainError, Kind, NotFound, Quota, Upstream


class NotConnected(Conflict):
    """The organisation has no account with the carrier."""

    code = "CARRIER_NOT_CONNECTED"

    def __init__(self) -> None:
        super().__init__("No carrier account is connected.")


class CarrierRefuses(Conflict):
    """The carrier does not do what is needed: wrong credentials, a number that cannot be used, no answer."""

    code = "CARRIER_PROBLEM"


class NumberTaken(Conflict):
    """Another organisation of this installation has the number."""

    code = "NUMBER_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another organisation on this server uses this number.")


class CampaignsRunning(Conflict):
    """A change between the sandbox and a real number would change what a running campaign is."""

    code = "CAMPAIGNS_RUNNING"

    def __init__(self) -> None:
        super().__init__("A campaign is running. Pause it before texts go out from another kind of number.")


class NumberNotFound(NotFound):
    """The account has no such number."""

    def __init__(self) -> None:
        super().__init__("The account has no such number.")


class NoSuchNumber(NotFound):
    """The organisation has no such number."""

    def __init__(self) -> None:
        super().__init__("There is no such number.")


class NumberUnavailable(Conflict):
    """The number is not for sale, or not any more."""

    code = "NUMBER_UNAVAILABLE"


class NoNumberLeft(Quota):
    """The plan has no room for one more number."""

    code = "NUMBER_LIMIT"

    def __init__(self, numbers: int) -> None:
        super().__init__(f"The plan has room for {numbers} bought numbers, and that many there are.", limit=numbers)


class NeedsPlan(DomainError):
    """Real numbers are the operator's to pay for, and the organisation pays for no plan."""

    kind: ClassVar[Kind] = Kind.PAYMENT_REQUIRED
    code = "PLAN_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Real numbers come with a paid plan. Choose one, or connect a carrier account of your own.")


class BeingBought(Conflict):
    """The same number is being bought at this moment."""

    code = "PURCHASE_UNDER_WAY"

    def __init__(self) -> None:
        super().__init__("This number is being bought at this moment. Look again in a minute.")


class PurchaseInDoubt(Upstream):
    """The carrier did not say whether it sold the number."""

    code = "PURCHASE_IN_DOUBT"

    def __init__(self) -> None:
        super().__init__(
            "The carrier did not say whether it sold the number. It is asked until it does; nothing is bought twice."
        )


class NumberInUse(Conflict):
    """Something still goes on with the number. `obstacle`: texts_from, calls, texts, everybodys."""

    code = "NUMBER_IN_USE"

    def __init__(self, obstacle: str, count: int = 0) -> None:
        texts = "1 text is" if count == 1 else f"{count} texts are"
        words = {
            "everybodys": "The sandbox number stays: every organisation has one.",
            "texts_from": "Texts go out from this number. Choose another for them first.",
            "calls": "A call is under way on this number. Give it back when that is over.",
            "texts": f"{texts} still to go out from this number. Give it back when they are gone.",
        }
        super().__init__(words[obstacle], obstacle=obstacle)


class NumberLeaving(Conflict):
    """The number is being given back."""

    code = "NUMBER_LEAVING"

    def __init__(self) -> None:
        super().__init__("This number is being given back.")


class GivingBackInDoubt(Upstream):
    """The carrier did not say whether it took the number back."""

    code = "NUMBER_LEAVING_IN_DOUBT"

    def __init__(self) -> None:
        super().__init__("The carrier did not say whether it took the number back. It is asked until it does.")
