"""From a credential to an actor, on the connection that the request is then worked on: one round trip."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.identity.errors import SessionEnded
from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.organizations.service.keys import PREFIX, authenticate_api_key
from frontdesk.kernel.access import Actor, Role
from frontdesk.kernel.errors import Unauthenticated
from frontdesk.platform.database import Visit, Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.tokens import session_of

__all__ = ["actor_of_session", "authenticate", "authenticate_api_key", "authenticate_bearer"]


async def authenticate(works: Works, secrets: Secrets, credential: str) -> tuple[Visit, Actor]:
    """Who comes with `credential`, an access token or an API key. Raises as `authenticate_bearer` and
    `organizations.service.authenticate_api_key` do."""
    if credential.startswith(PREFIX):
        return await authenticate_api_key(works, credential)
    return await authenticate_bearer(works, secrets, credential)


async def authenticate_bearer(works: Works, secrets: Secrets, token: str) -> tuple[Visit, Actor]:
    """Who comes with the access token `token`.

    The signature and the expiry are checked first, without the database; then that the session stands and its owner
    is not suspended. A person whose membership is gone or suspended, or whose organisation is, comes as an actor
    without an organisation. The visit must be used or left. Raises TokenInvalid, TokenExpired, SessionEnded.
    """
    now = works.clock.now()
    return await _of_session(works, session_of(token, secrets.jwt_secret, works.clock.wall_time(now)), now)


async def actor_of_session(works: Works, session_id: UUID) -> Actor:
    """Whose the session is, as they stand now: for what was begun in it and is ended elsewhere. Raises SessionEnded."""
    visit, actor = await _of_session(works, session_id, works.clock.now())
    await visit.leave()
    return actor


async def _of_session(works: Works, session_id: UUID, now: datetime) -> tuple[Visit, Actor]:
    try:
        visit = await works.visit("select * from principal_of_session($1, $2)", session_id, now)
    except Unauthenticated as error:
        raise SessionEnded from error
    found = visit.principal
    actor = actor_of_member(
        found["user_id"],
        found["email"],
        found["org_id"],
        Role(found["role"]) if found["role"] else None,
        found["extra_permissions"] or (),
        found["allowed_dataset_ids"],
        session_id=session_id,
        platform_admin=found["platform_admin"],
    )
    return visit, actor
