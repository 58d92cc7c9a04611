"""Mailed links, as GoTrue words them: asked for, followed, and exchanged for a session."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from litestar import Request, Response, get, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.passage import passage_of
from frontdesk.contracts._http.query import wanted
from frontdesk.contracts._http.serving import Serving, serving_of
from frontdesk.contracts.supabase.dialect import coded, told
from frontdesk.contracts.supabase.door import address_of, greet
from frontdesk.contracts.supabase.shapes import Followed, Recovery, Redirecting, Resend, Session, Verification
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import Client, Realm
from frontdesk.domain.identity.service.links import CHANGE, RESET, VERIFY
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.platform.settings import Settings

_PURPOSES = {"recovery": RESET, "signup": VERIFY, "email": VERIFY, "email_change": CHANGE}
"""What we mail links for, by GoTrue's names."""


@post(
    "/auth/v1/recover", status_code=200, dependencies=wanted(Redirecting), auth=Auth.OPEN, address_limit="mail",
    exception_handlers={Exception: told}, guards=[greet],
)  # fmt: skip
async def recover(
    request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[Recovery], wanted: Given[Redirecting]
) -> dict[str, Any]:
    link = mail_link(request, "recovery", wanted.redirect_to)
    await identity.request_password_reset(serving.context, data.email, link_to=link)
    return {}


@post(
    "/auth/v1/resend", status_code=200, dependencies=wanted(Redirecting), auth=Auth.OPEN, address_limit="mail",
    exception_handlers={Exception: told}, guards=[greet],
)  # fmt: skip
async def resend(
    request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[Resend], wanted: Given[Redirecting]
) -> dict[str, Any]:
    link = mail_link(request, data.type, wanted.redirect_to)
    await identity.send_verification(serving.context, data.email, link_to=link)
    return {}


@post(
    "/auth/v1/verify", status_code=200, auth=Auth.OPEN, address_limit="sign_in",
    exception_handlers={Exception: told}, guards=[greet],
)  # fmt: skip
async def verify(request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[Verification]) -> Session:
    token = data.token_hash or data.token
    if not token:
        raise Invalid("token_hash is required.", field="token_hash")
    return await _session_by(request, serving, token, data.type)


@get(
    "/auth/v1/verify", dependencies=wanted(Followed), auth=Auth.OPEN, address_limit="sign_in", from_mail=True,
    exception_handlers={Exception: told}, guards=[greet],
)  # fmt: skip
async def follow(request: Request[Any, Any, Any], serving: Given[Serving], wanted: Given[Followed]) -> Response[None]:
    """Leads on to where the mail was asked from, with the tokens in the fragment, which no server sees."""
    back = _allowed(wanted.redirect_to, serving.settings)
    console = f"{serving.settings.public_url}/console"
    if back is None and wanted.type == "recovery":  # nowhere to set a password but here
        return _redirect(f"{console}/reset-password?token={quote(wanted.token)}")
    try:
        if back is None:
            await _verified(serving, wanted.token, wanted.type)
            return _redirect(console)
        session = await _session_by(request, serving, wanted.token, wanted.type)
    except DomainError as error:
        status, code = coded(error)
        failure = {"error": "access_denied", "error_code": code, "error_description": error.message}
        return _redirect(f"{back or console}#{urlencode(failure if status < 500 else {'error': 'server_error'})}")
    granted = {
        "access_token": session.access_token, "expires_at": session.expires_at, "expires_in": session.expires_in,
        "refresh_token": session.refresh_token, "token_type": session.token_type, "type": wanted.type,
    }  # fmt: skip
    return _redirect(f"{back}#{urlencode(granted)}")


ROUTES = [recover, resend, verify, follow]


def mail_link(request: Request[Any, Any, Any], type_: str, redirect_to: str) -> str | None:
    """The URL that a token is appended to in a mail: through here on to `redirect_to`, where that is ours or the
    operator lets browsers come from there. None else: then the mail leads to the console."""
    settings = serving_of(request).settings
    back = _allowed(redirect_to, settings)
    if back is None:
        return None
    base = passage_of(request).base_url or f"{settings.public_url}/supabase"
    return f"{base}/auth/v1/verify?{urlencode({'type': type_, 'redirect_to': back})}&token="


def _allowed(redirect_to: str, settings: Settings) -> str | None:
    """`redirect_to` without its fragment, if tokens may be sent there."""
    try:
        parts = urlsplit(redirect_to)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.username or any(c <= " " or c == "\\" for c in redirect_to):
        return None
    own = urlsplit(settings.public_url)
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    if origin != f"{own.scheme}://{own.netloc.lower()}" and origin not in settings.cors_origins:
        return None
    return redirect_to.partition("#")[0]


async def _session_by(request: Request[Any, Any, Any], serving: Serving, token: str, type_: str) -> Session:
    realm = Realm.of(serving.secrets, serving.settings)
    client = Client(ip=address_of(request), user_agent=request.headers.get("user-agent", ""))
    return Session.of(await identity.follow_link(serving.context.works, realm, token, _purpose(type_), client), realm)


async def _verified(serving: Serving, token: str, type_: str) -> None:
    _purpose(type_)
    await identity.verify_email(serving.context.works, token)


def _purpose(type_: str) -> str:
    if type_ not in _PURPOSES:
        raise Invalid("No links of this type are mailed.", field="type")
    return _PURPOSES[type_]


def _redirect(url: str) -> Response[None]:
    return Response(None, status_code=302, headers={"Location": url, "Referrer-Policy": "no-referrer"})
