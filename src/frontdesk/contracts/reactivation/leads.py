"""Leads as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Lead Routes."""

from litestar import get, post, put

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.reactivation.shapes.leads import (
    ArchiveState,
    LeadList,
    LeadQuery,
    LeadUpdate,
    ManualMode,
    ManualModeState,
    OneLead,
)
from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.service import leads
from frontdesk.platform.database import Work


@get("/api/leads", operation_id="list_leads", dependencies=wanted_of(LeadQuery))
async def list_leads(work: Given[Work], wanted: Given[LeadQuery]) -> LeadList:
    which = wanted.filter()
    return LeadList.of(await leads.page(work, which), which)


@get("/api/leads/{lead_id:str}", operation_id="get_lead")
async def get_lead(work: Given[Work], lead_id: FromPath[str]) -> OneLead:
    return OneLead.of(await leads.detail(work, path_id(lead_id, LeadNotFound)))


@put("/api/leads/{lead_id:str}", operation_id="update_lead", fields={"sentiment": "lead_sentiment"})
async def update_lead(work: Given[Work], lead_id: FromPath[str], data: JSONBody[LeadUpdate]) -> OneLead:
    lead = await leads.change(work, path_id(lead_id, LeadNotFound), data.change())
    return OneLead.of(await leads.detail(work, lead.id))


@post("/api/leads/{lead_id:str}/archive", operation_id="toggle_lead_archive", status_code=200)
async def toggle_lead_archive(work: Given[Work], lead_id: FromPath[str]) -> ArchiveState:
    return ArchiveState.of(await leads.toggle_archive(work, path_id(lead_id, LeadNotFound)))


@post("/api/leads/{lead_id:str}/manual-mode", operation_id="set_lead_manual_mode", status_code=200)
async def set_lead_manual_mode(
    work: Given[Work], lead_id: FromPath[str], data: JSONBody[ManualMode]
) -> ManualModeState:
    return ManualModeState.of(await leads.set_manual_mode(work, path_id(lead_id, LeadNotFound), data.enabled))


ROUTES = [list_leads, get_lead, update_lead, toggle_lead_archive, set_lead_manual_mode]
