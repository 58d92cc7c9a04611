"""Reading captured mail. Capturing it is `adapters.mail`."""

from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.database import Work, records
from frontdesk.ports.simulator import CapturedMail


async def readable(work: Work, actor: Actor, to: str | None, limit: int) -> list[CapturedMail]:
    """The last `limit` captured mails that `actor` may read, newest first. `work` is across tenants.

    The links in mail let their reader in as the recipient. So a person reads what was sent to their own address;
    whoever may manage an organisation's users also reads what its sender marked as that organisation's to read
    (`ports.email.Mail.org_id`); the operator of the platform reads all.
    """
    rows = await work.fetch(
        """select recipient as "to", subject, body_text as text, body_html as html, sent_at from captured_mail
           where ($1::text is null or lower(recipient) = lower($1))
               and ($2 or lower(recipient) = lower(nullif($3, '')) or ($4 and org_id = $5))
           order by id desc limit $6""",
        to, actor.platform_admin, actor.email, actor.may(Permission.MANAGE_USERS), actor.org_id, limit,
    )  # fmt: skip
    return records(CapturedMail, rows)
