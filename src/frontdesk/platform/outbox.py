"""Mail that is owed: written in the unit of work that causes it, sent after its commit, at least once.

What letters say is for the features (`platform.mail` has their layout); how mail leaves is for `adapters.mail`. A mail
may hold a link that lets its reader in, so what waits here is sealed, and wiped once it is sent or has expired.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct, structs

from frontdesk.kernel.errors import Upstream
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Unreadable, Vault
from frontdesk.platform.database import Work, Works
from frontdesk.platform.queue import GiveUp, RetryAfter, enqueue, handles
from frontdesk.ports.email import Mail

log = structlog.get_logger(__name__)

TASK = "mail.send"
KEPT = timedelta(days=14)
"""How long a mail that never went out can still be tried by hand."""

_FIRST_BY_QUEUE = timedelta(seconds=10)
"""Wall time after which the queue sees to a mail: whoever caused it tries at once, unless they are killed."""
_LEASE = timedelta(seconds=60)
_LONGEST = 45.0
"""Seconds that handing a mail over may take: well within the lease."""


class MailDue(Struct, frozen=True):
    """A mail that is owed."""

    mail_id: UUID


async def owe(work: Work, vault: Vault, mail: Mail, what: str, expires_at: datetime | None = None) -> UUID:
    """Have `mail` sent once `work` has committed, by `send`, or soon after by the queue. Returns its id.

    `what` names it in the log ("invitation"). After `expires_at` it is not sent any more.
    """
    mail_id = new_id()
    sealed = vault.seal(msgspec.json.encode(structs.replace(mail, id=mail_id)).decode())
    await work.execute(
        "insert into mail_outbox (id, org_id, what, sealed, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
        mail_id, mail.org_id or work.actor.org_id, what, sealed, work.now, expires_at,
    )  # fmt: skip
    await enqueue(work, TASK, MailDue(mail_id), run_at=work.now + work.clock.lasting(_FIRST_BY_QUEUE))
    return mail_id


async def send(context: Context, mail_id: UUID) -> bool:
    """Send an owed mail now, after the commit. Returns whether it went out: a mail server that is down must not undo
    what has been done, and the queue tries again."""
    try:
        return await _send(context, mail_id)
    except (Upstream, _BeingSent):
        return False


# About four hours in all: mail servers are down for longer than a deployment takes.
@handles(TASK, MailDue, max_attempts=14, first_delay=timedelta(seconds=10), max_delay=timedelta(minutes=30))
async def send_owed(context: Context, due: MailDue) -> None:
    """Send an owed mail, unless it has gone out."""
    try:
        await _send(context, due.mail_id)
    except _BeingSent:
        raise RetryAfter(_LEASE) from None
    except Unreadable as error:
        raise GiveUp(str(error)) from error


async def forget(works: Works) -> None:
    """Wipe what has expired, delete what is old; for a periodic job."""
    async with works.across_tenants("mail outbox") as work:
        await work.execute(
            "update mail_outbox set sealed = null where sealed is not null and expires_at <= $1", work.now
        )
        await work.execute("delete from mail_outbox where created_at < $1", work.now - work.clock.lasting(KEPT))


class _BeingSent(Exception):
    """Somebody else is at it."""


async def _send(context: Context, mail_id: UUID) -> bool:
    """Claim the mail, hand it over, wipe it. False where there was nothing to send any more.

    Raises Upstream, _BeingSent, Unreadable.
    """
    async with context.works.across_tenants("mail outbox") as work:
        row = await work.fetchrow("select * from mail_outbox where id = $1 for update", mail_id)
        if row is None or row["sealed"] is None:
            return False
        if row["expires_at"] is not None and row["expires_at"] <= work.now:
            await work.execute("update mail_outbox set sealed = null where id = $1", mail_id)
            log.warning("mail_expired", what=row["what"], mail_id=str(mail_id))
            return False
        if row["leased_until"] is not None and row["leased_until"] > work.now:
            raise _BeingSent
        await work.execute(
            "update mail_outbox set leased_until = $2 where id = $1", mail_id, work.now + work.clock.lasting(_LEASE)
        )
    mail = msgspec.json.decode(context.vault.open(row["sealed"]), type=Mail)
    sent = False
    try:
        async with asyncio.timeout(_LONGEST):
            await context.mailer.send(mail)
        sent = True
    except TimeoutError as error:
        raise Upstream("The mail server did not answer in time.") from error
    except Upstream as error:
        log.warning("mail_failed", what=row["what"], mail_id=str(mail_id), error=error.message)
        raise
    finally:
        await _settle(context.works, mail_id, sent=sent)
    return True


async def _settle(works: Works, mail_id: UUID, *, sent: bool) -> None:
    async with works.across_tenants("mail outbox") as work:
        await work.execute(
            """update mail_outbox set leased_until = null, sent_at = case when $2 then $3::timestamptz end,
                   sealed = case when $2 then null else sealed end where id = $1""",
            mail_id, sent, work.now,
        )  # fmt: skip
