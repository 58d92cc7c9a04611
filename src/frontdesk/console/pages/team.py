"""Team: who belongs to the organisation and as what, and who is invited."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.console.views.people import EXTRAS, ROLES, full_name, grantable, may_manage, role_name
from frontdesk.domain.leads.model import DatasetSort
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import Member, MemberChange, NewInvitation
from frontdesk.kernel.access import Actor, Permission, Role
from frontdesk.kernel.errors import DomainError, Invalid, NotFound
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

HERE = "/console/team"
_CRUMBS = [("Team", HERE)]


@get("/team")
async def team(request: AnyRequest, work: Given[Work]) -> Page:
    """Members, and for who may manage them, invitations."""
    return await _team(request, work)


async def _team(request: AnyRequest, work: Work, form: Form | None = None, problem: DomainError | None = None) -> Page:
    manages = work.actor.may(Permission.MANAGE_USERS)
    members = await organizations.list_members(work)
    return await render(
        request,
        "team/index.html",
        work,
        status=400 if problem else 200,
        members=members,
        invitations=await organizations.list_invitations(work) if manages else [],
        manages=manages,
        me=work.actor.id,
        manageable={member.user_id for member in members if may_manage(work.actor, member)},
        roles=ROLES,
        grantable=grantable(work.actor),
        name_of=_name,
        role_name=role_name,
        given=form or Form({"role": [Role.AGENT.value]}),
        wrong=wrong(problem, "email", "role", "first_name", "last_name") if problem else {},
    )


@post("/team/invitations", status_code=200)
async def invite(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """Invite an address."""
    form = await form_of(request)
    try:
        new = NewInvitation(form.text("email"), _role(form), form.text("first_name"), form.text("last_name"))
        invitation = await organizations.invite(context, actor, new)
    except MENDABLE as problem:
        async with house.context.works.read(actor) as work:
            return await _team(request, work, form, problem)
    return go(request, HERE, good=f"An invitation is on its way to {invitation.email}.")


@post("/team/invitations/{invitation_id:str}/resend", status_code=200)
async def resend(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], invitation_id: FromPath[str]
) -> Response[Any]:
    """Send an invitation again, with a new link."""
    try:
        invitation = await organizations.resend_invitation(context, actor, the_id(invitation_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good=f"A new link is on its way to {invitation.email}. The old one no longer works.")


@post("/team/invitations/{invitation_id:str}/revoke", status_code=200)
async def revoke(request: AnyRequest, work: Given[Work], invitation_id: FromPath[str]) -> Response[Any]:
    """Kill an invitation's link."""
    try:
        await organizations.revoke_invitation(work, the_id(invitation_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good="The invitation is revoked. Its link no longer works.")


@get("/team/members/{user_id:str}")
async def member_page(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Page:
    """One member: role, extra permissions, datasets."""
    return await _member(request, work, the_id(user_id))


async def _member(request: AnyRequest, work: Work, user_id: UUID, problem: DomainError | None = None) -> Page:
    member = await organizations.get_member(work, user_id)
    manageable = may_manage(work.actor, member)
    offered = grantable(work.actor)
    if all(words.role is not member.role for words in offered):
        offered = [*[words for words in ROLES if words.role is member.role], *offered]
    return await render(
        request,
        "team/member.html",
        work,
        status=400 if problem else 200,
        member=member,
        name=_name(member),
        role_name=role_name,
        roles=offered,
        extras=[(value, label) for value, label in EXTRAS if _may_give(work.actor, value)],
        datasets=await datasets.list_all(work, None, DatasetSort.NAME, False) if manageable else [],
        manageable=manageable,
        is_me=member.user_id == work.actor.id,
        wrong=wrong(problem, "role", "permissions") if problem else {},
    )


@post("/team/members/{user_id:str}", status_code=200)
async def change(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Response[Any]:
    """Give a member another role, other permissions, other datasets."""
    form, member_id = await form_of(request), the_id(user_id)
    was = await organizations.get_member(work, member_id)
    offered = {value for value, _ in EXTRAS if _may_give(work.actor, value)}
    kept = [name for name in was.extra_permissions if name not in offered]
    chosen = [name for name in form.all("permissions") if name in offered]
    limited = form.raw("datasets_limited") == "yes"
    try:
        wanted = MemberChange(
            role=_role(form),
            extra_permissions=[*kept, *chosen],
            allowed_dataset_ids=[the_id(each) for each in form.all("datasets")] if limited else None,
        )
        member = await organizations.change_member(work, member_id, wanted)
    except MENDABLE as problem:
        return await _member(request, work, member_id, problem)
    return go(request, HERE, good=f"{_name(member)} is saved as {role_name(member.role)}.")


@post("/team/members/{user_id:str}/suspend", status_code=200)
async def suspend(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Response[Any]:
    """Bar a member."""
    try:
        member = await organizations.suspend_member(work, the_id(user_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(
        request, HERE, good=f"{_name(member)} is suspended and can no longer sign in here.",
        undo=f"{HERE}/members/{member.user_id}/reactivate",
    )  # fmt: skip


@post("/team/members/{user_id:str}/reactivate", status_code=200)
async def reactivate(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Response[Any]:
    """Let a suspended member back in."""
    try:
        member = await organizations.reactivate_member(work, the_id(user_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good=f"{_name(member)} can work here again.")


@get("/team/members/{user_id:str}/remove")
async def ask_remove(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Page:
    """Whether to take a member out."""
    member = await organizations.get_member(work, the_id(user_id))
    leaving = member.user_id == work.actor.id
    if not leaving and not may_manage(work.actor, member):
        work.require(Permission.MANAGE_USERS)
        raise NotFound("There is nobody here whom you could remove.")
    name = _name(member)
    return await render(
        request,
        "confirm.html",
        work,
        title="Leave the organisation" if leaving else f"Remove {name}",
        crumbs=_CRUMBS,
        question="Do you want to leave this organisation?" if leaving else f"Remove {name} ({member.email})?",
        consequence="They lose access at once. Their account, their messages and notes stay; you can invite them again."
        if not leaving
        else "You lose access at once. Somebody has to invite you again if you want to come back.",
        action=f"{HERE}/members/{member.user_id}/remove",
        verb="Leave" if leaving else "Remove",
        back=HERE,
        danger=True,
    )


@post("/team/members/{user_id:str}/remove", status_code=200)
async def remove(request: AnyRequest, work: Given[Work], user_id: FromPath[str]) -> Response[Any]:
    """Take a member out."""
    member = await organizations.get_member(work, the_id(user_id))
    try:
        await organizations.remove_member(work, member.user_id)
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    if member.user_id == work.actor.id:
        return go(request, "/console/sign-in", good="You have left the organisation.")
    return go(request, HERE, good=f"{_name(member)} is no longer a member.")


def _name(member: Member) -> str:
    return full_name((member.first_name, member.last_name), member.email)


def _role(form: Form) -> Role:
    text = form.text("role")
    if text not in set(Role):
        raise Invalid("Choose a role.", field="role")
    return Role(text)


def _may_give(actor: Actor, extra: str) -> bool:
    return extra not in set(Permission) or actor.may(Permission(extra))


routes: list[Any] = [
    team, invite, resend, revoke, member_page, change, suspend, reactivate, ask_remove, remove,
]  # fmt: skip
