"""Calls as carriers tell of them, and softphones: docs/contracts/hekax.openapi.yaml, Voice Endpoints.

`incoming` is published; what a carrier asks after it (`next`, `dialled`, `status`), what it asks about calls that we
place (`outgoing`, `answered-by`) and that members dial in their browsers (`dial`), and the settings of calls are ours.
"""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, patch, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.forms import carrier_form
from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.passage import passage_of
from frontdesk.contracts._http.times import iso
from frontdesk.contracts._http.twiml import Places, answer_of
from frontdesk.contracts.hekax.shapes.voice import (
    VoiceSettings,
    VoiceSettingsUpdate,
    VoiceToken,
    call_told,
    caller_is_there,
    dialled,
    leg_word,
    outgoing_word,
    seconds_of,
)
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import Next, Step
from frontdesk.domain.calls.service import settings
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

TOKEN_LASTS = timedelta(hours=1)
AnyRequest = Request[Any, Any, Any]


def _noted() -> Response[str]:
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', media_type="text/xml")


def _places(context: Context, request: AnyRequest) -> Places:
    base = passage_of(request).base_url
    return Places(context.public_url, *(f"{base}/api/voice/{name}" for name in ("next", "dialled", "status")))


@post(
    "/api/voice/incoming", operation_id="receive_incoming_call", status_code=200, auth=Auth.SIGNATURE, limit="webhooks"
)
async def receive_incoming_call(context: Given[Context], request: AnyRequest) -> Response[str]:
    form = await carrier_form(request)
    step = await calls.receive(context, call_told(form), only=form.org_id)
    return answer_of(step, _places(context, request))


@post(
    "/api/voice/next",
    operation_id="continue_call",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def continue_call(context: Given[Context], request: AnyRequest) -> Response[str]:
    """What comes next for a caller whose media socket was closed: rung through to a person, taken up again, or put
    down."""
    form = await carrier_form(request)
    there = caller_is_there(form)
    step = await calls.next_step(context, call_told(form), caller_is_there=there, only=form.org_id)
    return answer_of(step, _places(context, request))


@post(
    "/api/voice/dialled",
    operation_id="continue_dialled_call",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def continue_dialled_call(context: Given[Context], request: AnyRequest) -> Response[str]:
    """What comes next for a caller for whom people were rung: put down when they have talked, else a message is
    taken."""
    form = await carrier_form(request)
    if (ours := outgoing_word(form, request.query_params)) is not None:
        word = form.fields.get("DialCallStatus", "")
        step = await calls.record_bridged(context, ours, word, seconds_of(form, "DialCallDuration"), only=form.org_id)
        return answer_of(step, _places(context, request))
    step = await calls.record_dial(
        context,
        call_told(form),
        answered=form.fields.get("DialCallStatus") in ("completed", "answered"),
        seconds=seconds_of(form, "DialCallDuration"),
        caller_is_there=caller_is_there(form),
        only=form.org_id,
    )
    return answer_of(step, _places(context, request))


@post(
    "/api/voice/status",
    operation_id="record_call_status",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def record_call_status(context: Given[Context], request: AnyRequest) -> Response[str]:
    """What became of a call, as the carrier tells it. Words that come twice, late or out of order change nothing."""
    form = await carrier_form(request)
    word = form.fields.get("CallStatus", "")
    if (leg := leg_word(form, request.query_params)) is not None:
        await calls.record_leg(context, leg, word, seconds_of(form, "CallDuration"), only=form.org_id)
    elif (ours := outgoing_word(form, request.query_params)) is not None:
        await calls.record_outgoing_status(context, ours, word, only=form.org_id)
    else:
        await calls.record_status(context, call_told(form), word, only=form.org_id)
    return _noted()


@post(
    "/api/voice/outgoing",
    operation_id="continue_outgoing_call",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def continue_outgoing_call(context: Given[Context], request: AnyRequest) -> Response[str]:
    """What is done with whoever took up a call of ours: the assistant, a message for a machine, or the lead for the
    member of the team who takes part."""
    form = await carrier_form(request)
    ours = outgoing_word(form, request.query_params)
    step = await calls.first_step(context, ours, only=form.org_id) if ours else Step(do=Next.HANG_UP)
    return answer_of(step, _places(context, request))


@post(
    "/api/voice/dial",
    operation_id="dial_from_handset",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def dial_from_handset(context: Given[Context], request: AnyRequest) -> Response[str]:
    """What is done with a call that a member dials on the handset that their browser is: whom they name as `To` is rung
    for them, where they may call and the lead may be called. The voice URL of the TwiML app."""
    form = await carrier_form(request)
    return answer_of(await calls.dial(context, dialled(form), only=form.org_id), _places(context, request))


@post(
    "/api/voice/answered-by",
    operation_id="record_who_answered",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
    media_type="text/xml",
)
async def record_who_answered(context: Given[Context], request: AnyRequest) -> Response[str]:
    """Whether a person took up a call of ours or a machine, as the carrier has found out while it went on."""
    form = await carrier_form(request)
    if (ours := outgoing_word(form, request.query_params)) is not None:
        await calls.record_answered_by(context, ours, form.fields.get("AnsweredBy", ""), only=form.org_id)
    return _noted()


@get("/api/voice/token", operation_id="get_voice_token")
async def get_voice_token(context: Given[Context], actor: Given[Actor]) -> VoiceToken:
    made = await carriers.handset_token(context, actor, TOKEN_LASTS)
    return VoiceToken(made.token, made.identity, iso(made.expires_at))


@get("/api/voice/settings", operation_id="get_voice_settings", extension=True)
async def get_voice_settings(work: Given[Work]) -> VoiceSettings:
    """How calls are taken: recording, how many at once, who is rung for a caller who wants a person."""
    return VoiceSettings.of(await settings.get(work))


@patch("/api/voice/settings", operation_id="update_voice_settings", extension=True)
async def update_voice_settings(work: Given[Work], data: JSONBody[VoiceSettingsUpdate]) -> VoiceSettings:
    """Change how calls are taken, from the next one on."""
    return VoiceSettings.of(await settings.update(work, data.change()))


ROUTES = [
    receive_incoming_call, continue_call, continue_dialled_call, record_call_status, continue_outgoing_call,
    dial_from_handset, record_who_answered, get_voice_token, get_voice_settings, update_voice_settings,
]  # fmt: skip
