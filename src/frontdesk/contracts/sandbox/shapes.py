"""What goes in and out of the simulator's routes. Lists stand under a key of their own; times are ISO 8601 in UTC."""

from typing import Annotated

from msgspec import Meta, Struct

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.ports import simulator

ListLength = Annotated[int, Meta(ge=1, le=1000)]


class NewMessage(Struct, rename={"from_": "from"}):
    """A handset texts us. Numbers may be written as people do in the organisation's country."""

    from_: str
    to: str
    body: str


class Message(Struct, rename={"from_": "from"}):
    """A text. `direction` is as the business sees it: `outbound` went to the handset, `inbound` came from it."""

    sid: str
    direction: str
    from_: str
    to: str
    body: str
    created_at: Instant

    @classmethod
    def of(cls, message: simulator.HandsetMessage) -> "Message":
        ends = (message.number, message.handset)
        sender, recipient = ends if message.direction is simulator.Direction.OUTBOUND else ends[::-1]
        return cls(message.sid, message.direction.value, sender, recipient, message.body, iso(message.created_at))


class OneMessage(Struct):
    """A text that has been taken."""

    message: Message


class Messages(Struct):
    """Texts on a handset, oldest first."""

    messages: list[Message]


class MessagesWanted(Struct):
    """The last so many."""

    limit: ListLength = 500


class Call(Struct, rename={"from_": "from"}):
    """A call to a handset. `status` is the carrier's word: ringing, in-progress, completed, busy, no-answer."""

    sid: str
    from_: str
    to: str
    status: str
    created_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None

    @classmethod
    def of(cls, call: simulator.HandsetCall) -> "Call":
        return cls(
            call.sid, call.number, call.handset, call.status, iso(call.created_at), iso_or_none(call.answered_at),
            iso_or_none(call.ended_at),
        )  # fmt: skip


class OneCall(Struct):
    """A call as it stands."""

    call: Call


class Calls(Struct):
    """Calls to a handset, oldest first."""

    calls: list[Call]


class Answered(Struct):
    """A call that was taken up. `stream` is where its audio goes, by Media Streams, and `parameters` what the socket is
    told; without one, `says` is what was said instead."""

    sid: str
    stream: str | None
    parameters: dict[str, str]
    says: str

    @classmethod
    def of(cls, found: simulator.Answered) -> "Answered":
        return cls(found.sid, found.address or None, found.parameters, found.says)


class Mail(Struct):
    """A captured mail."""

    to: str
    subject: str
    text: str
    html: str
    sent_at: Instant

    @classmethod
    def of(cls, mail: simulator.CapturedMail) -> "Mail":
        return cls(mail.to, mail.subject, mail.text, mail.html, iso(mail.sent_at))


class Mails(Struct):
    """Captured mail, newest first."""

    mail: list[Mail]


class MailWanted(Struct):
    """The last so many, to one address or all."""

    to: str | None = None
    limit: ListLength = 100


class NewFault(Struct):
    """A fault to put in force: its kind (`ports.simulator.FaultKind`), the share of messages that it strikes, from 0 to
    1, and for how many seconds. A rate of 0 ends it."""

    kind: str
    rate: float = 1.0
    seconds: float = 60.0


class Fault(Struct):
    """A fault in force."""

    kind: str
    rate: float
    until: Instant

    @classmethod
    def of(cls, fault: simulator.Fault) -> "Fault":
        return cls(fault.kind.value, fault.rate, iso(fault.until))


class OneFault(Struct):
    """The fault as it is now."""

    fault: Fault


class Faults(Struct):
    """Those in force."""

    faults: list[Fault]
