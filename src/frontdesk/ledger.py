"""The operation ledger: which published operations are served, by which handler, and what use case they map to.

`python -m frontdesk.ledger [CONTRACT]` prints it: a line for each contract, or each operation of one.
"""

import dis
import itertools
import re
import sys
from dataclasses import dataclass
from types import ModuleType

from litestar.handlers import HTTPRouteHandler

from frontdesk.app import CONTRACTS
from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts._http.documents import METHODS, plain, published
from frontdesk.platform.settings_rules import CONTRACTS as PUBLISHED

_SERVICE = re.compile(r"frontdesk\.domain\.\w+\.service(\.\w+)*")


@dataclass(frozen=True)
class Entry:
    """One published operation, and the handlers that serve it: one, or none yet."""

    operation_id: str
    method: str
    path: str
    handlers: tuple[HTTPRouteHandler, ...]

    @property
    def served(self) -> bool:
        """Whether anything serves it."""
        return bool(self.handlers)

    @property
    def use_cases(self) -> list[str]:
        """The functions of the domain that its handler calls."""
        return [name for handler in self.handlers for name in use_cases_of(handler)]


def entries(name: str, contract: Contract | None) -> list[Entry]:
    """The ledger of one published document, in its own order."""
    by_place: dict[tuple[str, str], list[HTTPRouteHandler]] = {}
    for handler in contract.routes if contract else ():
        for path in handler.paths:
            for method in handler.http_methods:
                by_place.setdefault((str(method), plain(path)), []).append(handler)
    found = [
        (operation.get("x-order", 0), Entry(operation["operationId"], method.upper(), path, tuple(handlers)))
        for path, item in published(name)["paths"].items()
        for method, operation in item.items()
        if method in METHODS
        for handlers in [by_place.get((method.upper(), plain(path)), [])]
    ]
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def use_cases_of(handler: HTTPRouteHandler) -> list[str]:
    """The functions of domain services that the handler's code names: `leads.detail`."""
    function = handler.fn
    found: dict[str, None] = {}
    steps = [step for step in dis.get_instructions(function) if step.opname != "CACHE"]
    for step, then in itertools.pairwise(steps):
        module = function.__globals__.get(step.argval) if step.opname == "LOAD_GLOBAL" else None
        if isinstance(module, ModuleType) and _SERVICE.fullmatch(module.__name__):
            found[f"{step.argval}.{then.argval}"] = None
    return list(found)


def main(arguments: list[str]) -> int:
    """Print the ledger."""
    served = {contract.name: contract for contract in CONTRACTS if contract.documented}
    for name in arguments or PUBLISHED:
        if name not in PUBLISHED:
            print(f"There is no contract {name}; there are {', '.join(PUBLISHED)}.")  # noqa: T201
            return 2
        found = entries(name, served.get(name))
        done = sum(entry.served for entry in found)
        print(f"{name:14} {done:3} of {len(found):3} operations served")  # noqa: T201
        for entry in found if arguments else ():
            case = ", ".join(entry.use_cases) if entry.served else "not yet"
            print(f"  {entry.method:6} {entry.path:48} {entry.operation_id:32} {case}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
