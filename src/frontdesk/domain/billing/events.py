"""Facts about what was used."""

from frontdesk.platform.events import Fact, fact


@fact("usage.recorded", "usage")
class UsageRecorded(Fact, frozen=True):
    """Something was metered; the subject is what it was used by (a call)."""

    kind: str
    quantity: int
