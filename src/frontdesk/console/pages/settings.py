"""Settings of the organisation: what it is, when it is open, how its assistant behaves."""

from typing import Any

import msgspec
from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.places import countries, time_zones_with
from frontdesk.domain.campaigns.service import audience
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import WEEKDAYS, Hours, Organization, OrganizationChange
from frontdesk.domain.scheduling.model import DEFAULT_HOURS
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.kernel.money import CURRENCIES, price_of
from frontdesk.platform.database import Work

HERE = "/console/settings"
_MIDNIGHT = "24:00"
_LIMITS = {
    "daily_cap": "1 to 100",
    "weekly_cap": "1 to 500",
    "ai_daily_cap": "1 to 1000",
    "decisions_kept_days": "30 to 3650",
}


@get("/settings")
async def settings(request: AnyRequest, work: Given[Work]) -> Page:
    """What is set, as forms for who may change it."""
    return await _settings(request, work)


async def _settings(
    request: AnyRequest, work: Work, form: Form | None = None, problem: DomainError | None = None, part: str = ""
) -> Page:
    organization = await organizations.get(work)
    price = await audience.price(work)
    given = {
        "business": _business_of(organization),
        "assistant": _assistant_of(organization),
        "contact": _contact_of(organization),
        "price": Form({"price": [price.major if price else ""], "currency": [price.currency if price else "GBP"]}),
    }
    hours = {day: _day_of(organization, day) for day in WEEKDAYS}
    if form is not None and part == "hours":
        hours = {
            day: (form.flag(f"{day}_open"), form.text(f"{day}_start"), form.text(f"{day}_end")) for day in WEEKDAYS
        }
    elif form is not None:
        given[part] = form
    fields = (
        "name", "country", "time_zone", "email", "phone", "primary_color", "logo_url", "agent_name", *_LIMITS, "price",
        "currency",
    )  # fmt: skip
    faults = wrong(problem, *fields, phone_number="phone") if problem else {}
    if problem and part == "hours" and "day" in problem.fields:
        faults = {str(problem.fields["day"]): problem.message}
    return await render(
        request,
        "settings/index.html",
        work,
        status=400 if problem else 200,
        organization=organization,
        business=given["business"],
        assistant=given["assistant"],
        contact=given["contact"],
        price=given["price"],
        price_is_own=organization.segment_price is not None,
        currencies=[(code, code) for code in CURRENCIES],
        hours=hours,
        hours_set=bool(organization.business_hours),
        countries=countries(),
        country_name=next((c.label for c in countries() if c.value == organization.country), organization.country),
        zones=time_zones_with(given["business"].text("time_zone")),
        may_change=work.actor.may(Permission.MANAGE_ORGANIZATION),
        wrong=faults,
        wrong_part=part if problem else "",
    )


@post("/settings/business", status_code=200)
async def change_business(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change what the organisation is and how it is reached."""
    form = await form_of(request)
    change = OrganizationChange(
        name=form.text("name"),
        country=form.text("country"),
        time_zone=form.text("time_zone"),
        email=form.text("email") or None,
        phone=form.text("phone") or None,
        primary_color=form.text("primary_color") or None,
        logo_url=form.text("logo_url") or None,
    )
    return await _change(request, work, form, change, "business", "The organisation's details are saved.")


@post("/settings/hours", status_code=200)
async def change_hours(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change when the business is open."""
    form = await form_of(request)
    hours = {day: _span(form, day) for day in WEEKDAYS}
    change = OrganizationChange(business_hours=hours)
    return await _change(request, work, form, change, "hours", "The business hours are saved.")


@post("/settings/assistant", status_code=200)
async def change_assistant(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change how the assistant behaves."""
    form = await form_of(request)
    change = OrganizationChange(ai_enabled=form.flag("ai_enabled"), agent_name=form.text("agent_name"))
    return await _change(request, work, form, change, "assistant", "The assistant's settings are saved.")


@post("/settings/contact", status_code=200)
async def change_contact(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change how often people may be written to, and how long refusals are kept."""
    form = await form_of(request)
    try:
        given = {name: _whole(form.text(name), name) for name in _LIMITS}
        change = msgspec.convert(given, OrganizationChange)
    except Invalid as problem:
        work.require(Permission.MANAGE_ORGANIZATION)
        return await _settings(request, work, form, problem, "contact")
    return await _change(request, work, form, change, "contact", "The limits of contact are saved.")


@post("/settings/price", status_code=200)
async def change_price(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change what a segment of a text is taken to cost; empty for what is usual in the country."""
    form = await form_of(request)
    typed = form.text("price")
    try:
        price = price_of(typed, form.text("currency"), "price") if typed else None
    except Invalid as problem:
        work.require(Permission.MANAGE_ORGANIZATION)
        return await _settings(request, work, form, problem, "price")
    return await _change(request, work, form, OrganizationChange(segment_price=price), "price", "The price is saved.")


async def _change(
    request: AnyRequest, work: Work, form: Form, change: OrganizationChange, part: str, done: str
) -> Response[Any]:
    try:
        await organizations.update(work, change)
    except MENDABLE as problem:
        return await _settings(request, work, form, problem, part)
    return go(request, f"{HERE}#{part}", good=done)


def _business_of(organization: Organization) -> Form:
    kept = {
        name: getattr(organization, name) or ""
        for name in ("name", "country", "time_zone", "email", "phone", "primary_color", "logo_url")
    }
    return Form({name: [value] for name, value in kept.items()})


def _assistant_of(organization: Organization) -> Form:
    fields = {"agent_name": [organization.agent_name]}
    return Form({**fields, "ai_enabled": ["on"]} if organization.ai_enabled else fields)


def _contact_of(organization: Organization) -> Form:
    return Form({name: [str(getattr(organization, name))] for name in _LIMITS})


def _day_of(organization: Organization, day: str) -> tuple[bool, str, str]:
    """Whether the day is open, and the hours of its fields. A day that ends at midnight ends at 00:00 in a field."""
    hours = (organization.business_hours or DEFAULT_HOURS).get(day)
    if hours is None:
        return False, "09:00", "17:00"
    return True, hours.start, "00:00" if hours.end == _MIDNIGHT else hours.end


def _span(form: Form, day: str) -> Hours | None:
    if not form.flag(f"{day}_open"):
        return None
    end = form.text(f"{day}_end")
    return Hours(form.text(f"{day}_start"), _MIDNIGHT if end == "00:00" else end)


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid(f"This is a whole number, from {_LIMITS[field]}.", field=field)
    return int(text)


routes: list[Any] = [settings, change_business, change_hours, change_assistant, change_contact, change_price]
