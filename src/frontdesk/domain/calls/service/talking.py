"""For whoever talks to the caller, over the media socket: open it, hold the call, keep what is said, end it.

Each is a short transaction of its own: a call is under way while others are made. Order at the end of a call that we
end: `complete`, then close the socket; the carrier asks at once what comes next, and is told by the record.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.errors import CallNotProved
from frontdesk.domain.calls.model import (
    ANNOUNCEMENT,
    LEASE,
    AnsweredBy,
    Call,
    CallStatus,
    Direction,
    EndedReason,
    Opened,
    Recording,
    Task,
    TransferState,
    Turn,
)
from frontdesk.domain.calls.proof import hash_of
from frontdesk.domain.calls.service import ending
from frontdesk.domain.calls.service.passing_on import first_words
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works

LONGEST_TURN = 4_000
"""Characters of a turn that are kept."""

LARGEST_RECORDING = 256 * 1024 * 1024
"""Bytes."""


async def answer(works: Works, call_id: UUID, proof: str) -> Opened:
    """The media socket of a call has been opened by whoever knows its `proof`, which opens no other after this.

    The call is in progress, and held for LEASE: renew it. Raises CallNotProved, for whatever reason.
    """
    visit = await works.visit(store.OF_SOCKET, call_id, hash_of(proof))
    org_id: UUID | None = visit.principal["org_id"]
    if org_id is None:
        await visit.leave()
        raise CallNotProved
    async with visit.work(system_actor(org_id), writes=True) as work:
        call = await store.get(work, call_id, lock=True)
        open_to_nobody = call.status.ended or call.stopped_at is not None or call.transfer is TransferState.DIALLING
        if open_to_nobody or call.leg_started_at is not None:
            raise CallNotProved
        # Of one leg there is one socket: the proof of a leg whose socket was closed opens nothing.
        if not await store.take_proof(work, call_id, hash_of(proof)):
            raise CallNotProved
        settings = await store.settings(work)
        opened = structs.replace(
            call, status=CallStatus.IN_PROGRESS, answered_at=call.answered_at or work.now, leg_started_at=work.now,
            lease_until=work.now + work.clock.lasting(LEASE),
            handled_by_ai=call.handled_by_ai or call.task is Task.ASSIST,
        )  # fmt: skip
        await store.save(work, opened)
        return Opened(
            org_id=org_id,
            call=opened,
            task=opened.task,
            says=first_words(opened),
            record=settings.recording or opened.task is Task.TAKE_MESSAGE,
            announcement=_announcement(settings.announcement) if settings.recording else "",
            turns=await store.turns(work, call_id),
        )


def _announcement(chosen: str | None) -> str:
    return ANNOUNCEMENT if chosen is None else chosen


async def renew(works: Works, org_id: UUID, call: Call) -> bool:
    """Hold the call for another LEASE. False where it is over or was taken up by another socket: close this one."""
    async with works.begin(system_actor(org_id)) as work:
        return await store.renew(work, call.id, call.leg, work.now + work.clock.lasting(LEASE))


async def add_turn(works: Works, org_id: UUID, call_id: UUID, turn: Turn) -> None:
    """Keep what one side said. Under a position that there is already, it replaces what was kept: the words of an
    assistant that was interrupted are cut to what was heard. Blank turns are not kept."""
    text = turn.text.replace("\0", "").strip()[:LONGEST_TURN]
    if not text:
        return
    async with works.begin(system_actor(org_id)) as work:
        await store.add_turn(work, call_id, structs.replace(turn, text=text))


async def note_trouble(works: Works, org_id: UUID, call_id: UUID, told: list[str]) -> None:
    """Keep what went wrong with speech or recording, a sentence each, without words or numbers of the caller's."""
    if told:
        async with works.begin(system_actor(org_id)) as work:
            await store.add_trouble(work, call_id, [each[:300] for each in told[:20]])


async def complete(
    works: Works, org_id: UUID, call_id: UUID, reason: EndedReason, *, confidence: float | None = None
) -> Call:
    """The conversation over the socket is over, for `reason`. Idempotent: the first to say so is believed.

    `confidence`: 0 to 1, of the assistant in what it understood. A call that is being passed to a person (TRANSFERRED)
    is not over, nor is one whose socket broke without a word (CONNECTION_LOST): the carrier asks what comes next, and
    where it does not the sweeper ends the call. Emits call.completed. Raises CallNotFound.
    """
    async with works.begin(system_actor(org_id)) as work:
        call = await store.get(work, call_id, lock=True)
        if confidence is not None:
            call = structs.replace(call, confidence=confidence)
        if call.status.ended:
            await store.save(work, call)
            return call
        if (
            reason is EndedReason.CONNECTION_LOST
            or (call.transfer is TransferState.ASKED and reason is EndedReason.TRANSFERRED)
            or await _is_left_a_message(work, call, reason)
        ):
            waiting = structs.replace(
                ending.leg_ended(call, work.now), lease_until=work.now + work.clock.lasting(LEASE)
            )
            await store.save(work, waiting)
            return waiting
        if call.task is Task.TAKE_MESSAGE and reason in (EndedReason.CALLER_HUNG_UP, EndedReason.SILENCE):
            reason = EndedReason.MESSAGE_TAKEN
        return await ending.end(work, call, reason)


async def _is_left_a_message(work: Work, call: Call, reason: EndedReason) -> bool:
    """Whether the socket was closed because the carrier has found out that a machine answered, and asks what it is
    told."""
    if call.direction is not Direction.OUTBOUND or reason is EndedReason.VOICEMAIL:
        return False
    return await outgoing_store.answered_by(work, call.id) is AnsweredBy.MACHINE


async def keep_recording(
    context: Context,
    org_id: UUID,
    call: Call,
    chunks: AsyncIterator[bytes],
    *,
    content_type: str,
    seconds: float,
    started_ms: int,
    announced: bool,
) -> Recording:
    """Keep the recording of a leg of the call, of both sides; it may come after `complete`.

    `call` is as `answer` gave it. Raises TooLarge, CallNotFound, and OSError where the file store is full; the record
    of the call stays as it is then.
    """
    suffix = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg"}.get(content_type, "bin")
    key = f"{org_id}/calls/{call.id}-{call.leg}.{suffix}"
    size = await context.files.write(key, chunks, limit=LARGEST_RECORDING)
    async with context.works.begin(system_actor(org_id)) as work:
        made = Recording(
            leg=call.leg, file_key=key, content_type=content_type, seconds=seconds, bytes=size, announced=announced,
            started_ms=started_ms, created_at=work.now,
        )  # fmt: skip
        await store.get(work, call.id)
        await store.add_recording(work, call.id, made)
    return made
