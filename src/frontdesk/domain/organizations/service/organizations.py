"""Making, reading and changing organisations."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, structs

from frontdesk.domain.organizations import store
from frontdesk.domain.organizations.errors import NoSandboxNumberLeft, OrganizationNotFound
from frontdesk.domain.organizations.events import MemberJoined, OrganizationCreated, OrganizationUpdated
from frontdesk.domain.organizations.model import (
    MOST_FREE_SETTINGS,
    MOST_GREETING,
    MOST_PROMPT,
    Belonging,
    NewOrganization,
    Organization,
    OrganizationChange,
    checked_hours,
    checked_voice,
    color,
    country_code,
    optional_email,
    optional_line,
    optional_text,
    slug_of,
    time_zone_name,
    web_address,
)
from frontdesk.kernel.access import Actor, ActorType, Permission, Role
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import parse_phone
from frontdesk.kernel.text import one_line
from frontdesk.platform.database import Work, Works


async def create(works: Works, actor: Actor, new: NewOrganization) -> Organization:
    """Begin an organisation owned by the signed-in person `actor`, who may have others.

    Raises Invalid, Forbidden for anything but a person. The session stays where it is: see
    `identity.service.switch_organization`.
    """
    if actor.type is not ActorType.USER or actor.id is None:
        raise Forbidden("Only a person can own an organisation.")
    async with works.across_tenants("own organizations", actor) as work:
        return await found(work, actor.id, new)


async def found(work: Work, owner_id: UUID, new: NewOrganization) -> Organization:
    """The same within a unit of work across tenants, for whoever is making the owner too.

    The organisation gets a sandbox number of its own. Emits organization.created and member.joined. Raises Invalid,
    NoSandboxNumberLeft.
    """
    new = new.checked()
    number = await store.free_sandbox_number(work)
    if number is None:
        raise NoSandboxNumberLeft
    slug = await store.free_slug(work, slug_of(new.name))
    organization = await store.insert_organization(work, new_id(), new, slug, number)
    await store.insert_number(work, organization.org_id, new_id(), number)
    await store.insert_member(work, organization.org_id, owner_id, Role.OWNER, [], None)
    work.emit(OrganizationCreated(subject_id=organization.org_id, owner_id=owner_id), organization.org_id)
    work.emit(MemberJoined(subject_id=owner_id, role=Role.OWNER.value), organization.org_id)
    return organization


async def get(work: Work) -> Organization:
    """The organisation worked for. Needs `view`."""
    work.require(Permission.VIEW)
    return await store.get_organization(work)


async def named(works: Works, name_or_id: str) -> UUID:
    """The organisation that the operator means. Raises OrganizationNotFound, also where two have the name."""
    async with works.across_tenants("platform admin") as work:
        found = await store.ids_of(work, name_or_id)
    if len(found) != 1:
        raise OrganizationNotFound
    return found[0]


async def of_member(works: Works, email: str) -> UUID:
    """The organisation of the person whom the operator means. Raises OrganizationNotFound, also where it is one of
    several."""
    async with works.across_tenants("platform admin") as work:
        found = await store.ids_of_member(work, email)
    if len(found) != 1:
        raise OrganizationNotFound
    return found[0]


async def list_own(works: Works, actor: Actor) -> list[Belonging]:
    """The organisations that the signed-in person may act for, oldest membership first."""
    if actor.type is not ActorType.USER or actor.id is None:
        raise Forbidden("Only a person belongs to organisations.")
    async with works.across_tenants("own organizations", actor) as work:
        return await store.belongings(work, actor.id)


async def update(work: Work, change: OrganizationChange) -> Organization:
    """Change the settings that are given. Needs `manage_organization`.

    Raises Invalid naming the field. Audited; emits organization.updated with the names of what changed, if anything.
    """
    work.require(Permission.MANAGE_ORGANIZATION)
    was = await store.get_organization(work, lock=True)
    wanted = _checked(change, was.country)
    changes = {name: value for name, value in wanted.items() if value != getattr(was, name)}
    if not changes:
        return was
    organization = await store.update_organization(
        work, {name: msgspec.to_builtins(value) for name, value in changes.items()}
    )
    names = sorted(changes)
    work.emit(OrganizationUpdated(subject_id=work.org_id, fields=names))
    await work.audit("organization.updated", "organization", work.org_id, fields=names)
    return organization


def _checked(change: OrganizationChange, country: str) -> dict[str, Any]:
    """The given fields by column, tidied."""
    given = {name: value for name, value in structs.asdict(change).items() if value is not UNSET}
    if "segment_price" in given:  # kept as two columns
        price = given["segment_price"]
        given |= {
            "segment_price": price.minor if price else None,
            "segment_currency": price.currency if price else None,
        }
    if "country" in given:
        country = country_code(given["country"])
    rules: dict[str, Callable[[Any], Any]] = {
        "name": partial(one_line, field="name", required=True),
        "country": country_code,
        "time_zone": time_zone_name,
        "email": optional_email,
        "phone": partial(_phone, country),
        "logo_url": partial(web_address, field="logo_url"),
        "primary_color": color,
        "n8n_workflow_id": partial(optional_line, field="n8n_workflow_id"),
        "agent_name": partial(one_line, field="agent_name", most=80, required=True),
        "greeting": partial(optional_text, field="greeting", most=MOST_GREETING),
        "voice_id": checked_voice,
        "system_prompt": partial(optional_text, field="system_prompt", most=MOST_PROMPT),
        "max_call_seconds": partial(_within, "max_call_seconds", "A call lasts {} to {} seconds.", 10, 14_400),
        "max_turns": partial(_within, "max_turns", "A call has {} to {} turns.", 1, 500),
        "ai_temperature": _temperature,
        "free_settings": _free_settings,
        "business_hours": checked_hours,
        "daily_cap": partial(_within, "daily_cap", "The daily cap is from {} to {} messages.", 1, 100),
        "weekly_cap": partial(_within, "weekly_cap", "The weekly cap is from {} to {} messages.", 1, 500),
        "decisions_kept_days": partial(
            _within, "decisions_kept_days", "Refusals are kept for {} to {} days.", 30, 3650
        ),
        "ai_daily_cap": partial(_within, "ai_daily_cap", "A lead may cause {} to {} answers a day.", 1, 1000),
    }
    return {name: rules[name](value) if name in rules else value for name, value in given.items()}


def _temperature(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 2:
        raise Invalid("The temperature is from 0 to 2.", field="ai_temperature")
    return value


def _phone(country: str, value: str | None) -> str | None:
    return parse_phone(value, country) if value else None


def _free_settings(value: dict[str, Any]) -> dict[str, Any]:
    encoded = msgspec.json.encode(value)
    if len(encoded) > MOST_FREE_SETTINGS:
        raise Invalid(f"Settings must not be larger than {MOST_FREE_SETTINGS // 1024} KiB.", field="settings")
    if b"\\u0000" in encoded:
        raise Invalid("Settings must not hold NUL characters.", field="settings")
    return value


def _within(field: str, sentence: str, least: int, most: int, value: int) -> int:
    if not least <= value <= most:
        raise Invalid(sentence.format(least, most), field=field)
    return value
