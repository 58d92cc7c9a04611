"""A reader of the event log: calls and appointments of leads are owed to every connected CRM."""

from uuid import UUID

from frontdesk.domain.crm import store
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.model import Kind
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event
from frontdesk.ports.crm import ActivityKind

READER = "crm"
SUBJECTS = {
    "call.analyzed": ActivityKind.CALL,
    "appointment.created": ActivityKind.APPOINTMENT,
    "appointment.cancelled": ActivityKind.APPOINTMENT,
}
TYPES = frozenset(SUBJECTS)


async def react(work: Work, event: Event) -> None:
    """React to an event: owe it to each CRM, once. A call is told of when it has been read, and where it is a lead's;
    those of nobody known are of no use there, nor are those by which a member tried the assistant out."""
    lead_id = event.payload.get("lead_id")
    if lead_id is None or event.payload.get("trial"):
        return
    for connection in await integrations.connections(work, Kind.CRM):
        await store.owe(
            work, connection.id, event.id, event.type, SUBJECTS[event.type], event.subject_id, UUID(str(lead_id))
        )
