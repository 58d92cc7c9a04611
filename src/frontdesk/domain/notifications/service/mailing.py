"""Notifications by mail: one for what happens together, then a digest now and then, never one for each of a burst."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.notifications import store
from frontdesk.domain.notifications.model import Notification, subject_line
from frontdesk.domain.notifications.tasks import MAIL, MailsDue
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import MemberNotFound
from frontdesk.domain.organizations.model import Member, MemberStatus, Organization
from frontdesk.kernel.access import system_actor
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.mail import letter
from frontdesk.platform.queue import enqueue
from frontdesk.ports.email import Mail

PAUSE = timedelta(minutes=10)
"""Wall time between two mails to one person; what comes meanwhile is told in the next."""
LISTED = 25
"""Notifications that a mail names; of more it says how many."""


async def mail_due(context: Context, due: MailsDue) -> None:
    """Mail a person what they are to be told by mail and have not read in the meantime.

    What they were told and the mail about it are settled in one transaction: whatever happens, each is mailed once.
    """
    async with context.works.read(system_actor(due.org_id)) as work:
        try:
            member = await organizations.get_member(work, due.user_id)
        except MemberNotFound:
            return
    if member.status is not MemberStatus.ACTIVE:
        return
    actor = actor_of_member(
        member.user_id, member.email, member.org_id, member.role, member.extra_permissions, member.allowed_dataset_ids
    )
    async with context.works.begin(actor) as work:
        if not due.at_once and await _put_off(work, due):
            return
        told = await store.take_due(work, member.user_id)
        if not told:
            return
        mail = _letter(told, member, await organizations.get(work), context.public_url)
        mail_id = await outbox.owe(work, context.vault, mail, "notification")
    await outbox.send(context, mail_id)


async def _put_off(work: Work, due: MailsDue) -> bool:
    """Whether the person was mailed a moment ago; then it is seen to again when the pause is over."""
    last = await store.last_mailed(work, due.user_id)
    again = None if last is None else last + work.clock.lasting(PAUSE)
    if again is None or again <= work.now:
        return False
    await enqueue(work, MAIL, MailsDue(due.org_id, due.user_id), run_at=again)
    return True


def _letter(told: list[Notification], member: Member, organization: Organization, public_url: str) -> Mail:
    zone = ZoneInfo(organization.time_zone)
    greeting = f"Hello {member.first_name}," if member.first_name else "Hello,"
    if len(told) == 1:
        [one] = told
        lines = [one.title() + ".", one.detail(zone)]
        action = ("Open it", _absolute(one.link or "/console/notifications", public_url))
    else:
        lines = [f"{each.created_at.astimezone(zone):%H:%M}  {each.title()}" for each in told[:LISTED]]
        if len(told) > LISTED:
            lines.append(f"And {len(told) - LISTED} more.")
        action = ("See them all", f"{public_url}/console/notifications")
    return letter(
        member.email,
        subject_line(told, organization.name),
        [greeting, *(line for line in lines if line)],
        action=action,
        closing=f"Choose what you are told, and how: {public_url}/console/notifications/settings",
    )


def _absolute(link: str, public_url: str) -> str:
    return f"{public_url}{link}" if link.startswith("/") else link
