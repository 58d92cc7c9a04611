"""A campaign's starts, pauses, resumptions and ends in words, with who did it and why. Pure; no I/O."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.campaigns.model import ALL_SENT, END_DATE
from frontdesk.domain.campaigns.service.concerned import Turn
from frontdesk.ports.carrier_codes import words_of


class TurnLine(Struct, frozen=True):
    """One line of the history."""

    at: datetime
    tone: str
    what: str
    who: str
    why: str


_WHAT = {
    "campaign.started": ("good", "Started"),
    "campaign.paused": ("warm", "Paused"),
    "campaign.resumed": ("good", "Resumed"),
    "campaign.completed": ("", "Ended"),
}


def turn_lines(turns: list[Turn], members: Mapping[UUID, str]) -> list[TurnLine]:
    """In the order given; `members` are the names of colleagues."""
    return [TurnLine(turn.occurred_at, *_WHAT[turn.type], _who(turn, members), _why(turn)) for turn in turns]


def _who(turn: Turn, members: Mapping[UUID, str]) -> str:
    if turn.actor_id is not None and turn.actor_id in members:
        return members[turn.actor_id]
    return {"user": "somebody who has left", "api_key": "an API key"}.get(turn.actor_type, "Frontdesk")


def _why(turn: Turn) -> str:
    told = str(turn.payload.get("why") or "")
    if turn.type == "campaign.started":
        count = int(turn.payload.get("messages_queued") or 0)
        return f"{count:,} {'lead' if count == 1 else 'leads'} to be texted."
    if turn.type == "campaign.paused" and told:
        return f"The carrier takes no texts: {words_of(told)}"
    return {ALL_SENT: "Everything was sent.", END_DATE: "Its end date had come."}.get(told, "")
