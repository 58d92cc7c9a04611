"""What the person was told: the list behind the bell, going where one leads, and choosing what to be told and how."""

from functools import partial
from typing import Any

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.domain.notifications.model import Kind, Preference
from frontdesk.domain.notifications.service import reading
from frontdesk.platform.database import Work

HERE = "/console/notifications"
PER_PAGE = 25

KINDS = {
    Kind.LEAD_HOT: ("flame", "hot", "A lead turns hot"),
    Kind.WANTS_PERSON: ("hand", "hot", "A lead wants to talk to a person"),
    Kind.CALLER_WAITS: ("call", "hot", "A caller is to be called back"),
    Kind.CALL_BOOKED: ("call", "good", "A call is booked"),
    Kind.CAMPAIGN_COMPLETED: ("check", "", "A campaign has ended"),
    Kind.CAMPAIGN_STOPPED: ("pause", "bad", "A campaign is stopped because the carrier takes no texts"),
    Kind.CAMPAIGN_TROUBLE: ("alert", "bad", "Texts of a campaign fail"),
    Kind.IMPORT_REFUSALS: ("file", "warm", "An import refused rows"),
    Kind.USAGE: ("alert", "warm", "Most or all of the plan's minutes are used"),
    Kind.WEBHOOK_DISABLED: ("bolt", "bad", "A webhook is switched off because its receiver takes nothing"),
    Kind.CONNECTION_LAPSED: ("refresh", "bad", "A calendar or CRM has to be connected again"),
    Kind.MESSAGE: ("message", "", "Another program tells you something"),
}
"""The icon, tone and name of each kind."""


@get("/notifications")
async def notifications(request: AnyRequest, work: Given[Work]) -> Page:
    """The newest first, a page of them; `?show=unread` those not read."""
    page = asked(request, "page")
    number = min(max(int(page), 1), 10_000) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    unread = asked(request, "show") == "unread"
    found = await reading.listed(work, PER_PAGE, number, unread=unread)
    return await render(
        request,
        "notifications/index.html",
        work,
        found=found,
        number=number,
        per_page=PER_PAGE,
        only_unread=unread,
        kinds=KINDS,
        link=partial(_address, unread),
    )


def _address(unread: bool, page: int) -> str:
    return f"{HERE}?{'show=unread&' if unread else ''}page={page}"


@post("/notifications/{notification_id:str}/open", status_code=200)
async def open_one(request: AnyRequest, work: Given[Work], notification_id: FromPath[str]) -> Response[Any]:
    """Note it as read, and go where it leads within the console; a page elsewhere has a link of its own."""
    one = await reading.mark(work, the_id(notification_id))
    return go(request, one.link if one.link.startswith("/") else HERE)


@post("/notifications/{notification_id:str}/read", status_code=200)
async def read(request: AnyRequest, work: Given[Work], notification_id: FromPath[str]) -> Response[Any]:
    """Note it as read, or as unread again."""
    form = await form_of(request)
    await reading.mark(work, the_id(notification_id), read=not form.flag("unread"))
    return go(request, form.text("back") if form.text("back").startswith(HERE) else HERE)


@post("/notifications/read-all", status_code=200)
async def read_all(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Note all as read."""
    await reading.mark_all_read(work)
    return go(request, HERE, good="All are marked as read.")


@get("/notifications/settings")
async def choices(request: AnyRequest, work: Given[Work]) -> Page:
    """What the person is told, and how."""
    wanted = await reading.preferences(work)
    return await render(request, "notifications/settings.html", work, wanted=wanted, kinds=KINDS)


@post("/notifications/settings", status_code=200)
async def choose(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Change it."""
    form = await form_of(request)
    shown = await reading.preferences(work)
    await reading.choose(
        work, {kind: Preference(form.flag(f"{kind}_console"), form.flag(f"{kind}_mail")) for kind in shown}
    )
    return go(request, f"{HERE}/settings", good="Your choice is saved.")


routes: list[Any] = [notifications, open_one, read, read_all, choices, choose]
