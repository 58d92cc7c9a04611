"""What can go wrong with connections."""

from frontdesk.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated, Upstream


class ProviderNotFound(NotFound):
    """No such system, or none of that kind."""

    def __init__(self) -> None:
        super().__init__("There is no such provider.")


class ConnectionNotFound(NotFound):
    """No such connection in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such connection.")


class ConsentNotKnown(Unauthenticated):
    """Nobody began that consent, or another did, or it was ended already, or too long ago."""

    code = "CONSENT_NOT_KNOWN"

    def __init__(self) -> None:
        super().__init__("This consent was not begun here, or has expired. Begin again.")


class ConsentNotGiven(Invalid):
    """The person or the provider said no."""

    code = "CONSENT_NOT_GIVEN"

    def __init__(self) -> None:
        super().__init__("The provider was not allowed to let us in. Nothing was connected.")


class MustReconnect(Conflict):
    """The provider does not take our tokens any more."""

    code = "MUST_RECONNECT"

    def __init__(self) -> None:
        super().__init__("The provider does not let us in any more: connect it again.")


class ProviderDown(Upstream):
    """The provider is down, slow or busy. `retry_after` in seconds, where it said so."""

    code = "PROVIDER_DOWN"

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("The provider did not answer. Try again in a little while.")
        self.retry_after = retry_after
