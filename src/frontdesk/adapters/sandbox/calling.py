"""Calls that the sandbox places: they ring virtual handsets, which somebody answers at the simulator, or nobody does.

What is told of a call is planned when it is placed, as with texts, and planned anew when a handset takes it up.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import aiohttp
from msgspec import structs
from yarl import URL

from frontdesk.adapters.sandbox import call_store, store, twiml
from frontdesk.adapters.sandbox.call_store import Post, Rung
from frontdesk.adapters.sandbox.faults import Faults, Timing, bent
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import NotFound, Upstream
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, Works
from frontdesk.ports.calling import OVER, OutgoingCall, PlacedCall, VoiceAddresses
from frontdesk.ports.carrier import Busy, Rejected, Uncertain
from frontdesk.ports.simulator import Answered, FaultKind, HandsetCall

_ENDS = {FaultKind.LINE_BUSY: "busy", FaultKind.NO_ANSWER: "no-answer"}
_WAITS = aiohttp.ClientTimeout(total=10)


class House(Protocol):
    """The sandbox, as its calls need it."""

    works: Works
    clock: Clock
    timing: Timing
    account_sid: str
    public_url: str
    loopback_url: str

    def sign(self, path: str, form: Mapping[str, str]) -> str:
        """The signature of a post of `form` to `path` below the public address."""
        ...

    def announce(self, due_at: datetime) -> None:
        """A webhook is due then."""
        ...


class SandboxCalls:
    """Implements `ports.calling.Dialler`, and what handsets do with calls."""

    def __init__(self, house: House) -> None:
        self._house, self._works, self._clock = house, house.works, house.clock
        self._voice = VoiceAddresses.below(house.public_url)

    # --- the port -----------------------------------------------------------------------------------------------------

    async def place(self, call: OutgoingCall) -> str:
        """As the port says. Two calls are two, whatever their reference."""
        try:
            sid = await self._take(call, patient=False)
            if sid is None:
                await asyncio.sleep(self._house.timing.slow_by)
                sid = await self._take(call, patient=True)
        except (Rejected, Busy, Uncertain):
            raise
        except Exception as error:
            raise Uncertain("the sandbox failed") from error
        assert sid is not None
        return sid

    async def placed_to(self, to: str, since: datetime) -> list[PlacedCall]:
        """As the port says."""
        async with self._works.across_tenants("sandbox carrier") as work:
            if Faults(await store.answer_rates(work, to)).strikes(FaultKind.BUSY):
                raise Busy(self._house.timing.busy_for)
            return await call_store.placed_to(work, to, since)

    async def ask_anew(self, provider_id: str, call: OutgoingCall) -> None:
        """As the port says: a machine that answered takes down what it is told, and then is put down."""
        async with self._works.across_tenants("sandbox carrier") as work:
            rung = await call_store.get(work, provider_id)
            if rung is None or rung.status != "in-progress":
                raise Rejected("21220", "The call is over.")
            await call_store.owe_no_more(work, rung.sid)
            ends_at = self._after(work.now, self._house.timing.machine_records)
            over = structs.replace(rung, status="completed", ended_at=ends_at)
            await call_store.save(work, over)
            posts = [self._asks(rung, call, work.now), self._tells(over, call, "completed", ends_at)]
            await call_store.owe(work, rung.sid, posts)
        self._house.announce(posts[0].due_at)

    async def end(self, provider_id: str, *, answered: bool) -> str:
        """As the port says. The sandbox knows itself whether it was answered."""
        async with self._works.across_tenants("sandbox carrier") as work:
            rung = await call_store.get(work, provider_id)
            if rung is None:
                raise Rejected("20404", "There is no such call.")
            ends = rung.ended_at or (rung.rings_until if rung.answered_at is None else None)
            if ends is not None and ends <= work.now:
                raise Rejected("21220", "The call is over.")
            talks = rung.answered_at is not None and rung.answered_at <= work.now
            over = structs.replace(rung, status="completed" if talks else "canceled", ended_at=work.now)
            await call_store.owe_no_more(work, rung.sid)
            await call_store.save(work, over)
            await call_store.owe(work, rung.sid, [self._tells(over, _as_asked(over), over.status, work.now)])
        self._house.announce(over.created_at)
        return over.status

    # --- handsets -----------------------------------------------------------------------------------------------------

    async def answer(self, org_id: UUID, handset: str) -> Answered:
        """A handset takes up the call that rings at it. Raises NotFound, Upstream."""
        async with self._works.across_tenants("sandbox carrier") as work:
            rung = await call_store.at_handset(work, org_id, handset)
            if rung is None or rung.status != "ringing":
                raise NotFound("No call rings at this handset.")
            await call_store.owe_no_more(work, rung.sid)
            rung = structs.replace(rung, status="in-progress", answered_by="human", answered_at=work.now)
            await call_store.save(work, rung)
            call = _as_asked(rung)
            await call_store.owe(work, rung.sid, [self._tells(rung, call, "in-progress", work.now)])
        self._house.announce(rung.created_at)
        answer = await self._ask(self._asks(rung, call, rung.created_at))
        stream = twiml.stream(answer)
        if stream is not None:
            return Answered(rung.sid, stream[0], stream[1], twiml.says(answer))
        if (path := twiml.dials(answer)) is not None:
            told = twiml.told_of_dialled(answer) or ""
            await self._put_through(rung, *(_below(self._house.public_url, each) for each in (path, told)))
        else:
            await self.hang_up(org_id, handset)
        return Answered(rung.sid, "", {}, twiml.says(answer))

    async def hang_up(self, org_id: UUID, handset: str) -> HandsetCall:
        """A handset puts the phone down, or declines a call. Raises NotFound."""
        async with self._works.across_tenants("sandbox carrier") as work:
            rung = await call_store.at_handset(work, org_id, handset)
            if rung is None:
                raise NotFound("This handset is not on the phone.")
            await call_store.owe_no_more(work, rung.sid)
            word = "completed" if rung.status == "in-progress" else "busy"
            over = structs.replace(rung, status=word, ended_at=work.now)
            await call_store.save(work, over)
            await call_store.owe(work, rung.sid, [self._tells(over, _as_asked(over), word, work.now)])
        self._house.announce(over.created_at)
        return HandsetCall(
            over.sid, over.number, over.handset, over.status, over.created_at, over.answered_at, over.ended_at
        )

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _take(self, call: OutgoingCall, *, patient: bool) -> str | None:
        """Take the call, or refuse it; its id. None: the sandbox is slow just now."""
        timing = self._house.timing
        async with self._works.across_tenants("sandbox carrier") as work:
            route = await store.route(work, call.sender, call.to)
            if route.org_id is None:
                raise Rejected("21210", "The sender is not a number of this account.")
            faults = Faults(route.rates)
            if not patient and faults.strikes(FaultKind.SLOW):
                return None
            brownout = faults.brownout(call.reference)
            if brownout is FaultKind.BUSY:
                raise Busy(timing.busy_for)
            if brownout is FaultKind.UNCERTAIN_LOST:
                raise Uncertain("the sandbox broke off")
            if faults.strikes(FaultKind.REJECT):
                raise Rejected("21216", "The number must not be called.")
            rung, posts = self._planned(work, route.org_id, call, faults)
            await call_store.insert(work, rung)
            await call_store.owe(work, rung.sid, posts)
        self._house.announce(posts[0].due_at)
        if brownout:
            raise Uncertain("the answer of the sandbox was lost")
        return rung.sid

    def _planned(self, work: Work, org_id: UUID, call: OutgoingCall, faults: Faults) -> tuple[Rung, list[Post]]:
        timing, now = self._house.timing, work.now
        rings_until = self._after(now, call.rings_for)
        rung = Rung(
            f"CA{new_id().hex}", org_id, call.sender, call.to, call.reference, "ringing", "", now, rings_until
        )  # fmt: skip
        begins = [("initiated", now), ("ringing", self._after(now, timing.rings_after))]
        at_once = self._after(now, timing.answers_after)
        fault = next((kind for kind in (*_ENDS, FaultKind.MACHINE) if faults.strikes(kind)), None)
        if fault is FaultKind.MACHINE:
            rung = structs.replace(rung, status="in-progress", answered_by="machine", answered_at=at_once)
            greeted = self._after(at_once, timing.machine_greets)
            posts = [self._tells(rung, call, word, due) for word, due in (*begins, ("in-progress", at_once))]
            posts.append(self._asks(rung, call, at_once))
            if call.spots_machines:
                posts.append(self._found_out(rung, call, greeted))
            return rung, [*posts, self._tells(rung, call, "completed", rings_until)]
        if fault is not None:
            rung = structs.replace(rung, status=_ENDS[fault], ended_at=at_once)
            planned = bent([*begins, (_ENDS[fault], at_once)], self._clock, timing, faults)
            return rung, [self._tells(rung, call, word, due) for word, due in planned]
        planned = [*begins, ("no-answer", rings_until)]
        return rung, [self._tells(rung, call, word, due) for word, due in planned]

    async def _put_through(self, rung: Rung, path: str, told: str) -> None:
        """The other handset that a call is put through to answers, and both talk for a while: nobody listens in."""
        talks_for = self._house.timing.talks_for
        async with self._works.across_tenants("sandbox carrier") as work:
            ends_at = self._after(work.now, talks_for)
            over = structs.replace(rung, status="completed", ended_at=ends_at)
            await call_store.save(work, over)
            talked = {"DialCallStatus": "completed", "DialCallDuration": str(round(talks_for))}
            form = self._form(over, "in-progress") | talked
            call = _as_asked(over)
            posts = [Post(path, form, ends_at), self._tells(over, call, "completed", ends_at)]
            if told:
                leg = {"ParentCallSid": rung.sid, "CallSid": f"CA{new_id().hex}", "Direction": "outbound-dial"}
                posts.insert(0, Post(told, self._form(rung, "in-progress") | leg, work.now))
            await call_store.owe(work, rung.sid, posts)
        self._house.announce(posts[0].due_at)

    async def _ask(self, post: Post) -> str:
        """What we answer to a webhook, at once."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Host": urlsplit(self._house.public_url).netloc,
            "X-Twilio-Signature": self._house.sign(post.path, post.form),
        }
        url = URL(self._house.loopback_url + post.path, encoded=True)
        try:
            async with (
                aiohttp.ClientSession(timeout=_WAITS) as http,
                http.post(url, data=urlencode(post.form).encode(), headers=headers) as answer,
            ):
                if answer.status != 200:
                    raise Upstream(f"The call was not taken up: {answer.status}.")
                return await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Upstream("The server does not answer itself.") from error

    def _asks(self, rung: Rung, call: OutgoingCall, due_at: datetime) -> Post:
        return Post(self._path(self._voice.outgoing, call), self._form(rung, "in-progress"), due_at)

    def _tells(self, rung: Rung, call: OutgoingCall, word: str, due_at: datetime) -> Post:
        form = self._form(rung, word)
        if word in OVER:
            talked = (due_at - rung.answered_at).total_seconds() if rung.answered_at and word == "completed" else 0
            form["CallDuration"] = str(max(round(talked), 0))
        return Post(self._path(self._voice.status, call), form, due_at)

    def _found_out(self, rung: Rung, call: OutgoingCall, due_at: datetime) -> Post:
        form = {"CallSid": rung.sid, "AccountSid": self._house.account_sid, "AnsweredBy": "machine_end_beep"}
        return Post(self._path(self._voice.answered_by, call), form, due_at)

    def _form(self, rung: Rung, word: str) -> dict[str, str]:
        return {
            "CallSid": rung.sid, "AccountSid": self._house.account_sid, "From": rung.number, "To": rung.handset,
            "CallStatus": word, "Direction": "outbound-api", "ApiVersion": "2010-04-01",
        }  # fmt: skip

    def _path(self, address: str, call: OutgoingCall) -> str:
        return _below(self._house.public_url, self._voice.of_call(address, call))

    def _after(self, at: datetime, seconds: float) -> datetime:
        return at + self._clock.lasting(timedelta(seconds=seconds))


def _as_asked(rung: Rung) -> OutgoingCall:
    """The call as it was asked for, as far as its addresses need it."""
    return OutgoingCall(
        org_id=rung.org_id, reference=rung.reference, sender=rung.number, to=rung.handset, rings_for=0,
        spots_machines=False,
    )  # fmt: skip


def _below(public_url: str, address: str) -> str:
    """The path of an address of ours, with its query."""
    return address.removeprefix(public_url)
