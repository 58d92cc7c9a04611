"""The rooms of the console, one module each. A module exports `routes`, the handlers of its pages."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def routes() -> list[Any]:
    """The handlers of all rooms. Paths are relative to /console."""
    found: list[Any] = []
    for module in iter_modules(__path__):
        found += import_module(f"{__name__}.{module.name}").routes
    return found
