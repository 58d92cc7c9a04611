"""What can go wrong with calls."""

from frontdesk.kernel.errors import Conflict, NotFound, RateLimited, Unauthenticated


class CallNotFound(NotFound):
    """No such call in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such call.")


class RecordingNotFound(NotFound):
    """The call was not recorded, or its recording is gone."""

    def __init__(self) -> None:
        super().__init__("There is no recording of this call.")


class CallNotProved(Unauthenticated):
    """A media socket that names no call that waits for it, or cannot prove that it is the carrier's."""

    def __init__(self) -> None:
        super().__init__("This is not the socket of a call that waits for one.")


class AllLinesBusy(Conflict):
    """As many calls as the organisation takes at once are under way."""

    def __init__(self) -> None:
        super().__init__("All lines are busy: as many calls as you take at once are under way.")


class TriedTooOften(RateLimited):
    """The assistant was tried out as often as it may be in a day."""

    def __init__(self) -> None:
        super().__init__("The assistant was tried out very often today. Try again tomorrow, or ring your number.", 3600)
