"""Facts about campaigns; the subject is the dataset."""

from frontdesk.platform.events import Fact, fact


@fact("campaign.started", "dataset")
class CampaignStarted(Fact, frozen=True):
    """A campaign was started."""

    messages_queued: int


@fact("campaign.paused", "dataset")
class CampaignPaused(Fact, frozen=True):
    """A campaign was paused. `why`: the carrier's code, where it takes no texts; empty: somebody wanted it."""

    why: str = ""


@fact("campaign.resumed", "dataset")
class CampaignResumed(Fact, frozen=True):
    """A paused campaign goes on."""


@fact("campaign.completed", "dataset")
class CampaignCompleted(Fact, frozen=True):
    """A campaign has nothing more to send."""

    why: str = ""
    """ALL_SENT, END_DATE; empty: somebody ended it."""
