"""Captured mail: what would have been sent had a mail server been set, with its links working."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from frontdesk.console.forms import AnyRequest, Given, asked
from frontdesk.console.page import Page, render
from frontdesk.console.state import House
from frontdesk.console.views.letters import BODY_POLICY, find_mail, frameable, linked, mail_key
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import NotFound
from frontdesk.platform.context import Context
from frontdesk.ports.simulator import CapturedMail

_SHOWN = 100
_SEARCHED = 1000
"""Mails that a link into one mail is looked for in."""


@get("/mail")
async def mail(request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]) -> Page:
    """The newest captured mails; `?to=` one recipient's."""
    return await _mail(request, house, actor, None)


@get("/mail/{key:str}")
async def letter(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], key: FromPath[str]
) -> Page:
    """One mail beside the list."""
    return await _mail(request, house, actor, await _found(house, actor, key))


@get("/mail/{key:str}/body")
async def body(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], key: FromPath[str]
) -> Response[str]:
    """A mail's HTML, for a frame that runs nothing of it."""
    found = await _found(house, actor, key)
    headers = {
        "Content-Security-Policy": BODY_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(frameable(found.html), media_type="text/html", headers=headers)


async def _mail(request: AnyRequest, house: House, actor: Actor, opened: CapturedMail | None) -> Page:
    to = asked(request, "to")[:320]
    mails = await house.simulator.mail(actor, to or None, _SHOWN)
    async with house.context.works.read(actor) as work:
        return await render(
            request,
            "mail/index.html",
            work,
            mails=mails,
            key_of=mail_key,
            to=to,
            opened=opened,
            opened_key=mail_key(opened) if opened else "",
            pieces=linked(opened.text) if opened else [],
            query="?" + urlencode({"to": to}) if to else "",
            smtp=house.settings.smtp_url is not None,
        )


async def _found(house: House, actor: Actor, key: str) -> CapturedMail:
    found = find_mail(await house.simulator.mail(actor, None, _SEARCHED), key)
    if found is None:
        raise NotFound("There is no such mail, or it is not yours to read.")
    return found


routes: list[Any] = [mail, letter, body]
