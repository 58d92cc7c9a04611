"""What can go wrong with numbers and accounts with carriers."""

from frontdesk.kernel.errors import Conflict, NotFound


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
