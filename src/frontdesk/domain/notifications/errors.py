"""What can go wrong with notifications."""

from frontdesk.kernel.errors import NotFound


class NotificationNotFound(NotFound):
    """No such notification of the person."""

    def __init__(self) -> None:
        super().__init__("There is no such notification.")


class RecipientNotFound(NotFound):
    """Nobody with that id belongs to the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such user.", field="user_id")
