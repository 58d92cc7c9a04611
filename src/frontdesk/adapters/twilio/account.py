"""One Twilio account as a carrier: sends, looks back, proves webhooks, and has its numbers post their texts here."""

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from frontdesk.adapters.signatures import Signatures, handset_token
from frontdesk.adapters.twilio.api import Answer, Api, Line, Lost, NotReached, time_of
from frontdesk.kernel.clock import Clock
from frontdesk.ports.carrier import (
    AccountProblem,
    AccountRefused,
    Busy,
    CarrierMessage,
    CarrierStatus,
    NumberGone,
    OfferedNumber,
    OutgoingText,
    OwnedNumber,
    Receipt,
    Rejected,
    Uncertain,
    Wish,
)
from frontdesk.ports.carrier_codes import STATUSES, Meaning, meaning_of, words_of

UNREACHED_FOR = 10.0
"""Seconds until the next attempt where no connection came about."""
TRIAL = "Sent from your Twilio trial account - "
"""What Twilio puts before the texts of trial accounts."""
_SECOND = timedelta(seconds=1)


class Credentials(Struct, frozen=True, kw_only=True):
    """What opens an account. The auth token signs webhooks even where an API key makes the requests."""

    account_sid: str
    auth_token: str
    api_key_sid: str = ""
    api_key_secret: str = ""
    messaging_service_sid: str = ""
    twiml_app_sid: str = ""
    """What handsets of browsers place calls by."""
    answers_stop: bool = True
    """Whether Twilio answers STOP, START and HELP by itself, as it does unless told otherwise."""

    def __repr__(self) -> str:
        return f"Credentials({self.account_sid})"


class TwilioAccount:
    """Implements `ports.carrier.CarrierAccount`. `webhook` is the address that Twilio posts texts and statuses to,
    `voice_webhook` that for calls to numbers that are bought."""

    name = "twilio"

    def __init__(self, line: Line, given: Credentials, webhook: str, clock: Clock, voice_webhook: str = "") -> None:
        self._given, self._webhook, self._clock = given, webhook, clock
        self._voice_webhook = voice_webhook
        self.handles_opt_out = given.answers_stop
        self._by_token = Api(line, given.account_sid, given.account_sid, given.auth_token)
        self._api = (
            Api(line, given.account_sid, given.api_key_sid, given.api_key_secret)
            if given.api_key_sid
            else self._by_token
        )
        self._signatures = Signatures(given.auth_token)

    # --- texts --------------------------------------------------------------------------------------------------------

    async def send(self, text: OutgoingText) -> Receipt:
        """As the port says. With a messaging service too the sender is named, so that replies find the same thread."""
        form = {
            "To": text.to,
            "From": text.sender,
            "Body": text.body,
            "StatusCallback": f"{self._webhook}?message={text.reference}",
        }
        if self._given.messaging_service_sid:
            form["MessagingServiceSid"] = self._given.messaging_service_sid
        try:
            answer = await self._api.post("Messages.json", form)
        except NotReached as error:
            raise Busy(UNREACHED_FOR) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        if not answer.ok:
            raise _refusal(answer)
        sid = answer.body.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain("Twilio took something and did not say what.")
        return Receipt(sid, _status(answer.body), max(_whole(answer.body.get("num_segments")), 1))

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """As the port says.

        Not by `DateSent`: that knows whole days of GMT only, and a message still in the queue was not sent on any.
        """
        found: list[CarrierMessage] = []
        try:
            async for page in self._api.pages("Messages.json", To=to):
                if page.status == 429:
                    raise Busy(page.retry_after)
                if not page.ok:
                    raise Uncertain(f"Twilio answered {page.status}.")
                # Their clock may be behind ours, and their times are whole seconds.
                behind = min(page.told_at - self._clock.now(), timedelta()) if page.told_at else timedelta()
                listed = _messages(page)
                fresh = [one for one in listed if one.created_at > since + behind - _SECOND]
                found += fresh
                if listed and not fresh:
                    break
        except NotReached as error:
            raise Busy(UNREACHED_FOR) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        return sorted(found, key=lambda one: one.created_at, reverse=True)  # stable: theirs are newest first

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """As the port says."""
        return self._signatures.prove(url, form, signature)

    def handset_token(self, identity: str, lifetime: timedelta) -> str | None:
        """As `ports.softphone` says: an API key signs it."""
        given = self._given
        if not given.api_key_sid:
            return None
        return handset_token(
            given.account_sid, given.api_key_sid, given.api_key_secret, identity, lifetime,
            app_sid=given.twiml_app_sid or None,
        )  # fmt: skip

    # --- the account --------------------------------------------------------------------------------------------------

    async def check(self) -> str:
        """As the port says. The auth token is tried even where a key makes the requests: webhooks are proved by it."""
        account = await self._done(self._by_token.get(), "auth token")
        if self._api is not self._by_token:
            await self._done(self._api.get("IncomingPhoneNumbers.json", PageSize="1"), "API key")
        status = account.body.get("status")
        if status != "active":
            raise AccountProblem(f"The Twilio account is {status}.")
        return str(account.body.get("friendly_name") or self._given.account_sid)

    async def numbers(self) -> list[OwnedNumber]:
        """As the port says."""
        found: list[OwnedNumber] = []
        try:
            async for page in self._api.pages("IncomingPhoneNumbers.json"):
                _check(page, "credentials")
                found += [_number(each) for each in page.body.get("incoming_phone_numbers", [])]
        except (NotReached, Lost) as error:
            raise AccountProblem(str(error)) from error
        return found

    async def adopt(self, number: OwnedNumber) -> None:
        """As the port says."""
        await self._point(number.id, self._webhook)

    async def release(self, phone: str) -> None:
        """As the port says."""
        page = await self._done(self._api.get("IncomingPhoneNumbers.json", PhoneNumber=phone), "credentials")
        for each in map(_number, page.body.get("incoming_phone_numbers", [])):
            if each.phone == phone and self.posts_here(each):
                await self._point(each.id, "")

    def posts_here(self, number: OwnedNumber) -> bool:
        """As the port says."""
        return number.texts_go_to == self._webhook

    # --- numbers to buy -----------------------------------------------------------------------------------------------

    async def search(self, wish: Wish) -> list[OfferedNumber]:
        """As the port says: local numbers, and mobile ones where a country has none."""
        query = {"PageSize": str(wish.most), "VoiceEnabled": "true"}
        query |= {"AreaCode": wish.area_code} if wish.area_code else {}
        query |= {"Contains": wish.contains} if wish.contains else {}
        for kind in ("Local", "Mobile"):
            try:
                answer = await self._api.get(f"AvailablePhoneNumbers/{wish.country}/{kind}.json", **query)
            except (NotReached, Lost) as error:
                raise AccountProblem(str(error)) from error
            if answer.status == 404:  # the country has none of the kind
                continue
            _check(answer, "credentials")
            if found := answer.body.get("available_phone_numbers"):
                return [_offered(each) for each in found]
        return []

    async def buy(self, phone: str, label: str) -> None:
        """As the port says."""
        form = {"PhoneNumber": phone, "SmsUrl": self._webhook, "SmsMethod": "POST"}
        form |= {"FriendlyName": label[:64]} if label else {}
        if self._voice_webhook:
            form |= {"VoiceUrl": self._voice_webhook, "VoiceMethod": "POST"}
        try:
            answer = await self._api.post("IncomingPhoneNumbers.json", form)
        except NotReached as error:
            raise AccountProblem(str(error)) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        if answer.status >= 500 or answer.status in (408, 425):
            raise Uncertain(f"Twilio answered {answer.status}.")
        if answer.status == 400:
            raise NumberGone("Twilio does not sell this number, or not any more.")
        _check(answer, "credentials")

    async def owns(self, phone: str) -> bool:
        """As the port says."""
        page = await self._done(self._api.get("IncomingPhoneNumbers.json", PhoneNumber=phone), "credentials")
        return any(_number(each).phone == phone for each in page.body.get("incoming_phone_numbers", []))

    async def _point(self, number_sid: str, url: str) -> None:
        form = {"SmsUrl": url, "SmsMethod": "POST"}
        await self._done(self._api.post(f"IncomingPhoneNumbers/{number_sid}.json", form), "credentials")

    @staticmethod
    async def _done(call: Awaitable[Answer], what: str) -> Answer:
        try:
            answer = await call
        except (NotReached, Lost) as error:
            raise AccountProblem(str(error)) from error
        _check(answer, what)
        return answer


def _check(answer: Answer, what: str) -> None:
    if answer.status == 401:
        raise AccountProblem(f"Twilio does not accept the {what}.")
    if answer.status == 404:
        raise AccountProblem("Twilio does not know this account.")
    if answer.status == 429:
        raise AccountProblem("Twilio is busy. Try again in a minute.")
    if not answer.ok:
        code = f", code {answer.code}" if answer.code else ""
        raise AccountProblem(f"Twilio refused it (HTTP {answer.status}{code}).")


def _refusal(answer: Answer) -> Exception:
    """What an answer other than 201 to a send is. Their own words are left out: they repeat the number."""
    if answer.status == 429:
        return Busy(answer.retry_after)
    if answer.status >= 500 or answer.status in (408, 425) or answer.status < 200:
        return Uncertain(f"Twilio answered {answer.status}.")
    code = answer.code or {401: "20003", 403: "20403", 404: "20404"}.get(answer.status, f"HTTP_{answer.status}")
    account = answer.status in (401, 403) or meaning_of(code) is Meaning.ACCOUNT
    return (AccountRefused if account else Rejected)(code, words_of(code))


def _messages(page: Answer) -> list[CarrierMessage]:
    return [
        CarrierMessage(
            provider_id=str(each["sid"]),
            sender=each.get("from") or "",
            to=each.get("to") or "",
            body=(each.get("body") or "").removeprefix(TRIAL),
            status=_status(each),
            created_at=created_at,
            error_code=str(each.get("error_code") or ""),
        )
        for each in page.body.get("messages", [])
        if (created_at := time_of(each.get("date_created"))) is not None and each.get("direction") != "inbound"
    ]


def _status(message: Mapping[str, Any]) -> CarrierStatus:
    return STATUSES.get(str(message.get("status")), CarrierStatus.QUEUED)


def _whole(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else 0


def _number(each: Mapping[str, Any]) -> OwnedNumber:
    capabilities: Mapping[str, Any] = each.get("capabilities") or {}
    can_text = bool(capabilities.get("sms"))
    obstacle = "" if can_text else "It cannot send texts."
    if each.get("sms_application_sid"):
        obstacle = "A TwiML app handles its texts. Take that off in Twilio's console first."
    return OwnedNumber(
        id=str(each.get("sid")), phone=str(each.get("phone_number")), label=str(each.get("friendly_name") or ""),
        can_text=can_text, texts_go_to=each.get("sms_url") or "", obstacle=obstacle,
    )  # fmt: skip


def _offered(each: Mapping[str, Any]) -> OfferedNumber:
    told: Mapping[str, Any] = each.get("capabilities") or {}
    can = {name.lower(): bool(value) for name, value in told.items()}  # of numbers for sale some are in capitals
    phone = str(each.get("phone_number"))
    return OfferedNumber(
        phone=phone, label=each.get("friendly_name") or phone, region=each.get("region") or None,
        can_call=can.get("voice", False), can_text=can.get("sms", False), can_send_pictures=can.get("mms", False),
    )  # fmt: skip
