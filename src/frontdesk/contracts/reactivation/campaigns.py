"""Campaigns as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Campaign Automation
Routes."""

from litestar import post

from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts.reactivation.shapes.campaigns import FIELDS, DatasetRef, OneCampaign, StartCampaign, Started
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.platform.database import Work


@post("/api/campaigns/start", operation_id="start_campaign", status_code=200, fields=FIELDS)
async def start_campaign(work: Given[Work], data: JSONBody[StartCampaign]) -> Started:
    settings = data.settings.change() if data.settings else None
    return Started.of(await campaigns.start(work, data.dataset_id, settings))


@post("/api/campaigns/pause", operation_id="pause_campaign", status_code=200)
async def pause_campaign(work: Given[Work], data: JSONBody[DatasetRef]) -> OneCampaign:
    return OneCampaign.of(await campaigns.pause(work, data.dataset_id))


@post("/api/campaigns/resume", operation_id="resume_campaign", status_code=200)
async def resume_campaign(work: Given[Work], data: JSONBody[DatasetRef]) -> OneCampaign:
    return OneCampaign.of(await campaigns.resume(work, data.dataset_id))


ROUTES = [start_campaign, pause_campaign, resume_campaign]
