"""Readers of the event log: what follows from facts."""

from frontdesk.domain.activity import service as activity
from frontdesk.platform.event_log import Reader

READERS = [Reader(activity.READER, activity.note)]
