"""Facts that features tell, and their place in the log. Numbering and reading them is `platform.event_log`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.kernel.access import Actor
from frontdesk.kernel.ids import new_id

F = TypeVar("F", bound="Fact")
_FACTS: dict[str, type["Fact"]] = {}


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened to one subject. Features subclass it in their `events.py`, registered by `fact`.

    The payload is the subclass's fields as JSON: ids, numbers, statuses; never a message body or a phone number, which
    readers load when they need them. `version` changes when a field changes its meaning.
    """

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str]
    VERSION: ClassVar[int] = 1
    subject_id: UUID


def fact(type_: str, subject: str, version: int = 1):
    """Class decorator: registers a Fact under its type ("lead.updated") and subject ("lead")."""

    def register(cls: type[F]) -> type[F]:
        if _FACTS.setdefault(type_, cls) is not cls:
            raise RuntimeError(f"two facts named {type_}")
        cls.TYPE, cls.SUBJECT, cls.VERSION = type_, subject, version
        return cls

    return register


class Event(Struct, frozen=True):
    """A fact as the log holds it, numbered."""

    id: UUID
    org_id: UUID
    type: str
    subject_type: str
    subject_id: UUID
    actor_type: str
    actor_id: UUID | None
    payload: dict[str, Any]
    version: int
    occurred_at: datetime
    sequence: int
    """Per subject, from 1 without gaps."""
    position: int
    """In the whole log, ascending in an order that no late commit can undercut."""

    def fact(self) -> Fact | None:
        """The typed fact, or None where this program does not know its type."""
        cls = _FACTS.get(self.type)
        return (
            None if cls is None else msgspec.convert({**self.payload, "subject_id": self.subject_id}, cls, strict=False)
        )


async def insert_facts(connection: Any, facts: Sequence[tuple[UUID, Fact]], actor: Actor, now: datetime) -> None:
    """Write `facts` of (organisation, fact) to the log, unnumbered, in the connection's transaction: one statement."""
    if not facts:
        return
    payloads = [msgspec.to_builtins(one, builtin_types=()) for _, one in facts]
    await connection.execute(
        """insert into events (org_id, id, type, subject_type, subject_id, payload, version,
                               actor_type, actor_id, occurred_at)
           select t.*, $8, $9, $10
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::jsonb[], $7::smallint[]) t""",
        [org for org, _ in facts],
        [new_id() for _ in facts],
        [one.TYPE for _, one in facts],
        [one.SUBJECT for _, one in facts],
        [one.subject_id for _, one in facts],
        [{k: v for k, v in p.items() if k != "subject_id"} for p in payloads],
        [one.VERSION for _, one in facts],
        actor.type.value,
        actor.id,
        now,
    )
