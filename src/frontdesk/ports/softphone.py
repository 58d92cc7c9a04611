"""Tokens that let a person's browser place and take calls, and how a carrier names such a handset."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, runtime_checkable
from uuid import UUID

from frontdesk.kernel.ids import parse_id

ORGANIZATION = "organization"
"""What a handset's calls are told with: whose they are. A person may belong to several."""

_SENDER = "client:"


def handset_of(sender: str) -> UUID | None:
    """Whose handset rings, as a carrier says who calls; None where it is none."""
    return parse_id(sender.removeprefix(_SENDER)) if sender.startswith(_SENDER) else None


@runtime_checkable
class Softphones(Protocol):
    """A carrier that browsers can be handsets of."""

    def handset_token(self, identity: str, lifetime: timedelta, told: Mapping[str, str]) -> str | None:
        """A token for the handset that is called `identity`, good from now on for `lifetime`; None where the account
        lacks what it is made with. The calls that the handset places are `told` this. Not tried with the carrier."""
        ...
