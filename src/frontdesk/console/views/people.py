"""Roles, permissions, names and devices in words for people."""

import re
from collections.abc import Iterable

from msgspec import Struct

from frontdesk.domain.organizations.errors import RoleNotAllowed
from frontdesk.domain.organizations.model import Member, must_be_able_to_grant, must_outrank
from frontdesk.kernel.access import Actor, Permission, Role


class RoleWords(Struct, frozen=True):
    """What a role is called and what it lets one do."""

    role: Role
    name: str
    means: str


ROLES: list[RoleWords] = [
    RoleWords(Role.OWNER, "Owner", "Everything, other owners included."),
    RoleWords(Role.ADMIN, "Admin", "Everything but owners: people, keys, settings, campaigns, leads."),
    RoleWords(Role.MANAGER, "Manager", "Leads, datasets, campaigns and knowledge."),
    RoleWords(Role.AGENT, "Agent", "Leads and conversations."),
    RoleWords(Role.DEVELOPER, "Developer", "Sees everything; API keys and failed jobs."),
    RoleWords(Role.VIEWER, "Viewer", "Sees everything and changes nothing."),
]

EXTRAS: list[tuple[str, str]] = [
    ("view_all_leads", "See every lead, also those assigned to others"),
    (Permission.EDIT_LESSONS.value, "Edit knowledge and lessons"),
    (Permission.PUSH_TO_LIVE.value, "Make changed prompts live"),
    (Permission.RUN_CAMPAIGNS.value, "Start, pause and resume campaigns"),
    (Permission.MANAGE_USERS.value, "Invite and manage people"),
]
"""Permissions that a member can be given beyond their role."""


def role_name(role: Role) -> str:
    """What a role is called."""
    return next(words.name for words in ROLES if words.role is role)


def grantable(actor: Actor) -> list[RoleWords]:
    """The roles that `actor` may give."""
    return [words for words in ROLES if _may(actor, words.role)]


def _may(actor: Actor, role: Role) -> bool:
    try:
        must_be_able_to_grant(actor, role, [], actor.allowed_datasets)
    except RoleNotAllowed:
        return False
    return True


def may_manage(actor: Actor, member: Member) -> bool:
    """Whether `actor` may change `member` at all."""
    if not actor.may(Permission.MANAGE_USERS):
        return False
    try:
        must_outrank(actor, member.role)
    except RoleNotAllowed:
        return False
    return True


def full_name(parts: Iterable[str], otherwise: str) -> str:
    """A person's name, or what stands in for it."""
    return " ".join(part for part in parts if part) or otherwise


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent: str) -> str:
    """What a browser or program says it is, in a few words."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    program = re.match(r"[\w.-]+", user_agent)
    return program[0] if program else "An unknown device"
