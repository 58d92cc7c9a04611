"""What the business itself has said or known: the source of every figure and address that a reply may name."""

import re
from collections.abc import Sequence

from frontdesk.ports.llm import Brief, Fact


def of_business(brief: Brief, facts: Sequence[Fact]) -> list[str]:
    """Knowledge, instructions, our own texts and how to reach us. Not the notes on the lead, which are not for telling,
    and not what it once asked about: a web form took that from anybody, and campaigns repeat it."""
    asked = re.compile(re.escape(brief.lead_interest.strip()) or "(?!)", re.IGNORECASE)
    return [
        *(f"{fact.title}\n{fact.text}" for fact in facts),
        *(asked.sub("", turn.text) for turn in brief.turns if turn.ours),
        brief.instructions, brief.business, brief.business_phone, brief.business_email, *brief.opening_hours,
    ]  # fmt: skip
