"""The team as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Team Endpoints."""

from litestar import delete, patch

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts.hekax.shapes.team import Removed, RoleChange, TeamMember
from frontdesk.domain.organizations.errors import MemberNotFound
from frontdesk.domain.organizations.service import members
from frontdesk.platform.database import Work


@patch("/api/team/{user_id:str}/role", operation_id="update_team_member_role")
async def update_team_member_role(work: Given[Work], user_id: FromPath[str], data: JSONBody[RoleChange]) -> TeamMember:
    was = await members.get_member(work, path_id(user_id, MemberNotFound))
    return TeamMember.of(await members.change_member(work, was.user_id, data.change(was)))


@delete("/api/team/{user_id:str}", operation_id="remove_team_member", status_code=200)
async def remove_team_member(work: Given[Work], user_id: FromPath[str]) -> Removed:
    await members.remove_member(work, path_id(user_id, MemberNotFound))
    return Removed()


ROUTES = [update_team_member_role, remove_team_member]
