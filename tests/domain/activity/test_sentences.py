"""What the activity feed says, and what it leaves out."""

import pytest

from frontdesk.domain.activity.model import sentence
from frontdesk.domain.campaigns.model import ALL_SENT, END_DATE


@pytest.mark.parametrize(
    ("type_", "payload", "says"),
    [
        ("message.received", {}, "Dana Whitfield replied"),
        ("message.failed", {"category": "ai_response"}, "An AI reply to Dana Whitfield could not be delivered"),
        ("lead.imported", {"successful": 1234}, "1,234 leads were imported"),
        ("member.joined", {"invitation_id": "x"}, "A colleague joined"),
        ("member.joined", {}, None),
        ("message.sent", {}, None),
    ],
)
def test_sentences(type_, payload, says):
    assert sentence(type_, payload, "Dana Whitfield") == says


def test_a_lead_without_a_name_is_a_lead():
    assert sentence("lead.hot", {}, "") == "A lead is hot"


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (ALL_SENT, "A campaign has sent everything"),
        (END_DATE, "A campaign has come to its end date"),
        ("", "A campaign was ended"),
    ],
)
def test_a_campaign_that_somebody_ended_has_not_sent_everything(why: str, says: str):
    assert sentence("campaign.completed", {"why": why}, "") == says
