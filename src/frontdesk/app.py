"""The web side of the program: every application behind one port. Composition only.

A contract is registered by one line in `CONTRACTS`. What needs more than the context comes from whoever composes the
process: contracts made for a part of it (the sandbox), and mounts that are no contracts (the console).
"""

from collections.abc import Sequence

from frontdesk.contracts._http.contract import Contract, contract_app
from frontdesk.contracts._http.dispatcher import Dispatcher, Mount
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.hekax import HEKAX
from frontdesk.contracts.reactivation import REACTIVATION
from frontdesk.contracts.supabase import SUPABASE
from frontdesk.platform.context import Context
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

CONTRACTS: tuple[Contract, ...] = (REACTIVATION, HEKAX, SUPABASE)
"""Every contract that is always served."""


def build_app(
    context: Context,
    settings: Settings,
    secrets: Secrets,
    *,
    hub: Hub | None = None,
    contracts: Sequence[Contract] = (),
    mounts: Sequence[Mount] = (),
) -> Dispatcher:
    """The ASGI application of the program: `CONTRACTS`, and `contracts` and `mounts` beside them.

    Its lifespan starts and stops what is mounted. `hub` is to be run by whoever made it.
    """
    serving = Serving.of(context, settings, secrets, hub)
    served = [mount_of(contract, serving) for contract in (*CONTRACTS, *contracts)]
    return Dispatcher(serving, [*served, *mounts])


def mount_of(contract: Contract, serving: Serving) -> Mount:
    """A contract's application at its place."""
    app = contract_app(contract, serving)
    return Mount(contract.name, contract.prefix, app, app.lifespan)
