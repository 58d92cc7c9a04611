"""What receivers are told: facts as the HEKAX document publishes them (docs/contracts/hekax.openapi.yaml,
`x-webhook-events`). Beside the published members stand `id` and `sequence` of the envelope."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from frontdesk.domain.webhooks import subject_store
from frontdesk.domain.webhooks.subject_store import BookingSubject, CallSubject
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

NAMES = {
    "call.started": "call.started",
    "call.completed": "call.completed",
    "call.transferred": "call.transferred",
    "call.analyzed": "lead.captured",
    "appointment.created": "appointment.created",
    "appointment.cancelled": "appointment.cancelled",
}
"""The events of the log that receivers may hear of, and what they are called there. A lead is told of when its call has
been read, for not before then is it known why they rang."""


def is_told(event: Event) -> bool:
    """Whether this one is: a call that gave no lead, or that we made, begins nothing that is published, and nobody
    outside is told when a member tries the assistant out."""
    if event.payload.get("trial"):
        return False
    match event.type:
        case "call.analyzed":
            return bool(event.payload.get("captured") and event.payload.get("lead_id"))
        case "call.started":
            return event.payload.get("direction") == "inbound"
        case _:
            return event.type in NAMES


async def data_of(work: Work, event: Event) -> dict[str, Any] | None:
    """The `data` of an event, by what is known of its subject now. None where the subject is gone."""
    return await _MAKERS[event.type](work, event)


def envelope(
    org_id: UUID, event_id: UUID, name: str, at: datetime, sequence: int, data: dict[str, Any], **more: Any
) -> str:
    """The body of a delivery."""
    told = {
        "id": event_id, "event": name, "timestamp": _iso(at), "organizationId": org_id, "sequence": sequence, **more,
        "data": data,
    }  # fmt: skip
    return msgspec.json.encode(told).decode()


def sample(name: str, at: datetime) -> dict[str, Any]:
    """The `data` of a test, in the shape of the real thing; nobody in it exists."""
    nobody = "00000000-0000-7000-8000-000000000000"
    if name == "lead.captured":
        return {
            "leadId": nobody, "name": "Test Lead", "phone": "+12025550100", "email": "test@example.com",
            "reason": "This is a test", "callId": nobody,
        }  # fmt: skip
    if name.startswith("call."):
        told: dict[str, Any] = {
            "callId": nobody, "callSid": "CA" + "0" * 32, "direction": "INBOUND", "fromNumber": "+12025550100",
            "toNumber": "+12025550101", "leadId": None, "startedAt": _iso(at),
        }  # fmt: skip
        if name == "call.completed":
            told |= {"status": "COMPLETED", "duration": 60, "handledByAI": True, "endedReason": "agent_ended"}
            told |= {"endedAt": _iso(at)}
        return told | ({"reason": "This is a test"} if name == "call.transferred" else {})
    return {
        "bookingId": nobody, "leadId": nobody, "callerName": "Test Lead", "callerPhone": "+12025550100",
        "callerEmail": "test@example.com", "scheduledAt": _iso(at), "duration": 30, "purpose": "This is a test",
        "status": "CANCELLED" if name == "appointment.cancelled" else "CONFIRMED", "bookedBy": "ai",
    }  # fmt: skip


async def _lead_captured(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.lead_of_call(work, UUID(str(event.payload["lead_id"])), event.subject_id)
    if found is None:
        return None
    return {
        "leadId": found.lead_id, "name": found.name, "phone": found.phone or "", "email": found.email,
        "reason": found.reason, "callId": event.subject_id,
    }  # fmt: skip


def _call(found: CallSubject) -> dict[str, Any]:
    return {
        "callId": found.id, "callSid": found.provider_call_id, "direction": found.direction.upper(),
        "fromNumber": found.from_number, "toNumber": found.to_number, "leadId": found.lead_id,
        "startedAt": _iso(found.started_at),
    }  # fmt: skip


async def _call_started(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.call(work, event.subject_id)
    return None if found is None else _call(found)


async def _call_completed(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.call(work, event.subject_id)
    if found is None:
        return None
    told = event.payload
    return _call(found) | {
        "status": str(told["status"]).upper(), "duration": told["duration"], "handledByAI": told["handled_by_ai"],
        "endedReason": told["ended_reason"], "endedAt": _iso(found.ended_at or event.occurred_at),
    }  # fmt: skip


async def _call_transferred(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.call(work, event.subject_id)
    return None if found is None else _call(found) | {"reason": event.payload.get("reason") or None}


def _booking(found: BookingSubject, status: str) -> dict[str, Any]:
    return {
        "bookingId": found.id, "leadId": found.lead_id, "callerName": found.name, "callerPhone": found.phone,
        "callerEmail": found.email, "scheduledAt": _iso(found.starts_at),
        "duration": round((found.ends_at - found.starts_at).total_seconds() / 60), "purpose": found.notes or None,
        "status": status, "bookedBy": found.booked_by,
    }  # fmt: skip


async def _appointment_created(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.booking(work, event.subject_id)
    return None if found is None else _booking(found, "CONFIRMED")


async def _appointment_cancelled(work: Work, event: Event) -> dict[str, Any] | None:
    found = await subject_store.booking(work, event.subject_id)
    return None if found is None else _booking(found, "CANCELLED")


_MAKERS: dict[str, Callable[[Work, Event], Awaitable[dict[str, Any] | None]]] = {
    "call.started": _call_started,
    "call.completed": _call_completed,
    "call.transferred": _call_transferred,
    "call.analyzed": _lead_captured,
    "appointment.created": _appointment_created,
    "appointment.cancelled": _appointment_cancelled,
}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
