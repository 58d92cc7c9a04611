"""What can go wrong with leads and datasets."""

from uuid import UUID

from frontdesk.kernel.errors import Conflict, Invalid, NotFound


class LeadNotFound(NotFound):
    """No such lead in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such lead.")


class DatasetNotFound(NotFound):
    """No such dataset in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such dataset.")


class UploadNotFound(NotFound):
    """No such upload in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such upload.")


class LeadMoveNotAllowed(Invalid):
    """The lead cannot go from where it is to where it is wanted."""

    code = "LEAD_MOVE_NOT_ALLOWED"

    def __init__(self, lead_id: UUID, was: str, wanted: str) -> None:
        super().__init__(
            f"A lead that is {was} cannot become {wanted}.", field="contact_status", was=was, wanted=wanted
        )


class ImportNotFound(NotFound):
    """No such import in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such import.")


class ImportNotUndone(Conflict):
    """The import cannot be undone as things stand."""


class ImportUnderWay(Conflict):
    """Another import of the organisation takes long."""

    def __init__(self) -> None:
        super().__init__("Another file of your organisation is being imported. Try again when it is done.")


class ChangeNotFound(NotFound):
    """No such change of the lead."""

    def __init__(self) -> None:
        super().__init__("There is no such change.")


class ChangedSince(Conflict):
    """A change cannot be taken back any more."""

    code = "CHANGED_SINCE"

    def __init__(self) -> None:
        super().__init__("This cannot be undone any more: the lead was changed since.")
