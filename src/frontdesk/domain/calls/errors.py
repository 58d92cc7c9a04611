"""What can go wrong with calls."""

from frontdesk.domain.contactability.model import Decision, Reason
from frontdesk.kernel.errors import Conflict, Invalid, NotFound, Quota, RateLimited, Unauthenticated, Upstream


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


_SENTENCES = {
    Reason.SUPPRESSED: "This number has opted out and must not be called.",
    Reason.OPTED_OUT: "This lead has opted out and must not be called.",
    Reason.INVALID_LEAD: "This lead's number is marked as invalid.",
    Reason.NO_PHONE: "This lead has no phone number.",
    Reason.NO_SENDER: "The organisation has no number to call from.",
    Reason.NO_TIME_ZONE: "It is not known what time it is for this lead.",
    Reason.QUIET_HOURS: "It is outside 08:00 to 21:00 for this lead.",
    Reason.ARCHIVED: "This lead is archived.",
    Reason.MANUAL_MODE: "The AI is paused for this lead: a person has to call.",
    Reason.DAILY_CAP: "This number has been contacted as often as may be within a day.",
    Reason.WEEKLY_CAP: "This number has been contacted as often as may be within a week.",
}


class NotCallable(Invalid):
    """The gate refused. `reason` is its own word; the code is the reason in capitals, as in QUIET_HOURS."""

    def __init__(self, decision: Decision) -> None:
        opens = decision.next_open_at
        super().__init__(
            _SENTENCES.get(decision.reason, f"This lead may not be called: {decision.reason.value}."),
            reason=decision.reason.value,
            next_open_at=opens.isoformat() if opens else None,
        )
        self.reason = decision.reason
        self.code = decision.reason.value.upper()


class CallUnderWay(Conflict):
    """The number is being called, or talked to, at this moment."""

    code = "CALL_UNDER_WAY"

    def __init__(self) -> None:
        super().__init__("This number is being called at this moment.")


class NoMinutesLeft(Quota):
    """The plan's minutes and packs are used up."""

    code = "NO_MINUTES_LEFT"

    def __init__(self, what: str) -> None:
        super().__init__(f"There are no {what} left in this period. A pack of minutes or a larger plan gives more.")


class NotHungUp(Upstream):
    """The carrier did not end a call. `says` is why, in a sentence for people."""

    code = "CARRIER_PROBLEM"

    def __init__(self, says: str) -> None:
        super().__init__(says)


class CannotPlaceCalls(Conflict):
    """The carrier of the organisation's number places no calls."""

    code = "CARRIER_PROBLEM"

    def __init__(self) -> None:
        super().__init__("Calls cannot be placed from the organisation's number.")
