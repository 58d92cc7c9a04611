"""Belonging: accepting an invitation, and which of one's organisations one works in."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.door import HOME, leave, visitor
from frontdesk.console.forms import AnyRequest, Form, FromPath, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.pages.entry import client_of, enter
from frontdesk.console.state import House
from frontdesk.console.views.people import role_name
from frontdesk.console.views.places import countries, main_zone
from frontdesk.domain.identity import service as identity
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import NewOrganization
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError


@get("/accept-invite", opt={"open": True})
async def invitation_page(request: AnyRequest, house: Given[House]) -> Page:
    """What the mailed link invites to."""
    return await _invitation(request, house, asked(request, "token"), Form({}))


async def _invitation(
    request: AnyRequest, house: House, token: str, given: Form, problem: DomainError | None = None
) -> Page:
    try:
        found = await identity.preview_invitation(house.context.works, token)
    except DomainError as gone:
        return await render(request, "entry/invitation.html", status=404, found=None, wrong={"": gone.message})
    actor = await visitor(request)
    return await render(
        request, "entry/invitation.html", status=400 if problem else 200, found=found, token=token, given=given,
        is_me=actor is not None and actor.email == found.invitation.email, role=role_name(found.invitation.role),
        wrong=wrong(problem, "password", "first_name", "last_name") if problem else {},
    )  # fmt: skip


@post("/accept-invite", opt={"open": True})
async def accept_invitation(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Join the organisation."""
    form = await form_of(request)
    actor = await visitor(request) if form.flag("as_me") else None
    try:
        tokens = await identity.accept_invitation(
            house.context.works, house.realm, form.text("token"), password=form.raw("password"),
            first_name=form.text("first_name"), last_name=form.text("last_name"), signed_in=actor,
            client=client_of(request),
        )  # fmt: skip
    except DomainError as problem:
        return await _invitation(request, house, form.text("token"), form, problem)
    return enter(request, tokens, HOME, "Welcome to the team.")


@get("/organizations", opt={"without_organization": True})
async def belongings(request: AnyRequest, house: Given[House], actor: Given[Actor]) -> Page:
    """One's organisations, to go on in another or to begin a new one."""
    return await _belongings(request, house, actor, Form({}))


async def _belongings(
    request: AnyRequest, house: House, actor: Actor, given: Form, problem: DomainError | None = None
) -> Page:
    await leave(request)
    return await render(
        request, "entry/organizations.html", status=400 if problem else 200, given=given, actor=actor,
        mine=await organizations.list_own(house.context.works, actor), role_name=role_name, countries=countries(),
        wrong=wrong(problem, "name", "country") if problem else {},
    )  # fmt: skip


@post("/organizations", opt={"without_organization": True})
async def begin(request: AnyRequest, house: Given[House], actor: Given[Actor]) -> Response[Any]:
    """Begin an organisation, and go on in it."""
    form = await form_of(request)
    country = form.text("country")
    zone = form.text("time_zone") or main_zone(country)
    try:
        new = NewOrganization(form.text("name"), country, zone)
        organization = await organizations.create(house.context.works, actor, new)
    except DomainError as problem:
        return await _belongings(request, house, actor, form, problem)
    tokens = await identity.switch_organization(house.context.works, house.realm, actor, organization.org_id)
    return enter(request, tokens, HOME, f"{organization.name} is ready.")


@post("/organizations/{org_id:str}/enter", opt={"without_organization": True})
async def go_on_in(
    request: AnyRequest, house: Given[House], actor: Given[Actor], org_id: FromPath[str]
) -> Response[Any]:
    """Work in another of one's organisations."""
    try:
        tokens = await identity.switch_organization(house.context.works, house.realm, actor, the_id(org_id))
    except DomainError as problem:
        return go(request, f"{HOME}/organizations", bad=problem.message)
    return enter(request, tokens, HOME)


routes: list[Any] = [invitation_page, accept_invitation, belongings, begin, go_on_in]
