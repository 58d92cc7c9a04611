"""How promising a lead is, from 0 to 100, and why. A pure rule over what is kept of the lead: nothing is stored."""

from msgspec import Struct

from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.standing import Stage, Temperature, Urgency

MOST = 100


class Score(Struct, frozen=True):
    """Points, and what gave them, most first."""

    points: int
    reasons: list[str]


_ENDED = {
    Stage.CONVERTED: Score(MOST, ["is a customer"]),
    Stage.LOST: Score(0, ["was lost"]),
    Stage.OPTED_OUT: Score(0, ["does not want to be contacted"]),
    Stage.INVALID: Score(0, ["cannot be reached"]),
}
_KEEN = {Temperature.HOT: 40, Temperature.WARM: 20, Temperature.COLD: 0}
_PRESSING = {Urgency.CRITICAL: 20, Urgency.HIGH: 15, Urgency.MEDIUM: 5, Urgency.LOW: 0}


def score_of(lead: Lead) -> Score:
    """The score of a lead. One whose story has ended has the score of its end."""
    if lead.stage in _ENDED:
        return _ENDED[lead.stage]
    points = {
        f"is {lead.temperature}": _KEEN[lead.temperature] if lead.temperature else 0,
        f"is of {lead.urgency} urgency": _PRESSING[lead.urgency],
        "has an appointment": 20 if lead.call_booked else 0,
        "is qualified": 10 if lead.stage is Stage.QUALIFIED else 0,
        "has replied": 5 if lead.reply_received_at else 0,
        "said what it is about": 5 if lead.reason or lead.service_interest else 0,
        "can be phoned": 5 if lead.phone else 0,
        "left an e-mail address": 5 if lead.email else 0,
        "speaks for a company": 5 if lead.company else 0,
        "has a value": 5 if lead.estimated_value else 0,
    }
    reasons = sorted((reason for reason in points if points[reason]), key=lambda reason: -points[reason])
    return Score(min(sum(points.values()), MOST), reasons)
