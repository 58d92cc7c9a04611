"""Signing up, in and out, as GoTrue does it."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, get, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.query import wanted
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts._http.times import iso
from frontdesk.contracts.supabase.dialect import told
from frontdesk.contracts.supabase.door import LIMITS, address_of, count, greet
from frontdesk.contracts.supabase.links import mail_link
from frontdesk.contracts.supabase.shapes import (
    Credentials,
    Granted,
    Health,
    Redirecting,
    Scoped,
    Session,
    SignUp,
    User,
)
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import EmailTaken
from frontdesk.domain.identity.model import Client, NewUser, Realm, SignOutScope
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.platform.tokens import app_metadata

_FAILING: Any = {"exception_handlers": {Exception: told}, "guards": [greet]}


@post(
    "/auth/v1/signup", status_code=200, dependencies=wanted(Redirecting), auth=Auth.OPEN, address_limit="sign_in",
    **_FAILING,
)  # fmt: skip
async def sign_up(
    request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[SignUp], wanted: Given[Redirecting]
) -> Session | User:
    realm, metadata = Realm.of(serving.secrets, serving.settings), data.data or {}
    first_name, last_name = _names(metadata)
    new = NewUser(
        email=data.email, password=data.password, first_name=first_name, last_name=last_name, metadata=metadata
    )
    link = mail_link(request, "signup", wanted.redirect_to)
    try:
        done = await identity.sign_up(serving.context, realm, new, _client(request), link_to=link)
    except EmailTaken:
        if not realm.confirm_emails:
            raise
        return User.pretended(new.email.strip().lower(), metadata, iso(serving.context.works.clock.now()))
    if done.tokens is None:
        return User.of(done.user, realm, app_metadata(None, None))
    return Session.of(done.tokens, realm)


@post("/auth/v1/token", status_code=200, dependencies=wanted(Granted), auth=Auth.OPEN, **_FAILING)
async def grant(
    request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[Credentials], wanted: Given[Granted]
) -> Session:
    works, realm = serving.context.works, Realm.of(serving.secrets, serving.settings)
    match wanted.grant_type:
        case "password":
            await count(request, LIMITS["sign_in"])
            client = _client(request)
            tokens = await identity.sign_in(
                works, realm, _needed(data.email, "email"), _needed(data.password, "password"),
                ip=client.ip, user_agent=client.user_agent,
            )  # fmt: skip
        case "refresh_token":
            await count(request, LIMITS["refresh"])
            tokens = await identity.refresh(works, realm, _needed(data.refresh_token, "refresh_token"))
        case _:
            raise Invalid("Only the grants password and refresh_token are served.", field="grant_type")
    return Session.of(tokens, realm)


@post("/auth/v1/logout", status_code=204, dependencies=wanted(Scoped), **_FAILING)
async def sign_out(serving: Given[Serving], actor: Given[Actor], wanted: Given[Scoped]) -> None:
    if actor.session_id is None:
        raise Forbidden("Only a person who signed in can sign out.")
    await identity.sign_out(serving.context.works, actor.session_id, SignOutScope(wanted.scope))


@get("/auth/v1/health", auth=Auth.OPEN, **_FAILING)
async def health() -> Health:
    return Health()


@get("/auth/v1/settings", auth=Auth.OPEN, **_FAILING)
async def settings(serving: Given[Serving]) -> dict[str, Any]:
    """What a sign-in form needs to know."""
    ways = ("anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "figma", "github", "gitlab",
            "google", "kakao", "keycloak", "linkedin_oidc", "notion", "slack_oidc", "spotify", "twitch", "twitter",
            "workos", "zoom", "phone")  # fmt: skip
    return {
        "external": {"email": True, **dict.fromkeys(ways, False)},
        "disable_signup": serving.settings.signup == "closed",
        "mailer_autoconfirm": not serving.settings.email_confirmation,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
    }


@get("/auth/v1/.well-known/jwks.json", auth=Auth.OPEN, from_mail=True, **_FAILING)
async def public_keys() -> dict[str, Any]:
    """None: tokens are signed with a secret, and clients ask for the user instead."""
    return {"keys": []}


ROUTES = [sign_up, grant, sign_out, health, settings, public_keys]


def _client(request: Request[Any, Any, Any]) -> Client:
    return Client(ip=address_of(request), user_agent=request.headers.get("user-agent", ""))


def _needed(value: str | None, field: str) -> str:
    if not value:
        raise Invalid(f"{field} is required.", field=field)
    return value


def _names(data: Mapping[str, Any]) -> tuple[str, str]:
    """First and last name, as clients put them into their data, if they do."""
    first, last = data.get("first_name"), data.get("last_name")
    if isinstance(first, str) or isinstance(last, str):
        return first if isinstance(first, str) else "", last if isinstance(last, str) else ""
    for name in ("full_name", "name"):
        if isinstance(whole := data.get(name), str):
            first, _, last = whole.strip().partition(" ")
            return first, last
    return "", ""
