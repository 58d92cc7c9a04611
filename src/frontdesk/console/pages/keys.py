"""API keys: made and shown once, listed, revoked."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.people import grantable, role_name
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import ApiKeyNotFound
from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.kernel.access import Permission, Role
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.platform.database import Work

HERE = "/console/keys"
_TERMS = {"": None, "30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
_TERM_WORDS = [("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")]


@get("/keys")
async def keys(request: AnyRequest, work: Given[Work]) -> Page:
    """All keys, for who may manage them."""
    return await _keys(request, work)


async def _keys(
    request: AnyRequest,
    work: Work,
    form: Form | None = None,
    problem: DomainError | None = None,
    secret: tuple[str, str] | None = None,
) -> Page:
    manages = work.actor.may(Permission.MANAGE_KEYS)
    return await render(
        request,
        "keys/index.html",
        work,
        status=400 if problem else 200,
        keys=await organizations.list_api_keys(work) if manages else [],
        manages=manages,
        roles=[words for words in grantable(work.actor) if words.role is not Role.OWNER],
        role_name=role_name,
        terms=_TERM_WORDS,
        given=form or Form({}),
        wrong=wrong(problem, "name", "role", "expires_at") if problem else {},
        secret=secret,
    )


@post("/keys", status_code=200)
async def create(request: AnyRequest, work: Given[Work]) -> Page:
    """Make a key, and show its secret this once."""
    form = await form_of(request)
    try:
        role, term = form.text("role"), form.text("term")
        if role not in set(Role):
            raise Invalid("Choose a role.", field="role")
        if term not in _TERMS:
            raise Invalid("Choose when the key ends.", field="expires_at")
        lasts = _TERMS[term]
        new = NewApiKey(form.text("name"), Role(role), work.now + lasts if lasts else None)
        key, secret = await organizations.create_api_key(work, new)
    except MENDABLE as problem:
        return await _keys(request, work, form, problem)
    return await _keys(request, work, secret=(key.name, secret))


@get("/keys/{key_id:str}/revoke")
async def ask_revoke(request: AnyRequest, work: Given[Work], key_id: FromPath[str]) -> Page:
    """Whether to end a key."""
    wanted = the_id(key_id)
    key = next((key for key in await organizations.list_api_keys(work) if key.id == wanted), None)
    if key is None:
        raise ApiKeyNotFound
    return await render(
        request,
        "confirm.html",
        work,
        title=f"Revoke {key.name}",
        crumbs=[("API keys", HERE)],
        question=f"Revoke the key “{key.name}” ({key.hint})?",
        consequence="Every program that uses it is refused from this moment on. This cannot be undone.",
        action=f"{HERE}/{key.id}/revoke",
        verb="Revoke the key",
        back=HERE,
        danger=True,
    )


@post("/keys/{key_id:str}/revoke", status_code=200)
async def revoke(request: AnyRequest, work: Given[Work], key_id: FromPath[str]) -> Response[Any]:
    """End a key."""
    try:
        await organizations.revoke_api_key(work, the_id(key_id))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good="The key is revoked.")


routes: list[Any] = [keys, create, ask_revoke, revoke]
