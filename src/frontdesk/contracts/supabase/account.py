"""The signed-in user's own record, as GoTrue shows it."""

from typing import Any

from litestar import Request, get, put

from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.query import wanted
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.supabase.dialect import told
from frontdesk.contracts.supabase.door import greet
from frontdesk.contracts.supabase.links import mail_link
from frontdesk.contracts.supabase.shapes import Redirecting, User, UserChange
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import Realm
from frontdesk.kernel.access import Actor
from frontdesk.platform.tokens import app_metadata


@get("/auth/v1/user", exception_handlers={Exception: told}, guards=[greet])
async def get_user(serving: Given[Serving], actor: Given[Actor]) -> User:
    return await _shown(serving, actor)


@put("/auth/v1/user", dependencies=wanted(Redirecting), exception_handlers={Exception: told}, guards=[greet])
async def change_user(
    request: Request[Any, Any, Any],
    serving: Given[Serving],
    actor: Given[Actor],
    data: JSONBody[UserChange],
    wanted: Given[Redirecting],
) -> User:
    context = serving.context
    if data.password is not None:
        await identity.set_password(context, actor, data.password)
    if data.email is not None:
        link = mail_link(request, "email_change", wanted.redirect_to)
        await identity.request_email_change(context, actor, data.email, link_to=link)
    if data.data is not None:
        await identity.update_profile(context.works, actor, metadata=data.data)
    return await _shown(serving, actor)


ROUTES = [get_user, change_user]


async def _shown(serving: Serving, actor: Actor) -> User:
    works = serving.context.works
    return User.of(
        await identity.get_user(works, actor),
        Realm.of(serving.secrets, serving.settings),
        app_metadata(actor.org_id, actor.role.value if actor.role else None),
        new_email=await identity.pending_email(works, actor),
    )
