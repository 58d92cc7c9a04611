"""Where people come back to who were asked for consent: the same for calendars and CRM systems."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Redirect

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import FromPath, Given
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.providers import Connected, ConsentAnswer
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.integrations.service import connecting
from frontdesk.platform.context import Context

CONSOLE = "/console/integrations/callback"


def callback_of(kind: Kind) -> HTTPRouteHandler:
    """The route at which consents to providers of that kind end: `connecting.callback_path`."""

    @get(
        connecting.callback_path(kind, "{provider:str}").removeprefix("/hekax"),
        operation_id=f"finish_{kind.value}_consent",
        auth=Auth.SIGNATURE,
        limit="webhooks",
        extension=True,
        dependencies=wanted_of(ConsentAnswer),
        query_shape=ConsentAnswer,
        responses={
            200: ResponseSpec(Connected, generate_examples=False, description="Connected"),
            303: ResponseSpec(None, generate_examples=False, description="To the console, where it was begun there"),
        },
    )
    async def finish_consent(
        context: Given[Context], provider: FromPath[str], wanted: Given[ConsentAnswer]
    ) -> Response[Any]:
        """Where the provider sends people back to, with a state that is good once."""
        # One that was begun in the console is ended there, where its session is known.
        if await connecting.began_in_console(context, wanted.state):
            query = urlencode({"state": wanted.state, "code": wanted.code, "error": wanted.error})
            return Redirect(f"{CONSOLE}/{kind.value}/{provider}?{query}", status_code=303)
        return Response(Connected.of(await connecting.finish(context, kind, provider, wanted.given())))

    return finish_consent
