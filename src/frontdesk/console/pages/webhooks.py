"""Webhooks: other programs that are told what happens here, and how each telling went."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, FromPath, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.domain.webhooks.model import EVENTS, KEPT, Delivery, DeliveryStatus, EndpointChange
from frontdesk.domain.webhooks.service import endpoints, replaying
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

HERE = "/console/webhooks"
PER_PAGE = 25

EVENT_WORDS = {
    "lead.captured": "A call gave a lead",
    "call.started": "Somebody rings",
    "call.completed": "A call is over",
    "call.transferred": "A call goes to a person",
    "appointment.created": "An appointment is booked",
    "appointment.cancelled": "An appointment is called off",
}
STATUSES = {
    DeliveryStatus.PENDING: ("Waiting", "warm"),
    DeliveryStatus.DELIVERED: ("Delivered", "good"),
    DeliveryStatus.FAILED: ("Failed", "bad"),
    DeliveryStatus.SKIPPED: ("Not sent", ""),
}
"""A word and a tone for each."""
OFF = {
    "by_hand": "It was switched off by hand.",
    "failing": "It took nothing for days, so it was switched off.",
    "gone": "Its receiver said that it is gone, so it was switched off.",
}
SPANS = [("1", "the last hour"), ("24", "the last day"), ("168", "the last week"), ("720", "the last 30 days")]
"""Hours, and what they are called."""


@get("/webhooks")
async def webhooks(request: AnyRequest, work: Given[Work]) -> Page:
    """All endpoints, and the form for another."""
    return await _list(request, work)


async def _list(request: AnyRequest, work: Work, form: Form | None = None, problem: DomainError | None = None) -> Page:
    manages = work.actor.may(Permission.MANAGE_ORGANIZATION)
    return await render(
        request,
        "webhooks/index.html",
        work,
        status=400 if problem else 200,
        manages=manages,
        endpoints=await endpoints.every(work) if manages else [],
        events=EVENT_WORDS,
        given=form or Form({"events": list(EVENTS)}),
        wrong=wrong(problem, "url", "events", "description") if problem else {},
    )


@post("/webhooks", status_code=200)
async def add(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """Register an endpoint, and show its secret this once."""
    form = await form_of(request)
    try:
        endpoint, secret = await endpoints.register(
            context, actor, form.text("url"), form.all("events"), form.text("description")
        )
    except MENDABLE as problem:
        async with context.works.read(actor) as work:
            return await _list(request, work, form, problem)
    async with context.works.read(actor) as work:
        return await _one(request, work, endpoint.id, secret=secret)


@get("/webhooks/{endpoint_id:str}")
async def webhook(request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str]) -> Page:
    """One endpoint with its deliveries; `?status=` narrows them."""
    return await _one(request, work, the_id(endpoint_id))


async def _one(
    request: AnyRequest,
    work: Work,
    endpoint_id: UUID,
    form: Form | None = None,
    problem: DomainError | None = None,
    secret: str = "",
) -> Page:
    endpoint = await endpoints.get(work, endpoint_id)
    named, number = asked(request, "status"), asked(request, "page")
    status = DeliveryStatus(named) if named in set(DeliveryStatus) else None
    page = min(max(int(number), 1), 400) if number.isascii() and number.isdigit() and len(number) < 9 else 1

    def turned_to(wanted: int) -> str:
        query = {"status": status.value, "page": wanted} if status else {"page": wanted}
        return f"{HERE}/{endpoint_id}?{urlencode(query)}"

    return await render(
        request,
        "webhooks/webhook.html",
        work,
        status=400 if problem else 200,
        endpoint=endpoint,
        off=OFF.get(endpoint.disabled_reason or "", ""),
        events=EVENT_WORDS,
        found=await replaying.page(work, endpoint_id, status, page, PER_PAGE),
        statuses=STATUSES,
        wanted=status,
        page=page,
        per_page=PER_PAGE,
        turned_to=turned_to,
        outcome=outcome,
        spans=SPANS,
        secret=secret,
        given=form or Form({"url": [endpoint.url], "events": endpoint.events, "description": [endpoint.description]}),
        wrong=wrong(problem, "url", "events", "description") if problem else {},
    )


def outcome(code: int | None, latency: int | None, error: str | None, attempts: int = 1) -> str:
    """How an attempt went, in words."""
    if not attempts:
        return "Not tried yet"
    if latency is None:
        return "Under way, or cut off"
    answered = f"Answered {code}" if code is not None else ""
    return ". ".join(part for part in (answered, (error or "").rstrip(".")) if part) or "No answer"


@post("/webhooks/{endpoint_id:str}", status_code=200)
async def change(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], endpoint_id: FromPath[str]
) -> Response[Any]:
    """Change where it leads and what it is told."""
    form, which = await form_of(request), the_id(endpoint_id)
    wanted = EndpointChange(url=form.text("url"), events=form.all("events"), description=form.text("description"))
    try:
        await endpoints.change(context, actor, which, wanted)
    except MENDABLE as problem:
        async with context.works.read(actor) as work:
            return await _one(request, work, which, form, problem)
    return go(request, f"{HERE}/{which}", good="The webhook is changed.")


@post("/webhooks/{endpoint_id:str}/switch", status_code=200)
async def switch(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], endpoint_id: FromPath[str]
) -> Response[Any]:
    """Switch it on or off."""
    which, on = the_id(endpoint_id), (await form_of(request)).flag("on")
    await endpoints.change(context, actor, which, EndpointChange(enabled=on))
    return go(request, f"{HERE}/{which}", good="It is on." if on else "It is off. Nothing is sent to it.")


@post("/webhooks/{endpoint_id:str}/test", status_code=200)
async def try_out(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], endpoint_id: FromPath[str]
) -> Response[Any]:
    """Send an example and say how it went."""
    which = the_id(endpoint_id)
    try:
        done = await replaying.try_out(context, actor, which, (await form_of(request)).text("event") or None)
    except MENDABLE as problem:
        return go(request, f"{HERE}/{which}", bad=problem.message)
    return _told(request, which, done)


def _told(request: AnyRequest, which: UUID, done: Delivery) -> Response[Any]:
    how = outcome(done.last_status_code, done.last_latency_ms, done.last_error, done.attempts)
    if done.status is DeliveryStatus.DELIVERED:
        return go(request, f"{HERE}/{which}", good=f"The test arrived, in {done.last_latency_ms} ms.")
    return go(request, f"{HERE}/{which}", bad=f"The test did not arrive: {how[:1].lower()}{how[1:]}.")


@post("/webhooks/{endpoint_id:str}/rotate", status_code=200)
async def rotate(request: AnyRequest, context: Given[Context], actor: Given[Actor], endpoint_id: FromPath[str]) -> Page:
    """A new secret, shown this once."""
    which = the_id(endpoint_id)
    async with context.works.begin(actor) as work:
        _, secret = await endpoints.rotate_secret(work, context.vault, which)
    async with context.works.read(actor) as work:
        return await _one(request, work, which, secret=secret)


@get("/webhooks/{endpoint_id:str}/delete")
async def ask_delete(request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str]) -> Page:
    """Whether to delete it."""
    endpoint = await endpoints.get(work, the_id(endpoint_id))
    here = f"{HERE}/{endpoint.id}"
    return await render(
        request,
        "confirm.html",
        work,
        title="Delete the webhook",
        crumbs=[("Webhooks", HERE), (endpoint.host, here)],
        question=f"Delete the webhook to {endpoint.host}?",
        consequence="It is told nothing more, and its log of deliveries is deleted with it. This cannot be undone.",
        action=f"{here}/delete",
        verb="Delete the webhook",
        back=here,
        danger=True,
    )


@post("/webhooks/{endpoint_id:str}/delete", status_code=200)
async def delete(request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str]) -> Response[Any]:
    """Delete it."""
    await endpoints.remove(work, the_id(endpoint_id))
    return go(request, HERE, good="The webhook is deleted.")


@post("/webhooks/{endpoint_id:str}/replay", status_code=200)
async def replay_since(request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str]) -> Response[Any]:
    """Send again what it was owed in a span; only what did not arrive, if asked."""
    which, form = the_id(endpoint_id), await form_of(request)
    hours = form.text("hours")
    span = timedelta(hours=int(hours)) if hours in dict(SPANS) else KEPT
    only = [DeliveryStatus.FAILED, DeliveryStatus.SKIPPED] if form.flag("missed") else [None]
    try:
        counts = [await replaying.replay_since(work, which, work.now - span, status) for status in only]
    except MENDABLE as problem:
        return go(request, f"{HERE}/{which}", bad=problem.message)
    count = sum(counts)
    if not count:
        return go(request, f"{HERE}/{which}", good="There is nothing to send again.")
    words = "delivery is" if count == 1 else "deliveries are"
    return go(request, f"{HERE}/{which}", good=f"{count:,} {words} on the way again.")


@get("/webhooks/{endpoint_id:str}/deliveries/{delivery_id:str}")
async def delivery(
    request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str], delivery_id: FromPath[str]
) -> Page:
    """One delivery: what was sent, and every attempt."""
    endpoint = await endpoints.get(work, the_id(endpoint_id))
    found, attempts = await replaying.detail(work, endpoint.id, the_id(delivery_id))
    return await render(
        request,
        "webhooks/delivery.html",
        work,
        endpoint=endpoint,
        delivery=found,
        attempts=attempts,
        payload=msgspec.json.format(found.payload, indent=2),
        statuses=STATUSES,
        outcome=outcome,
    )


@post("/webhooks/{endpoint_id:str}/deliveries/{delivery_id:str}/replay", status_code=200)
async def replay(
    request: AnyRequest, work: Given[Work], endpoint_id: FromPath[str], delivery_id: FromPath[str]
) -> Response[Any]:
    """Send it again."""
    which, delivery_id = the_id(endpoint_id), str(the_id(delivery_id))
    try:
        await replaying.replay(work, which, UUID(delivery_id))
    except MENDABLE as problem:
        return go(request, f"{HERE}/{which}", bad=problem.message)
    return go(request, f"{HERE}/{which}/deliveries/{delivery_id}", good="It is on the way again.")


routes: list[Any] = [
    webhooks, add, webhook, change, switch, try_out, rotate, ask_delete, delete, replay_since, delivery, replay,
]  # fmt: skip
