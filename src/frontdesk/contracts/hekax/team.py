"""The team as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Team Endpoints."""

from typing import Any

from litestar import Request, delete, get, patch, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.hekax.sessions import client_of, organization_of, realm_of
from frontdesk.contracts.hekax.shapes.auth import SignedIn, names_in
from frontdesk.contracts.hekax.shapes.team import (
    Acceptance,
    Invitations,
    Invite,
    OneInvitation,
    Removed,
    RoleChange,
    TeamList,
    TeamMember,
)
from frontdesk.domain.identity import service as identity
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import InvitationNotFound, MemberNotFound
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/team", operation_id="list_team")
async def list_team(work: Given[Work]) -> TeamList:
    return TeamList.of(await organizations.list_members(work), await organizations.get(work))


@post("/api/team/invite", operation_id="invite_team_member", status_code=201)
async def invite_team_member(context: Given[Context], actor: Given[Actor], data: JSONBody[Invite]) -> OneInvitation:
    return OneInvitation.of(await organizations.invite(context, actor, data.invitation()))


@get("/api/team/invitations", operation_id="list_invitations", extension=True)
async def list_invitations(work: Given[Work]) -> Invitations:
    """Invitations that nobody has accepted yet, newest first."""
    return Invitations.of(await organizations.list_invitations(work), work.now)


@delete("/api/team/invitations/{invitation_id:str}", operation_id="revoke_invitation", status_code=200, extension=True)
async def revoke_invitation(work: Given[Work], invitation_id: FromPath[str]) -> Removed:
    """Take an invitation back: its link is dead from then on."""
    await organizations.revoke_invitation(work, path_id(invitation_id, InvitationNotFound))
    return Removed()


@post(
    "/api/team/accept-invite", operation_id="accept_invite", status_code=200, auth=Auth.OPEN, limit="authentication",
    fields={"first_name": "name", "last_name": "name"}, extension=True,
)  # fmt: skip
async def accept_invite(
    request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[Acceptance]
) -> SignedIn:
    """Join by the token of a mailed invitation. Somebody new sets a password; who has an account gives theirs."""
    first, last = names_in(data.name)
    tokens = await identity.accept_invitation(
        serving.context.works, realm_of(serving), data.token, password=data.password, first_name=first,
        last_name=last, client=client_of(request),
    )  # fmt: skip
    return SignedIn.of(tokens, await organization_of(serving, tokens))


@patch("/api/team/{user_id:str}/role", operation_id="update_team_member_role")
async def update_team_member_role(work: Given[Work], user_id: FromPath[str], data: JSONBody[RoleChange]) -> TeamMember:
    was = await organizations.get_member(work, path_id(user_id, MemberNotFound))
    return TeamMember.of(await organizations.change_member(work, was.user_id, data.change(was)))


@delete("/api/team/{user_id:str}", operation_id="remove_team_member", status_code=200)
async def remove_team_member(work: Given[Work], user_id: FromPath[str]) -> Removed:
    await organizations.remove_member(work, path_id(user_id, MemberNotFound))
    return Removed()


ROUTES = [
    list_team,
    invite_team_member,
    list_invitations,
    revoke_invitation,
    accept_invite,
    update_team_member_role,
    remove_team_member,
]
