"""What a text carrier posts, in Twilio's words."""

from uuid import UUID

from msgspec import Struct

from frontdesk.contracts._http.forms import CarrierForm
from frontdesk.domain.contactability.model import Word
from frontdesk.kernel.ids import parse_id
from frontdesk.ports.carrier import CarrierStatus
from frontdesk.ports.carrier_codes import STATUSES

OPT_OUT_TYPES = {"STOP": Word.STOP, "START": Word.START, "HELP": Word.HELP}


def is_status(form: CarrierForm) -> bool:
    """Whether the form tells what became of a message of ours, and not of a text to us."""
    return form.fields.get("MessageStatus", "") not in ("", "received", "receiving")


class InboundText(Struct, frozen=True):
    """A text that somebody sent to a number of ours."""

    sid: str
    sender: str
    called: str
    body: str
    obeyed: Word | None
    """What the carrier has read in it and answered by itself: messaging services tell it, by words of their own too."""

    @classmethod
    def of(cls, form: CarrierForm) -> "InboundText":
        """Raises Invalid."""
        obeyed = OPT_OUT_TYPES.get(form.fields.get("OptOutType", ""))
        return cls(form.needed("MessageSid"), form.needed("From"), form.needed("To"), form.needed("Body"), obeyed)


class StatusCallback(Struct, frozen=True):
    """What became of a message. `status` is None for a word that we do not know and need not."""

    sid: str
    our_number: str
    message_id: UUID | None
    status: CarrierStatus | None
    error_code: str

    @classmethod
    def of(cls, form: CarrierForm, message: str | None) -> "StatusCallback":
        """`message` is what stood in the query. Raises Invalid."""
        return cls(
            sid=form.needed("MessageSid"),
            our_number=form.needed("From"),
            message_id=parse_id(message) if message else None,
            status=STATUSES.get(form.fields["MessageStatus"].lower()),
            error_code=form.fields.get("ErrorCode", ""),
        )
