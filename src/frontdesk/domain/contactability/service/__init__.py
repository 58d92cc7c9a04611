"""Use cases of the gate, of suppressions and of the consent log, one module each."""

from frontdesk.domain.contactability.service.consent import Verdict, record_import, record_undo, verify
from frontdesk.domain.contactability.service.gate import (
    Contact,
    StoredDecision,
    ask,
    decisions_of_lead,
    forget_decisions,
    rules,
    zones_of,
    zones_of_place,
)
from frontdesk.domain.contactability.service.suppressions import (
    Suppression,
    get_suppression,
    hold,
    lift,
    lift_by_hand,
    list_suppressions,
    mark_wrong_number,
    suppress,
    suppress_by_hand,
    suppress_number,
    suppress_some,
    suppressions_after,
)

__all__ = [
    "Contact",
    "StoredDecision",
    "Suppression",
    "Verdict",
    "ask",
    "decisions_of_lead",
    "forget_decisions",
    "get_suppression",
    "hold",
    "lift",
    "lift_by_hand",
    "list_suppressions",
    "mark_wrong_number",
    "record_import",
    "record_undo",
    "rules",
    "suppress",
    "suppress_by_hand",
    "suppress_number",
    "suppress_some",
    "suppressions_after",
    "verify",
    "zones_of",
    "zones_of_place",
]
