"""What can go wrong with webhooks. A URL that must not be reached: `ports.outbound.AddressRefused`."""

from frontdesk.kernel.errors import Conflict, NotFound


class EndpointNotFound(NotFound):
    """No such endpoint in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such webhook.")


class DeliveryNotFound(NotFound):
    """No such delivery to the endpoint."""

    def __init__(self) -> None:
        super().__init__("There is no such delivery.")


class TooManyEndpoints(Conflict):
    """The organisation has as many as it may have."""

    code = "TOO_MANY_WEBHOOKS"

    def __init__(self, most: int) -> None:
        super().__init__(f"An organisation has {most} webhooks at most.", limit=most)


class EndpointDisabled(Conflict):
    """Nothing is sent to an endpoint that is switched off."""

    code = "WEBHOOK_DISABLED"

    def __init__(self) -> None:
        super().__init__("The webhook is switched off. Switch it on first.")
