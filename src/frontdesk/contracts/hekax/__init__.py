"""The HEKAX Phone API: an AI receptionist, its leads, team, calendar and numbers. Document:
docs/contracts/hekax.openapi.yaml."""

from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts.hekax import (
    auth,
    billing,
    calendar,
    calls,
    crm,
    knowledge,
    leads,
    organization,
    phone_numbers,
    team,
    voice,
    webhooks,
)
from frontdesk.contracts.hekax.dialect import DIALECT, LIMITS

HEKAX = Contract(
    name="hekax",
    prefix="/hekax",
    dialect=DIALECT,
    limits=LIMITS,
    usual_limit="general",
    routes=[
        *auth.ROUTES,
        *organization.ROUTES,
        *team.ROUTES,
        *calls.ROUTES,
        *billing.ROUTES,
        *voice.ROUTES,
        *webhooks.ROUTES,
        *leads.ROUTES,
        *crm.ROUTES,
        *calendar.ROUTES,
        *knowledge.ROUTES,
        *phone_numbers.ROUTES,
    ],
)
