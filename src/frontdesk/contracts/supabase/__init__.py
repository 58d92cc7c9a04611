"""What the clients of Supabase speak, at /supabase: GoTrue under /auth/v1.

Accounts and sessions are those of `domain.identity`; here is only how GoTrue words them. A token that it hands out is
good at every contract.
"""

from frontdesk.contracts._http.contract import Contract, ContractApp, contract_app
from frontdesk.contracts._http.dispatcher import Mount
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.supabase import account, links, sessions
from frontdesk.contracts.supabase.dialect import DIALECT
from frontdesk.contracts.supabase.door import LIMITS
from frontdesk.platform.context import Context
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

SUPABASE = Contract(
    name="supabase",
    prefix="/supabase",
    dialect=DIALECT,
    limits=LIMITS,
    routes=[*sessions.ROUTES, *account.ROUTES, *links.ROUTES],
    documented=False,
)


def supabase_app(context: Context, secrets: Secrets, settings: Settings) -> ContractApp:
    """The application, with its routes at the root of it."""
    return contract_app(SUPABASE, Serving.of(context, settings, secrets))


def supabase_mount(context: Context, secrets: Secrets, settings: Settings) -> Mount:
    """The application at its place."""
    app = supabase_app(context, secrets, settings)
    return Mount(SUPABASE.name, SUPABASE.prefix, app, app.lifespan)
