"""Mail that is kept instead of sent, where no mail server is set. Reading it is for the sandbox."""

from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.ports.email import Mail


class CapturedMailer:
    """Keeps every mail in the table `captured_mail`."""

    def __init__(self, works: Works) -> None:
        self._works = works

    async def send(self, mail: Mail) -> None:
        """Keep `mail`; one that is sent a second time is kept once."""
        async with self._works.across_tenants("captured mail") as work:
            await work.execute(
                """insert into captured_mail (id, org_id, recipient, subject, body_text, body_html, sent_at)
                   values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing""",
                mail.id or new_id(), mail.org_id, mail.to, mail.subject, mail.text, mail.html, work.now,
            )  # fmt: skip
