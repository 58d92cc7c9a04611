"""The consent log as a rule: what an entry holds, how it is sealed, and what shows that one was changed. Pure.

Each organisation has a chain. Every entry's seal covers the entry and the seal before it, under the installation's key;
the head says how many there are, sealed too. Numbers and words stand in it as keyed hashes only: a person can be
forgotten, and the chain is still whole.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.platform.crypto import KeyedHash

DIGEST = 16
"""Bytes of a number's digest."""


class Kind(StrEnum):
    """What is recorded."""

    IMPORTED = "imported"
    """Numbers came in a file: `how` is file."""
    IMPORT_UNDONE = "import_undone"
    """Numbers of an import left the list again, by hand."""
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    WRONG_NUMBER = "wrong_number"


class NewEntry(Struct, frozen=True, kw_only=True):
    """Something to be recorded. `how` says by whose word: keyword, plain_language, carrier, by_hand, file."""

    kind: Kind
    how: str
    subject: bytes
    """The number's digest; of an import, and of undoing one, the digest of all its numbers' digests."""
    evidence: bytes = b""
    """A keyed hash of what was said."""
    count: int = 1
    reference: UUID | None = None
    numbers: bytes = b""
    """Of an import and of undoing one: the digests of its numbers, sorted."""


class Entry(Struct, frozen=True, kw_only=True):
    """An entry as it stands in the log, but for the numbers of an import."""

    seq: int
    kind: Kind
    how: str
    subject: bytes
    evidence: bytes
    count: int
    reference: UUID | None
    actor_type: str
    actor_id: UUID | None
    recorded_at: datetime
    mac: bytes = b""


class Head(Struct, frozen=True, kw_only=True):
    """Where a chain ends."""

    count: int = 0
    mac: bytes = b""
    seal: bytes = b""


def number_digest(keyed: KeyedHash, org_id: UUID, phone: str) -> bytes:
    """What stands for a number in the organisation's log."""
    return keyed.of("consent number", f"{org_id}:{phone}".encode())[:DIGEST]


def number_digests(keyed: KeyedHash, org_id: UUID, phones: Sequence[str]) -> bytes:
    """The digests of many numbers, sorted and joined: one can be looked for, and nothing else be learned."""
    hashes = keyed.of_many("consent number", (f"{org_id}:{phone}".encode() for phone in phones))
    return b"".join(sorted(each[:DIGEST] for each in hashes))


def batch_digest(numbers: bytes) -> bytes:
    """The subject of an import's entry, from the digests of its numbers."""
    return sha256(numbers).digest()


def evidence_digest(keyed: KeyedHash, org_id: UUID, phone: str, evidence: str) -> bytes:
    """What stands for somebody's words. Bound to the number, so that equal words do not look equal."""
    return keyed.of("consent evidence", f"{org_id}:{phone}:{evidence}".encode())


def seal_of(keyed: KeyedHash, org_id: UUID, before: bytes, entry: Entry) -> bytes:
    """The seal of `entry` (its own `mac` does not count), which follows the one sealed with `before`."""
    told = [
        str(org_id), entry.seq, entry.kind.value, entry.how, entry.subject.hex(), entry.evidence.hex(), entry.count,
        str(entry.reference or ""), entry.actor_type, str(entry.actor_id or ""), _instant(entry.recorded_at),
    ]  # fmt: skip
    return keyed.of("consent entry", before + msgspec.json.encode(told))


def head_seal(keyed: KeyedHash, org_id: UUID, count: int, mac: bytes) -> bytes:
    """The seal of a chain's end."""
    return keyed.of("consent head", msgspec.json.encode([str(org_id), count, mac.hex()]))


def fault_of(keyed: KeyedHash, org_id: UUID, before: Entry | None, entry: Entry, numbers: bytes) -> str | None:
    """What is wrong with `entry` after `before`, in a sentence; None: it is as it was written."""
    due = 1 if before is None else before.seq + 1
    if entry.seq != due:
        missing = f"entry {due} is" if entry.seq == due + 1 else f"entries {due} to {entry.seq - 1} are"
        return f"{missing} missing"
    if entry.mac != seal_of(keyed, org_id, before.mac if before else b"", entry):
        return f"entry {entry.seq} is not what was sealed: changed, replaced, or not in its place"
    whole = entry.kind not in (Kind.IMPORTED, Kind.IMPORT_UNDONE) or (
        len(numbers) == entry.count * DIGEST and batch_digest(numbers) == entry.subject
    )
    return None if whole else f"entry {entry.seq} is not what was sealed: the numbers of the import were changed"


def fault_of_end(keyed: KeyedHash, org_id: UUID, last: Entry | None, head: Head) -> str | None:
    """What is wrong with the end of a chain whose entries are right up to `last`; None: nothing."""
    count = last.seq if last else 0
    if head.count and head.seal != head_seal(keyed, org_id, head.count, head.mac):
        return "the head of the log is not what was sealed"
    if head.count > count:
        missing = f"entry {head.count} is" if head.count == count + 1 else f"entries {count + 1} to {head.count} are"
        return f"{missing} missing at the end"
    if head.count < count or (last is not None and head.mac != last.mac):
        return f"entry {head.count + 1} stands behind the head of the log"
    return None


def _instant(at: datetime) -> int:
    """Microseconds of the epoch, exactly."""
    whole = int(at.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + at.microsecond
