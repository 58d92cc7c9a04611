"""Notifications as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Notification Routes;
and beside it, marked as extensions, what a client needs to show them.

The published route is for the operator's own programs: its credential is the scheduler's secret, and it names a person
of any organisation."""

from litestar import get, patch, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.reactivation.shapes.notifications import (
    ChangeNotification,
    Notification,
    NotificationList,
    NotificationQuery,
    OneNotification,
    ReadAll,
    SendNotification,
    SentNotification,
)
from frontdesk.domain.notifications.errors import NotificationNotFound
from frontdesk.domain.notifications.service import reading, telling
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@post("/api/notifications/send", operation_id="send_notification", status_code=200, auth=Auth.CRON)
async def send_notification(context: Given[Context], data: JSONBody[SendNotification]) -> SentNotification:
    return SentNotification.of(await telling.send(context, data.user_id, data.told(), data.client_id))


@get(
    "/api/notifications",
    operation_id="list_notifications",
    extension=True,
    dependencies=wanted_of(NotificationQuery),
    query_shape=NotificationQuery,
)
async def list_notifications(work: Given[Work], wanted: Given[NotificationQuery]) -> NotificationList:
    """What the signed-in person was told, newest first."""
    found = await reading.listed(work, wanted.limit, wanted.page, unread=wanted.unread)
    return NotificationList.of(found, await reading.unread_count(work), wanted)


@patch("/api/notifications/{notification_id:str}", operation_id="change_notification", extension=True)
async def change_notification(
    work: Given[Work], notification_id: FromPath[str], data: JSONBody[ChangeNotification]
) -> OneNotification:
    """Note it as read, or as unread."""
    which = path_id(notification_id, NotificationNotFound)
    return OneNotification(Notification.of(await reading.mark(work, which, read=data.read)))


@post("/api/notifications/read-all", operation_id="read_all_notifications", extension=True, status_code=200)
async def read_all_notifications(work: Given[Work]) -> ReadAll:
    """Note all as read."""
    return ReadAll(success=True, changed=await reading.mark_all_read(work))


ROUTES = [send_notification, list_notifications, change_notification, read_all_notifications]
