"""Background work of notifications."""

from frontdesk.domain.notifications.service import mailing
from frontdesk.domain.notifications.tasks import MAIL, MailsDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(MAIL, MailsDue)
async def mail_notifications(context: Context, due: MailsDue) -> None:
    """Mail a person what they are to be told."""
    await mailing.mail_due(context, due)
