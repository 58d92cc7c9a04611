"""Idempotency keys: the same request twice has one effect, and gets one answer.

A key belongs to an organisation and a scope (a caller, a method, a path) for a day. The claim commits before the work
is done; the answer is stored in the transaction of the work where that is one, else right after it. So a claim without
an answer, once no request can still be under way, tells that nothing happened (effect and answer commit together) or,
with work in several steps, that nobody knows: those stay refused.

Answers may hold secrets that are shown once (an API key, a webhook's secret): they are kept sealed. What makes requests
the same is kept as a hash keyed by the program, for a plain one would let passwords in a body be guessed at leisure.
"""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.errors import Conflict, Invalid
from frontdesk.platform.crypto import Unreadable, Vault
from frontdesk.platform.database import Visit, Work, Works

KEPT = timedelta(hours=24)
LONGEST_REQUEST = timedelta(minutes=5)
"""No request is under way for longer. Both are wall time."""


class Claim(Struct, frozen=True):
    """A key that is held until its answer is stored."""

    org_id: UUID
    scope: str
    key: str


class StoredAnswer(Struct, frozen=True):
    """An answer as it went over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class RequestUnderWay(Conflict):
    """An earlier request with the same key has not been answered."""

    code = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key has not been answered yet.")


class AnswerLost(Conflict):
    """The request was answered, and the answer cannot be read any more: the program's keys are others now."""

    code = "IDEMPOTENCY_ANSWER_LOST"

    def __init__(self) -> None:
        super().__init__("This request was carried out before, and its answer cannot be given again.")


class KeyReused(Invalid):
    """A key that came with another request before."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key belongs to another request.", field="Idempotency-Key")


_CLAIM = """
    insert into idempotency_keys as k (org_id, scope, key, request_hash, created_at) values ($1, $2, $3, $4, $5)
    on conflict (org_id, scope, key) do update
        set request_hash = $4, created_at = $5, status = null, headers = null, body = null
        where k.created_at <= $5 - $6::interval
           or ($8 and k.status is null and k.request_hash = $4 and k.created_at <= $5 - $7::interval)
    returning true"""
_FIND = """
    select request_hash, status, headers, body from idempotency_keys
    where org_id = $1 and scope = $2 and key = $3"""
_KEEP = """
    update idempotency_keys set status = $4, headers = $5, body = $6
    where org_id = $1 and scope = $2 and key = $3"""
_GIVE_BACK = """
    delete from idempotency_keys where org_id = $1 and scope = $2 and key = $3 and status is null"""


async def claim(visit: Visit, wanted: Claim, digest: bytes, vault: Vault, *, atomic: bool) -> StoredAnswer | None:
    """Claim a key, committed at once, or find the answer that is stored under it.

    `digest` is what makes requests the same; `atomic` says that effect and answer will commit together. Raises
    RequestUnderWay, KeyReused or AnswerLost.
    """
    clock = visit.clock
    kept, stale = clock.lasting(KEPT), clock.lasting(LONGEST_REQUEST)
    place = (wanted.org_id, wanted.scope, wanted.key)
    if await visit.fetchval(_CLAIM, *place, digest, clock.now(), kept, stale, atomic):
        return None
    found = await visit.fetchrow(_FIND, *place)
    if found is not None and found["request_hash"] != digest:
        raise KeyReused
    if found is None or found["status"] is None:
        raise RequestUnderWay
    headers = [(name, value) for name, value in found["headers"]]
    try:
        return StoredAnswer(found["status"], headers, vault.open_bytes(found["body"]))
    except Unreadable:
        raise AnswerLost from None


async def keep(work: Work, held: Claim, answer: StoredAnswer, vault: Vault) -> None:
    """Store the answer for a claim, sealed."""
    body = vault.seal_bytes(answer.body)
    await work.execute(_KEEP, held.org_id, held.scope, held.key, answer.status, answer.headers, body)


async def give_back(work: Work, held: Claim) -> None:
    """Let the next request with the key be the first."""
    await work.execute(_GIVE_BACK, held.org_id, held.scope, held.key)


async def sweep_keys(works: Works) -> int:
    """Delete keys that are past their day, and return how many."""
    async with works.across_tenants("request housekeeping") as work:
        return await work.execute(
            "delete from idempotency_keys where created_at < $1", work.now - works.clock.lasting(KEPT)
        )
