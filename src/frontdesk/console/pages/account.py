"""One's own account: name, password, address, sessions, colours."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Given, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render, theme_of
from frontdesk.console.state import House
from frontdesk.console.views.people import device
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import WrongCredentials
from frontdesk.domain.identity.model import SignOutScope
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.platform.context import Context

HERE = "/console/account"


@get("/account")
async def account(request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]) -> Page:
    """Everything about the account on one page."""
    return await _account(request, house, actor)


async def _account(
    request: AnyRequest, house: House, actor: Actor, part: str = "", problem: DomainError | None = None
) -> Page:
    works = house.context.works
    user = await identity.get_user(works, actor)
    sessions = await identity.list_sessions(works, actor)
    pending = await identity.pending_email(works, actor)
    form = await form_of(request) if part else None
    fields = ("first_name", "last_name", "current", "password", "again", "email")
    async with works.read(actor) as work:
        return await render(
            request,
            "account/index.html",
            work,
            status=400 if problem else 200,
            user=user,
            first_name=form.raw("first_name") if form and part == "name" else user.first_name,
            last_name=form.raw("last_name") if form and part == "name" else user.last_name,
            email=form.raw("email") if form and part == "email" else "",
            pending=pending,
            sessions=sessions,
            this_session=actor.session_id,
            device=device,
            chosen_theme=theme_of(request),
            part=part,
            wrong=wrong(problem, *fields) if problem else {},
        )


@post("/account/name", status_code=200)
async def change_name(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """Change one's names."""
    form = await form_of(request)
    try:
        await identity.update_profile(
            context.works, actor, first_name=form.text("first_name"), last_name=form.text("last_name")
        )
    except MENDABLE as problem:
        return await _account(request, house, actor, "name", problem)
    return go(request, HERE, good="Your name is saved.")


@post("/account/password", status_code=200)
async def change_password(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """Set a new password, knowing the current one."""
    form = await form_of(request)
    try:
        if form.raw("password") != form.raw("again"):
            raise Invalid("The two do not match.", field="again")
        await identity.change_password(context, actor, form.raw("current"), form.raw("password"))
    except WrongCredentials:
        problem = Invalid("This is not your current password.", field="current")
        return await _account(request, house, actor, "password", problem)
    except MENDABLE as problem:
        return await _account(request, house, actor, "password", problem)
    return go(request, HERE, good="Your password is changed, and your other sessions are ended.")


@post("/account/email", status_code=200)
async def change_email(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """Ask for another address: it is changed when the link mailed to it is followed."""
    form = await form_of(request)
    try:
        await identity.request_email_change(context, actor, form.text("email"))
    except MENDABLE as problem:
        return await _account(request, house, actor, "email", problem)
    return go(request, HERE, good="Follow the link in the mail to the new address within a day to confirm it.")


@post("/account/sessions/{session_id:str}/end", status_code=200)
async def end_session(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], session_id: FromPath[str]
) -> Response[Any]:
    """End one of one's sessions."""
    await identity.end_session(context.works, actor, the_id(session_id))
    return go(request, f"{HERE}#sessions", good="The session is ended.")


@post("/account/sessions/end-others", status_code=200)
async def end_others(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """End all of one's sessions but this."""
    if actor.session_id is not None:
        await identity.sign_out(context.works, actor.session_id, SignOutScope.OTHERS)
    return go(request, f"{HERE}#sessions", good="Your other sessions are ended.")


routes: list[Any] = [account, change_name, change_password, change_email, end_session, end_others]
