"""The event log's other side: numbering what was committed, and readers that react to it, each event once.

Writers leave events without a position (`platform.events`). One sequencer among all processes gives positions to what
has been committed, so that a cursor never passes an event that commits late. Readers keep their cursor in the database
and move it in the transaction that has the effect. Fan-out inside a process is `platform.realtime`; docs/decisions/0004
says why it is so.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog
from msgspec import Struct

from frontdesk.kernel.access import Permission, system_actor
from frontdesk.kernel.errors import NotFound
from frontdesk.platform.database import SYSTEM_ROLE, Work, Works, connect, record, records
from frontdesk.platform.events import Event
from frontdesk.platform.loops import Backoff, close, describe, is_lost, pause

log = structlog.get_logger("frontdesk.events")

CHANNEL = "frontdesk_events"
"""NOTIFY channel on which each batch of new positions is announced; the payload is the last of them."""
COLUMNS = ", ".join(Event.__struct_fields__)
"""Of an `Event`."""

Reaction = Callable[[Work, Event], Awaitable[None]]

_LEADER = 0x7365717565  # "seque": the advisory lock of the one who numbers
_BATCH = 1000
_BUSY, _IDLE = 0.05, 0.1
_PAGE = 500
_POLL = 1.0
_LOSSES = 20
"""Times that one event may coincide with a lost connection before it is thought to be the cause."""


class Sequencer:
    """Gives positions to committed events. Any number may run; one leads, and another follows when it is gone."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def run(self, stop: asyncio.Event) -> None:
        """Wait to lead, then number until `stop`. Raises when the connection is lost."""
        connection = await connect(self._dsn, SYSTEM_ROLE)
        try:
            while not await connection.fetchval("select pg_try_advisory_lock($1)", _LEADER):
                if await pause(stop, _POLL):
                    return
            log.info("sequencer_leads")
            while not stop.is_set():
                numbered = await self.number(connection)
                if numbered < _BATCH:
                    await pause(stop, _BUSY if numbered else _IDLE)
        finally:
            await close(connection)

    @staticmethod
    async def number(connection: asyncpg.Connection) -> int:
        """Number one batch in a transaction, tell it, and return how many there were."""
        if not await connection.fetchval("select exists (select from events where position is null)"):
            return 0
        async with connection.transaction():
            # Whoever has this row is the only one numbering, even if the lock of the leader failed to say so.
            last: int = await connection.fetchval("select last from event_positions for update")
            now_last: int = await connection.fetchval(
                """with batch as materialized (
                       select id, org_id, subject_id, row_number() over (order by written) as nth,
                              row_number() over (partition by org_id, subject_id order by written) as nth_of_subject
                       from (select id, org_id, subject_id, written from events where position is null
                             order by written limit $2) waiting),
                   subjects as (
                       select s.org_id, s.subject_id, coalesce(before.sequence, 0) as sequence
                       from (select distinct org_id, subject_id from batch) s
                       left join lateral (
                           select e.sequence from events e
                           where e.org_id = s.org_id and e.subject_id = s.subject_id and e.sequence is not null
                           order by e.sequence desc limit 1) before on true),
                   numbered as (
                       update events e set position = $1 + b.nth, sequence = s.sequence + b.nth_of_subject
                       from batch b join subjects s using (org_id, subject_id)
                       where e.id = b.id returning 1)
                   update event_positions set last = last + (select count(*) from numbered) returning last""",
                last, _BATCH,
            )  # fmt: skip
            await connection.execute("select pg_notify($1, $2)", CHANNEL, str(now_last))
        return now_last - last


@dataclass(frozen=True)
class Reader:
    """A consequence of events: `react` is called once for each, in order of position, in a unit of work for the event's
    organisation that commits together with the cursor. It has SQL for its effect and enqueues what reaches outside.

    `types` narrows it to some events. An event that fails `attempts` times is put aside for the console. A reader that
    is new to a database starts with the first event ever, or, not `from_beginning`, with the next. The name is its
    identity for good.
    """

    name: str
    react: Reaction
    types: frozenset[str] | None = None
    attempts: int = 5
    from_beginning: bool = True
    time_limit: float = 30.0
    """Seconds for one event."""


class _Overtaken(Exception):
    """Another process of the same reader has the cursor."""


class ReaderLoop:
    """Runs one reader. Any number of processes may: the cursor's row lets one of them at a time through."""

    def __init__(self, works: Works, reader: Reader, woken: asyncio.Event) -> None:
        """`woken` is set when there is news; without it the loop looks each second."""
        self._works, self._reader, self._woken = works, reader, woken
        self._losses: dict[UUID, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`. Raises when the database is lost; nothing is missed or done twice then."""
        await self._register()
        while not stop.is_set():
            self._woken.clear()
            if not await self.read_on(stop):
                await pause(stop, _POLL, self._woken)

    async def _register(self) -> None:
        async with self._works.across_tenants("events") as work:
            await work.execute(
                """insert into event_readers (name, position, updated_at)
                   select $1, case when $2 then 0 else last end, $3 from event_positions on conflict do nothing""",
                self._reader.name, self._reader.from_beginning, work.now,
            )  # fmt: skip

    async def read_on(self, stop: asyncio.Event) -> bool:
        """React to one page of events, and return whether more are known to wait."""
        async with self._works.across_tenants("events") as work:
            row = await work.fetchrow(
                "select r.position, p.last from event_readers r, event_positions p where r.name = $1", self._reader.name
            )
            if row is None:
                raise LookupError(f"the reader {self._reader.name} is not registered")
            position, last = row["position"], row["last"]
            types = None if self._reader.types is None else sorted(self._reader.types)
            events = records(
                Event,
                await work.fetch(
                    f"""select {COLUMNS} from events where position > $1 and position <= $2
                            and ($3::text[] is null or type = any($3)) order by position limit {_PAGE}""",
                    position, last, types,
                ),
            )  # fmt: skip
            if not events and last - position >= _PAGE:  # nothing for this reader: do not scan it again
                await self._move(work, position, last)
        try:
            for event in events:
                if stop.is_set() or not await self._apply(position, event, stop):
                    return False
                position = event.position
        except _Overtaken:
            return False
        return len(events) == _PAGE

    async def _apply(self, position: int, event: Event, stop: asyncio.Event) -> bool:
        """Have the effect of `event`, or put it aside. Returns False when stopped in between. Raises _Overtaken, and
        when the database is lost."""
        backoff, failures = Backoff(0.2, 5), 0
        while True:
            reacting = False
            try:
                async with self._works.begin(system_actor(event.org_id)) as work:
                    if not await work.fetchval(
                        "select advance_reader($1, $2, $3, $4)", self._reader.name, position, event.position, work.now
                    ):
                        raise _Overtaken
                    reacting = True
                    async with asyncio.timeout(self._reader.time_limit):
                        await self._reader.react(work, event)
                self._losses.pop(event.id, None)
                return True
            except _Overtaken:
                raise
            except Exception as error:
                if not reacting:
                    raise
                lost = is_lost(error)
                if lost:
                    self._losses[event.id] = self._losses.get(event.id, 0) + 1
                    if self._losses[event.id] < _LOSSES:
                        raise
                failures += 1
                what = describe(error)
                log.warning(
                    "event_failed", reader=self._reader.name, event_id=str(event.id), attempt=failures, error=what
                )
                if lost or failures >= self._reader.attempts:
                    await self._put_aside(position, event, what, failures)
                    return True
            if await pause(stop, backoff.next()):
                return False

    async def _put_aside(self, position: int, event: Event, error: str, attempts: int) -> None:
        async with self._works.across_tenants("events") as work:
            if not await self._move(work, position, event.position):
                raise _Overtaken
            await work.execute(
                """insert into event_failures (reader, event_id, error, attempts, failed_at)
                   select $1, id, $3, $4, $5 from events where id = $2
                   on conflict (reader, event_id) do update
                   set error = excluded.error, attempts = excluded.attempts, failed_at = excluded.failed_at""",
                self._reader.name, event.id, error, attempts, work.now,
            )  # fmt: skip
        self._losses.pop(event.id, None)

    async def _move(self, work: Work, was: int, becomes: int) -> bool:
        return bool(
            await work.execute(
                "update event_readers set position = $3, updated_at = $4 where name = $1 and position = $2",
                self._reader.name, was, becomes, work.now,
            )
        )  # fmt: skip


class EventFailure(Struct, frozen=True):
    """An event that a reader put aside. `error` names the failure and its place, without the words of it."""

    reader: str
    event_id: UUID
    type: str
    subject_type: str
    subject_id: UUID
    error: str
    attempts: int
    failed_at: datetime


async def failures(work: Work, limit: int = 100) -> list[EventFailure]:
    """What readers put aside for the organisation, newest first. Raises Forbidden."""
    work.require(Permission.OPERATE_JOBS)
    return records(
        EventFailure,
        await work.fetch(
            """select f.reader, f.event_id, e.type, e.subject_type, e.subject_id, f.error, f.attempts, f.failed_at
               from event_failures f join events e on e.id = f.event_id
               where e.org_id = $1 order by f.failed_at desc limit $2""",
            work.org_id, limit,
        ),
    )  # fmt: skip


async def retry(work: Work, reader: Reader, event_id: UUID) -> None:
    """Let `reader` react in this unit of work to an event it put aside, which is off the list when that commits.

    Raises NotFound, Forbidden, and what the reaction raises.
    """
    work.require(Permission.OPERATE_JOBS)
    row = await work.fetchrow(
        f"""with taken as (delete from event_failures where reader = $1 and event_id = $2 returning event_id)
            select {COLUMNS} from events join taken on event_id = id where org_id = $3""",
        reader.name, event_id, work.org_id,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such failed event.")
    await reader.react(work, record(Event, row))
