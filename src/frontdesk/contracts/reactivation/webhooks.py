"""The text carrier's webhook as the reactivation API publishes it: docs/contracts/reactivation.openapi.yaml, Webhook
Routes. Texts of leads and the fate of ours come to the same address; the latter with our message id in the query."""

from typing import Any

from litestar import Request, Response, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.forms import carrier_form
from frontdesk.contracts._http.given import Given
from frontdesk.contracts.reactivation.shapes.webhooks import InboundText, StatusCallback, is_status
from frontdesk.domain.conversations.service import inbound
from frontdesk.platform.context import Context

NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@post("/api/webhooks/twilio", operation_id="receive_twilio_sms", status_code=200, auth=Auth.SIGNATURE)
async def receive_twilio_sms(context: Given[Context], request: Request[Any, Any, Any]) -> Response[str]:
    form = await carrier_form(request)
    if is_status(form):
        told = StatusCallback.of(form, request.query_params.get("message"))
        if told.status is not None:
            await inbound.record_status(
                context, told.our_number, told.message_id, form.carrier, told.sid, told.status, told.error_code,
                only=form.org_id,
            )  # fmt: skip
    else:
        text = InboundText.of(form)
        await inbound.receive(
            context, text.called, text.sender, text.body, form.carrier, text.sid, only=form.org_id, obeyed=text.obeyed
        )
    return Response(NOTHING, media_type="text/xml")


ROUTES = [receive_twilio_sms]
