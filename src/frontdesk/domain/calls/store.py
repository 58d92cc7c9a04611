"""The SQL of calls while they happen: the record, its turns and recordings, settings. Reading them: `list_store`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.calls.errors import CallNotFound
from frontdesk.domain.calls.model import Analysis, Call, CallSettings, Recording, Turn
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.domain.organizations.model import Hours
from frontdesk.platform.database import Work, record, records

COLUMNS = """c.id, c.direction, c.from_number, c.to_number, c.caller, c.carrier, c.provider_call_id, c.status,
    c.ended_reason, c.task, c.started_at, c.answered_at, c.ended_at, c.duration, c.handled_by_ai, c.ai_seconds,
    c.confidence, c.resolution, c.priority, c.lead_id, c.agent_name, c.transfer, c.transfer_reason, c.leg,
    c.leg_started_at, c.lease_until, c.analyzed_at, c.created_at, c.updated_at, c.trouble, c.stopped_at"""
_TURN = "t.position, t.speaker, t.text, t.started_ms, t.ended_ms, t.latency_ms, t.interrupted"
_RECORDING = """r.leg, r.file_key, r.content_type, r.seconds, r.bytes, r.announced, r.started_ms, r.created_at"""
_ANALYSIS = """a.summary, a.sentiment, a.confidence, a.intent, a.keywords, a.success, a.captured, a.model,
    a.created_at"""
_SAVED = (
    "status", "ended_reason", "task", "answered_at", "ended_at", "duration", "handled_by_ai", "ai_seconds",
    "confidence", "resolution", "priority", "lead_id", "transfer", "transfer_reason", "leg", "leg_started_at",
    "lease_until", "analyzed_at", "stopped_at",
)  # fmt: skip

OF_NUMBER = "select org_of_number($1) as org_id"
"""A look-up for `Works.visit`: whose number $1 is."""

OF_SOCKET = "select org_of_call($1, $2) as org_id"
"""The same for the call $1 whose proof has the hash $2."""


class House(Struct, frozen=True, kw_only=True):
    """What of an organisation decides how a call to one of its numbers is taken."""

    name: str
    agent_name: str
    suspended: bool
    ai_enabled: bool
    time_zone: str
    business_hours: dict[str, Hours | None]
    route_to_ai: bool


async def house(work: Work, called: str) -> House:
    """The organisation as the caller of its number finds it."""
    row = await work.fetchrow(
        """select o.name, o.agent_name, o.suspended_at is not null as suspended, o.ai_enabled, o.time_zone,
                  o.business_hours, coalesce(n.route_to_ai, true) as route_to_ai
           from organizations o left join numbers n on n.org_id = o.org_id and n.phone = $2 where o.org_id = $1""",
        work.org_id, called,
    )  # fmt: skip
    assert row is not None
    return record(House, row)


async def settings(work: Work) -> CallSettings:
    """How the organisation takes calls. Of the members who are to be rung, those who belong to it now."""
    row = await work.fetchrow(
        """select concurrent_calls, recording, announcement, ring_numbers, ring_seconds, voicemail,
                  array(select r.member from unnest(ring_members) with ordinality r (member, place)
                        join memberships m on m.org_id = $1 and m.user_id = r.member and m.status = 'active'
                        order by r.place) as ring_members
           from call_settings where org_id = $1""",
        work.org_id,
    )
    return CallSettings() if row is None else record(CallSettings, row)


async def save_settings(work: Work, wanted: CallSettings) -> None:
    """Keep the settings in place of what was there."""
    await work.execute(
        """insert into call_settings
               (org_id, concurrent_calls, recording, announcement, ring_numbers, ring_members, ring_seconds, updated_at,
                voicemail)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (org_id) do update set concurrent_calls = $2, recording = $3, announcement = $4,
               ring_numbers = $5, ring_members = $6, ring_seconds = $7, updated_at = $8, voicemail = $9""",
        work.org_id, wanted.concurrent_calls, wanted.recording, wanted.announcement, wanted.ring_numbers,
        wanted.ring_members, wanted.ring_seconds, work.now, wanted.voicemail,
    )  # fmt: skip


# --- the record -------------------------------------------------------------------------------------------------------


async def one_at_a_time(work: Work) -> None:
    """Let calls of the organisation come in one after another: they are counted against a bound."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"calls:{work.org_id}")


async def with_assistant(work: Work) -> int:
    """Calls that the assistant has now, or is about to have."""
    return await work.fetchval(
        """select count(*) from calls where org_id = $1 and status in ('queued', 'ringing', 'in_progress')
             and lease_until > $2 and task <> 'ring' and coalesce(transfer, '') not in ('dialling', 'connected')""",
        work.org_id, work.now,
    )  # fmt: skip


async def with_any_assistant(work: Work) -> int:
    """The same for all organisations together. Lets calls of all come in one after another until the transaction is
    over; call it after `one_at_a_time`."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended('calls', 0))")
    return await work.fetchval("select calls_with_assistant($1)", work.now)


async def insert(work: Work, call: Call, proof_hash: bytes) -> None:
    """Keep a new call."""
    await work.execute(
        """insert into calls (org_id, id, direction, from_number, to_number, caller, carrier, provider_call_id, status,
               ended_reason, task, started_at, ended_at, lead_id, agent_name, priority, resolution, proof_hash,
               lease_until, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $12, $12)""",
        work.org_id, call.id, call.direction.value, call.from_number, call.to_number, call.caller, call.carrier,
        call.provider_call_id, call.status.value, call.ended_reason, call.task.value, call.started_at, call.ended_at,
        call.lead_id, call.agent_name, call.priority.value, call.resolution.value, proof_hash, call.lease_until,
    )  # fmt: skip


async def get(work: Work, call_id: UUID, *, lock: bool = False) -> Call:
    """The call. Raises CallNotFound, also for one whose lead the actor is not let see."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from calls c where c.org_id = $1 and c.id = $2 and {seen("c.lead_id", 3)}
            {"for no key update" if lock else ""}""",
        work.org_id, call_id, allowed(work),
    )  # fmt: skip
    if row is None:
        raise CallNotFound
    return record(Call, row)


async def of_provider(work: Work, carrier: str, provider_call_id: str, *, lock: bool = False) -> Call | None:
    """The call that the carrier knows by its own id, if we do."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from calls c where c.org_id = $1 and c.carrier = $2 and c.provider_call_id = $3
                and c.provider_call_id <> ''
            {"for no key update" if lock else ""}""",
        work.org_id, carrier, provider_call_id,
    )  # fmt: skip
    return None if row is None else record(Call, row)


async def save(work: Work, call: Call) -> None:
    """Write what of a call can change."""
    sets = ", ".join(f"{column} = ${i}" for i, column in enumerate(_SAVED, start=4))
    await work.execute(
        f"update calls set updated_at = $3, {sets} where org_id = $1 and id = $2",
        work.org_id, call.id, work.now, *(getattr(call, column) for column in _SAVED),
    )  # fmt: skip


async def set_proof(work: Work, call_id: UUID, proof_hash: bytes) -> None:
    """From now on the socket of the call is proved by another proof."""
    await work.execute(
        "update calls set proof_hash = $3 where org_id = $1 and id = $2", work.org_id, call_id, proof_hash
    )


async def take_proof(work: Work, call_id: UUID, proof_hash: bytes) -> bool:
    """Use the proof up. False where it has been used."""
    return await work.execute(
        "update calls set proof_hash = '' where org_id = $1 and id = $2 and proof_hash = $3",
        work.org_id, call_id, proof_hash,
    ) > 0  # fmt: skip


async def renew(work: Work, call_id: UUID, leg: int, until: datetime) -> bool:
    """Hold the call longer. False where it is over, or another socket has it."""
    return await work.execute(
        """update calls set lease_until = $4 where org_id = $1 and id = $2 and leg = $3 and status = 'in_progress'
             and leg_started_at is not null""",
        work.org_id, call_id, leg, until,
    ) > 0  # fmt: skip


async def abandoned(work: Work, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, call) of calls that nobody holds any more. Runs as the system role."""
    rows = await work.fetch(
        """select org_id, id from calls where status in ('queued', 'ringing', 'in_progress') and lease_until < $1
           order by lease_until limit $2""",
        work.now, limit,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


# --- what hangs on it -------------------------------------------------------------------------------------------------


async def add_trouble(work: Work, call_id: UUID, told: list[str]) -> None:
    """Add to what went wrong while the call lasted."""
    await work.execute(
        "update calls set trouble = trouble || $3, updated_at = $4 where org_id = $1 and id = $2",
        work.org_id, call_id, told, work.now,
    )  # fmt: skip


async def add_turn(work: Work, call_id: UUID, turn: Turn) -> None:
    """Keep a turn, in place of what was under its position."""
    await work.execute(
        """insert into call_turns
               (org_id, call_id, position, speaker, text, started_ms, ended_ms, latency_ms, interrupted)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (org_id, call_id, position) do update set speaker = $4, text = $5, started_ms = $6,
               ended_ms = $7, latency_ms = $8, interrupted = $9""",
        work.org_id, call_id, turn.position, turn.speaker.value, turn.text, turn.started_ms, turn.ended_ms,
        turn.latency_ms, turn.interrupted,
    )  # fmt: skip


async def turns(work: Work, call_id: UUID) -> list[Turn]:
    """What was said, in order."""
    rows = await work.fetch(
        f"select {_TURN} from call_turns t where t.org_id = $1 and t.call_id = $2 order by t.position",
        work.org_id, call_id,
    )  # fmt: skip
    return records(Turn, rows)


async def add_recording(work: Work, call_id: UUID, made: Recording) -> None:
    """Keep the recording of a leg."""
    await work.execute(
        """insert into call_recordings
               (org_id, call_id, leg, file_key, content_type, seconds, bytes, announced, started_ms, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (org_id, call_id, leg) do update set file_key = $4, content_type = $5, seconds = $6, bytes = $7,
               announced = $8, started_ms = $9""",
        work.org_id, call_id, made.leg, made.file_key, made.content_type, made.seconds, made.bytes, made.announced,
        made.started_ms, made.created_at,
    )  # fmt: skip


async def recordings(work: Work, call_id: UUID) -> list[Recording]:
    """The recordings of a call, by leg."""
    rows = await work.fetch(
        f"select {_RECORDING} from call_recordings r where r.org_id = $1 and r.call_id = $2 order by r.leg",
        work.org_id, call_id,
    )  # fmt: skip
    return records(Recording, rows)


async def save_analysis(work: Work, call_id: UUID, made: Analysis) -> bool:
    """Keep what came of a call. False where that is known already."""
    args: list[Any] = [made.summary, made.sentiment.value, made.confidence, made.intent, made.keywords, made.success]
    return await work.execute(
        """insert into call_analyses (org_id, call_id, summary, sentiment, confidence, intent, keywords, success,
               captured, model, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing""",
        work.org_id, call_id, *args, made.captured, made.model, made.created_at,
    ) > 0  # fmt: skip


async def analysis(work: Work, call_id: UUID) -> Analysis | None:
    """What came of the call, once that is known."""
    row = await work.fetchrow(
        f"select {_ANALYSIS} from call_analyses a where a.org_id = $1 and a.call_id = $2", work.org_id, call_id
    )
    return None if row is None else record(Analysis, row)
