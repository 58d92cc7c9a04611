"""Do not contact: the numbers that nobody here may write to, why, and since when."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Stream

from frontdesk.console.forms import AnyRequest, Form, FromPath, Given, asked, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.service import Suppression
from frontdesk.domain.leads.service.imports import csv_safe
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid, NotFound
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

HERE = "/console/suppressions"
PER_PAGE = 50
LAST_PAGE = 20_000
HOW = {
    "keyword": "Texted STOP",
    "plain_language": "Said so in a text",
    "carrier": "The carrier says so",
    "by_hand": "Added by hand",
}
"""Why a number is there, for people."""


@get("/suppressions")
async def suppressions(request: AnyRequest, work: Given[Work]) -> Page:
    """The list, newest first; `?q=` narrows it by number, name or words."""
    return await _list(request, work)


async def _list(request: AnyRequest, work: Work, form: Form | None = None, problem: Invalid | None = None) -> Page:
    q, number = asked(request, "q")[:100], asked(request, "page")
    page = min(max(int(number), 1), LAST_PAGE) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    found = await contactability.list_suppressions(work, page, PER_PAGE, q)
    if page > 1 and not found.items:
        page, found = 1, await contactability.list_suppressions(work, 1, PER_PAGE, q)

    def turned_to(wanted: int) -> str:
        return f"{HERE}?{urlencode({'q': q, 'page': wanted} if q else {'page': wanted})}"

    return await render(
        request,
        "suppressions/index.html",
        work,
        status=400 if problem else 200,
        found=found,
        q=q,
        page=page,
        per_page=PER_PAGE,
        turned_to=turned_to,
        how=HOW,
        typed=form or Form({}),
        wrong=wrong(problem, "phone_number", "evidence") if problem else {},
        may_add=work.actor.may(Permission.EDIT_LEADS),
        may_lift=work.actor.may(Permission.MANAGE_ORGANIZATION),
    )


@post("/suppressions", status_code=200)
async def add(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """Put a number on the list."""
    form = await form_of(request)
    try:
        phone, fresh = await contactability.suppress_number(work, form.text("phone_number"), form.text("evidence"))
    except Invalid as problem:
        return await _list(request, work, form, problem)
    return go(request, HERE, good=f"{phone} will not be contacted." if fresh else f"{phone} was on the list already.")


@get("/suppressions/{number:str}/lift")
async def ask_lift(request: AnyRequest, work: Given[Work], number: FromPath[str]) -> Page:
    """Why a number may be contacted again. `?lead=`: asked on that lead's page, where it leads back to."""
    return await _lift_page(request, work, await _found(work, number), parse_id(asked(request, "lead")))


@post("/suppressions/{number:str}/lift", status_code=200)
async def lift(request: AnyRequest, work: Given[Work], number: FromPath[str]) -> Response[Any]:
    """Take a number off the list, with the reason."""
    found, form = await _found(work, number), await form_of(request)
    lead_id = parse_id(form.text("lead"))
    try:
        await contactability.lift_by_hand(work, found.phone, form.text("reason"))
    except Invalid as problem:
        return await _lift_page(request, work, found, lead_id, problem)
    return go(request, _back(lead_id), good=f"{found.phone} may be contacted again.")


async def _found(work: Work, number: str) -> Suppression:
    work.require(Permission.MANAGE_ORGANIZATION)
    found = await contactability.get_suppression(work, f"+{number}")
    if found is None:
        raise NotFound("This number is not on the list.")
    return found


def _back(lead_id: UUID | None) -> str:
    return f"/console/leads/{lead_id}" if lead_id else HERE


async def _lift_page(
    request: AnyRequest, work: Work, found: Suppression, lead_id: UUID | None, problem: Invalid | None = None
) -> Page:
    return await render(
        request,
        "suppressions/lift.html",
        work,
        status=400 if problem else 200,
        found=found,
        lead_id=lead_id,
        back=_back(lead_id),
        how=HOW,
        wrong=problem.message if problem else "",
    )


@get("/suppressions/numbers.csv")
async def download(context: Given[Context], actor: Given[Actor]) -> Stream:
    """All of the list as a file."""
    async with context.works.read(actor) as work:
        work.require(Permission.VIEW)

    async def lines() -> AsyncIterator[bytes]:
        yield ("\ufeff" + _line(["Number", "Name", "Why", "Evidence", "Since (UTC)"])).encode()
        at = ""
        while True:
            async with context.works.read(actor) as work:
                batch = await contactability.suppressions_after(work, at)
            if not batch:
                return
            yield "".join(map(_row, batch)).encode()
            at = batch[-1].phone

    headers = {"Content-Disposition": 'attachment; filename="do-not-contact.csv"', "Cache-Control": "no-store"}
    return Stream(lines(), media_type="text/csv", headers=headers)


def _row(one: Suppression) -> str:
    since = one.created_at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    # The number as it is: a spreadsheet reads +44… as a number, which is no formula and does no harm.
    return _line([one.phone, *map(csv_safe, (one.lead_name, HOW.get(one.reason, one.reason), one.evidence)), since])


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


routes: list[Any] = [suppressions, add, ask_lift, lift, download]
