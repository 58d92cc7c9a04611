"""Leads as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, Leads Endpoints."""

from typing import Any

from litestar import Request, get, patch, post

from frontdesk.contracts._http.body import decode_json
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.leads import FIELDS, Conversion, LeadDetail, LeadList, LeadQuery, LeadUpdate
from frontdesk.domain.calls.service import reading as calls
from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.platform.database import Work


@get("/api/leads", operation_id="list_leads", dependencies=wanted_of(LeadQuery))
async def list_leads(work: Given[Work], wanted: Given[LeadQuery]) -> LeadList:
    return LeadList.of(await leads.page_whole(work, wanted.filter()), wanted)


@get("/api/leads/{lead_id:str}", operation_id="get_lead")
async def get_lead(work: Given[Work], lead_id: FromPath[str]) -> LeadDetail:
    return await _with_call(work, await leads.get(work, path_id(lead_id, LeadNotFound)))


@patch("/api/leads/{lead_id:str}", operation_id="update_lead", fields=FIELDS)
async def update_lead(work: Given[Work], lead_id: FromPath[str], data: JSONBody[LeadUpdate]) -> LeadDetail:
    was = await leads.get(work, path_id(lead_id, LeadNotFound))
    return await _with_call(work, await leads.change(work, was.id, data.change(was)))


@post("/api/leads/{lead_id:str}/convert", operation_id="convert_lead", status_code=200, fields=FIELDS)
async def convert_lead(work: Given[Work], lead_id: FromPath[str], request: Request[Any, Any, Any]) -> LeadDetail:
    won = decode_json(await request.body() or b"{}", Conversion)  # the one body that may be left out
    return await _with_call(work, await leads.convert(work, path_id(lead_id, LeadNotFound), won.value(), won.notes))


async def _with_call(work: Work, lead: Lead) -> LeadDetail:
    return LeadDetail.of(lead, await calls.newest_of_lead(work, lead.id))


ROUTES = [list_leads, get_lead, update_lead, convert_lead]
