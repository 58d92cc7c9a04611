"""Use cases of looking at calls: lists, one call, its recording, figures."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from frontdesk.domain.calls import list_store, store
from frontdesk.domain.calls.errors import RecordingNotFound
from frontdesk.domain.calls.model import Call, CallDetail, CallFilter, CallLine, Dashboard, Recording
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work


async def page(work: Work, wanted: CallFilter) -> Page[CallLine]:
    """One page of the organisation's calls, newest first, with the total of all matches (exact to 10,000)."""
    work.require(Permission.VIEW)
    if wanted.page < 1 or not 1 <= wanted.limit <= 100:
        raise Invalid("A page is numbered from 1 and has 1 to 100 calls.", field="page" if wanted.page < 1 else "limit")
    return await list_store.page(work, wanted)


async def detail(work: Work, call_id: UUID) -> CallDetail:
    """The call with its transcript, recordings, analysis and lead. Raises CallNotFound."""
    work.require(Permission.VIEW)
    call = await store.get(work, call_id)
    lead = None if call.lead_id is None else await list_store.lead_of(work, call.lead_id)
    return CallDetail(
        call=call,
        lead_name=lead.name if lead else "",
        lead_phone=lead.phone if lead else None,
        turns=await store.turns(work, call_id),
        recordings=await store.recordings(work, call_id),
        analysis=await store.analysis(work, call_id),
    )


async def recording(work: Work, call_id: UUID, leg: int | None = None) -> Recording:
    """The recording of a call: the longest of its legs, or the one of `leg`. Raises CallNotFound, RecordingNotFound."""
    work.require(Permission.VIEW)
    await store.get(work, call_id)
    found = [each for each in await store.recordings(work, call_id) if leg in (None, each.leg)]
    if not found:
        raise RecordingNotFound
    return max(found, key=lambda each: each.seconds)


async def dashboard(work: Work) -> Dashboard:
    """Figures of today, this week (from Monday) and this month, in the organisation's own time zone."""
    work.require(Permission.VIEW)
    zone = ZoneInfo(await list_store.time_zone(work))
    today = work.now.astimezone(zone).date()
    days = (today, today - timedelta(days=today.weekday()), today.replace(day=1))
    day, week, month = [
        await list_store.figures(work, datetime(first.year, first.month, first.day, tzinfo=zone)) for first in days
    ]
    return Dashboard(today=day, this_week=week, this_month=month)


async def newest_of_lead(work: Work, lead_id: UUID) -> Call | None:
    """The newest call with the lead, if there was one."""
    work.require(Permission.VIEW)
    found = await list_store.page(work, CallFilter(lead_id=lead_id, limit=1))
    return found.items[0].call if found.items else None
