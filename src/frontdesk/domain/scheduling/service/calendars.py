"""Connected calendars: knowing when they are busy, and entering bookings into them. No provider is called in a
transaction, and none that is slow or down keeps anybody from booking.

What is busy is looked up before times are offered, and again before one is booked, and kept beside the bookings: there
`service.free_slots` reads both. Where a provider does not answer in time, what was known of it stays. An entry is owed
in the transaction that books or calls off, and made afterwards under a lease; the provider knows a repetition by the
booking's id, so whatever was in doubt is simply done again.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import structs

from frontdesk.domain.integrations.errors import ConnectionNotFound, MustReconnect, ProviderDown
from frontdesk.domain.integrations.service.using import using
from frontdesk.domain.scheduling import calendar_store, store
from frontdesk.domain.scheduling.calendar_store import Entry, Seen
from frontdesk.domain.scheduling.model import Booking, EntryStatus, by_day, whole_days, without
from frontdesk.domain.scheduling.tasks import SETTLE, SettleDue
from frontdesk.kernel.access import Actor, system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event as Happened
from frontdesk.platform.loops import describe, side_by_side
from frontdesk.platform.queue import enqueue
from frontdesk.ports.calendar import Calendar, Event, Placed
from frontdesk.ports.consent import Tokens

log = structlog.get_logger(__name__)

TO_OFFER = timedelta(minutes=1)
"""How old what is known may be where times are offered."""
TO_BOOK = timedelta(seconds=3)
"""How old where one is booked."""
WHILE_TALKING = timedelta(minutes=10)
"""How old while a caller waits for an answer."""
TO_LOOK_AHEAD = timedelta(minutes=3)
"""How old where nobody waits."""
AHEAD = timedelta(days=15)
AT_ONCE = 8
"""Organisations whose calendars one process looks into side by side."""
LOOKS_FOR = 3.0
"""Wall seconds that somebody waits for a provider to say when it is busy."""
ENTERS_FOR = 5.0
"""Wall seconds that somebody waits for the entry of their booking, and its link."""
LEASE = timedelta(seconds=60)
"""Wall time in which an entry is settled; afterwards another process may."""
BATCH = 50

_WHOEVER_BOOKS_FIRST = timedelta(seconds=8)
_LINK_FOLLOWS = timedelta(seconds=5)
_LINK_TRIES = 6
_AFTER_CONSENT = timedelta(minutes=30)
_LONGEST_WAIT = timedelta(minutes=10)

READER = "calendars"
TYPES = frozenset({"integration.connected"})


# --- when they are busy -----------------------------------------------------------------------------------------------


async def look(context: Context, org_id: UUID, start: datetime, end: datetime, fresh: timedelta = TO_OFFER) -> None:
    """Know when the connected calendars are busy between `start` and `end`, as of `fresh` ago or later, if they can be
    had."""
    begins, ends = whole_days(start, end)
    async with context.works.read(system_actor(org_id)) as work:
        now = work.now
        seen = await calendar_store.unseen(work, begins, ends, now - work.clock.lasting(fresh))
    await asyncio.gather(*(_look_at(context, org_id, each, begins, ends, now) for each in seen))


async def look_ahead(context: Context) -> None:
    """Look into all connected calendars, over all organisations, as far ahead as times are offered: so that who answers
    a caller, or opens a page, rarely waits for a provider."""
    async with context.works.across_tenants("connected calendars") as work:
        organizations, now = await calendar_store.with_calendars(work), work.now
    await side_by_side(organizations, lambda org_id: look(context, org_id, now, now + AHEAD, TO_LOOK_AHEAD), AT_ONCE)


async def look_for(context: Context, actor: Actor, start: datetime, end: datetime, fresh: timedelta = TO_OFFER) -> None:
    """`look`, for the actor's organisation."""
    if actor.org_id is not None:
        await look(context, actor.org_id, start, end, fresh)


async def _look_at(context: Context, org_id: UUID, seen: Seen, start: datetime, end: datetime, now: datetime) -> None:
    calendar, busy = context.calendars.get(seen.provider), None
    if calendar is None:
        return
    try:
        async with asyncio.timeout(LOOKS_FOR):
            busy = await using(context, org_id, seen.id, lambda tokens: calendar.busy(tokens, start, end))
    except (ProviderDown, MustReconnect, ConnectionNotFound, TimeoutError) as error:
        log.warning("calendar_not_seen", provider=seen.provider, error=describe(error))
    async with context.works.begin(system_actor(org_id)) as work:
        if busy is not None:
            ours = await calendar_store.own_spans(work, seen.id, start, end)
            busy = by_day(without(busy, ours), start, end)
        await calendar_store.keep_look(work, seen.id, start, end, now, busy)


# --- entries of bookings ----------------------------------------------------------------------------------------------


async def enter(work: Work, booking: Booking) -> Booking:
    """Owe the entry of a booking, where a calendar is connected. It is made when the transaction has committed: at once
    by `entered`, if whoever books calls it, else by a job."""
    if not await calendar_store.enter(work, booking.id):
        return booking
    later = work.now + work.clock.lasting(_WHOEVER_BOOKS_FIRST)
    await enqueue(work, SETTLE, SettleDue(work.org_id, booking.id), run_at=later)
    return structs.replace(booking, entry=EntryStatus.PENDING)


async def withdraw(work: Work, booking: Booking) -> None:
    """Owe that the entry of a booking that is called off is taken out."""
    if await calendar_store.withdraw(work, booking.id):
        await enqueue(work, SETTLE, SettleDue(work.org_id, booking.id))


async def entered(context: Context, actor: Actor, booking: Booking) -> Booking:
    """The booking once its entry is made, with the link of its meeting; without, where that takes too long."""
    org_id = actor.org_id
    assert org_id is not None
    try:
        async with asyncio.timeout(ENTERS_FOR):
            await settle(context, org_id, booking.id)
    except TimeoutError:
        log.info("calendar_entry_follows", booking=str(booking.id))
    # Whoever is held to certain leads may have booked for one that they do not see.
    async with context.works.read(system_actor(org_id)) as work:
        return await store.get(work, booking.id)


async def settle(context: Context, org_id: UUID, booking_id: UUID) -> None:
    """Make the entry of a booking, or take it out, or look for its link: whatever is owed now. What fails is owed
    again later, for as long as it is of use."""
    async with context.works.begin(system_actor(org_id)) as work:
        entry = await calendar_store.claim(work, booking_id, work.now + work.clock.lasting(LEASE))
    if entry is None:
        return
    calendar = context.calendars.get(entry.provider)
    try:
        if calendar is None:
            raise MustReconnect
        done = await using(context, org_id, entry.connection_id, lambda tokens: _do(calendar, tokens, entry))
    except ConnectionNotFound:
        return
    except (ProviderDown, MustReconnect) as error:
        async with context.works.begin(system_actor(org_id)) as work:
            await calendar_store.put_off(work, entry, _again(work, entry, error), error.code)
        return
    except BaseException:  # nobody waits any longer: it is done again at once, which does no harm
        async with context.works.begin(system_actor(org_id)) as work:
            await calendar_store.put_off(work, entry, work.now, "")
        raise
    async with context.works.begin(system_actor(org_id)) as work:
        if entry.status is EntryStatus.REMOVING:
            await calendar_store.settle(work, entry, EntryStatus.REMOVED, None)
        elif done is None:
            await calendar_store.settle(work, entry, EntryStatus.DELETED, None)
        else:
            follows = done.link_follows and entry.tries < _LINK_TRIES
            due_at = work.now + work.clock.lasting(_LINK_FOLLOWS) if follows else None
            await calendar_store.settle(work, entry, EntryStatus.PLACED, due_at, event_id=done.event_id, link=done.link)


async def settle_due(context: Context) -> None:
    """Settle all entries that are due, over all organisations: what failed before, or was cut off."""
    async with context.works.across_tenants("due calendar entries") as work:
        waiting = await calendar_store.due(work, BATCH)
    for org_id, booking_id in waiting:
        try:
            await settle(context, org_id, booking_id)
        except Exception as error:
            log.error("calendar_entry_failed", booking=str(booking_id), error=describe(error))


async def react(work: Work, event: Happened) -> None:
    """React to an event: a calendar that is connected again gets at once what it missed. Idempotent."""
    for booking_id in await calendar_store.hurry(work, event.subject_id):
        await enqueue(work, SETTLE, SettleDue(work.org_id, booking_id))


async def _do(calendar: Calendar, tokens: Tokens, entry: Entry) -> Placed | None:
    event = _event(entry)
    match entry.status:
        case EntryStatus.PENDING:
            return await calendar.place(tokens, event)
        case EntryStatus.REMOVING:
            await calendar.remove(tokens, event)
            return None
        case _:
            return await calendar.find(tokens, event)


def _event(entry: Entry) -> Event:
    """What is written into a calendar, for the people of the business."""
    told = [entry.lead_phone or "", entry.lead_email or "", entry.notes, "Booked through Frontdesk."]
    return Event(
        reference=entry.booking_id,
        title=f"{entry.lead_name or 'Appointment'} · {entry.business}",
        description="\n".join(filter(None, told)),
        start=entry.starts_at,
        end=entry.ends_at,
        time_zone=entry.time_zone,
    )


def _again(work: Work, entry: Entry, error: ProviderDown | MustReconnect) -> datetime | None:
    """When to try again, if that is of use: nobody misses the entry of what is over."""
    if entry.status is not EntryStatus.REMOVING and entry.ends_at <= work.now:
        return None
    if isinstance(error, MustReconnect):
        return work.now + work.clock.lasting(_AFTER_CONSENT)
    wait = min(timedelta(seconds=5 * 2 ** min(entry.tries, 8)), _LONGEST_WAIT)
    return work.now + work.clock.lasting(max(wait, timedelta(seconds=error.retry_after or 0)))
