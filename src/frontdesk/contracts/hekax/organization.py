"""The organisation as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Organization Endpoints."""

from litestar import get, patch

from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts.hekax.shapes.organization import (
    FIELDS,
    AiSettings,
    AiSettingsUpdate,
    Organization,
    OrganizationUpdate,
)
from frontdesk.domain.billing.service import reading
from frontdesk.domain.organizations.service import organizations
from frontdesk.platform.database import Work


@get("/api/organization", operation_id="get_organization")
async def get_organization(work: Given[Work]) -> Organization:
    return Organization.of(await organizations.get(work), await reading.usage(work))


@patch("/api/organization", operation_id="update_organization", fields=FIELDS)
async def update_organization(work: Given[Work], data: JSONBody[OrganizationUpdate]) -> Organization:
    return Organization.of(await organizations.update(work, data.change()), await reading.usage(work))


@patch("/api/organization/ai-settings", operation_id="update_ai_settings", fields=FIELDS)
async def update_ai_settings(work: Given[Work], data: JSONBody[AiSettingsUpdate]) -> AiSettings:
    return AiSettings.of(await organizations.update(work, data.change()))


ROUTES = [get_organization, update_organization, update_ai_settings]
