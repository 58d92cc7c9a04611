"""What can go wrong with bookings."""

from frontdesk.kernel.errors import Invalid, NotFound


class SlotTaken(Invalid):
    """Somebody else has the time, or it is not one that can be booked."""

    code = "SLOT_TAKEN"

    def __init__(self) -> None:
        super().__init__("This time is no longer free.", field="start_time")


class BookingNotFound(NotFound):
    """No such booking in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such booking.")
