"""Integrations: calendars and CRM systems that are connected, connecting one by consent, disconnecting it."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.door import visitor
from frontdesk.console.forms import MENDABLE, AnyRequest, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.errors import ConsentNotKnown, ProviderDown, ProviderNotFound
from frontdesk.domain.integrations.model import PROVIDERS, Kind
from frontdesk.domain.integrations.service import connecting
from frontdesk.domain.integrations.service.connecting import Answer
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import NotFound
from frontdesk.platform.context import Context

HERE = "/console/integrations"
WORDS = {
    Kind.CALENDAR: (
        "Calendars",
        "Their busy times are not offered, and appointments are entered into the first that was connected.",
    ),
    Kind.CRM: ("CRM", "Leads, their calls and their appointments are passed on to it."),
}
_NAMES = {provider.id: provider.name for provider in PROVIDERS}


@get("/integrations")
async def index(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """Every provider, and how the organisation stands with it."""
    async with context.works.read(actor) as work:
        return await render(
            request,
            "integrations/index.html",
            work,
            kinds=[(kind, *WORDS[kind], await integrations.list_providers(context, work, kind)) for kind in WORDS],
            manages=actor.may(Permission.MANAGE_ORGANIZATION),
        )


@post("/integrations/{kind:str}/{provider:str}/connect", status_code=200)
async def connect(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], kind: FromPath[str], provider: FromPath[str]
) -> Response[Any]:
    """On to where a person consents: a form must not lead to another site, so there the way is a link."""
    url = await connecting.begin(context, actor, _kind(kind), provider, in_console=True)
    if url.startswith(f"{context.public_url}/"):
        return go(request, url.removeprefix(context.public_url))
    async with context.works.read(actor) as work:
        return await render(request, "integrations/leave.html", work, url=url, name=_NAMES[provider])


@get("/integrations/callback/{kind:str}/{provider:str}")
async def come_back(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], kind: FromPath[str], provider: FromPath[str]
) -> Response[Any]:
    """Where a person comes back to from the provider: the state holds in the session that asked, and once."""
    told = Answer(asked(request, "state"), asked(request, "code"), asked(request, "error"))
    try:
        made = await connecting.finish(context, _kind(kind), provider, told, actor.session_id)
    except (*MENDABLE, ConsentNotKnown, ProviderDown) as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good=f"{_NAMES[provider]} is connected, as {made.label}.")


@post("/integrations/{kind:str}/{connection_id:str}/disconnect", status_code=200)
async def disconnect(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], kind: FromPath[str], connection_id: FromPath[str]
) -> Response[Any]:
    """Forget a connection."""
    await connecting.disconnect(context, actor, _kind(kind), the_id(connection_id))
    return go(request, HERE, good="It is disconnected.")


# --- the sandbox's page of consent ------------------------------------------------------------------------------------


@get("/sandbox/consent", opt={"open": True})
async def consent(request: AnyRequest, context: Given[Context]) -> Page:
    """What the sandbox asks in place of a provider."""
    ask = asked(request, "ask")
    question = context.consent_page.look(ask) if context.consent_page else None
    if question is None:
        raise NotFound("Nothing is asked here, or no longer. Begin again.")
    person = await visitor(request)
    label = person.email if person is not None else ""
    return await render(request, "integrations/consent.html", wrong={}, ask=ask, question=question, label=label)


@post("/sandbox/consent", opt={"open": True}, status_code=200)
async def answer(request: AnyRequest, context: Given[Context]) -> Response[Any]:
    """Allow it, or do not."""
    form = await form_of(request)
    page, ask = context.consent_page, form.text("ask")
    if page is None or (question := page.look(ask)) is None:
        raise NotFound("Nothing is asked here, or no longer. Begin again.")
    label = form.text("label")[:200]
    if form.flag("allow") and "@" not in label:
        return await render(
            request, "integrations/consent.html", status=400, wrong={"label": "This is an address, such as a@b.com."},
            ask=ask, question=question, label=label,
        )  # fmt: skip
    url = await page.allow(ask, label) if form.flag("allow") else page.refuse(ask)
    return go(request, (url or HERE).removeprefix(context.public_url))


@get("/sandbox/meeting/{reference:str}", opt={"open": True})
async def meeting(request: AnyRequest, reference: FromPath[str]) -> Page:
    """Where a meeting of the sandbox would be."""
    return await render(request, "integrations/meeting.html", wrong={})


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise ProviderNotFound from None


routes: list[Any] = [index, connect, come_back, disconnect, consent, answer, meeting]
