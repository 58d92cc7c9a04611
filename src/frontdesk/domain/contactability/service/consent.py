"""The consent log in use: what is recorded with the work that does it, and whether a log is still what was written."""

import asyncio
from collections import Counter
from functools import partial
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.contactability import consent_store as store
from frontdesk.domain.contactability.consent import (
    Entry,
    Kind,
    NewEntry,
    batch_digest,
    evidence_digest,
    fault_of,
    fault_of_end,
    number_digest,
    number_digests,
)
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.errors import NotFound
from frontdesk.platform.database import Work, Works


def record_number(work: Work, kind: Kind, phone: str, how: str, evidence: str = "") -> None:
    """Record something about one number; it commits with the work, or not at all."""
    told = evidence_digest(work.keyed, work.org_id, phone, evidence) if evidence else b""
    subject = number_digest(work.keyed, work.org_id, phone)
    work.at_the_end(partial(store.append, work, NewEntry(kind=kind, how=how, subject=subject, evidence=told)))


async def record_import(work: Work, import_id: UUID) -> None:
    """Record where numbers came from: an import, once its leads are stored. For the campaigns feature."""
    await _record_numbers(work, Kind.IMPORTED, "file", import_id)


async def record_undo(work: Work, import_id: UUID) -> None:
    """Record that an import is undone, before its members leave the dataset. For the campaigns feature."""
    await _record_numbers(work, Kind.IMPORT_UNDONE, "by_hand", import_id)


async def _record_numbers(work: Work, kind: Kind, how: str, import_id: UUID) -> None:
    phones = await store.numbers_of_import(work, import_id)
    numbers = await asyncio.to_thread(number_digests, work.keyed, work.org_id, phones)
    entry = NewEntry(
        kind=kind, how=how, subject=batch_digest(numbers), count=len(phones), reference=import_id,
        numbers=numbers,
    )  # fmt: skip
    work.at_the_end(partial(store.append, work, entry))


class Verdict(Struct, frozen=True, kw_only=True):
    """What came of checking one organisation's log."""

    org_id: UUID
    name: str
    counts: dict[str, int]
    """Entries by kind."""
    head: str
    """The last entry's number and the beginning of its seal: what to note elsewhere, to know this log again."""
    before_log: int
    """Suppressions that are older than the log, which it therefore says nothing about."""
    fault: str | None
    """The first thing that is wrong, in a sentence."""


async def verify(works: Works, only: UUID | None = None) -> list[Verdict]:
    """Check the logs of all organisations, or of one: seal by seal, and against the suppressions that the gate goes by.

    Raises NotFound for an organisation that there is not.
    """
    async with works.across_tenants("verify consent") as work:
        found = await store.organizations(work, only)
    if only is not None and not found:
        raise NotFound("There is no such organisation.")
    return [await _verify_one(works, org) for org in found]


async def _verify_one(works: Works, org: store.Org) -> Verdict:
    async with works.begin(system_actor(org.org_id)) as work:
        await store.hold_still(work)
        counts, last, fault = Counter[str](), None, None
        standing: dict[bytes, Entry] = {}
        async for entry, numbers in store.entries(work):
            fault = fault_of(work.keyed, org.org_id, last, entry, numbers)
            if fault is not None:
                break
            counts[entry.kind.value] += 1
            if entry.kind in (Kind.SUPPRESSED, Kind.LIFTED):
                standing[entry.subject] = entry
            last = entry
        if fault is None:
            fault = fault_of_end(work.keyed, org.org_id, last, await store.head(work))
        unlogged = 0
        if fault is None:
            unlogged, fault = await _compare(work, standing)
    return Verdict(
        org_id=org.org_id, name=org.name, counts=dict(sorted(counts.items())),
        head=f"{last.seq}:{last.mac.hex()[:16]}" if last else "empty", before_log=unlogged, fault=fault,
    )  # fmt: skip


async def _compare(work: Work, standing: dict[bytes, Entry]) -> tuple[int, str | None]:
    """How many suppressions are older than the log, and whether the list says anything that the log does not, or lacks
    what it says. `standing` is the last word on each number."""
    unlogged = 0
    async for listed in store.suppressions(work):
        entry = standing.pop(number_digest(work.keyed, work.org_id, listed.phone), None)
        if entry is None:
            if listed.before_log:
                unlogged += 1
                continue
            return unlogged, "the list of numbers not to contact has one that the log does not know"
        if listed.in_force != (entry.kind is Kind.SUPPRESSED):
            return unlogged, f"the list of numbers not to contact does not say what entry {entry.seq} does"
        told = evidence_digest(work.keyed, work.org_id, listed.phone, listed.evidence) if listed.evidence else b""
        if listed.in_force and told != entry.evidence:
            return unlogged, f"the evidence of a suppression is not what entry {entry.seq} was given"
    lost = min(standing.values(), key=lambda entry: entry.seq, default=None)
    if lost is not None:
        return unlogged, f"the list of numbers not to contact lacks the one of entry {lost.seq}"
    return unlogged, None
