"""The sandbox as a carrier: takes texts for virtual handsets, and answers, charges and fails as Twilio does.

The life cycle of a message is planned when it is accepted (`faults.plan`); the webhooks that tell of it are rows that
`deliveries` posts. Nothing here knows what the product keeps.
"""

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.adapters.sandbox import store
from frontdesk.adapters.sandbox.calling import SandboxCalls
from frontdesk.adapters.sandbox.faults import Faults, Timing, plan
from frontdesk.adapters.signatures import Signatures, handset_token
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import E164, country_of
from frontdesk.kernel.sms import segments_of
from frontdesk.platform.database import Works
from frontdesk.ports.calling import OutgoingCall, PlacedCall
from frontdesk.ports.carrier import Busy, CarrierMessage, OutgoingText, Receipt, Rejected, Uncertain
from frontdesk.ports.simulator import Direction, Fault, FaultKind, HandsetMessage

WEBHOOK_PATH = "/reactivation/api/webhooks/twilio"
API_VERSION = "2010-04-01"
LONGEST_BODY = 1600
# Any number may be a handset here, for nobody is called or texted: exports of real customers can be rehearsed with.
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST_FAULT = 86_400.0
"""In seconds."""


class SandboxCarrier:
    """A carrier that needs no account. Implements `ports.carrier.Carrier` and `ports.calling.Dialler`.

    Signs with `auth_token`, as Twilio would, the URL below `public_url`, and connects to `loopback_url` instead; both
    are bases without a slash at the end. Something must run a `DeliveryLoop` on it for webhooks to be posted.
    """

    name = "sandbox"
    answers: frozenset[str] = frozenset()

    def __init__(
        self,
        works: Works,
        account_sid: str,
        auth_token: str,
        public_url: str,
        loopback_url: str,
        clock: Clock,
        timing: Timing | None = None,
    ) -> None:
        self.works, self.clock = works, clock
        self.account_sid = account_sid
        self.public_url, self.loopback_url = public_url.rstrip("/"), loopback_url.rstrip("/")
        self.timing = timing or Timing()
        self._auth_token = auth_token
        self._signatures = Signatures(auth_token)
        self._watchers: set[Callable[[datetime], None]] = set()
        self.calls = SandboxCalls(self)
        """What handsets do with calls."""

    # --- the port -----------------------------------------------------------------------------------------------------

    async def send(self, text: OutgoingText) -> Receipt:
        """As the port says. Two sends are two messages, whatever their reference."""
        _check(text)
        try:
            try:
                receipt = await self._take(text, patient=False)
            except _Slowly:
                await asyncio.sleep(self.timing.slow_by)
                receipt = await self._take(text, patient=True)
        except (Rejected, Busy, Uncertain):
            raise
        except Exception as error:
            raise Uncertain("the sandbox failed") from error
        if receipt is None:
            raise Uncertain("the answer of the sandbox was lost")
        return receipt

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """As the port says."""
        try:
            async with self.works.across_tenants("sandbox carrier") as work:
                if Faults(await store.answer_rates(work, to)).strikes(FaultKind.BUSY):
                    raise Busy(self.timing.busy_for)
                return await store.sent_to(work, to, since)
        except Busy:
            raise
        except Exception as error:
            raise Uncertain("the sandbox failed") from error

    async def place(self, call: OutgoingCall) -> str:
        """As `ports.calling` says."""
        if not _NUMBER.fullmatch(call.to):
            raise Rejected("21211", "The number cannot be dialled.")
        return await self.calls.place(call)

    async def placed_to(self, to: str, since: datetime) -> list[PlacedCall]:
        """As `ports.calling` says."""
        return await self.calls.placed_to(to, since)

    async def ask_anew(self, provider_id: str, call: OutgoingCall) -> None:
        """As `ports.calling` says."""
        await self.calls.ask_anew(provider_id, call)

    async def end(self, provider_id: str, *, answered: bool) -> str:
        """As `ports.calling` says."""
        return await self.calls.end(provider_id, answered=answered)

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """As the port says."""
        return self._signatures.prove(url, form, signature)

    def handset_token(self, identity: str, lifetime: timedelta, told: Mapping[str, str]) -> str:
        """As `ports.softphone` says, made as Twilio's are and signed by the sandbox's own token; it places no calls."""
        return handset_token(self.account_sid, self.account_sid, self._auth_token, identity, lifetime)

    # --- handsets and faults ------------------------------------------------------------------------------------------

    async def handset_texts(self, from_: str, to: str, body: str, message_sid: str | None = None) -> HandsetMessage:
        """Let the handset `from_` text `to`, a sandbox number of any organisation: the inbound webhook is on its way.

        Numbers are in E.164. With the `message_sid` of an earlier text its webhook is posted once more, as a carrier
        does that missed the answer. Raises Invalid.
        """
        if not _NUMBER.fullmatch(from_):
            raise Invalid("A handset has a number such as +447700900123.", field="from")
        check_body(body)
        async with self.works.across_tenants("sandbox carrier") as work:
            route = await store.route(work, to, from_)
            if route.org_id is None:
                raise Invalid("No such sandbox number.", field="to")
            sid, segments = message_sid or f"SM{new_id().hex}", segments_of(body)
            message = store.NewMessage(
                sid=sid, org_id=route.org_id, direction=Direction.INBOUND, number=to, handset=from_, body=body,
                segments=segments, created_at=work.now, sent_at=work.now, ended_at=work.now, outcome="received",
            )  # fmt: skip
            form = self._inbound_form(message)
            posts = [(form, work.now)]
            if Faults(route.rates).strikes(FaultKind.DUPLICATE):
                posts.append((form, work.now + self.lasting(self.timing.duplicate_after)))
            # The texts of one handset keep their order.
            await store.add(work, message, store.Webhooks(f"{from_}>{to}", WEBHOOK_PATH, posts))
        self.announce(message.created_at)
        return HandsetMessage(sid, Direction.INBOUND, to, from_, body, message.created_at)

    async def handset_blocks(self, handset: str, number: str, *, blocked: bool = True) -> None:
        """From now on `handset` takes nothing from `number` (a send is refused with 21610), or does again."""
        async with self.works.across_tenants("sandbox carrier") as work:
            await store.set_block(work, handset, number, blocked=blocked)

    async def set_fault(self, kind: str, rate: float, seconds: float, *, org_id: UUID | None = None) -> Fault:
        """Let `kind` strike at `rate`, 0 to 1, for the next `seconds` on the wall: the messages of `org_id`, or of
        everybody. Replaces a fault of that kind and scope. Raises Invalid."""
        if kind not in {known.value for known in FaultKind}:
            raise Invalid(f"There is no such fault; there are {', '.join(FaultKind)}.", field="kind")
        if not 0 <= rate <= 1:
            raise Invalid("A rate is from 0 to 1.", field="rate")
        if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_FAULT):
            raise Invalid("A fault lasts from 0 to 86400 seconds.", field="seconds")
        async with self.works.across_tenants("sandbox carrier") as work:
            fault = Fault(FaultKind(kind), rate, work.now + self.lasting(seconds))
            await store.set_fault(work, org_id, fault)
        return fault

    # --- for the delivery loop ----------------------------------------------------------------------------------------

    def sign(self, path: str, form: Mapping[str, str]) -> str:
        """The signature of a post of `form` to `path` below the public URL."""
        return self._signatures.of(self.public_url + path, form)

    def watch(self, watcher: Callable[[datetime], None]) -> Callable[[], None]:
        """Tell `watcher` when a webhook is due that this carrier has just come to owe. Returns how to stop it."""
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    def lasting(self, seconds: float) -> timedelta:
        """How much of the clock's time `seconds` on the wall are."""
        return self.clock.lasting(timedelta(seconds=seconds))

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _take(self, text: OutgoingText, *, patient: bool) -> Receipt | None:
        """Accept the text, or refuse it. None: accepted, but the answer is to be lost."""
        async with self.works.across_tenants("sandbox carrier") as work:
            # The product and its sandbox share one log of writes, in which what the product notes of this receipt comes
            # later: once that is on disk, so is this. A send that nobody has noted may be lost with the machine.
            route = await store.route(work, text.sender, text.to, relaxed=True)
            if route.org_id is None:
                raise Rejected("21606", "The sender is not a number of this account.")
            faults = Faults(route.rates)
            if not patient and faults.strikes(FaultKind.SLOW):
                raise _Slowly
            brownout = faults.brownout(text.reference)
            if brownout is FaultKind.BUSY:
                raise Busy(self.timing.busy_for)
            if brownout is FaultKind.UNCERTAIN_LOST:
                raise Uncertain("the sandbox broke off")
            if route.blocked:
                raise Rejected("21610", "The recipient has blocked messages from this number.")
            if faults.strikes(FaultKind.REJECT):
                raise Rejected("30007", "The message was filtered.")
            planned = plan(work.now, self.clock, self.timing, faults)
            message = store.NewMessage(
                sid=f"SM{new_id().hex}", org_id=route.org_id, direction=Direction.OUTBOUND, number=text.sender,
                handset=text.to, body=text.body, segments=segments_of(text.body), created_at=work.now,
                sent_at=planned.sent_at, ended_at=planned.ended_at, outcome=planned.outcome,
                error_code=planned.error_code, reference=text.reference,
            )  # fmt: skip
            posts = [(self._status_form(message, status), due_at) for status, due_at in planned.callbacks]
            path = f"{WEBHOOK_PATH}?message={text.reference}"
            await store.add(work, message, store.Webhooks(message.sid, path, posts))
        self.announce(posts[0][1])
        return None if brownout else Receipt(message.sid, segments=message.segments)

    def announce(self, due_at: datetime) -> None:
        """A webhook is due then: whoever posts them is to know."""
        for watcher in self._watchers:
            watcher(due_at)

    def _status_form(self, message: store.NewMessage, status: str) -> dict[str, str]:
        form = {
            "ApiVersion": API_VERSION,
            "AccountSid": self.account_sid,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "From": message.number,
            "To": message.handset,
        }
        return form | {"ErrorCode": message.error_code} if status == "undelivered" else form

    def _inbound_form(self, message: store.NewMessage) -> dict[str, str]:
        return {
            "ApiVersion": API_VERSION,
            "AccountSid": self.account_sid,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "From": message.handset,
            "To": message.number,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(message.segments),
            # Twilio sends the places it does not know too, and signs them.
            **{f"From{part}": "" for part in ("City", "State", "Zip")},
            **{f"To{part}": "" for part in ("City", "State", "Zip")},
            "FromCountry": country_of(E164(message.handset)) or "",
            "ToCountry": country_of(E164(message.number)) or "",
        }


class _Slowly(Exception):
    """The fault `slow` has struck: answer later."""


def check_body(body: str) -> None:
    """Raise Invalid unless `body` can be texted."""
    if not body.strip() or "\0" in body:
        raise Invalid("A text says something, without NUL characters.", field="body")
    if len(body) > LONGEST_BODY:
        raise Invalid(f"A text has at most {LONGEST_BODY} characters.", field="body")


def _check(text: OutgoingText) -> None:
    """Refuse what Twilio refuses without looking further. The messages never repeat the number."""
    if not _NUMBER.fullmatch(text.to):
        raise Rejected("21211", "The recipient is not a phone number.")
    if not text.body.strip() or "\0" in text.body:
        raise Rejected("21602", "The message has no body that can be texted.")
    if len(text.body) > LONGEST_BODY:
        raise Rejected("21617", f"The message is longer than {LONGEST_BODY} characters.")
