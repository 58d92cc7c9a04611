"""Notifications."""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.contracts._http.paging import PageNumber, PageSize, Pagination
from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.domain.notifications import model
from frontdesk.domain.notifications.model import Kind
from frontdesk.domain.notifications.service.telling import Told
from frontdesk.kernel.paging import Page


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    SMS = "sms"
    IN_APP = "in_app"


class Priority(StrEnum):
    """How urgent it is: what is immediate is not held back for a digest."""

    IMMEDIATE = "immediate"
    NORMAL = "normal"
    LOW = "low"


class SendNotification(Struct):
    """What to tell whom. `client_id` says in which organisation, for people who belong to several; `data` is taken and
    not shown."""

    user_id: UUID
    channels: list[Channel]
    priority: Priority
    title: str
    message: str
    link: str | None = None
    data: Any = None
    client_id: UUID | None = None

    def told(self) -> Told:
        return Told(
            title=self.title,
            message=self.message,
            link=self.link or "",
            channels=frozenset(channel.value for channel in self.channels),
            at_once=self.priority is Priority.IMMEDIATE,
        )


class SentNotification(Struct, omit_defaults=True):
    """It is stored, and on its way. No id: the person wants none of these channels."""

    success: Literal[True]
    notification_id: UUID | None = None

    @classmethod
    def of(cls, notification_id: UUID | None) -> "SentNotification":
        return cls(success=True, notification_id=notification_id)


class NotificationQuery(Struct):
    """The query of the list. Newest first."""

    page: PageNumber = 1
    limit: PageSize = 50
    unread: bool = False


class Notification(Struct):
    """Something the signed-in person was told. `link` is a path of the console, or what the sender gave."""

    id: UUID
    kind: Kind
    title: str
    message: str
    link: str
    lead_id: UUID | None
    dataset_id: UUID | None
    created_at: Instant
    read_at: Instant | None

    @classmethod
    def of(cls, told: model.Notification) -> "Notification":
        return cls(
            id=told.id,
            kind=told.kind,
            title=told.title(),
            message=told.detail(ZoneInfo("UTC")),
            link=told.link,
            lead_id=told.lead_id,
            dataset_id=told.dataset_id,
            created_at=iso(told.created_at),
            read_at=iso_or_none(told.read_at),
        )


class NotificationList(Struct):
    """A page of notifications. `unread` counts those not read, up to 100."""

    notifications: list[Notification]
    unread: int
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.Notification], unread: int, wanted: NotificationQuery) -> "NotificationList":
        pagination = Pagination.of(found, wanted.page, wanted.limit)
        return cls([Notification.of(each) for each in found.items], unread, pagination)


class ChangeNotification(Struct):
    """What can change of a notification."""

    read: bool


class OneNotification(Struct):
    """A notification."""

    notification: Notification


class ReadAll(Struct):
    """How many had not been read."""

    success: Literal[True]
    changed: int
