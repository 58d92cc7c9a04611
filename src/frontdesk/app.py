"""The web side of the program: every application behind one port. Composition only.

A contract is registered by one line in `CONTRACTS`. The parts that are not contracts (the console, the simulator) give
applications of their own, to be passed as mounts.
"""

from collections.abc import Sequence

from frontdesk.contracts._http.contract import Contract, contract_app
from frontdesk.contracts._http.dispatcher import Dispatcher, Mount
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts.reactivation import REACTIVATION
from frontdesk.platform.context import Context
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

CONTRACTS: tuple[Contract, ...] = (REACTIVATION,)
"""Every contract that is served."""


def build_app(
    context: Context,
    settings: Settings,
    secrets: Secrets,
    *,
    hub: Hub | None = None,
    mounts: Sequence[Mount] = (),
) -> Dispatcher:
    """The ASGI application of the program: all contracts, and `mounts` beside them.

    Its lifespan starts and stops what is mounted. `hub` is to be run by whoever made it.
    """
    serving = Serving.of(context, settings, secrets, hub)
    return Dispatcher(serving, [*(mount_of(contract, serving) for contract in CONTRACTS), *mounts])


def mount_of(contract: Contract, serving: Serving) -> Mount:
    """A contract's application at its place."""
    app = contract_app(contract, serving)
    return Mount(contract.name, contract.prefix, app, app.lifespan)
