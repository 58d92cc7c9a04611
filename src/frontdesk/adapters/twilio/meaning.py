"""What Twilio's answers mean: refusals, texts and numbers in its lists. No I/O."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from frontdesk.adapters.twilio.api import Answer, Lost, NotReached, time_of
from frontdesk.kernel.clock import Clock
from frontdesk.ports.carrier import (
    AccountProblem,
    AccountRefused,
    Busy,
    CarrierMessage,
    CarrierStatus,
    OfferedNumber,
    OwnedNumber,
    Rejected,
    Uncertain,
)
from frontdesk.ports.carrier_codes import STATUSES, Meaning, meaning_of, words_of

UNREACHED_FOR = 10.0
"""Seconds until the next attempt where no connection came about."""
QUEUE_FULL_FOR = 60.0
"""Seconds until the next attempt where the queue for a number is full, which holds hours of texts."""
ANSWERED = frozenset(
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "UNSTOP", "HELP", "INFO"]
)
"""What Twilio answers by itself unless told otherwise, as the only word of a text. (YES it takes for START from those
who opted out. Here it is no keyword.)"""
LONGEST_VALIDITY = 36_000
"""Seconds that a text may stay in Twilio's queue at the most; one second at the least."""
TRIAL = "Sent from your Twilio trial account - "
"""What Twilio puts before the texts of trial accounts."""
_SECOND = timedelta(seconds=1)


class _Dated(Protocol):
    @property
    def created_at(self) -> datetime: ...


T = TypeVar("T", bound=_Dated)


async def listed_since(
    pages: AsyncIterator[Answer], listed: Callable[[Answer], list[T]], since: datetime, clock: Clock
) -> list[T]:
    """What of a list, newest first, was created after `since` by our clock. Raises Busy, Uncertain.

    Not by the filters of the list: they know whole days of GMT only, or what has begun already.
    """
    found: list[T] = []
    try:
        async for page in pages:
            if page.status == 429:
                raise Busy(page.retry_after)
            if not page.ok:
                raise Uncertain(f"Twilio answered {page.status}.")
            # Their clock may be behind ours, and their times are whole seconds.
            behind = min(page.told_at - clock.now(), timedelta()) if page.told_at else timedelta()
            all_of_it = listed(page)
            fresh = [one for one in all_of_it if one.created_at > since + behind - _SECOND]
            found += fresh
            if all_of_it and not fresh:
                break
    except NotReached as error:
        raise Busy(UNREACHED_FOR) from error
    except Lost as error:
        raise Uncertain(str(error)) from error
    return found


def check(answer: Answer, what: str) -> None:
    """Raise AccountProblem, in words, unless it was done. `what` was it that opened the account."""
    if answer.status == 401:
        raise AccountProblem(f"Twilio does not accept the {what}.")
    if answer.status == 404:
        raise AccountProblem("Twilio does not know this account.")
    if answer.status == 429:
        raise AccountProblem("Twilio is busy. Try again in a minute.")
    if not answer.ok:
        code = f", code {answer.code}" if answer.code else ""
        raise AccountProblem(f"Twilio refused it (HTTP {answer.status}{code}).")


def refusal_of(answer: Answer) -> Exception:
    """What an answer other than 201 to a send is. Their own words are left out: they repeat the number."""
    if answer.status == 429:
        return Busy(answer.retry_after)
    if answer.status >= 500 or answer.status in (408, 425) or answer.status < 200:
        return Uncertain(f"Twilio answered {answer.status}.")
    code = answer.code or {401: "20003", 403: "20403", 404: "20404"}.get(answer.status, f"HTTP_{answer.status}")
    if meaning_of(code) is Meaning.NOT_SENT:
        return Busy(max(answer.retry_after, QUEUE_FULL_FOR))
    account = answer.status in (401, 403) or meaning_of(code) is Meaning.ACCOUNT
    return (AccountRefused if account else Rejected)(code, words_of(code))


def messages_of(page: Answer) -> list[CarrierMessage]:
    """The texts of ours on a page of the list."""
    return [
        CarrierMessage(
            provider_id=str(each["sid"]),
            sender=each.get("from") or "",
            to=each.get("to") or "",
            body=(each.get("body") or "").removeprefix(TRIAL),
            status=status_of(each),
            created_at=created_at,
            error_code=str(each.get("error_code") or ""),
        )
        for each in page.body.get("messages", [])
        if (created_at := time_of(each.get("date_created"))) is not None and each.get("direction") != "inbound"
    ]


def status_of(message: Mapping[str, Any]) -> CarrierStatus:
    """Where a text is."""
    return STATUSES.get(str(message.get("status")), CarrierStatus.QUEUED)


def whole(text: object) -> int:
    """A whole number as Twilio writes it, in quotes; 0 for anything else."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else 0


def number_of(each: Mapping[str, Any]) -> OwnedNumber:
    """A number of the account."""
    capabilities: Mapping[str, Any] = each.get("capabilities") or {}
    can_text = bool(capabilities.get("sms"))
    by_app = bool(each.get("voice_application_sid") or each.get("trunk_sid"))
    obstacle = "" if can_text else "It cannot send texts."
    if each.get("sms_application_sid"):
        obstacle = "A TwiML app handles its texts. Take that off in Twilio's console first."
    return OwnedNumber(
        id=str(each.get("sid")), phone=str(each.get("phone_number")), label=str(each.get("friendly_name") or ""),
        can_text=can_text, texts_go_to=each.get("sms_url") or "", obstacle=obstacle,
        calls_go_to="" if by_app else each.get("voice_url") or "", can_call=bool(capabilities.get("voice")),
    )  # fmt: skip


def offered_of(each: Mapping[str, Any]) -> OfferedNumber:
    """A number for sale."""
    told: Mapping[str, Any] = each.get("capabilities") or {}
    can = {name.lower(): bool(value) for name, value in told.items()}  # of numbers for sale some are in capitals
    phone = str(each.get("phone_number"))
    return OfferedNumber(
        phone=phone, label=each.get("friendly_name") or phone, region=each.get("region") or None,
        can_call=can.get("voice", False), can_text=can.get("sms", False), can_send_pictures=can.get("mms", False),
    )  # fmt: skip
