"""The page of one lead: its thread, its timeline, its bookings, and what can be done with it."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.inbox import Outlook, place_in_address, place_of, two_times
from frontdesk.console.views.leads import FORM_FIELDS, lead_change, slots_by_day
from frontdesk.console.views.people import full_name
from frontdesk.console.views.timeline import KINDS, Names, lines
from frontdesk.console.views.wording import MOODS, SENTIMENT_WORDS, SETTABLE_STATUSES
from frontdesk.console.views.words import status_word
from frontdesk.domain.activity import service as activity
from frontdesk.domain.activity.model import MomentKind
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.errors import NotContactable
from frontdesk.domain.conversations.service import inbox, sending, threads
from frontdesk.domain.leads.model import ContactStatus, LeadChange
from frontdesk.domain.leads.service import changes, datasets, leads
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Conflict, Invalid
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

MESSAGES_SHOWN = 30
MOMENTS_SHOWN = 40
SLOTS_OFFERED = timedelta(days=14)


@get("/leads/{lead_id:str}")
async def show_lead(request: AnyRequest, work: Given[Work], lead_id: FromPath[str]) -> Response[str]:
    return await _lead_page(request, work, the_id(lead_id))


async def _lead_page(
    request: AnyRequest, work: Work, lead_id: UUID, *, errors: dict[str, str] | None = None, text: str = ""
) -> Response[str]:
    """The lead's page; with `errors` by field, what was typed, and status 400."""
    detail = await leads.detail(work, lead_id)
    lead = detail.lead
    thread = await threads.thread_of_lead(work, lead_id)
    rules = await contactability.rules(work)
    slots = await scheduling.free_slots(work, days=SLOTS_OFFERED.days) if work.actor.may(Permission.EDIT_LEADS) else []
    members = await _members(work)
    own = ZoneInfo(rules.time_zone)
    names = Names(members=members, zones=contactability.zones_of(lead, rules.time_zone), own=own)
    asked_kind = asked(request, "kind")
    kind = MomentKind(asked_kind) if asked_kind in set(MomentKind) else None
    before = place_of(asked(request, "before"))
    moments = await activity.timeline(
        work, lead_id, kind, (before.at, before.id) if before else None, MOMENTS_SHOWN + 1
    )
    return await render(
        request,
        "leads/lead.html",
        work,
        status=400 if errors else 200,
        lead=lead,
        name=lead.name or str(lead.phone or "A lead"),
        datasets=[dataset for dataset in await datasets.list_all(work) if dataset.id in set(detail.dataset_ids)],
        thread=thread,
        messages=thread.messages[-MESSAGES_SHOWN:] if thread else [],
        outlook=Outlook.of(await inbox.outlook(work, lead), names.zones, own),
        moments=lines(moments[:MOMENTS_SHOWN], names),
        older=place_in_address(moments[MOMENTS_SHOWN - 1]) if len(moments) > MOMENTS_SHOWN else "",
        kinds=KINDS,
        kind=kind.value if kind else "",
        is_first=before is None,
        call_at=two_times(lead.call_booked_time, names.zones, own),
        slots=slots_by_day(slots, own),
        members=list(members.items()),
        sentiments=SENTIMENT_WORDS,
        statuses=[(status.value, status_word(status)) for status in SETTABLE_STATUSES],
        assignee=members.get(lead.assigned_to) if lead.assigned_to else None,
        errors=errors or {},
        text=text,
    )


async def _members(work: Work) -> dict[UUID, str]:
    return {
        member.user_id: full_name((member.first_name, member.last_name), member.email)
        for member in await organizations.list_members(work)
    }


@get("/leads/{lead_id:str}/edit")
async def edit_lead(request: AnyRequest, work: Given[Work], lead_id: FromPath[str]) -> Response[str]:
    work.require(Permission.EDIT_LEADS)
    return await _edit_page(request, work, the_id(lead_id))


@post("/leads/{lead_id:str}/edit", status_code=200)
async def save_lead(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    try:
        async with context.works.begin(actor) as work:
            await leads.change(work, which, lead_change(form.text))
            undo = await _way_back(work, which)
    except Invalid as error:
        async with context.works.read(actor) as work:
            errors = {str(error.fields.get("field", "")): _at_field(error)}
            return await _edit_page(
                request, work, which, typed={name: form.text(name) for name in FORM_FIELDS}, errors=errors
            )
    return go(request, f"/console/leads/{which}", good="Saved.", undo=undo)


async def _way_back(work: Work, lead_id: UUID) -> str:
    """The path that takes back what was just changed, if that was anything."""
    change_id = await changes.latest(work, lead_id)
    return f"/console/leads/{lead_id}/changes/{change_id}/undo" if change_id else ""


@post("/leads/{lead_id:str}/changes/{change_id:str}/undo", status_code=200)
async def undo_change(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str], change_id: FromPath[str]
) -> Response[str]:
    which = the_id(lead_id)
    try:
        async with context.works.begin(actor) as work:
            await changes.undo(work, which, the_id(change_id))
    except Conflict as error:
        return go(request, f"/console/leads/{which}", bad=error.message)
    return go(request, f"/console/leads/{which}", good="Undone.")


@post("/leads/{lead_id:str}/assign", status_code=200)
async def assign(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    to = f"/console/leads/{which}"
    try:
        async with context.works.begin(actor) as work:
            await leads.change(work, which, LeadChange(assigned_to=parse_id(form.text("assigned_to"))))
            undo = await _way_back(work, which)
    except Invalid as error:
        return go(request, to, bad=error.message)
    return go(request, to, good="Saved.", undo=undo)


def _at_field(error: Invalid) -> str:
    """The error under its field: the field's name is on the page already."""
    field = str(error.fields.get("field", ""))
    told = error.message.removeprefix(f"{field} ")
    return (
        told
        if told == error.message
        else {"may": "It may", "is": "This is"}.get(told.split()[0], "It") + (told.removeprefix(told.split()[0]))
    )


async def _edit_page(
    request: AnyRequest,
    work: Work,
    lead_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    lead = await leads.get(work, lead_id)
    kept = {
        "first_name": lead.first_name,
        "last_name": lead.last_name or "",
        "email": lead.email or "",
        "postcode": lead.postcode or "",
        "notes": lead.notes or "",
        "sentiment": lead.sentiment.value if lead.sentiment else "",
        "assigned_to": str(lead.assigned_to or ""),
    }
    return await render(
        request,
        "leads/edit.html",
        work,
        status=400 if errors else 200,
        lead=lead,
        name=lead.name or str(lead.phone or "A lead"),
        values=kept | (typed or {}),
        errors=errors or {},
        sentiments=MOODS,
        members=list((await _members(work)).items()),
    )


@post("/leads/{lead_id:str}/status", status_code=200)
async def set_status(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    wanted = form.text("status")
    try:
        if wanted not in set(ContactStatus):
            raise Invalid("Choose a status.", field="contact_status")
        async with context.works.begin(actor) as work:
            await leads.change(work, which, LeadChange(contact_status=ContactStatus(wanted)))
            undo = await _way_back(work, which)
    except Invalid as error:
        async with context.works.read(actor) as work:
            return await _lead_page(request, work, which, errors={"status": error.message})
    return go(request, f"/console/leads/{which}", good="The status is changed.", undo=undo)


@post("/leads/{lead_id:str}/archive", status_code=200)
async def archive_lead(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which = the_id(lead_id)
    async with context.works.begin(actor) as work:
        lead = await leads.change(work, which, LeadChange(archived=True))
    return go(
        request,
        f"/console/leads/{which}",
        good=f"{lead.name or 'The lead'} is archived.",
        undo=f"/console/leads/{which}/restore",
    )


@post("/leads/{lead_id:str}/restore", status_code=200)
async def restore_lead(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which = the_id(lead_id)
    async with context.works.begin(actor) as work:
        lead = await leads.change(work, which, LeadChange(archived=False))
    return go(request, f"/console/leads/{which}", good=f"{lead.name or 'The lead'} is back among the leads in use.")


@post("/leads/{lead_id:str}/take-over", status_code=200)
async def take_over(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    return await _pass(request, context, actor, the_id(lead_id), by_person=True)


@post("/leads/{lead_id:str}/give-back", status_code=200)
async def give_back(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    return await _pass(request, context, actor, the_id(lead_id), by_person=False)


async def _pass(
    request: AnyRequest, context: Context, actor: Actor, lead_id: UUID, *, by_person: bool
) -> Response[str]:
    async with context.works.begin(actor) as work:
        await leads.set_manual_mode(work, lead_id, by_person)
    said = "The AI is paused for this lead." if by_person else "The AI answers this lead again."
    return go(request, f"/console/leads/{lead_id}", good=said)


@get("/leads/{lead_id:str}/suppress")
async def confirm_suppress(request: AnyRequest, work: Given[Work], lead_id: FromPath[str]) -> Response[str]:
    work.require(Permission.EDIT_LEADS)
    lead = await leads.get(work, the_id(lead_id))
    name, here = lead.name or str(lead.phone or "A lead"), f"/console/leads/{lead.id}"
    return await render(
        request,
        "confirm.html",
        work,
        title="Never contact again",
        crumbs=[("Leads", "/console/leads"), (name, here)],
        question=f"Never contact {name} again?",
        consequence="No campaign, no AI and nobody in your team can text this number any more, in any list, also when "
        "it is imported again. Only its owner can come back, by texting START, or an admin who was asked to.",
        action=f"{here}/suppress",
        verb="Never contact again",
        back=here,
        danger=True,
    )


@post("/leads/{lead_id:str}/suppress", status_code=200)
async def suppress(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which = the_id(lead_id)
    to = f"/console/leads/{which}"
    try:
        async with context.works.begin(actor) as work:
            lead = await contactability.suppress_by_hand(work, which)
    except Invalid as error:
        return go(request, to, bad=error.message)
    return go(request, to, good=f"{lead.name or 'The number'} will not be contacted again.")


@post("/leads/{lead_id:str}/messages", status_code=200)
async def write(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    text = form.raw("text").replace("\r\n", "\n")
    try:
        await sending.send_by_hand(context, actor, which, text)
    except Invalid as error:
        async with context.works.read(actor) as work:
            return await _lead_page(request, work, which, errors={"text": _why_not(error)}, text=text)
    return go(request, f"/console/leads/{which}#thread", good="Your message is on its way.")


def _why_not(error: Invalid) -> str:
    return error.message if not isinstance(error, NotContactable) else f"Not sent. {error.message}"


@post("/leads/{lead_id:str}/booking", status_code=200)
async def book(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(lead_id), await form_of(request)
    try:
        try:
            start = datetime.fromisoformat(form.text("start"))
        except ValueError:
            start = None
        if start is None or start.tzinfo is None:
            raise Invalid("Choose a time.", field="start")
        await scheduling.book_lead(context, actor, which, start)
    except MENDABLE as error:
        async with context.works.read(actor) as work:
            return await _lead_page(request, work, which, errors={"start": error.message})
    return go(request, f"/console/leads/{which}", good="The call is booked.")


@post("/leads/{lead_id:str}/booking/cancel", status_code=200)
async def cancel_booking(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], lead_id: FromPath[str]
) -> Response[str]:
    which = the_id(lead_id)
    to = f"/console/leads/{which}"
    async with context.works.begin(actor) as work:
        lead = await leads.get(work, which)
        if lead.booking_id is None:
            return go(request, to, bad="There is no call to cancel.")
        await scheduling.cancel(work, lead.booking_id)
    return go(request, to, good="The call is cancelled.")


routes = [
    show_lead,
    edit_lead,
    save_lead,
    undo_change,
    assign,
    set_status,
    archive_lead,
    restore_lead,
    take_over,
    give_back,
    confirm_suppress,
    suppress,
    write,
    book,
    cancel_booking,
]
