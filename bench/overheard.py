"""The statements of a unit of work, overheard as it sends them: what is measured cannot drift from what is sent."""

import re
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.platform.database import Work


class Statement(Struct, frozen=True):
    """A statement as it was sent."""

    sql: str
    args: tuple[Any, ...]

    def text(self) -> str:
        """With its arguments written in it, on one line."""
        said = re.sub(r"\$(\d+)", lambda found: _literal(self.args[int(found[1]) - 1]), self.sql)
        return " ".join(said.split())


class _Overheard:
    """A connection that hears what is sent through it."""

    def __init__(self, connection: Any, heard: list[Statement]) -> None:
        self._connection, self._heard = connection, heard

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)
        if name not in ("fetch", "fetchrow", "fetchval", "execute"):
            return method

        async def hearing(sql: str, *args: Any) -> Any:
            self._heard.append(Statement(sql, args))
            return await method(sql, *args)

        return hearing


def overhear(work: Work) -> list[Statement]:
    """From now on, what the unit of work sends."""
    heard: list[Statement] = []
    work._connection = _Overheard(work._connection, heard)  # pyright: ignore[reportPrivateUsage]
    return heard


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return str(value).lower()
        case UUID():
            return f"'{value}'::uuid"
        case datetime():
            return f"'{value.isoformat()}'::timestamptz"
        case list():
            return f"array[{', '.join(map(_literal, cast(list[Any], value)))}]" if value else "'{}'"
        case dict():
            return _literal(msgspec.json.encode(value).decode()) + "::jsonb"
        case bytes():
            return f"'\\x{value.hex()}'::bytea"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
