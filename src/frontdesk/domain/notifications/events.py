"""Facts about notifications. Who may hear of them: those in `user_ids`."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("notification.created", "notification")
class Notified(Fact, frozen=True):
    """People were told something; the subject is what was told of, or the notification itself."""

    user_ids: list[UUID]


@fact("notification.read", "notification")
class NotificationsRead(Fact, frozen=True):
    """A person has read some of what they were told; the subject is that person."""

    user_ids: list[UUID]
