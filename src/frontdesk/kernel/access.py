"""Who acts, and what they may do. Roles and permissions of DESIGN 5; the contracts translate role names."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Role(StrEnum):
    """A member's standing in an organisation, strongest first, and `developer` beside them."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    DEVELOPER = "developer"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What a use case asks for before it does anything."""

    VIEW = "view"
    EDIT_LEADS = "edit_leads"
    IMPORT_LEADS = "import_leads"
    EXPORT_LEADS = "export_leads"
    CREATE_DATASETS = "create_datasets"
    DELETE_DATASETS = "delete_datasets"
    SEND_MESSAGES = "send_messages"
    RUN_CAMPAIGNS = "run_campaigns"
    EDIT_LESSONS = "edit_lessons"
    PUSH_TO_LIVE = "push_to_live"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    MANAGE_ORGANIZATION = "manage_organization"
    OPERATE_JOBS = "operate_jobs"
    PLATFORM = "platform"


_VIEWER = frozenset({Permission.VIEW})
_DEVELOPER = _VIEWER | {Permission.MANAGE_KEYS, Permission.OPERATE_JOBS}
_AGENT = _VIEWER | {Permission.EDIT_LEADS, Permission.SEND_MESSAGES, Permission.IMPORT_LEADS}
_MANAGER = _AGENT | {
    Permission.EXPORT_LEADS, Permission.CREATE_DATASETS, Permission.RUN_CAMPAIGNS, Permission.EDIT_LESSONS,
}  # fmt: skip
_ADMIN = _MANAGER | {
    Permission.DELETE_DATASETS, Permission.PUSH_TO_LIVE, Permission.MANAGE_USERS, Permission.MANAGE_KEYS,
    Permission.MANAGE_ORGANIZATION, Permission.OPERATE_JOBS,
}  # fmt: skip

PERMISSIONS_OF: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _ADMIN,
    Role.ADMIN: _ADMIN,
    Role.MANAGER: _MANAGER,
    Role.AGENT: _AGENT,
    Role.DEVELOPER: _DEVELOPER,
    Role.VIEWER: _VIEWER,
}


class ActorType(StrEnum):
    """What kind of thing acts."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"
    PROVIDER = "provider"
    CRON = "cron"


class Actor(Struct, frozen=True):
    """Whoever a unit of work is done for: its organisation, its rights, and the datasets it is held to, if any."""

    type: ActorType
    id: UUID | None
    org_id: UUID | None
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    allowed_datasets: frozenset[UUID] | None = None
    """None: every dataset of the organisation."""
    email: str = ""
    session_id: UUID | None = None
    platform_admin: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether the actor holds `permission`."""
        return permission in self.permissions


def system_actor(org_id: UUID) -> Actor:
    """The product itself, at work for one organisation: jobs, readers, campaigns."""
    return Actor(
        type=ActorType.SYSTEM, id=None, org_id=org_id, permissions=frozenset(Permission) - {Permission.PLATFORM}
    )
