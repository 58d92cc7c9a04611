"""Use cases of calls.

From the carrier (`arriving`, `passing_on`): `receive`, `record_status`, `next_step`, `record_dial`. From whoever talks
to the caller (`talking`): `answer`, `renew`, `add_turn`, `transfer`, `complete`, `keep_recording`. From time to time:
`sweep`.
"""

from frontdesk.domain.calls.service.arriving import receive, record_status
from frontdesk.domain.calls.service.passing_on import next_step, record_dial, transfer
from frontdesk.domain.calls.service.sweeping import sweep
from frontdesk.domain.calls.service.talking import add_turn, answer, complete, keep_recording, note_trouble, renew

__all__ = [
    "add_turn", "answer", "complete", "keep_recording", "next_step", "note_trouble", "receive", "record_dial",
    "record_status", "renew", "sweep", "transfer",
]  # fmt: skip
