"""What can go wrong when many leads are changed at once."""

from frontdesk.kernel.errors import Conflict, NotFound


class BulkChangeNotFound(NotFound):
    """No such change in the organisation, or none that concerns the actor."""

    def __init__(self) -> None:
        super().__init__("There is no such change.")


class NotUndoable(Conflict):
    """It cannot be taken back: it is under way, was taken back already, or is of a kind that has no way back."""

    code = "NOT_UNDOABLE"
