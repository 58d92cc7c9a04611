"""The handset's calls, for its script: opening one, what is said in it, and what comes when its line was closed.

The script talks to the assistant over the media socket itself, as carriers do.
"""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath
from msgspec import Struct

from frontdesk.console.forms import AnyRequest, Given, form_of, the_id
from frontdesk.console.views.calls import REASON_WORDS, transcript
from frontdesk.console.views.people import full_name
from frontdesk.console.views.words import phone
from frontdesk.domain.calls.model import Next, Step
from frontdesk.domain.calls.service import reading, trying
from frontdesk.domain.organizations import service as organizations
from frontdesk.platform.database import Work
from frontdesk.ports import media


class Opening(Struct, frozen=True):
    """What a handset opens its line with, or why it does not."""

    call: str = ""
    """The call's id; empty: there is nothing to connect to any more."""
    path: str = media.PATH
    parameters: dict[str, str] = {}
    says: str = ""
    """What a carrier would do now, in words."""


class Said(Struct, frozen=True):
    """A turn of the transcript."""

    theirs: bool
    who: str
    text: str
    under: str


class Standing(Struct, frozen=True):
    """A call as it goes on."""

    over: bool
    ended: str
    said: list[Said]


@post("/handset", status_code=200)
async def begin(work: Given[Work]) -> Opening:
    """Call the assistant."""
    return await _opening(work, await trying.begin(work))


@post("/handset/{call:str}/next", status_code=200)
async def go_on(request: AnyRequest, work: Given[Work], call: FromPath[str]) -> Opening:
    """What comes next on a line that was closed; `gone` is set where the person has hung up."""
    form = await form_of(request)
    return await _opening(work, await trying.next_step(work, the_id(call), caller_is_there=not form.flag("gone")))


@get("/handset/{call:str}")
async def standing(work: Given[Work], call: FromPath[str]) -> Standing:
    """What has been said so far, and whether the call is over."""
    found = await reading.detail(work, the_id(call))
    zone = ZoneInfo((await organizations.get(work)).time_zone)
    ended = found.call.ended_reason
    return Standing(
        over=found.call.status.ended,
        ended=REASON_WORDS[ended] if ended else "",
        said=[
            Said(line.theirs, "You" if line.theirs else line.who, line.turn.text, _under(line.turn.latency_ms))
            for line in transcript(found, None, zone)
        ],
    )


def _under(latency_ms: int | None) -> str:
    return "" if latency_ms is None else f"after {latency_ms / 1000:.1f} s"


async def _opening(work: Work, step: Step) -> Opening:
    match step.do:
        case Next.CONNECT:
            says, names = step.says, [*(await _names(work, step)), *map(phone, step.numbers)]
            if names:
                says = (
                    f"On the phone it would now ring {_listed(names)}, for {step.seconds} seconds. "
                    "Nobody is rung for a test: leave a message."
                )
            given = {media.CALL: str(step.call_id), media.PROOF: step.proof}
            return Opening(str(step.call_id), parameters=given, says=says)
        case _:
            return Opening(says=step.says)


async def _names(work: Work, step: Step) -> list[str]:
    return [
        full_name((member.first_name, member.last_name), member.email)
        for member in await organizations.list_members(work)
        if member.user_id in step.members
    ]


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


routes: list[Any] = [begin, go_on, standing]
