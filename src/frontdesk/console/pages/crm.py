"""What a connected CRM was told, or is to be: its log, and passing on again what failed."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.domain.crm.model import Record, RecordFilter, RecordStatus
from frontdesk.domain.crm.service import reading
from frontdesk.domain.integrations.model import PROVIDERS, ConnectionStatus
from frontdesk.platform.database import Work
from frontdesk.ports.crm import ActivityKind

HERE = "/console/crm"
PER_PAGE = 25
STATUSES = {
    RecordStatus.PENDING: ("Waiting", "warm"),
    RecordStatus.DONE: ("Passed on", "good"),
    RecordStatus.FAILED: ("Failed", "bad"),
    RecordStatus.SKIPPED: ("Left out", ""),
}
"""A word and a tone for each."""
EVENTS = {
    "call.analyzed": "A call",
    "appointment.created": "An appointment",
    "appointment.cancelled": "An appointment called off",
}
_NAMES = {provider.id: provider.name for provider in PROVIDERS}


@get("/crm/{connection_id:str}")
async def log(request: AnyRequest, work: Given[Work], connection_id: FromPath[str]) -> Page:
    """The log of one CRM, newest first; `?status=` and `?q=` narrow it."""
    connection = await reading.connection(work, the_id(connection_id))
    named, number, who = asked(request, "status"), asked(request, "page"), asked(request, "q")[:100]
    status = RecordStatus(named) if named in set(RecordStatus) else None
    page = min(max(int(number), 1), 400) if number.isascii() and number.isdigit() and len(number) < 9 else 1

    def address(**changes: str) -> str:
        asked_for = {"status": status.value if status else "", "q": who, **changes}
        query = urlencode({name: value for name, value in asked_for.items() if value})
        return f"{HERE}/{connection.id}" + (f"?{query}" if query else "")

    def turned_to(wanted: int) -> str:
        return address(page=str(wanted))

    return await render(
        request,
        "integrations/log.html",
        work,
        connection=connection,
        name=_NAMES.get(connection.provider, connection.provider),
        lapsed=connection.status is ConnectionStatus.RECONNECT,
        found=await reading.page(work, connection.id, RecordFilter(status=status, who=who), page, PER_PAGE),
        failed=await reading.failed(work, connection.id),
        statuses=STATUSES,
        events=EVENTS,
        outcome=outcome,
        about=about,
        wanted=status,
        who=who,
        page=page,
        per_page=PER_PAGE,
        address=address,
        turned_to=turned_to,
    )


def outcome(record: Record) -> str:
    """What came of a record, beside its status."""
    if record.status is RecordStatus.SKIPPED:
        return "What it tells of is not there any more."
    if record.error:
        return record.error
    return "Not tried yet" if not record.tries else ""


def about(record: Record) -> str:
    """The page of what a record tells of."""
    call = record.subject is ActivityKind.CALL
    return f"/console/calls/{record.subject_id}" if call else f"/console/leads/{record.lead_id}"


@post("/crm/{connection_id:str}/retry", status_code=200)
async def retry(request: AnyRequest, work: Given[Work], connection_id: FromPath[str]) -> Response[Any]:
    """Pass on again what failed: one `record`, or all."""
    which, record = the_id(connection_id), (await form_of(request)).text("record")
    count = await reading.try_again(work, which, the_id(record) if record else None)
    words = "is tried again" if count == 1 else "are tried again"
    return go(request, f"{HERE}/{which}", good=f"{count:,} {words}." if count else "Nothing has failed.")


routes: list[Any] = [log, retry]
