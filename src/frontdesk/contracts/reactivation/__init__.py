"""The reactivation API: dormant leads by text, in three steps. Document: docs/contracts/reactivation.openapi.yaml."""

from litestar.di import Provide

from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts.reactivation import (
    campaigns,
    cron,
    datasets,
    extensions,
    leads,
    messages,
    notifications,
    settings,
    webhooks,
)
from frontdesk.contracts.reactivation.dialect import DIALECT, LIMITS
from frontdesk.contracts.reactivation.links import provide_links

REACTIVATION = Contract(
    name="reactivation",
    prefix="/reactivation",
    dialect=DIALECT,
    limits=LIMITS,
    dependencies={"links": Provide(provide_links, sync_to_thread=False)},
    routes=[
        *datasets.ROUTES,
        *leads.ROUTES,
        *messages.ROUTES,
        *campaigns.ROUTES,
        *settings.ROUTES,
        *webhooks.ROUTES,
        *cron.ROUTES,
        *notifications.ROUTES,
        *extensions.ROUTES,
    ],
)
