"""Facts about usage and payments."""

from frontdesk.platform.events import Fact, fact


@fact("usage.recorded", "usage")
class UsageRecorded(Fact, frozen=True):
    """Something was metered; the subject is what it was used by: a call."""

    kind: str
    quantity: int


@fact("usage.warned", "organization")
class UsageWarned(Fact, frozen=True):
    """So many percent of the plan's minutes of a kind are used in this period."""

    kind: str
    percent: int


@fact("subscription.changed", "organization")
class SubscriptionChanged(Fact, frozen=True):
    """Another plan, status or period."""

    plan: str
    status: str


@fact("payment.received", "organization")
class PaymentReceived(Fact, frozen=True):
    """Money came in. `amount` is in minor units; `purpose` is `subscription` or the id of a pack."""

    provider: str
    reference: str
    amount: int
    currency: str
    purpose: str


@fact("payment.failed", "organization")
class PaymentMissed(Fact, frozen=True):
    """A payment that was due did not come. The fields are those of payment.received."""

    provider: str
    reference: str
    amount: int
    currency: str
    purpose: str
