"""Usage and billing as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, Usage and Billing Endpoints."""

from litestar import get

from frontdesk.contracts._http.given import Given
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.billing import Billing, History, HistoryQuery, Usage
from frontdesk.domain.billing.service import reading
from frontdesk.platform.database import Work


@get("/api/usage", operation_id="get_usage")
async def get_usage(work: Given[Work]) -> Usage:
    return Usage.of(await reading.usage(work))


@get("/api/usage/history", operation_id="get_usage_history", dependencies=wanted_of(HistoryQuery))
async def get_usage_history(work: Given[Work], wanted: Given[HistoryQuery]) -> History:
    return History.of(await reading.history(work, wanted.period, wanted.months))


@get("/api/billing", operation_id="get_billing")
async def get_billing(work: Given[Work]) -> Billing:
    return Billing.of(await reading.standing(work))


ROUTES = [get_usage, get_usage_history, get_billing]
