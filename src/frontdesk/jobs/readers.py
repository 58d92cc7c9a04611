"""Readers of the event log: what follows from facts."""

from frontdesk.domain.activity import service as activity
from frontdesk.domain.campaigns.service import stopping
from frontdesk.platform.event_log import Reader

READERS = [Reader(activity.READER, activity.note), Reader(stopping.READER, stopping.heed)]
