"""Use cases of calls.

From the carrier (`arriving`, `passing_on`): `receive`, `record_status`, `next_step`, `record_dial`. From whoever talks
to the caller (`talking`): `answer`, `renew`, `add_turn`, `transfer`, `complete`, `keep_recording`. Calls that we
place (`placing`, and for the carrier `outgoing`): `place_call`, `first_step`, `record_outgoing_status`,
`record_answered_by`, `record_bridged`, `record_leg`. Calls that members dial in their browsers (`dialling`): `dial`.
Any of them is ended by a person with `hang_up`. From time to time: `sweep`, `reconcile`.
"""

from frontdesk.domain.calls.service.arriving import receive, record_status
from frontdesk.domain.calls.service.dialling import dial
from frontdesk.domain.calls.service.hanging_up import hang_up
from frontdesk.domain.calls.service.outgoing import (
    first_step,
    leave_message,
    record_answered_by,
    record_bridged,
    record_leg,
    record_outgoing_status,
)
from frontdesk.domain.calls.service.passing_on import next_step, record_dial, transfer
from frontdesk.domain.calls.service.placing import place, place_call, reconcile
from frontdesk.domain.calls.service.sweeping import sweep
from frontdesk.domain.calls.service.talking import add_turn, answer, complete, keep_recording, note_trouble, renew

__all__ = [
    "add_turn", "answer", "complete", "dial", "first_step", "hang_up", "keep_recording", "leave_message", "next_step",
    "note_trouble", "place", "place_call", "receive", "reconcile", "record_answered_by", "record_bridged",
    "record_dial", "record_leg", "record_outgoing_status", "record_status", "renew", "sweep", "transfer",
]  # fmt: skip
