"""Where people come back to who were asked for consent: the same for calendars and CRM systems."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from frontdesk.contracts.hekax.shapes.providers import Connected, ConsentAnswer
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.integrations.service import connecting
from frontdesk.platform.context import Context

CONSOLE = "/console/integrations/callback"


async def come_back(context: Context, kind: Kind, provider: str, told: ConsentAnswer) -> Response[Any]:
    """End the consent; one that was begun in the console is ended there, where its session is known."""
    if await connecting.began_in_console(context, told.state):
        query = urlencode({"state": told.state, "code": told.code, "error": told.error})
        return Redirect(f"{CONSOLE}/{kind.value}/{provider}?{query}", status_code=303)
    return Response(Connected.of(await connecting.finish(context, kind, provider, told.given())))
