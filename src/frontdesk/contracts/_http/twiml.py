"""What a carrier is told to do next with a call, in TwiML, whatever contract it asks by."""

from typing import Any

from litestar import Response
from msgspec import Struct
from twilio.twiml.voice_response import Connect, Dial, Stream, VoiceResponse

from frontdesk.domain.calls.model import Next, Step
from frontdesk.ports import media
from frontdesk.ports.calling import about

LONGEST_DIALLED = 4 * 3600
"""Seconds that a caller may talk to a person."""


class Places(Struct, frozen=True):
    """Absolute addresses that the carrier is to ask: when the socket is closed, and when nobody who was rung talks any
    more; and where it tells how those stand who are rung for a call of ours."""

    public_url: str
    """Of the server: the socket is below it."""
    next: str
    dialled: str
    status: str


def answer_of(step: Step, places: Places) -> Response[str]:
    """The answer that has the carrier do `step`."""
    return Response(str(twiml_of(step, places)), media_type="text/xml")


def twiml_of(step: Step, places: Places) -> VoiceResponse:
    """The TwiML of `step`."""
    response = VoiceResponse()
    if step.says:
        response.say(step.says)
    match step.do:
        case Next.CONNECT:
            stream = Stream(url=media.address(places.public_url))
            stream.parameter(name=media.CALL, value=str(step.call_id))
            stream.parameter(name=media.PROOF, value=step.proof)
            connect = Connect(action=places.next, method="POST")
            connect.append(stream)
            response.append(connect)
        case Next.DIAL:
            action, told = places.dialled, dict[str, Any]()
            if step.of_ours is not None and step.call_id is not None:
                action = about(places.dialled, step.of_ours, step.call_id)
                told["status_callback"] = about(places.status, step.of_ours, step.call_id)
                told |= {"status_callback_event": "answered completed", "status_callback_method": "POST"}
            dial = Dial(
                action=action, method="POST", timeout=step.seconds, time_limit=LONGEST_DIALLED,
                caller_id=step.caller_id, answer_on_bridge=True,
            )  # fmt: skip
            for number in step.numbers:
                dial.number(number, **told)
            for member in step.members:
                dial.client(str(member))
            response.append(dial)
        case Next.SAY | Next.HANG_UP:
            response.hangup()
        case Next.REFUSE:
            response.reject()
    return response
