"""Facts about suppressions."""

from frontdesk.platform.events import Fact, fact


@fact("contact.suppressed", "suppression")
class NumberSuppressed(Fact, frozen=True):
    """A number must not be contacted any more; the subject is the lead, or the organisation for a number of nobody."""

    how: str


@fact("contact.allowed", "suppression")
class NumberAllowed(Fact, frozen=True):
    """A suppression was lifted; `how` is keyword or by_hand."""

    how: str
