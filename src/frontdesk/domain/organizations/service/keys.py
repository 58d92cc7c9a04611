"""API keys: an organisation's own credentials for programs."""

import re
import secrets
from uuid import UUID

from msgspec import structs

from frontdesk.domain.organizations import key_store
from frontdesk.domain.organizations.errors import ApiKeyNotFound, RoleNotAllowed
from frontdesk.domain.organizations.model import ApiKey, NewApiKey, must_be_able_to_grant
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Permission, Role, system_actor
from frontdesk.kernel.errors import Invalid, Unauthenticated
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.text import one_line
from frontdesk.platform.crypto import masked, token_hash
from frontdesk.platform.database import Visit, Work, Works

PREFIX = "sk_live_"
_KEY = re.compile(r"sk_live_[A-Za-z0-9_-]{40}")


async def create_api_key(work: Work, new: NewApiKey) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once and never again.

    Needs `manage_keys`. Raises RoleNotAllowed for a key that could do more than its maker, or none that is held to
    certain datasets could make; Invalid. Audited.
    """
    work.require(Permission.MANAGE_KEYS)
    new = structs.replace(new, name=one_line(new.name, "name", most=100, required=True))
    if new.role is Role.OWNER:
        raise RoleNotAllowed(new.role, "An API key cannot be an owner.")
    must_be_able_to_grant(work.actor, new.role, [], None)
    if new.expires_at is not None and new.expires_at <= work.now:
        raise Invalid("The expiry must lie in the future.", field="expires_at")
    secret = PREFIX + secrets.token_urlsafe(30)
    key = await key_store.insert(work, new_id(), new, token_hash(secret), masked(secret))
    await work.audit("api_key.created", "api_key", key.id, name=key.name, role=key.role.value)
    return key, secret


async def list_api_keys(work: Work) -> list[ApiKey]:
    """Keys that were not revoked, newest first, expired ones included. Needs `manage_keys`."""
    work.require(Permission.MANAGE_KEYS)
    return await key_store.all_live(work)


async def revoke_api_key(work: Work, key_id: UUID) -> None:
    """End a key at once. Needs `manage_keys`. Raises ApiKeyNotFound, RoleNotAllowed. Audited."""
    work.require(Permission.MANAGE_KEYS)
    key = await key_store.get_live(work, key_id)
    must_be_able_to_grant(work.actor, key.role, [], None)
    await key_store.revoke(work, key_id)
    await work.audit("api_key.revoked", "api_key", key_id, name=key.name)


async def authenticate_api_key(works: Works, key: str) -> tuple[Visit, Actor]:
    """Who comes with the API key `key`, in one round trip, on the connection that its work is then done on.

    Raises Unauthenticated; without asking the database for what cannot be a key. Notes the use, at most once a minute.
    """
    if not _KEY.fullmatch(key):
        raise Unauthenticated("The API key is not valid.")
    visit = await works.visit("select * from principal_of_api_key($1, $2)", token_hash(key), works.clock.now())
    found = visit.principal
    return visit, _actor(found["org_id"], found["key_id"], Role(found["role"]))


async def actor_of_key(works: Works, org_id: UUID, key_id: UUID) -> Actor:
    """The program with that key, as it stands now: for what was begun with it and is ended elsewhere. Raises
    Unauthenticated."""
    async with works.begin(system_actor(org_id)) as work:
        try:
            key = await key_store.get_live(work, key_id)
        except ApiKeyNotFound as error:
            raise Unauthenticated("The API key was revoked.") from error
        if key.expires_at is not None and key.expires_at <= work.now:
            raise Unauthenticated("The API key has expired.")
    return _actor(org_id, key_id, key.role)


def _actor(org_id: UUID, key_id: UUID, role: Role) -> Actor:
    return Actor(type=ActorType.API_KEY, id=key_id, org_id=org_id, role=role, permissions=PERMISSIONS_OF[role])
