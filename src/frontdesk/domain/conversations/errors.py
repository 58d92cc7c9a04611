"""What can go wrong with conversations and messages."""

from datetime import datetime

from frontdesk.domain.contactability.model import Decision, Reason
from frontdesk.kernel.errors import Conflict, Invalid, NotFound


class ConversationNotFound(NotFound):
    """No such conversation in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such conversation.")


class MessageNotFound(NotFound):
    """No such message in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such message.")


class BadText(Invalid):
    """The text is empty or too long."""


class AlreadySent(Conflict):
    """The draft was sent before."""

    code = "ALREADY_SENT"

    def __init__(self) -> None:
        super().__init__("This message has been sent already.")


class DraftOutOfDate(Conflict):
    """The lead has written since the draft was made."""

    code = "DRAFT_OUT_OF_DATE"

    def __init__(self) -> None:
        super().__init__("The lead has written since this was drafted. Have it drafted again, or send words of yours.")


_SENTENCES = {
    Reason.SUPPRESSED: "This number has opted out and must not be contacted.",
    Reason.OPTED_OUT: "This lead has opted out and must not be contacted.",
    Reason.INVALID_LEAD: "This lead's number is marked as invalid.",
    Reason.NO_PHONE: "This lead has no phone number.",
    Reason.NO_SENDER: "The organisation has no number to send from.",
    Reason.NO_TIME_ZONE: "It is not known what time it is for this lead.",
    Reason.QUIET_HOURS: "It is outside 08:00 to 21:00 for this lead.",
}


class NotContactable(Invalid):
    """The gate refused. `reason` is its own word; the code is the reason in capitals, as in QUIET_HOURS."""

    def __init__(self, decision: Decision) -> None:
        opens: datetime | None = decision.next_open_at
        super().__init__(
            _SENTENCES.get(decision.reason, f"The message may not be sent: {decision.reason.value}."),
            reason=decision.reason.value,
            next_open_at=opens.isoformat() if opens else None,
        )
        self.reason = decision.reason
        self.code = decision.reason.value.upper()


class SendFailed(Invalid):
    """The carrier refused the message. `carrier_code` is its own."""

    code = "SEND_FAILED"
