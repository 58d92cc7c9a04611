"""Work that is done every so often, by one process at a time."""

from datetime import timedelta

from frontdesk.domain.agents.service import files
from frontdesk.domain.calls import service as calls
from frontdesk.domain.campaigns.service import campaigns, personalising
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.service import delivery, inbound, replies
from frontdesk.domain.crm.service import passing
from frontdesk.domain.identity.service import account
from frontdesk.domain.integrations.service import connecting
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.domain.notifications.service import reading
from frontdesk.domain.numbers.service import settling
from frontdesk.domain.scheduling.service import calendars
from frontdesk.domain.webhooks.service import replaying
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.idempotency import sweep_keys
from frontdesk.platform.limits import sweep_counters
from frontdesk.platform.periodic import Periodic

_ROUNDS = 20
"""Batches of waiting messages in one run: nothing that fails again and again makes it endless."""


async def _send_waiting(context: Context) -> None:
    for _ in range(_ROUNDS):
        if await delivery.send_waiting(context) < delivery.BATCH:
            break


async def _reconcile(context: Context) -> None:
    await delivery.reconcile(context)


async def _end_abandoned_calls(context: Context) -> None:
    await calls.sweep(context)


async def _settle_calls(context: Context) -> None:
    await calls.reconcile(context)


async def _answer_forgotten(context: Context) -> None:
    await replies.process_pending(context)


async def _fail_forgotten(context: Context) -> None:
    await imports.fail_forgotten(context)


async def _look_at_calendars(context: Context) -> None:
    await calendars.look_ahead(context)


async def _settle_calendars(context: Context) -> None:
    await calendars.settle_due(context)


async def _settle_numbers(context: Context) -> None:
    await settling.settle_due(context)


async def _pass_on(context: Context) -> None:
    await passing.pass_due(context)


async def _write_ahead(context: Context) -> None:
    await personalising.write_ahead(context)


async def _roll_up(context: Context) -> None:
    await datasets.roll_up_counts(context.works)
    await campaigns.roll_up_counts(context.works)


async def _sweep(context: Context) -> None:
    await sweep_counters(context.works)
    await sweep_keys(context.works)
    await inbound.forget_webhooks(context.works)
    await account.purge_expired(context.works)
    await connecting.forget_consents(context.works)
    await outbox.forget(context.works)
    await reading.forget_old(context.works)
    await contactability.forget_decisions(context.works)
    await files.purge_deleted(context)
    await replaying.forget_old(context.works)


PERIODIC = [
    Periodic("messages.waiting", timedelta(seconds=2), _send_waiting),
    Periodic("messages.in_doubt", timedelta(seconds=10), _reconcile),
    Periodic("calls.abandoned", timedelta(seconds=10), _end_abandoned_calls),
    Periodic("calls.in_doubt", timedelta(seconds=10), _settle_calls),
    Periodic("replies.forgotten", timedelta(seconds=30), _answer_forgotten),
    Periodic("calendar.looks", timedelta(minutes=4), _look_at_calendars),
    Periodic("calendar.entries", timedelta(seconds=10), _settle_calendars),
    Periodic("numbers.in_doubt", timedelta(seconds=10), _settle_numbers),
    Periodic("imports.forgotten", timedelta(seconds=30), _fail_forgotten),
    Periodic("crm.records", timedelta(seconds=3), _pass_on),
    Periodic("campaigns.texts", timedelta(seconds=5), _write_ahead),
    Periodic("leads.counts", timedelta(seconds=60), _roll_up),
    Periodic("housekeeping", timedelta(hours=1), _sweep),
]
