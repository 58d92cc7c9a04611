"""CRM systems as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, CRM Integration Endpoints."""

from litestar import delete, get, post

from frontdesk.contracts._http.given import FromPath, Given
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.consenting import callback_of
from frontdesk.contracts.hekax.shapes.crm import RecordList, RecordQuery, Retried
from frontdesk.contracts.hekax.shapes.providers import (
    ConsentAddress,
    Disconnected,
    Providers,
)
from frontdesk.domain.crm.service import reading
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.integrations.service import connecting
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/crm/providers", operation_id="list_crm_providers")
async def list_crm_providers(work: Given[Work], context: Given[Context]) -> Providers:
    return Providers.of(await integrations.list_providers(context, work, Kind.CRM))


@get("/api/crm/connect/{provider:str}", operation_id="connect_crm")
async def connect_crm(context: Given[Context], actor: Given[Actor], provider: FromPath[str]) -> ConsentAddress:
    return ConsentAddress(await connecting.begin(context, actor, Kind.CRM, provider))


@delete("/api/crm/integrations/{crm_id:str}", operation_id="disconnect_crm", status_code=200)
async def disconnect_crm(context: Given[Context], actor: Given[Actor], crm_id: FromPath[str]) -> Disconnected:
    await connecting.disconnect(context, actor, Kind.CRM, path_id(crm_id, ConnectionNotFound))
    return Disconnected()


@get(
    "/api/crm/integrations/{crm_id:str}/records",
    operation_id="list_crm_records",
    extension=True,
    dependencies=wanted_of(RecordQuery),
)
async def list_crm_records(work: Given[Work], crm_id: FromPath[str], wanted: Given[RecordQuery]) -> RecordList:
    """What a CRM was told or is to be, newest first. For OWNER and ADMIN."""
    found = await reading.page(work, path_id(crm_id, ConnectionNotFound), wanted.filter(), wanted.page, wanted.limit)
    return RecordList.of(found, wanted)


@post("/api/crm/integrations/{crm_id:str}/retry", operation_id="retry_crm_records", status_code=200, extension=True)
async def retry_crm_records(work: Given[Work], crm_id: FromPath[str]) -> Retried:
    """Have everything that failed passed on again. For OWNER and ADMIN."""
    return Retried(await reading.try_again(work, path_id(crm_id, ConnectionNotFound)))


ROUTES = [list_crm_providers, connect_crm, callback_of(Kind.CRM), disconnect_crm, list_crm_records, retry_crm_records]
