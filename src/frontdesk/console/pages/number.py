"""The number that texts go out from: connecting a Twilio account, choosing a number of it, trying it, going back."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.domain.numbers.errors import NumberNotFound
from frontdesk.domain.numbers.model import Check, Choice
from frontdesk.domain.numbers.service import accounts
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.context import Context
from frontdesk.ports.calling import VoiceAddresses

HERE = "/console/settings/number"
PROVIDER = "twilio"
MORE = ("api_key_sid", "api_key_secret", "messaging_service_sid", "twiml_app_sid")
FIELDS = ("account_sid", "auth_token", *MORE, "answers_stop")


@get("/settings/number")
async def number(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """The number in use and, for who may change it, the account and its numbers."""
    return await _number(request, context, actor)


async def _number(
    request: AnyRequest,
    context: Context,
    actor: Actor,
    form: Form | None = None,
    problem: DomainError | None = None,
    checks: list[Check] | None = None,
) -> Page:
    async with context.works.read(actor) as work:
        standing = await accounts.standing(context, work)
    choices: list[Choice] = []
    trouble = ""
    if standing.account is not None or standing.may_use_operators:
        try:
            choices = await accounts.choices(context, actor)
        except MENDABLE as refusal:
            trouble = refusal.message
    shown = {"answers_stop": "on", **(standing.account.shown if standing.account else {})}
    kept = {name: [text] for name, text in shown.items() if text != "off"}
    given = form or Form(kept)
    faults = wrong(problem, *FIELDS) if problem else {}
    async with context.works.read(actor) as work:
        return await render(
            request,
            "settings/number.html",
            work,
            status=400 if problem else 200,
            standing=standing,
            choices=choices,
            trouble=trouble,
            checks=checks or [],
            may_change=actor.may(Permission.MANAGE_ORGANIZATION),
            given=given,
            more_open=any(given.text(name) for name in MORE) or any(name in faults for name in MORE),
            voice_url=VoiceAddresses.below(context.public_url).handset,
            reach=accounts.reachable(context.public_url),
            wrong=faults,
        )


@post("/settings/number/connect", status_code=200)
async def connect(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Keep an account's credentials, once Twilio has taken them."""
    form = await form_of(request)
    try:
        await accounts.connect(context, actor, PROVIDER, {name: form.text(name) for name in FIELDS})
    except MENDABLE as problem:
        return await _number(request, context, actor, form, problem)
    return go(request, HERE, good="Twilio is connected. Choose the number to text from.")


@post("/settings/number/use", status_code=200)
async def use(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Text from another number."""
    form = await form_of(request)
    try:
        chosen = await accounts.use(context, actor, form.text("phone"))
    except (*MENDABLE, NumberNotFound) as problem:
        return go(request, HERE, bad=problem.message)
    where = "virtual handsets" if chosen.sandbox else "real phones"
    return go(request, HERE, good=f"Texts go out from {chosen.phone} now, to {where}.")


@post("/settings/number/check", status_code=200)
async def check(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Try whether texts can go out and come in."""
    try:
        return await _number(request, context, actor, checks=await accounts.check(context, actor))
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)


@get("/settings/number/disconnect")
async def ask_disconnect(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """Whether to disconnect."""
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        return await render(
            request,
            "confirm.html",
            work,
            title="Disconnect Twilio",
            crumbs=[("Settings", "/console/settings"), ("Number", HERE)],
            question="Disconnect the Twilio account?",
            consequence=(
                "Its credentials are deleted here, texts to its numbers no longer come here, and yours go out from the "
                "sandbox number again: to virtual handsets, not to people."
            ),
            action=f"{HERE}/disconnect",
            verb="Disconnect",
            back=HERE,
            danger=True,
        )


@post("/settings/number/disconnect", status_code=200)
async def disconnect(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Forget the account."""
    try:
        await accounts.disconnect(context, actor, PROVIDER)
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good="Twilio is disconnected. Texts go out from the sandbox number.")


routes: list[Any] = [number, connect, use, check, ask_disconnect, disconnect]
