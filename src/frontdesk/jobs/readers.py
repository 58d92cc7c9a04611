"""Readers of the event log: what follows from facts."""

from frontdesk.domain.activity import service as activity
from frontdesk.domain.billing.service import metering
from frontdesk.domain.campaigns.service import stopping
from frontdesk.domain.crm.service import owing
from frontdesk.domain.notifications.service import telling
from frontdesk.domain.scheduling.service import calendars
from frontdesk.domain.webhooks.service import telling as webhooks
from frontdesk.platform.event_log import Reader

READERS = [
    Reader(activity.READER, activity.note),
    Reader(stopping.READER, stopping.heed),
    Reader(metering.READER, metering.meter, types=metering.TYPES),
    Reader(calendars.READER, calendars.react, types=calendars.TYPES),
    # Nobody wants to be told of what happened before this was there.
    Reader(telling.READER, telling.react, types=telling.TYPES, from_beginning=False),
    Reader(owing.READER, owing.react, types=owing.TYPES, from_beginning=False),
    Reader(webhooks.READER, webhooks.react, types=webhooks.TYPES, from_beginning=False),
]
