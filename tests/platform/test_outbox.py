"""Mail that is owed: sealed while it waits, sent once, tried again, wiped."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from tests.fixtures.business import RememberingMailer
from tests.fixtures.organizations import Organization

from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Upstream
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.outbox import MailDue
from frontdesk.platform.queue import GiveUp, RetryAfter
from frontdesk.ports.email import Mail

SECRET = "http://127.0.0.1:8000/console/accept-invite?token=abcdef"
LETTER = Mail("ada@example.com", "Come in", f"Here: {SECRET}", "")


class Moody(RememberingMailer):
    """Refuses while `down`."""

    def __init__(self, down: bool = True) -> None:
        super().__init__()
        self.down = down

    async def send(self, mail: Mail) -> None:
        if self.down:
            raise Upstream("down")
        await super().send(mail)


async def owed(context: Context, org: Organization, **more: Any) -> UUID:
    async with context.works.begin(org.actor) as work:
        return await outbox.owe(work, context.vault, LETTER, "invitation", **more)


async def row(context: Context, mail_id: UUID) -> Mapping[str, Any]:
    async with context.works.across_tenants("tests") as work:
        found = await work.fetchrow("select * from mail_outbox where id = $1", mail_id)
        assert found is not None
        return found


async def test_what_waits_is_sealed_and_what_is_sent_is_wiped(context: Context, org: Organization) -> None:
    mailer = Moody(down=False)
    context = replace(context, mailer=mailer)
    mail_id = await owed(context, org)
    waiting = await row(context, mail_id)
    assert "abcdef" not in str(waiting)
    assert "ada@" not in str(waiting)
    assert await outbox.send(context, mail_id)
    assert (await row(context, mail_id))["sealed"] is None
    await outbox.send_owed(context, MailDue(mail_id))
    assert [(mail.text, mail.id) for mail in mailer.sent] == [(LETTER.text, mail_id)]


async def test_a_server_that_was_down_gets_it_later(context: Context, org: Organization) -> None:
    mailer = Moody()
    context = replace(context, mailer=mailer)
    mail_id = await owed(context, org)
    assert not await outbox.send(context, mail_id)
    with pytest.raises(Upstream):
        await outbox.send_owed(context, MailDue(mail_id))
    mailer.down = False
    await outbox.send_owed(context, MailDue(mail_id))
    assert len(mailer.sent) == 1


async def test_a_link_that_has_expired_is_not_mailed(context: Context, org: Organization, clock: FrozenClock) -> None:
    mailer = Moody(down=False)
    context = replace(context, mailer=mailer)
    mail_id = await owed(context, org, expires_at=clock.now() + timedelta(hours=1))
    clock.move(timedelta(hours=1))
    await outbox.send_owed(context, MailDue(mail_id))
    assert mailer.sent == []
    assert (await row(context, mail_id))["sealed"] is None


async def test_one_whose_sender_died_is_sent_when_its_lease_is_over(
    context: Context, org: Organization, clock: FrozenClock
) -> None:
    mail_id = await owed(context, org)
    async with context.works.across_tenants("tests") as work:
        await work.execute("update mail_outbox set leased_until = $1", work.now + timedelta(seconds=60))
    with pytest.raises(RetryAfter):
        await outbox.send_owed(context, MailDue(mail_id))
    clock.move(timedelta(seconds=60))
    await outbox.send_owed(context, MailDue(mail_id))
    assert (await row(context, mail_id))["sent_at"] == clock.now()


async def test_one_that_is_handed_over_twice_is_kept_once(context: Context, org: Organization) -> None:
    context = replace(context, mailer=CapturedMailer(context.works))
    mail_id = await owed(context, org)
    before = await row(context, mail_id)
    await outbox.send(context, mail_id)
    async with context.works.across_tenants("tests") as work:  # as if its sender had died before it was noted
        await work.execute("update mail_outbox set sealed = $1, sent_at = null", before["sealed"])
    await outbox.send(context, mail_id)
    async with context.works.across_tenants("tests") as work:
        assert await work.fetchval("select count(*) from captured_mail") == 1


async def test_nothing_is_kept_for_good(context: Context, org: Organization, clock: FrozenClock) -> None:
    mail_id = await owed(context, org, expires_at=clock.now() + timedelta(days=1))
    clock.move(timedelta(days=2))
    await outbox.forget(context.works)
    assert (await row(context, mail_id))["sealed"] is None
    clock.move(outbox.KEPT)
    await outbox.forget(context.works)
    async with context.works.across_tenants("tests") as work:
        assert await work.fetchval("select count(*) from mail_outbox") == 0


async def test_without_its_key_it_is_given_up(context: Context, org: Organization) -> None:
    mail_id = await owed(context, org)
    with pytest.raises(GiveUp):
        await outbox.send_owed(replace(context, vault=Vault([Fernet.generate_key().decode()])), MailDue(mail_id))
