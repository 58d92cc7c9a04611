"""The client's settings as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Settings
Routes."""

from litestar import get, put
from msgspec import UNSET

from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts.reactivation.shapes.settings import FIELDS, ClientSettingsUpdate, OneSettings
from frontdesk.domain.numbers.service import accounts
from frontdesk.domain.organizations.service import organizations
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/settings/client", operation_id="get_client_settings")
async def get_client_settings(work: Given[Work]) -> OneSettings:
    return OneSettings.of(await organizations.get(work))


@put("/api/settings/client", operation_id="update_client_settings", fields=FIELDS)
async def update_client_settings(
    context: Given[Context], actor: Given[Actor], data: JSONBody[ClientSettingsUpdate]
) -> OneSettings:
    if data.twilio_phone_number is not UNSET:
        await accounts.use_as_told(context, actor, data.twilio_phone_number)
    async with context.works.begin(actor) as work:
        return OneSettings.of(await organizations.update(work, data.change()))


ROUTES = [get_client_settings, update_client_settings]
