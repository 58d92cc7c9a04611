"""Facts about appointments."""

from datetime import datetime
from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("appointment.created", "booking")
class AppointmentCreated(Fact, frozen=True):
    """A time was booked."""

    lead_id: UUID | None
    starts_at: datetime
    booked_by: str


@fact("appointment.cancelled", "booking")
class AppointmentCancelled(Fact, frozen=True):
    """A booking was called off."""

    lead_id: UUID | None
    starts_at: datetime
