"""What a carrier's codes and statuses mean for the product, in Twilio's numbering, which the sandbox uses too.

From Twilio's error dictionary (twilio.com/docs/api/errors). A code stands in the refusal of a send, where nothing was
sent, or in a status callback, where the carrier had the message and could not deliver it. Neither is ever sent again
by itself: after a refusal for good it would be refused again, and after a failed delivery (30003, 30008) nobody can be
sure that it did not arrive. But what never left the carrier's queue (30001, 30036) or found no room there (21611) waits
and is sent later. A number that cannot be texted at all is kept as such, an opt-out suppresses, and what is wrong with
the account or the sender stops the campaigns of the organisation, for every text would end alike.
Codes that are not here mean that this one message failed, and nothing more.
"""

from enum import StrEnum

from msgspec import Struct

from frontdesk.ports.carrier import CarrierStatus


class Meaning(StrEnum):
    """What a code says beyond this one message."""

    MESSAGE = "message"
    """Nothing."""
    OPTED_OUT = "opted_out"
    """The recipient wants no more texts."""
    NO_TEXTS_THERE = "no_texts_there"
    """The recipient's number can never get a text."""
    REGION = "region"
    """Recipients of that country cannot be texted until the account is changed."""
    ACCOUNT = "account"
    """Nobody can be texted until the account, the sender or the set-up is changed."""
    NOT_SENT = "not_sent"
    """It was certainly not sent, and may be later."""


class Code(Struct, frozen=True):
    """A code's meaning, and what to tell people. Never with a number of theirs."""

    meaning: Meaning
    words: str


_M, _N, _A, _LATER = Meaning.MESSAGE, Meaning.NO_TEXTS_THERE, Meaning.ACCOUNT, Meaning.NOT_SENT

NO_CARRIER = "NO_CARRIER"
"""Our own code, where there is no carrier to ask."""

BUSY = "BUSY"
"""Our own code, where the carrier takes nothing for now."""

CODES: dict[str, Code] = {
    NO_CARRIER: Code(_A, "The carrier account is not connected, or its stored credentials cannot be read any more."),
    BUSY: Code(_LATER, "The carrier is busy, or cannot be reached."),
    # The account: 401 and 403 of the API
    "10001": Code(_A, "The carrier account is not active."),
    "20003": Code(_A, "The carrier does not accept the account's credentials."),
    "20005": Code(_A, "The carrier account is not active."),
    "20006": Code(_A, "The carrier denies the account access."),
    "20008": Code(_A, "Test credentials send nothing; give the live ones."),
    "20403": Code(_A, "The carrier denies the account access."),
    "20404": Code(_A, "The carrier does not know the account, or the messaging service."),
    # The recipient
    "21211": Code(_N, "The recipient's number is not valid."),
    "21217": Code(_N, "The recipient's number is not valid."),
    "21265": Code(_N, "The recipient's number is a short code, which gets no texts."),
    "21408": Code(Meaning.REGION, "Texts to the recipient's country are not enabled in the carrier account."),
    "21610": Code(Meaning.OPTED_OUT, "The recipient has opted out of texts from this number."),
    "21612": Code(_M, "The recipient cannot be reached from this number."),
    "21614": Code(_N, "The recipient's number is not a mobile."),
    "21635": Code(_N, "The recipient's number is a landline."),
    # The sender
    "21601": Code(_A, "The number to send from does not belong to the carrier account."),
    "21606": Code(_A, "The number to send from cannot send texts, or does not belong to the carrier account."),
    "21607": Code(_A, "A trial account sends from its trial number only."),
    "21608": Code(_A, "A trial account texts verified numbers only: upgrade it."),
    "21609": Code(_A, "The carrier cannot reach this server: FRONTDESK_PUBLIC_URL must be a public address."),
    "21611": Code(_LATER, "The carrier's queue for the number to send from is full."),
    "21659": Code(_A, "The number to send from is not one of the carrier's, or not for this country."),
    "21660": Code(_A, "The number to send from belongs to another carrier account."),
    "21661": Code(_A, "The number to send from cannot send texts."),
    "21703": Code(_A, "The messaging service has no number to send from."),
    "21705": Code(_A, "The messaging service is not valid."),
    # The message
    "21602": Code(_M, "The message has no text."),
    "21617": Code(_M, "The message is longer than the carrier takes."),
    # Told later, by status callback
    "30001": Code(_LATER, "The carrier's queue was full."),
    "30002": Code(_A, "The carrier account is suspended."),
    "30003": Code(_M, "The handset could not be reached."),
    "30004": Code(_M, "The message was blocked."),
    "30005": Code(_N, "The recipient's number is unknown or no longer in use."),
    "30006": Code(_N, "The recipient's number is a landline, or its network cannot be reached."),
    "30007": Code(_M, "The message was filtered as unwanted."),
    "30008": Code(_M, "The message could not be delivered, for a reason that the network does not tell."),
    "30036": Code(_LATER, "The text waited in the carrier's queue for longer than it might."),
    "30032": Code(_A, "The toll-free number is not verified with the carrier."),
    "30034": Code(_A, "The number is not registered for business texts to the United States (A2P 10DLC)."),
}  # fmt: skip


def meaning_of(code: str) -> Meaning:
    """What a code says; that the one message failed where it is not known."""
    known = CODES.get(code)
    return known.meaning if known else Meaning.MESSAGE


def words_of(code: str) -> str:
    """What to tell people of a code."""
    known = CODES.get(code)
    return known.words if known else f"The carrier refused the message (code {code or 'none'})."


_REMEDIES = {
    Meaning.OPTED_OUT: "Nothing: the number is on your list of those not to contact.",
    Meaning.NO_TEXTS_THERE: "The lead is marked invalid. Call, or write an e-mail; ask for a mobile.",
    Meaning.REGION: "Enable the country in the carrier's console (at Twilio: Messaging, Geo permissions).",
    Meaning.ACCOUNT: "Put it right in the carrier's console, then resume the campaign.",
}
_REMEDIES_OF_MESSAGES = {
    "21617": "Shorten the text.",
    "30004": "Nothing, or call: the recipient or their network blocks texts.",
    "30007": "Word the text more plainly, without links and capitals, and say who you are.",
}


def remedy_of(code: str) -> str:
    """What to do about a code, for people."""
    usual = "Nothing: a later text of the campaign is tried all the same."
    return _REMEDIES_OF_MESSAGES.get(code) or _REMEDIES.get(meaning_of(code), usual)


STATUSES = {
    "accepted": CarrierStatus.QUEUED,
    "scheduled": CarrierStatus.QUEUED,
    "queued": CarrierStatus.QUEUED,
    "sending": CarrierStatus.QUEUED,
    "sent": CarrierStatus.SENT,
    "delivered": CarrierStatus.DELIVERED,
    "read": CarrierStatus.DELIVERED,
    "undelivered": CarrierStatus.FAILED,
    "failed": CarrierStatus.FAILED,
    "canceled": CarrierStatus.FAILED,
}
"""The carrier's words for where a message is. `partially_delivered` and what may come are not here: no news."""
