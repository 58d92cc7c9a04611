"""Use cases of integrations. Nothing can be connected yet: the built-in calendar serves everybody."""

from frontdesk.domain.integrations.model import PROVIDERS, Kind, Standing
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work


async def list_providers(work: Work, kind: Kind) -> list[Standing]:
    """The systems of that kind, and whether the organisation is connected with them. Needs `view`."""
    work.require(Permission.VIEW)
    return [Standing(provider, connected=False) for provider in PROVIDERS if provider.kind is kind]
