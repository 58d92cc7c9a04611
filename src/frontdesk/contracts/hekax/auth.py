"""Signing up and in as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Authentication Endpoints."""

from typing import Any

from litestar import Request, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.hekax.sessions import client_of, organization_of, realm_of
from frontdesk.contracts.hekax.shapes.auth import (
    FIELDS,
    Address,
    Code,
    Done,
    LogIn,
    NewPassword,
    SignedIn,
    SignUp,
    Told,
    Verified,
)
from frontdesk.domain.identity import service as identity
from frontdesk.kernel.access import Actor

OPEN: Any = {"auth": Auth.OPEN, "limit": "authentication", "fields": FIELDS}


@post("/api/auth/signup", operation_id="signup", status_code=201, **OPEN)
async def signup(request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[SignUp]) -> SignedIn:
    at = client_of(request)
    return SignedIn.of_new(await identity.sign_up(serving.context, realm_of(serving), data.user(), at))


@post("/api/auth/login", operation_id="login", status_code=200, **OPEN)
async def login(request: Request[Any, Any, Any], serving: Given[Serving], data: JSONBody[LogIn]) -> SignedIn:
    at = client_of(request)
    tokens = await identity.sign_in(
        serving.context.works, realm_of(serving), data.email, data.password,
        kind=at.kind, ip=at.ip, user_agent=at.user_agent,
    )  # fmt: skip
    return SignedIn.of(tokens, await organization_of(serving, tokens))


@post("/api/auth/verify-email", operation_id="verify_email", status_code=200, limit="authentication")
async def verify_email(serving: Given[Serving], actor: Given[Actor], data: JSONBody[Code]) -> Verified:
    await identity.verify_code(serving.context.works, actor, data.code)
    return Verified()


@post("/api/auth/resend-code", operation_id="resend_code", status_code=200, limit="authentication", extension=True)
async def resend_code(serving: Given[Serving], actor: Given[Actor]) -> Told:
    """Mail the code that confirms the address again, once a minute at most. The one before is dead then."""
    await identity.send_verification(serving.context, actor.email)
    return Told("If the address is not confirmed yet, a new code has been sent")


@post("/api/auth/forgot-password", operation_id="forgot_password", status_code=200, **OPEN)
async def forgot_password(serving: Given[Serving], data: JSONBody[Address]) -> Told:
    await identity.request_password_reset(serving.context, data.email)
    return Told("If an account exists, a reset link has been sent")


@post("/api/auth/reset-password", operation_id="reset_password", status_code=200, **OPEN)
async def reset_password(serving: Given[Serving], data: JSONBody[NewPassword]) -> Done:
    await identity.reset_password(serving.context.works, data.token, data.password)
    return Done()


ROUTES = [signup, login, verify_email, resend_code, forgot_password, reset_password]
