"""What scheduled jobs answer."""

from typing import Literal

from msgspec import Struct


class CronResult(Struct):
    """How much was done."""

    processed: int
    success: Literal[True] = True
