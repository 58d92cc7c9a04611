"""How an organisation takes calls: recording, how many at once, and who is rung for a caller who wants a person."""

from msgspec import UNSET, structs

from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import CallSettings, CallSettingsChange
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import MemberStatus
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.phone import parse_phone
from frontdesk.platform.database import Work

MOST_RUNG = 10
"""Numbers and members that are rung at once: the carrier's own bound."""
LONGEST_ANNOUNCEMENT = 500


async def get(work: Work) -> CallSettings:
    """How the organisation takes calls."""
    work.require(Permission.VIEW)
    return await store.settings(work)


async def update(work: Work, change: CallSettingsChange) -> CallSettings:
    """Change what is given; it holds from the next call on. Needs `manage_organization`. Audited.

    Numbers may be written as they are dialled within the organisation's country. Raises Invalid.
    """
    work.require(Permission.MANAGE_ORGANIZATION)
    was = await store.settings(work)
    wanted = structs.replace(was, **{k: v for k, v in structs.asdict(change).items() if v is not UNSET})
    if not 1 <= wanted.concurrent_calls <= 1000:
        raise Invalid("From 1 to 1000 calls may be taken at once.", field="concurrent_calls")
    if not 5 <= wanted.ring_seconds <= 120:
        raise Invalid("It rings for 5 to 120 seconds.", field="ring_seconds")
    if len(wanted.announcement or "") > LONGEST_ANNOUNCEMENT:
        raise Invalid(f"The announcement has at most {LONGEST_ANNOUNCEMENT} characters.", field="announcement")
    if len(wanted.voicemail or "") > LONGEST_ANNOUNCEMENT:
        raise Invalid(f"The message has at most {LONGEST_ANNOUNCEMENT} characters.", field="voicemail")
    if len(wanted.ring_numbers) + len(wanted.ring_members) > MOST_RUNG:
        field = "ring_numbers" if wanted.ring_numbers else "ring_members"
        raise Invalid(f"At most {MOST_RUNG} are rung at once, numbers and members together.", field=field)
    acting = {each.user_id for each in await organizations.list_members(work) if each.status is MemberStatus.ACTIVE}
    if not set(wanted.ring_members) <= acting:
        raise Invalid("Somebody who is to be rung is not an active member.", field="ring_members")
    country = (await organizations.get(work)).country
    wanted = structs.replace(wanted, ring_numbers=[parse_phone(each, country) for each in wanted.ring_numbers])
    if wanted != was:
        await store.save_settings(work, wanted)
        changed = [name for name in wanted.__struct_fields__ if getattr(wanted, name) != getattr(was, name)]
        await work.audit("calls.settings_changed", "organization", work.org_id, fields=changed)
    return wanted
