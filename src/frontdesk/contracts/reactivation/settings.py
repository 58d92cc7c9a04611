"""The client's settings as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Settings
Routes."""

from litestar import get, put

from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts.reactivation.shapes.settings import FIELDS, ClientSettingsUpdate, OneSettings
from frontdesk.domain.organizations.service import organizations
from frontdesk.platform.database import Work


@get("/api/settings/client", operation_id="get_client_settings")
async def get_client_settings(work: Given[Work]) -> OneSettings:
    return OneSettings.of(await organizations.get(work))


@put("/api/settings/client", operation_id="update_client_settings", fields=FIELDS)
async def update_client_settings(work: Given[Work], data: JSONBody[ClientSettingsUpdate]) -> OneSettings:
    change = data.change(await organizations.get(work))
    return OneSettings.of(await organizations.update(work, change))


ROUTES = [get_client_settings, update_client_settings]
