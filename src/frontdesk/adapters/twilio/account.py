"""One Twilio account as a carrier: sends, looks back, proves webhooks, and has its numbers post texts and calls here.

How it places calls: `calling`. What its answers mean: `meaning`.
"""

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from frontdesk.adapters.signatures import Signatures, handset_token
from frontdesk.adapters.twilio.api import Answer, Api, Line, Lost, NotReached
from frontdesk.adapters.twilio.calling import TwilioCalls
from frontdesk.adapters.twilio.meaning import (
    ANSWERED,
    LONGEST_VALIDITY,
    UNREACHED_FOR,
    check,
    listed_since,
    messages_of,
    number_of,
    offered_of,
    refusal_of,
    status_of,
    whole,
)
from frontdesk.kernel.clock import Clock
from frontdesk.ports.calling import OutgoingCall, PlacedCall, VoiceAddresses
from frontdesk.ports.carrier import (
    AccountProblem,
    Busy,
    CarrierMessage,
    NumberGone,
    OfferedNumber,
    OutgoingText,
    OwnedNumber,
    Receipt,
    Uncertain,
    Wish,
)


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
    """Implements `ports.carrier.CarrierAccount` and `ports.calling.Dialler`. `webhook` is the address that Twilio posts
    texts and statuses to, `voice` those for calls."""

    name = "twilio"

    def __init__(self, line: Line, given: Credentials, webhook: str, clock: Clock, voice: VoiceAddresses) -> None:
        self._given, self._webhook, self._clock = given, webhook, clock
        self._voice = voice
        self.answers: frozenset[str] = ANSWERED if given.answers_stop else frozenset()
        self._by_token = Api(line, given.account_sid, given.account_sid, given.auth_token)
        self._api = (
            Api(line, given.account_sid, given.api_key_sid, given.api_key_secret)
            if given.api_key_sid
            else self._by_token
        )
        self._calls = TwilioCalls(self._api, voice, clock)
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
        if text.until is not None:
            left = int((text.until - self._clock.now()).total_seconds())
            form["ValidityPeriod"] = str(min(max(left, 1), LONGEST_VALIDITY))
        try:
            answer = await self._api.post("Messages.json", form)
        except NotReached as error:
            raise Busy(UNREACHED_FOR) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        if not answer.ok:
            raise refusal_of(answer)
        sid = answer.body.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain("Twilio took something and did not say what.")
        return Receipt(sid, status_of(answer.body), max(whole(answer.body.get("num_segments")), 1))

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """As the port says.

        Not by `DateSent`: that knows whole days of GMT only, and a message still in the queue was not sent on any.
        """
        pages = self._api.pages("Messages.json", To=to)
        found = await listed_since(pages, messages_of, since, self._clock)
        return sorted(found, key=lambda one: one.created_at, reverse=True)  # stable: theirs are newest first

    # --- calls --------------------------------------------------------------------------------------------------------

    async def place(self, call: OutgoingCall) -> str:
        """As `ports.calling` says."""
        return await self._calls.place(call)

    async def placed_to(self, to: str, since: datetime) -> list[PlacedCall]:
        """As `ports.calling` says."""
        return await self._calls.placed_to(to, since)

    async def ask_anew(self, provider_id: str, call: OutgoingCall) -> None:
        """As `ports.calling` says."""
        await self._calls.ask_anew(provider_id, call)

    async def end(self, provider_id: str, *, answered: bool) -> str:
        """As `ports.calling` says."""
        return await self._calls.end(provider_id, answered=answered)

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """As the port says."""
        return self._signatures.prove(url, form, signature)

    def handset_token(self, identity: str, lifetime: timedelta, told: Mapping[str, str]) -> str | None:
        """As `ports.softphone` says: an API key signs it."""
        given = self._given
        if not given.api_key_sid:
            return None
        return handset_token(
            given.account_sid, given.api_key_sid, given.api_key_secret, identity, lifetime,
            app_sid=given.twiml_app_sid or None, told=told,
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
                check(page, "credentials")
                found += [number_of(each) for each in page.body.get("incoming_phone_numbers", [])]
        except (NotReached, Lost) as error:
            raise AccountProblem(str(error)) from error
        return found

    async def adopt(self, number: OwnedNumber) -> None:
        """As the port says."""
        await self._point(number.id, self._webhook, self._voice.incoming, self._voice.status)

    async def release(self, phone: str) -> None:
        """As the port says."""
        for each in await self._had(phone):
            if self.posts_here(each) or self.rings_here(each):
                texts = "" if self.posts_here(each) else each.texts_go_to
                calls = "" if self.rings_here(each) else each.calls_go_to
                await self._point(each.id, texts, calls, "")

    def posts_here(self, number: OwnedNumber) -> bool:
        """As the port says."""
        return number.texts_go_to == self._webhook

    def rings_here(self, number: OwnedNumber) -> bool:
        """As the port says."""
        return number.calls_go_to == self._voice.incoming

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
            check(answer, "credentials")
            if found := answer.body.get("available_phone_numbers"):
                return [offered_of(each) for each in found]
        return []

    async def buy(self, phone: str, label: str) -> None:
        """As the port says."""
        form = {"PhoneNumber": phone, "SmsUrl": self._webhook, "SmsMethod": "POST"}
        form |= {"FriendlyName": label[:64]} if label else {}
        form |= {"VoiceUrl": self._voice.incoming, "VoiceMethod": "POST", "StatusCallback": self._voice.status}
        try:
            answer = await self._api.post("IncomingPhoneNumbers.json", form)
        except NotReached as error:
            raise AccountProblem(str(error)) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        _certain(answer)
        if answer.status == 400:
            raise NumberGone("Twilio does not sell this number, or not any more.")
        check(answer, "credentials")

    async def owns(self, phone: str) -> bool:
        """As the port says."""
        return bool(await self._had(phone))

    async def give_back(self, phone: str) -> None:
        """As the port says."""
        for number in await self._had(phone):
            try:
                answer = await self._api.delete(f"IncomingPhoneNumbers/{number.id}.json")
            except NotReached as error:
                raise AccountProblem(str(error)) from error
            except Lost as error:
                raise Uncertain(str(error)) from error
            _certain(answer)
            if answer.status != 404:  # somebody else was quicker
                check(answer, "credentials")

    async def _had(self, phone: str) -> list[OwnedNumber]:
        page = await self._done(self._api.get("IncomingPhoneNumbers.json", PhoneNumber=phone), "credentials")
        found = map(number_of, page.body.get("incoming_phone_numbers", []))
        return [number for number in found if number.phone == phone]

    async def _point(self, number_sid: str, texts: str, calls: str, status: str) -> None:
        form = {"SmsUrl": texts, "SmsMethod": "POST", "VoiceUrl": calls, "VoiceMethod": "POST"}
        form |= {"StatusCallback": status, "StatusCallbackMethod": "POST"}
        await self._done(self._api.post(f"IncomingPhoneNumbers/{number_sid}.json", form), "credentials")

    @staticmethod
    async def _done(call: Awaitable[Answer], what: str) -> Answer:
        try:
            answer = await call
        except (NotReached, Lost) as error:
            raise AccountProblem(str(error)) from error
        check(answer, what)
        return answer


def _certain(answer: Answer) -> None:
    """Raise Uncertain where an answer does not tell whether it was done."""
    if answer.status >= 500 or answer.status in (408, 425):
        raise Uncertain(f"Twilio answered {answer.status}.")
