"""The frame around every signed-in page: who it is, where one can go, what waits."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request
from msgspec import Struct

from frontdesk.kernel.access import Actor
from frontdesk.platform.database import Work


class Room(Struct, frozen=True):
    """A place in the navigation."""

    name: str
    path: str
    icon: str


NAVIGATION: list[tuple[str, list[Room]]] = [
    (
        "",
        [
            Room("Overview", "/console", "overview"),
            Room("Inbox", "/console/inbox", "inbox"),
            Room("Leads", "/console/leads", "leads"),
            Room("Campaigns", "/console/campaigns", "campaigns"),
            Room("Calendar", "/console/calendar", "calendar"),
            Room("Knowledge", "/console/knowledge", "book"),
        ],
    ),
    (
        "Sandbox",
        [Room("Simulator", "/console/simulator", "handset"), Room("Captured mail", "/console/mail", "mail")],
    ),
    (
        "Organisation",
        [
            Room("Team", "/console/team", "team"),
            Room("API keys", "/console/keys", "key"),
            Room("Settings", "/console/settings", "sliders"),
            Room("Jobs", "/console/jobs", "jobs"),
        ],
    ),
]


class Frame(Struct, frozen=True):
    """Who is signed in where."""

    organization: str
    number: str
    email: str
    role: str
    org_id: UUID
    zone: ZoneInfo
    unread: int
    needs_human: int

    @classmethod
    async def of(cls, request: Request[Any, Any, Any], actor: Actor, work: Work) -> "Frame":
        """The frame for `actor`, read with its own `work`."""
        from frontdesk.domain.conversations.service import threads
        from frontdesk.domain.organizations import service as organizations

        organization = await organizations.get(work)
        waiting = await threads.counts(work)
        return cls(
            organization=organization.name,
            number=organization.number or "",
            email=actor.email,
            role=actor.role.value if actor.role else "",
            org_id=organization.org_id,
            zone=ZoneInfo(organization.time_zone),
            unread=waiting.unread,
            needs_human=waiting.needs_human,
        )
