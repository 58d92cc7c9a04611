"""The assistant: how it presents itself and behaves, what it goes by, and the handset to hear it with."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.service import files
from frontdesk.domain.calls.service import settings
from frontdesk.domain.calls.service.assisting import usual_greeting
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import (
    MOST_GREETING,
    MOST_PROMPT,
    VOICES,
    WEEKDAYS,
    Organization,
    OrganizationChange,
)
from frontdesk.domain.scheduling.model import DEFAULT_HOURS
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.platform.database import Work

HERE = "/console/assistant"
_FIELDS = ("agent_name", "greeting", "voice_id", "system_prompt", "max_minutes", "max_turns", "ai_temperature")


@get("/assistant")
async def assistant(request: AnyRequest, work: Given[Work]) -> Page:
    """What is set, as a form for who may change it, and the handset."""
    return await _page(request, work)


async def _page(request: AnyRequest, work: Work, form: Form | None = None, problem: DomainError | None = None) -> Page:
    organization = await organizations.get(work)
    calls = await settings.get(work)
    return await render(
        request,
        "assistant/index.html",
        work,
        status=400 if problem else 200,
        organization=organization,
        form=form or _form_of(organization),
        usual=usual_greeting(organization.name, organization.agent_name),
        most_greeting=MOST_GREETING,
        most_prompt=MOST_PROMPT,
        voices=[(name, name.capitalize()) for name in VOICES],
        open_days=_open_days(organization),
        facts=len(await agents.list_facts(work)),
        documents=len(await files.list_files(work)),
        calls=calls,
        rung=len(calls.ring_numbers) + len(calls.ring_members),
        may_change=work.actor.may(Permission.MANAGE_ORGANIZATION),
        may_talk=work.actor.may(Permission.EDIT_LEADS),
        wrong=wrong(problem, *_FIELDS, max_call_seconds="max_minutes") if problem else {},
    )


@post("/assistant", status_code=200)
async def change_assistant(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change how the assistant presents itself and behaves, from the next call and text on."""
    form = await form_of(request)
    try:
        change = OrganizationChange(
            ai_enabled=form.flag("ai_enabled"),
            agent_name=form.text("agent_name"),
            greeting=form.text("greeting") or None,
            voice_id=form.text("voice_id"),
            system_prompt=form.raw("system_prompt").replace("\r\n", "\n").strip() or None,
            max_call_seconds=round(60 * _number(form, "max_minutes")),
            max_turns=round(_number(form, "max_turns")),
            ai_temperature=_number(form, "ai_temperature") if form.text("ai_temperature") else None,
        )
        await organizations.update(work, change)
    except MENDABLE as problem:
        return await _page(request, work, form, problem)
    return go(request, HERE, good="Saved. Press Talk to hear it.")


def _form_of(organization: Organization) -> Form:
    temperature = organization.ai_temperature
    return Form({
        "ai_enabled": ["on"] if organization.ai_enabled else [],
        "agent_name": [organization.agent_name],
        "greeting": [organization.greeting or ""],
        "voice_id": [organization.voice_id],
        "system_prompt": [organization.system_prompt or ""],
        "max_minutes": [f"{organization.max_call_seconds / 60:g}"],
        "max_turns": [str(organization.max_turns)],
        "ai_temperature": ["" if temperature is None else f"{temperature:g}"],
    })  # fmt: skip


def _open_days(organization: Organization) -> int:
    hours = organization.business_hours or DEFAULT_HOURS
    return sum(hours.get(day) is not None for day in WEEKDAYS)


def _number(form: Form, name: str) -> float:
    text = form.text(name)
    if not (text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 8):
        raise Invalid("This is a number.", field=name)
    return float(text)


routes: list[Any] = [assistant, change_assistant]
