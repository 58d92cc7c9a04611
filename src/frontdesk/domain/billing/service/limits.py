"""Holding calls to the minutes there are: reserved when one begins, settled by the meter when it has ended."""

from uuid import UUID

from msgspec import Struct

from frontdesk.domain.billing import store
from frontdesk.domain.billing.model import period_at
from frontdesk.domain.organizations import service as organizations
from frontdesk.platform.database import Work

SET_ASIDE = 60
"""Seconds that a call takes hold of when it begins. One that is under way is never cut off for want of minutes."""


class Room(Struct, frozen=True):
    """Whether minutes are left for a call, and for the assistant to take it."""

    call: bool
    assistant: bool


async def reserve_call(work: Work, call_id: UUID, *, assisted: bool = True) -> Room:
    """Set a minute aside for a call that begins, and one of the assistant's where it is to be `assisted`; say what
    there is room for. Where there is none for a call, nothing is set aside."""
    await store.one_at_a_time(work)
    organization = await organizations.get(work)
    found = await store.totals(work, period_at(await store.subscription(work), organization.time_zone, work.now))
    allowed = organization.allowance
    calls_left = _left(allowed.call_minutes, found.call_seconds, found.call_balance) - found.reserved_call_seconds
    ai_left = _left(allowed.ai_minutes, found.ai_seconds, found.ai_balance) - found.reserved_ai_seconds
    room = Room(call=calls_left > 0, assistant=calls_left > 0 and ai_left > 0)
    if room.call:
        await store.reserve(work, call_id, SET_ASIDE, SET_ASIDE if assisted and room.assistant else 0)
    return room


def _left(minutes: int, used: int, balance: int) -> int:
    """Seconds left of the plan's, and of packs, which the meter has already charged with what lay beyond."""
    return max(0, minutes * 60 - used) + balance
