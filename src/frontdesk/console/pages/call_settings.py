"""How calls are taken and placed: recording, how many at once, who is rung for a caller who wants a person, and what
answering machines are told."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.people import full_name
from frontdesk.console.views.words import phone
from frontdesk.domain.calls.model import ANNOUNCEMENT, CallSettingsChange, message_for_machine
from frontdesk.domain.calls.service import settings
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import MemberStatus
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.database import Work

HERE = "/console/settings/calls"
MACHINES = [
    ("usual", "The usual message"), ("own", "Words of your own"), ("nothing", "Nothing: the call is put down"),
]  # fmt: skip
_FIELDS = ("announcement", "voicemail", "ring_numbers", "ring_seconds", "concurrent_calls")


@get("/settings/calls")
async def call_settings(request: AnyRequest, work: Given[Work]) -> Page:
    """What is set, as a form for who may change it."""
    return await _page(request, work)


async def _page(request: AnyRequest, work: Work, form: Form | None = None, problem: DomainError | None = None) -> Page:
    now = await settings.get(work)
    if form is None:
        form = Form({
            "recording": ["on"] if now.recording else [],
            "announcement": [ANNOUNCEMENT if now.announcement is None else now.announcement],
            "ring_numbers": ["\n".join(now.ring_numbers)],
            "ring_members": [str(each) for each in now.ring_members],
            "ring_seconds": [str(now.ring_seconds)],
            "concurrent_calls": [str(now.concurrent_calls)],
            "machine": ["usual" if now.voicemail is None else "own" if now.voicemail else "nothing"],
            "voicemail": [now.voicemail or ""],
        })  # fmt: skip
    house = await organizations.get(work)
    return await render(
        request,
        "settings/calls.html",
        work,
        machine_choices=MACHINES,
        usual_voicemail=message_for_machine(None, house.name, house.agent_name, "", phone(house.number or "")),
        status=400 if problem else 200,
        form=form,
        wrong=wrong(problem, *_FIELDS, phone_number="ring_numbers") if problem else {},
        members=[
            (str(member.user_id), full_name((member.first_name, member.last_name), member.email))
            for member in await organizations.list_members(work)
            if member.status is MemberStatus.ACTIVE
        ],
        may_change=work.actor.may(Permission.MANAGE_ORGANIZATION),
    )


@post("/settings/calls", status_code=200)
async def change_call_settings(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change how calls are taken, from the next one on."""
    form = await form_of(request)
    try:
        change = CallSettingsChange(
            recording=form.flag("recording"),
            announcement=form.text("announcement"),
            ring_numbers=[line for text in form.raw("ring_numbers").splitlines() if (line := text.strip())],
            ring_members=[found for text in form.all("ring_members") if (found := parse_id(text))],
            ring_seconds=_whole(form, "ring_seconds"),
            concurrent_calls=_whole(form, "concurrent_calls"),
            voicemail=_voicemail(form),
        )
        await settings.update(work, change)
    except MENDABLE as problem:
        return await _page(request, work, form, problem)
    return go(request, HERE, good="Saved. It holds from the next call on.")


def _voicemail(form: Form) -> str | None:
    """What machines are told: None for the usual, the empty string for nothing."""
    if form.text("machine") == "own":
        if not (words := form.text("voicemail")):
            raise Invalid("Write what is said, or choose another way.", field="voicemail")
        return words
    return "" if form.text("machine") == "nothing" else None


def _whole(form: Form, name: str) -> int:
    text = form.text(name)
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid("This is a whole number.", field=name)
    return int(text)


routes: list[Any] = [call_settings, change_call_settings]
