"""Posts the webhooks that the sandbox owes us: durable, in order within a lane, several processes side by side.

At least once, as a carrier does: what was posted and could not be noted before a crash is posted again.

The client is aiohttp and not httpx: measured with 32 posts at once it takes a seventh of the CPU for each.
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import aiohttp
import structlog
from msgspec import Struct
from yarl import URL

from frontdesk.adapters.sandbox import store, twiml
from frontdesk.adapters.sandbox.carrier import SandboxCarrier
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.sms import segments_of
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe

log = structlog.get_logger(__name__)

ATTEMPTS = 12
"""With the delays of `backoff` this spans about five minutes: a server may restart, or be upgraded."""
_TIMEOUT = 10.0
_LEASE = 20.0
"""Two posts' time: who was killed in the middle of one delays it by this at most."""
_GAP = 0.015
"""From one round to the next at least, so that a round has more than one thing to do."""
_LONGEST_ANSWER = 65_536
_FAREWELL = 3.0
"""How long posts under way may take when the loop is stopped."""


def backoff(attempts: int) -> float:
    """Seconds until a webhook is tried again that has failed `attempts` times."""
    return min(60.0, 0.5 * 2 ** (attempts - 1))


class _End(StrEnum):
    POSTED = "posted"
    AGAIN = "again"
    GIVEN_UP = "given up"
    UNTRIED = "untried"


class _Outcome(Struct, frozen=True):
    delivery: store.Delivery
    end: _End
    replies: list[str] = []
    """Texts with which the webhook was answered."""


class DeliveryLoop:
    """Posts the webhooks of `carrier` while it runs, at most `at_once` at the same time.

    Any number of loops may run on one database. `idle` is how often, in seconds, it looks for what other processes
    have come to owe; of its own carrier it hears at once.
    """

    def __init__(self, carrier: SandboxCarrier, *, at_once: int = 32, idle: float = 1.0) -> None:
        self._carrier, self._idle = carrier, idle
        self._most = at_once * 2
        self._posting = asyncio.Semaphore(at_once)
        self._host = urlsplit(carrier.public_url).netloc
        self._wake = asyncio.Event()
        self._wake_at: datetime | None = None
        self._lanes: dict[str, deque[store.Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._claimed: dict[UUID, store.Delivery] = {}
        self._outcomes: list[_Outcome] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Post webhooks until `stop`, or until cancelled. A database or a server that is away is waited for."""
        unwatch = self._carrier.watch(self._expect)
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        # Idle connections are dropped before uvicorn drops them, or a post would now and then meet a closed one.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as http:
                try:
                    while not stop.is_set():
                        await self._round(http)
                        await self._rest(stop)
                    await self._leave()
                finally:
                    await _cancelled(self._tasks)
        finally:
            stopping.cancel()
            unwatch()

    # --- rounds -------------------------------------------------------------------------------------------------------

    async def _round(self, http: aiohttp.ClientSession) -> None:
        """Note what was posted, claim what is due, and see to it."""
        try:
            claimed = await self._settle_and_claim()
        except Exception as error:
            log.warning("sandbox_deliveries_stalled", error=describe(error))
            await asyncio.sleep(self._idle)
            return
        for delivery in claimed:
            self._claimed[delivery.id] = delivery
            if delivery.lane in self._lanes:
                self._lanes[delivery.lane].append(delivery)
                continue
            self._lanes[delivery.lane] = deque([delivery])
            task = asyncio.create_task(self._drive(http, delivery.lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Until there is something to note or to claim."""
        await asyncio.sleep(_GAP)
        while not self._outcomes and not stop.is_set() and (wait := self._until_due()) > 0:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                return

    def _until_due(self) -> float:
        """Seconds on the wall until the next webhook is due, or the idle time if that is less."""
        if self._wake_at is None or len(self._claimed) >= self._most:
            return self._idle
        clock = self._carrier.clock
        return min(self._idle, (self._wake_at - clock.now()) / clock.lasting(timedelta(seconds=1)))

    def _expect(self, due_at: datetime) -> None:
        """A webhook will be due then: be awake."""
        if self._wake_at is None or due_at < self._wake_at:
            self._wake_at = due_at
            self._wake.set()

    async def _settle_and_claim(self) -> list[store.Delivery]:
        settled, limit = self._outcomes[:], self._most - len(self._claimed)
        async with self._carrier.works.across_tenants("sandbox carrier") as work:
            # What is lost here when the database's machine fails is posted once more: no need to wait for its disk.
            await work.execute("set local synchronous_commit = off")
            await self._settle(work, settled)
            claimed = list[store.Delivery]()
            if limit > 0:
                # From here on `_expect` may be told of what these statements do not see.
                self._wake_at = None
                claimed = await store.claim(work, limit, work.now + self._carrier.lasting(_LEASE))
                due_at = work.now if len(claimed) == limit else await store.next_due(work)
                if due_at is not None:
                    self._wake_at = min(due_at, self._wake_at or due_at)
        self._forget(settled)
        return claimed

    async def _settle(self, work: Work, outcomes: list[_Outcome]) -> None:
        over = [o.delivery.id for o in outcomes if o.end in (_End.POSTED, _End.GIVEN_UP)]
        again = [
            (o.delivery.id, work.now + self._carrier.lasting(backoff(o.delivery.attempts + 1)))
            for o in outcomes
            if o.end is _End.AGAIN
        ]
        untried = [o.delivery.id for o in outcomes if o.end is _End.UNTRIED]
        if over:
            await store.finish(work, over)
        if again:
            await store.postpone(work, again)
        if untried:
            await store.release(work, untried)
        for outcome in outcomes:
            for body in outcome.replies:
                await store.add_answer(work, outcome.delivery.sid, f"SM{new_id().hex}", body, segments_of(body))

    def _forget(self, settled: list[_Outcome]) -> None:
        del self._outcomes[: len(settled)]
        for outcome in settled:
            self._claimed.pop(outcome.delivery.id, None)

    async def _leave(self) -> None:
        """Let posts under way finish, and give the rest to others."""
        for lane in self._lanes.values():
            lane.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FAREWELL)
            await _cancelled(late)
        tried = {outcome.delivery.id for outcome in self._outcomes}
        rest = [_Outcome(each, _End.UNTRIED) for each in self._claimed.values() if each.id not in tried]
        settled = [*self._outcomes, *rest]
        if not settled:
            return
        try:
            async with self._carrier.works.across_tenants("sandbox carrier") as work:
                await self._settle(work, settled)
        except Exception as error:  # they are posted again
            log.warning("sandbox_deliveries_not_noted", count=len(settled), error=describe(error))

    # --- posts --------------------------------------------------------------------------------------------------------

    async def _drive(self, http: aiohttp.ClientSession, lane: str) -> None:
        """Post what stands in `lane`, in its order."""
        waiting = self._lanes[lane]
        try:
            while waiting:
                async with self._posting:
                    if not waiting:  # emptied meanwhile, because the loop leaves
                        break
                    outcome = await self._attempt(http, waiting.popleft())
                self._outcomes.append(outcome)
                self._wake.set()
        finally:
            del self._lanes[lane]

    async def _attempt(self, http: aiohttp.ClientSession, delivery: store.Delivery) -> _Outcome:
        if self._carrier.clock.now() + self._carrier.lasting(_TIMEOUT) > delivery.leased_until:
            return _Outcome(delivery, _End.UNTRIED)  # too long in the lane: another process may have it by now
        try:
            status, answer = await self._post(http, delivery)
        except Exception as error:  # mostly the network's; whatever it was, the lane goes on
            status, answer = type(error).__name__, ""
        if isinstance(status, int) and 200 <= status < 300:
            replies = twiml.messages(answer) if "Body" in delivery.form else []
            return _Outcome(delivery, _End.POSTED, replies)
        passing = isinstance(status, str) or status >= 500 or status in (408, 425, 429)
        if passing and delivery.attempts + 1 < ATTEMPTS:
            return _Outcome(delivery, _End.AGAIN)
        log.warning("webhook_given_up", sid=delivery.sid, attempts=delivery.attempts + 1, status=status)
        return _Outcome(delivery, _End.GIVEN_UP)

    async def _post(self, http: aiohttp.ClientSession, delivery: store.Delivery) -> tuple[int, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Host": self._host,
            "I-Twilio-Idempotency-Token": str(delivery.id),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": self._carrier.sign(delivery.path, delivery.form),
        }
        url = URL(self._carrier.loopback_url + delivery.path, encoded=True)
        body = urlencode(delivery.form).encode()
        async with http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            text = await answer.content.read(_LONGEST_ANSWER)
            return answer.status, text.decode("utf-8", "replace")


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel `tasks` and see them end."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
