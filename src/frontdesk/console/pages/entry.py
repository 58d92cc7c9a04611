"""Before one is in: sign-in and -out, sign-up, forgotten passwords, confirming an address, accepting an invitation."""

from typing import Any
from urllib.parse import unquote

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from frontdesk.console.door import SESSION, leave
from frontdesk.console.forms import form_of
from frontdesk.console.page import THEME, Page, go, render
from frontdesk.console.state import House, house_of
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import Client, NewUser, SessionKind, Tokens
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError

Req = Request[Any, Any, Any]


def _client(request: Req) -> Client:
    address = request.client.host if request.client else ""
    return Client(SessionKind.CONSOLE, address, request.headers.get("user-agent", ""))


def _safe(path: str) -> str:
    """`path` if it is one of the console's own, else the overview: nobody is sent elsewhere by a link."""
    path = unquote(path)
    ours = path == "/console" or path.startswith(("/console/", "/console?"))
    return path if ours and "\\" not in path and "\n" not in path and not path.startswith("/console//") else "/console"


def _enter(request: Req, tokens: Tokens, to: str, good: str = "") -> Response[Any]:
    response = go(request, _safe(to), good=good)
    response.set_cookie(
        Cookie(
            SESSION, tokens.access_token, path="/console", max_age=tokens.expires_in, httponly=True, samesite="lax",
            secure=house_of(request).settings.public_url.startswith("https:"),
        )
    )  # fmt: skip
    return response


@get("/sign-in", opt={"open": True})
async def sign_in_page(request: Req, house: House) -> Page:
    """The form to sign in."""
    wanted = request.query_params.get("next", "")
    return await render(
        request, "entry/sign-in.html", wanted=wanted, email="", wrong="", sign_up=house.realm.sign_up_open
    )


@post("/sign-in", opt={"open": True})
async def sign_in(request: Req, house: House) -> Response[Any]:
    """Begin a session."""
    form = await form_of(request)
    email, wanted = form.text("email"), form.text("next")
    try:
        tokens = await identity.sign_in(
            house.context.works, house.realm, email, form.raw("password"), kind=SessionKind.CONSOLE,
            ip=_client(request).ip, user_agent=_client(request).user_agent,
        )  # fmt: skip
    except DomainError as problem:
        return await render(
            request, "entry/sign-in.html", status=400, wanted=wanted, email=email, wrong=problem.message,
            sign_up=house.realm.sign_up_open,
        )  # fmt: skip
    return _enter(request, tokens, wanted)


@post("/sign-out", opt={"without_organization": True})
async def sign_out(request: Req, actor: Actor, house: House) -> Response[Any]:
    """End the session."""
    await leave(request)
    if actor.session_id is not None:
        await identity.sign_out(house.context.works, actor.session_id)
    response = go(request, "/console/sign-in", good="You are signed out.")
    response.delete_cookie(SESSION, path="/console")
    return response


@get("/sign-up", opt={"open": True})
async def sign_up_page(request: Req, house: House) -> Page:
    """The form for a new account."""
    return await render(
        request, "entry/sign-up.html", email="", name="", company="", wrong="", field="", open=house.realm.sign_up_open
    )


@post("/sign-up", opt={"open": True})
async def sign_up(request: Req, house: House) -> Response[Any]:
    """Make an account with an organisation of its own."""
    form = await form_of(request)
    first, _, last = form.text("name").partition(" ")
    new = NewUser(
        email=form.text("email"), password=form.raw("password"), first_name=first, last_name=last,
        metadata={"company_name": form.text("company")} if form.text("company") else {},
    )  # fmt: skip
    try:
        done = await identity.sign_up(house.context, house.realm, new, _client(request))
    except DomainError as problem:
        return await render(
            request, "entry/sign-up.html", status=400, email=form.text("email"), name=form.text("name"),
            company=form.text("company"), wrong=problem.message, field=problem.fields.get("field", ""),
            open=house.realm.sign_up_open,
        )  # fmt: skip
    if done.tokens is None:
        return go(request, "/console/sign-in", good="Confirm your address with the link that we mailed, then sign in.")
    return _enter(request, done.tokens, "/console", "Welcome. Here is where everything comes together.")


@get("/forgotten", opt={"open": True})
async def forgotten_page(request: Req) -> Page:
    """The form for a forgotten password."""
    return await render(request, "entry/forgotten.html", wrong="")


@post("/forgotten", opt={"open": True})
async def forgotten(request: Req, house: House) -> Response[Any]:
    """Mail a link; nothing tells whether there is such a person."""
    form = await form_of(request)
    try:
        await identity.request_password_reset(house.context, form.text("email"))
    except DomainError as problem:
        return await render(request, "entry/forgotten.html", status=400, wrong=problem.message)
    return go(
        request, "/console/sign-in", good="If there is such an account, a link to set a new password is on its way."
    )


@get("/reset-password", opt={"open": True})
async def reset_page(request: Req) -> Page:
    """The form for a new password, behind the mailed link."""
    return await render(request, "entry/reset.html", token=request.query_params.get("token", ""), wrong="")


@post("/reset-password", opt={"open": True})
async def reset(request: Req, house: House) -> Response[Any]:
    """Set a new password."""
    form = await form_of(request)
    try:
        await identity.reset_password(house.context.works, form.text("token"), form.raw("password"))
    except DomainError as problem:
        return await render(request, "entry/reset.html", status=400, token=form.text("token"), wrong=problem.message)
    return go(request, "/console/sign-in", good="Your new password is set. Sign in with it.")


@get("/verify", opt={"open": True})
async def verify_page(request: Req) -> Page:
    """The button behind the mailed link: links alone change nothing, for mail scanners follow them."""
    return await render(request, "entry/verify.html", token=request.query_params.get("token", ""), wrong="")


@post("/verify", opt={"open": True})
async def verify(request: Req, house: House) -> Response[Any]:
    """Confirm an address."""
    form = await form_of(request)
    try:
        user = await identity.verify_email(house.context.works, form.text("token"))
    except DomainError as problem:
        return await render(request, "entry/verify.html", status=400, token="", wrong=problem.message)
    return go(request, "/console", good=f"{user.email} is confirmed.")


@get("/accept-invite", opt={"open": True})
async def invitation_page(request: Req, house: House) -> Page:
    """What the mailed link invites to."""
    return await _invitation(request, house, request.query_params.get("token", ""), "")


async def _invitation(request: Req, house: House, token: str, wrong: str) -> Page:
    try:
        found = await identity.preview_invitation(house.context.works, token)
    except DomainError as problem:
        return await render(request, "entry/invitation.html", status=404, found=None, token="", wrong=problem.message)
    status = 400 if wrong else 200
    return await render(request, "entry/invitation.html", status=status, found=found, token=token, wrong=wrong)


@post("/accept-invite", opt={"open": True})
async def accept_invitation(request: Req, house: House) -> Response[Any]:
    """Join the organisation."""
    form = await form_of(request)
    first, _, last = form.text("name").partition(" ")
    try:
        tokens = await identity.accept_invitation(
            house.context.works, house.realm, form.text("token"), password=form.raw("password"), first_name=first,
            last_name=last, client=_client(request),
        )  # fmt: skip
    except DomainError as problem:
        return await _invitation(request, house, form.text("token"), problem.message)
    return _enter(request, tokens, "/console", "Welcome to the team.")


@post("/theme", opt={"open": True})
async def set_theme(request: Req) -> Response[Any]:
    """Light or dark, kept in a cookie."""
    form = await form_of(request)
    theme = form.text("theme")
    back = request.headers.get("referer", "")
    path = "/console" + back.partition("/console")[2] if "/console" in back else "/console"
    response = go(request, _safe(path))
    response.set_cookie(
        Cookie(THEME, theme if theme in ("light", "dark") else "", path="/console", max_age=31536000, samesite="lax")
    )
    return response


routes = [
    sign_in_page, sign_in, sign_out, sign_up_page, sign_up, forgotten_page, forgotten, reset_page, reset, verify_page,
    verify, invitation_page, accept_invitation, set_theme,
]  # fmt: skip
