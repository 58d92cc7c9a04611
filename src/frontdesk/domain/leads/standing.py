"""Where a lead stands: the words for it, and how they hang together. Pure rules; no I/O, no wire shapes."""

from enum import StrEnum


class Stage(StrEnum):
    """How far a lead has come."""

    NEW = "new"
    CONTACTED = "contacted"
    REPLIED = "replied"
    QUALIFIED = "qualified"
    BOOKED = "booked"
    CONVERTED = "converted"
    LOST = "lost"
    OPTED_OUT = "opted_out"
    INVALID = "invalid"


class Temperature(StrEnum):
    """How keen a lead is, once it has replied."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


class Urgency(StrEnum):
    """How soon somebody should see to a lead."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Sentiment(StrEnum):
    """The mood of a lead's words."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    HOT = "HOT"
    UNCLEAR = "UNCLEAR"


class ContactStatus(StrEnum):
    """Stage, temperature and last step in one word: what lists are filtered and counted by."""

    READY = "READY"
    CONTACTED_1 = "CONTACTED_1"
    CONTACTED_2 = "CONTACTED_2"
    CONTACTED_3 = "CONTACTED_3"
    HOT = "HOT"
    WARM = "WARM"
    COLD = "COLD"
    CALL_BOOKED = "CALL_BOOKED"
    CONVERTED = "CONVERTED"
    LOST = "LOST"
    OPTED_OUT = "OPTED_OUT"
    INVALID = "INVALID"


STATUS_OF = {
    Stage.NEW: ContactStatus.READY, Stage.BOOKED: ContactStatus.CALL_BOOKED, Stage.CONVERTED: ContactStatus.CONVERTED,
    Stage.LOST: ContactStatus.LOST, Stage.OPTED_OUT: ContactStatus.OPTED_OUT, Stage.INVALID: ContactStatus.INVALID,
}  # fmt: skip


def contact_status_of(stage: Stage, temperature: Temperature | None, last_step: int) -> ContactStatus:
    """The one word for these three. The database keeps the same as a generated column; a test holds them together."""
    if stage is Stage.CONTACTED:
        return ContactStatus(f"CONTACTED_{max(last_step, 1)}")
    if stage in (Stage.REPLIED, Stage.QUALIFIED):
        return ContactStatus((temperature or Temperature.WARM).value.upper())
    return STATUS_OF[stage]


def statuses_of(stages: tuple[Stage, ...]) -> list[ContactStatus]:
    """The contact statuses that leads at one of these stages may have."""
    found: list[ContactStatus] = []
    for stage in stages:
        if stage is Stage.CONTACTED:
            found += [ContactStatus.CONTACTED_1, ContactStatus.CONTACTED_2, ContactStatus.CONTACTED_3]
        elif stage in STATUS_OF:
            found.append(STATUS_OF[stage])
        else:
            found += [ContactStatus.HOT, ContactStatus.WARM, ContactStatus.COLD]
    return list(dict.fromkeys(found))
