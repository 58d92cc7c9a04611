"""The SQL of the consent log."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.contactability.consent import Entry, Head, Kind, NewEntry, head_seal, seal_of
from frontdesk.platform.database import Work, record

_ENTRY = """seq, kind, how, subject, evidence, count, reference, actor_type, actor_id, recorded_at, mac"""
_AT_ONCE = 500


async def append(work: Work, new: NewEntry) -> None:
    """Add an entry to the organisation's chain. Locks its head: done at the end of the work (`Work.at_the_end`)."""
    head = await _locked_head(work)
    entry = Entry(
        seq=head.count + 1, kind=new.kind, how=new.how, subject=new.subject, evidence=new.evidence, count=new.count,
        reference=new.reference, actor_type=work.actor.type.value, actor_id=work.actor.id, recorded_at=work.now,
    )  # fmt: skip
    entry = structs.replace(entry, mac=seal_of(work.keyed, work.org_id, head.mac, entry))
    await work.execute(
        """with added as (
               insert into consent_log (org_id, seq, kind, how, subject, evidence, count, reference, actor_type,
                   actor_id, recorded_at, mac, numbers)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))
           update consent_heads set count = $2, mac = $12, seal = $14 where org_id = $1""",
        work.org_id, entry.seq, entry.kind.value, entry.how, entry.subject, entry.evidence, entry.count,
        entry.reference, entry.actor_type, entry.actor_id, entry.recorded_at, entry.mac, new.numbers,
        head_seal(work.keyed, work.org_id, entry.seq, entry.mac),
    )  # fmt: skip


async def _locked_head(work: Work) -> Head:
    lock = "select count, mac, seal from consent_heads where org_id = $1 for no key update"
    row = await work.fetchrow(lock, work.org_id)
    if row is None:
        await work.execute(
            "insert into consent_heads (org_id, count, mac, seal) values ($1, 0, '', '') on conflict do nothing",
            work.org_id,
        )
        row = await work.fetchrow(lock, work.org_id)
    assert row is not None
    return record(Head, row)


async def numbers_of_import(work: Work, import_id: UUID) -> list[str]:
    """The numbers that an import brought into its dataset."""
    # Not by a join, which is planned by statistics: they do not know the leads that this transaction has made.
    members = await work.fetch(
        "select lead_id from dataset_leads where org_id = $1 and import_id = $2", work.org_id, import_id
    )
    rows = await work.fetch(
        "select phone from leads where org_id = $1 and id = any($2) and phone is not null",
        work.org_id, [row["lead_id"] for row in members],
    )  # fmt: skip
    return [row["phone"] for row in rows]


# --- checking ---------------------------------------------------------------------------------------------------------


async def hold_still(work: Work) -> None:
    """See the same state in all that follows. The first statement of its work."""
    await work.execute("set transaction isolation level repeatable read, read only")


async def head(work: Work) -> Head:
    """Where the chain ends; at nothing where there is none."""
    row = await work.fetchrow("select count, mac, seal from consent_heads where org_id = $1", work.org_id)
    return Head() if row is None else record(Head, row)


async def entries(work: Work) -> AsyncIterator[tuple[Entry, bytes]]:
    """The entries in their order, each with the numbers of its import."""
    at = 0
    while True:
        rows = await work.fetch(
            f"select {_ENTRY}, numbers from consent_log where org_id = $1 and seq > $2 order by seq limit $3",
            work.org_id, at, _AT_ONCE,
        )  # fmt: skip
        for row in rows:
            yield record(Entry, row), row["numbers"]
        if len(rows) < _AT_ONCE:
            return
        at = rows[-1]["seq"]


class Listed(Struct, frozen=True, kw_only=True):
    """A suppression as the gate goes by it."""

    phone: str
    evidence: str
    in_force: bool
    before_log: bool


async def suppressions(work: Work) -> AsyncIterator[Listed]:
    """All suppressions, lifted ones too."""
    at = ""
    while True:
        rows = await work.fetch(
            """select phone, evidence, lifted_at is null as in_force, before_log from suppressions
               where org_id = $1 and phone > $2 order by phone limit $3""",
            work.org_id, at, _AT_ONCE,
        )  # fmt: skip
        for row in rows:
            yield record(Listed, row)
        if len(rows) < _AT_ONCE:
            return
        at = rows[-1]["phone"]


class Org(Struct, frozen=True):
    """An organisation whose log is to be checked."""

    org_id: UUID
    name: str


async def organizations(work: Work, only: UUID | None) -> list[Org]:
    """All organisations, or the one. Runs as the system role."""
    rows = await work.fetch(
        "select org_id, name from organizations where $1::uuid is null or org_id = $1 order by created_at, org_id", only
    )
    return [record(Org, row) for row in rows]


class Heard(Struct, frozen=True, kw_only=True):
    """An entry about one number, as people read it."""

    kind: Kind
    how: str
    recorded_at: datetime


async def of_subject(work: Work, subject: bytes) -> list[Heard]:
    """What the log has of one number, but for imports, oldest first."""
    rows = await work.fetch(
        "select kind, how, recorded_at from consent_log where org_id = $1 and subject = $2 order by seq",
        work.org_id,
        subject,
    )
    return [record(Heard, row) for row in rows]
