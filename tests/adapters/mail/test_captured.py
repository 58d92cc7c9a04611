"""Mail that is kept."""

from tests.fixtures.organizations import Organization

from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.platform.database import Works
from frontdesk.ports.email import Mail


async def test_every_mail_is_kept_with_whom_it_concerns(works: Works, org: Organization):
    mailer = CapturedMailer(works)
    await mailer.send(Mail("Ada@example.com", "One", "text", "<p>html</p>", org.id))
    await mailer.send(Mail("ada@example.com", "Two", "text"))
    async with works.across_tenants("captured mail") as work:
        rows = await work.fetch("select * from captured_mail order by subject")
    assert [(row["recipient"], row["subject"], row["org_id"]) for row in rows] == [
        ("Ada@example.com", "One", org.id),
        ("ada@example.com", "Two", None),
    ]
    assert rows[0]["body_html"] == "<p>html</p>"
    assert rows[0]["sent_at"] == works.clock.now()
