"""Tokens that let a person's browser place and take calls."""

from datetime import timedelta
from typing import Protocol, runtime_checkable


@runtime_checkable
class Softphones(Protocol):
    """A carrier that browsers can be handsets of."""

    def handset_token(self, identity: str, lifetime: timedelta) -> str | None:
        """A token for the handset that is called `identity`, good from now on for `lifetime`; None where the account
        lacks what it is made with. Not tried with the carrier."""
        ...
