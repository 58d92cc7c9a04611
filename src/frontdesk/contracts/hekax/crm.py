"""CRM systems as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, CRM Integration Endpoints."""

from litestar import get

from frontdesk.contracts._http.given import Given
from frontdesk.contracts.hekax.shapes.providers import Providers
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.model import Kind
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/crm/providers", operation_id="list_crm_providers")
async def list_crm_providers(work: Given[Work], context: Given[Context]) -> Providers:
    return Providers.of(await integrations.list_providers(context, work, Kind.CRM))


ROUTES = [list_crm_providers]
