"""What the console's pages are given, made once by the composition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection

from frontdesk.domain.identity.model import Realm
from frontdesk.platform.context import Context
from frontdesk.platform.event_log import Reader
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.ports.simulator import Simulator


@dataclass(frozen=True)
class House:
    """The product behind the console."""

    context: Context
    settings: Settings
    secrets: Secrets
    realm: Realm
    simulator: Simulator
    hub: Hub
    readers: Sequence[Reader] = ()
    """Who reads the event log: a person may let them try again what they put aside."""


def house_of(connection: ASGIConnection[Any, Any, Any, Any]) -> House:
    """The product behind a request."""
    return connection.app.state.house
