"""Tokens with the claims that clients of the HEKAX API read, and the organisation that one is for."""

from typing import Any

from litestar import Request

from frontdesk.contracts._http.passage import passage_of
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.hekax.dialect import role_name
from frontdesk.domain.identity.model import Client, Realm, SessionKind, Tokens
from frontdesk.domain.organizations.model import Organization
from frontdesk.domain.organizations.service import organizations
from frontdesk.kernel.access import Role, system_actor
from frontdesk.kernel.errors import Forbidden
from frontdesk.platform.tokens import AccessClaims


def claims_of(claims: AccessClaims) -> dict[str, Any]:
    """userId, organizationId and role, beside what every token says."""
    return {
        "userId": str(claims.user_id),
        "organizationId": str(claims.org_id) if claims.org_id else None,
        "role": role_name(Role(claims.role)) if claims.role else None,
    }


def realm_of(serving: Serving) -> Realm:
    """The realm whose tokens say that."""
    return Realm.of(serving.secrets, serving.settings, also=claims_of)


def client_of(request: Request[Any, Any, Any]) -> Client:
    """What a session is begun from: a client with one token for a day."""
    return Client(SessionKind.BEARER, passage_of(request).client, request.headers.get("user-agent", ""))


async def organization_of(serving: Serving, tokens: Tokens) -> Organization:
    """The organisation that `tokens` are for. Raises Forbidden for somebody who belongs to none."""
    if tokens.org_id is None:
        raise Forbidden("You belong to no organisation.")
    async with serving.context.works.read(system_actor(tokens.org_id)) as work:
        return await organizations.get(work)
