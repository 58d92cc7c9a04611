"""The frame around every signed-in page: who it is, where one can go, what waits."""

from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.conversations.service import inbox
from frontdesk.domain.notifications.service import reading
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.database import Work


class Room(Struct, frozen=True):
    """A place in the navigation. `needs` is what one must be allowed to find it there."""

    name: str
    path: str
    icon: str
    needs: Permission = Permission.VIEW
    also: str = ""
    """Another path whose pages belong to it."""

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is in this room."""
        if self.path == "/console":
            return path == self.path
        return any(own and f"{path}/".startswith(f"{own}/") for own in (self.path, self.also))


NAVIGATION: list[tuple[str, list[Room]]] = [
    (
        "",
        [
            Room("Overview", "/console", "overview"),
            Room("Inbox", "/console/inbox", "inbox"),
            Room("Calls", "/console/calls", "call"),
            Room("Leads", "/console/leads", "leads", also="/console/imports"),
            Room("Campaigns", "/console/campaigns", "campaigns"),
            Room("Do not contact", "/console/suppressions", "ban"),
            Room("Calendar", "/console/calendar", "calendar"),
            Room("Assistant", "/console/assistant", "bot"),
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
            Room("Numbers", "/console/numbers", "call"),
            Room("API keys", "/console/keys", "key", Permission.MANAGE_KEYS),
            Room("Integrations", "/console/integrations", "refresh", also="/console/crm"),
            Room("Webhooks", "/console/webhooks", "bolt", Permission.MANAGE_ORGANIZATION),
            Room("Billing", "/console/billing", "archive"),
            Room("Settings", "/console/settings", "sliders"),
            Room("Jobs", "/console/jobs", "jobs", Permission.OPERATE_JOBS),
        ],
    ),
]


def rooms_of(permissions: frozenset[Permission]) -> list[tuple[str, list[Room]]]:
    """The navigation of somebody who may do `permissions`."""
    return [(heading, [room for room in rooms if room.needs in permissions]) for heading, rooms in NAVIGATION]


class Frame(Struct, frozen=True):
    """Who is signed in where, and what waits for them."""

    organization: str
    number: str
    name: str
    email: str
    role: str
    org_id: UUID
    zone: ZoneInfo
    unread: int
    needs_human: int
    told: int
    """Notifications not read, counted up to a hundred."""

    @classmethod
    async def of(cls, actor: Actor, work: Work) -> "Frame":
        """The frame for `actor`, read with its own `work`."""
        organization = await organizations.get(work)
        waiting = await inbox.counts(work)
        member = await organizations.get_member(work, actor.id) if actor.id is not None else None
        name = f"{member.first_name} {member.last_name}".strip() if member is not None else ""
        return cls(
            organization=organization.name,
            number=organization.number or "",
            name=name or actor.email,
            email=actor.email,
            role=actor.role.value if actor.role else "",
            org_id=organization.org_id,
            zone=ZoneInfo(organization.time_zone),
            unread=waiting.unread,
            needs_human=waiting.needs_human,
            told=await reading.unread_count(work),
        )
