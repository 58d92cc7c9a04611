"""What a model is told to word a text for a lead, and what came of it. Pure; no I/O."""

import hashlib

import msgspec
from msgspec import Struct

from frontdesk.domain.agents.model import AgentProfile
from frontdesk.domain.campaigns.model import Campaign
from frontdesk.domain.campaigns.wording import fixed, name_as_written, render
from frontdesk.domain.leads.model import Lead
from frontdesk.ports.llm import Fault, TextBrief


def brief_of(campaign: Campaign, step: int, lead: Lead, told: AgentProfile) -> TextBrief:
    """All that a model is told. Notes, number and address of the lead are not in it: the text must not tell of them."""
    text = render(campaign.template(step), lead, told.name, told.agent_name)
    first, last = name_as_written(lead.first_name), name_as_written(lead.last_name or "")
    names = (first, last, " ".join((lead.company or "").split()), told.name, told.agent_name)
    return TextBrief(
        business=told.name, agent_name=told.agent_name, step=step, text=text, keep=fixed(text, names),
        lead_first_name=first, lead_interest=lead.service_interest or "", lead_company=lead.company or "",
        lead_job_title=lead.job_title or "", lead_source=lead.source or "", lead_enquired_on=lead.inquiry_date,
    )  # fmt: skip


def made_of(brief: TextBrief) -> str:
    """A digest of everything that a text was made of: another one, and the text does not fit any more."""
    return hashlib.sha256(msgspec.json.encode(brief)).hexdigest()


class Personal(Struct, frozen=True, kw_only=True):
    """A text that a model has worded for a lead, or why there is none. One of `body` and `fault` is set."""

    made_of: str
    body: str | None
    fault: Fault | None
    ai_model: str
    ai_prompt: str
