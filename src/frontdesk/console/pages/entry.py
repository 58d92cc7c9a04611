"""Before one is in: sign-in and -out, sign-up, forgotten passwords, confirming an address. And the colours of pages."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie

from frontdesk.console.door import HOME, came_from, leave, own_path, session_cookies, session_ended
from frontdesk.console.forms import AnyRequest, Form, Given, asked, form_of, wrong
from frontdesk.console.page import THEME, THEMES, Page, go, render
from frontdesk.console.state import House, address_of, caller_of
from frontdesk.console.views.places import countries, main_zone
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import Client, NewUser, SessionKind, Tokens
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError, Invalid

YEAR = 365 * 86_400


def client_of(request: AnyRequest) -> Client:
    """What a session is begun from."""
    return Client(SessionKind.CONSOLE, address_of(request), request.headers.get("user-agent", ""))


def enter(request: AnyRequest, tokens: Tokens, to: str, good: str = "") -> Response[Any]:
    """On to a page of the console, signed in."""
    caller_of(request).cookies += session_cookies(request, tokens)
    return go(request, own_path(to), good=good)


# --- signing in and out -----------------------------------------------------------------------------------------------


@get("/sign-in", opt={"open": True})
async def sign_in_page(request: AnyRequest, house: Given[House]) -> Page:
    """The form to sign in."""
    return await _sign_in(request, house, asked(request, "next"), asked(request, "email"))


async def _sign_in(
    request: AnyRequest, house: House, wanted: str, email: str, problem: DomainError | None = None
) -> Page:
    return await render(
        request, "entry/sign-in.html", status=400 if problem else 200, wanted=wanted, email=email,
        wrong=wrong(problem) if problem else {}, code=problem.code if problem else "",
        sign_up=house.realm.sign_up_open,
    )  # fmt: skip


@post("/sign-in", opt={"open": True})
async def sign_in(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Begin a session."""
    form = await form_of(request)
    email, wanted, client = form.text("email"), form.text("next"), client_of(request)
    try:
        tokens = await identity.sign_in(
            house.context.works, house.realm, email, form.raw("password"), kind=client.kind, ip=client.ip,
            user_agent=client.user_agent,
        )  # fmt: skip
    except DomainError as problem:
        return await _sign_in(request, house, wanted, email, problem)
    return enter(request, tokens, wanted)


@post("/sign-out", opt={"without_organization": True})
async def sign_out(request: AnyRequest, actor: Given[Actor], house: Given[House]) -> Response[Any]:
    """End the session."""
    await leave(request)
    if actor.session_id is not None:
        await identity.sign_out(house.context.works, actor.session_id)
    caller_of(request).cookies += session_ended()
    return go(request, f"{HOME}/sign-in", good="You are signed out.")


# --- signing up -------------------------------------------------------------------------------------------------------


@get("/sign-up", opt={"open": True})
async def sign_up_page(request: AnyRequest, house: Given[House]) -> Page:
    """The form for a new account."""
    return await _sign_up(request, house, Form({}))


async def _sign_up(request: AnyRequest, house: House, given: Form, problem: DomainError | None = None) -> Page:
    fields = ("first_name", "last_name", "company_name", "email", "password", "country")
    return await render(
        request, "entry/sign-up.html", status=400 if problem else 200, given=given, countries=countries(),
        country=given.text("country") or _likely_country(request), open=house.realm.sign_up_open,
        wrong=wrong(problem, *fields) if problem else {},
    )  # fmt: skip


@post("/sign-up", opt={"open": True})
async def sign_up(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Make an account with an organisation of its own."""
    form = await form_of(request)
    country, company = form.text("country"), form.text("company_name")
    new = NewUser(
        email=form.text("email"), password=form.raw("password"), first_name=form.text("first_name"),
        last_name=form.text("last_name"), metadata={"company_name": company}, country=country,
        time_zone=form.text("time_zone") or main_zone(country),
    )  # fmt: skip
    try:
        if not company:
            raise Invalid("What is your business called?", field="company_name")
        done = await identity.sign_up(house.context, house.realm, new, client_of(request))
    except DomainError as problem:
        return await _sign_up(request, house, form, problem)
    if done.tokens is None:
        return go(request, f"{HOME}/sign-in", good="Confirm your address with the link that we mailed, then sign in.")
    return enter(request, done.tokens, HOME, "Welcome. Here is where everything comes together.")


def _likely_country(request: AnyRequest) -> str:
    """The country of the browser's first language, as in en-GB."""
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0]
    country = first.rpartition("-")[2].upper()
    return country if any(choice.value == country for choice in countries()) and "-" in first else "GB"


# --- mailed links -----------------------------------------------------------------------------------------------------


@get("/forgotten", opt={"open": True})
async def forgotten_page(request: AnyRequest) -> Page:
    """The form for a forgotten password."""
    return await render(request, "entry/forgotten.html", email=asked(request, "email"), wrong={})


@post("/forgotten", opt={"open": True})
async def forgotten(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Mail a link; nothing tells whether there is such a person."""
    form = await form_of(request)
    try:
        await identity.request_password_reset(house.context, form.text("email"))
    except DomainError as problem:
        told = wrong(problem, "email")
        return await render(request, "entry/forgotten.html", status=400, email=form.text("email"), wrong=told)
    return go(
        request, f"{HOME}/sign-in", good="If there is such an account, a link to set a new password is on its way."
    )


@get("/reset-password", opt={"open": True})
async def reset_page(request: AnyRequest) -> Page:
    """The form for a new password, behind the mailed link."""
    return await render(request, "entry/reset.html", token=asked(request, "token"), wrong={})


@post("/reset-password", opt={"open": True})
async def reset(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Set a new password."""
    form = await form_of(request)
    try:
        user = await identity.reset_password(house.context.works, form.text("token"), form.raw("password"))
    except DomainError as problem:
        told = wrong(problem, "password")
        return await render(request, "entry/reset.html", status=400, token=form.text("token"), wrong=told)
    caller_of(request).cookies += session_ended()
    return go(request, f"{HOME}/sign-in", good=f"The new password of {user.email} is set. Sign in with it.")


@get("/verify", opt={"open": True})
async def verify_page(request: AnyRequest) -> Page:
    """The button behind the mailed link: links alone change nothing, for mail scanners follow them."""
    return await render(request, "entry/verify.html", token=asked(request, "token"), wrong={})


@post("/verify", opt={"open": True})
async def verify(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Confirm an address."""
    form = await form_of(request)
    try:
        user = await identity.verify_email(house.context.works, form.text("token"))
    except DomainError as problem:
        return await render(request, "entry/verify.html", status=400, token="", wrong=wrong(problem))
    return go(request, HOME, good=f"{user.email} is confirmed.")


# --- colours ----------------------------------------------------------------------------------------------------------


@post("/theme", opt={"open": True, "uncounted": True})
async def set_theme(request: AnyRequest, house: Given[House]) -> Response[Any]:
    """Light, dark, or the system's, kept in a cookie that the pages' script may set too."""
    theme = (await form_of(request)).text("theme")
    kept = theme if theme in THEMES else ""
    caller_of(request).cookies.append(
        Cookie(key=THEME, value=kept, path=HOME, max_age=YEAR if kept else 0, samesite="lax", secure=house.secure)
    )
    return go(request, came_from(request))


routes: list[Any] = [
    sign_in_page, sign_in, sign_out, sign_up_page, sign_up, forgotten_page, forgotten, reset_page, reset, verify_page,
    verify, set_theme,
]  # fmt: skip
