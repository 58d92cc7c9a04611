"""Calling a lead from its page: with the assistant, or on the telephone of whoever is signed in."""

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.words import phone as phone_words
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CallWish
from frontdesk.domain.calls.service import settings
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Conflict, Invalid, Quota
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_MENDABLE = (Conflict, Invalid, Quota)


@get("/leads/{lead_id:str}/call")
async def ask_to_call(request: AnyRequest, work: Given[Work], lead_id: FromPath[str]) -> Response[str]:
    work.require(Permission.SEND_MESSAGES)
    return await _page(request, work, lead_id)


async def _page(
    request: AnyRequest, work: Work, lead_id: str, *, error: str = "", purpose: str = "", phone: str = ""
) -> Response[str]:
    lead = await leads.get(work, the_id(lead_id))
    return await render(
        request,
        "leads/call.html",
        work,
        status=400 if error else 200,
        lead=lead,
        name=lead.name or str(lead.phone or "A lead"),
        telephones=[(each, phone_words(each)) for each in (await settings.get(work)).ring_numbers],
        error=error,
        purpose=purpose or lead.service_interest or "",
        phone=phone,
    )


@post("/leads/{lead_id:str}/call", status_code=200)
async def call_lead(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    by_hand = form.text("by") == "me"
    purpose, phone = form.text("purpose"), form.text("phone") if by_hand else ""
    try:
        if by_hand and not phone:
            raise Invalid("Choose the telephone that rings first.", field="phone")
        wish = CallWish(lead_id=which, purpose="" if by_hand else purpose, first_rings=phone)
        call = await calls.place_call(context, actor, wish)
    except _MENDABLE as error:
        async with context.works.read(actor) as work:
            return await _page(request, work, lead_id, error=error.message, purpose=purpose, phone=phone)
    said = "Your telephone rings in a moment: take it up to be put through." if by_hand else "The assistant calls now."
    return go(request, f"/console/calls/{call.id}", good=said)


routes = [ask_to_call, call_lead]
