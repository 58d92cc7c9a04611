"""The sandbox's faults in words for people, in the order the simulator offers them."""

from msgspec import Struct

from frontdesk.ports.simulator import FaultKind


class FaultWords(Struct, frozen=True):
    """What a fault is called and what one sees of it."""

    kind: FaultKind
    name: str
    effect: str


FAULTS: list[FaultWords] = [
    FaultWords(FaultKind.REJECT, "Refuse", "The carrier refuses the text for good. It shows as not delivered."),
    FaultWords(FaultKind.FAIL, "Fail on the way", "The text goes out and never arrives. It shows as not delivered."),
    FaultWords(FaultKind.BUSY, "Busy", "The carrier takes nothing for now. Texts wait and are tried again."),
    FaultWords(
        FaultKind.UNCERTAIN_ACCEPTED,
        "Answer lost, text sent",
        "The carrier's answer gets lost though the text goes out. It must not be sent a second time.",
    ),
    FaultWords(
        FaultKind.UNCERTAIN_LOST,
        "Answer lost, text lost",
        "Answer and text are both lost. The text shows as unclear until the carrier has been asked.",
    ),
    FaultWords(FaultKind.BROWNOUT, "Brown-out", "A mix of busy and lost answers, as on a carrier's bad day."),
    FaultWords(FaultKind.SLOW, "Slow", "The carrier takes seconds to answer."),
    FaultWords(FaultKind.DUPLICATE, "Everything twice", "Each notice to Frontdesk comes twice; it must count once."),
    FaultWords(FaultKind.LATE, "Late notices", "News of a text's delivery comes seconds late."),
    FaultWords(FaultKind.LINE_BUSY, "Busy telephone", "A handset that is called is busy."),
    FaultWords(FaultKind.NO_ANSWER, "Nobody answers", "Nobody takes up a handset that is called."),
    FaultWords(FaultKind.MACHINE, "Answering machine", "A machine takes up a handset that is called."),
    FaultWords(FaultKind.REORDER, "Notices out of order", "“Delivered” comes before “sent”. Delivered must stay."),
]

RATES: list[tuple[str, str]] = [
    ("1", "Every text"),
    ("0.5", "Half of them"),
    ("0.2", "One in five"),
    ("0.05", "One in 20"),
]
TERMS: list[tuple[str, str]] = [("60", "1 minute"), ("300", "5 minutes"), ("1800", "30 minutes"), ("3600", "1 hour")]

QUICK_REPLIES: list[str] = [
    "Yes please",
    "How much is it?",
    "Can you call me tomorrow afternoon?",
    "Not now, maybe in the spring",
    "Who is this?",
    "Wrong number",
    "STOP",
]
"""What people text back, one tap each."""


def fault_name(kind: FaultKind) -> str:
    """What a fault is called."""
    return next(words.name for words in FAULTS if words.kind is kind)
