"""Facts about webhooks."""

from frontdesk.platform.events import Fact, fact


@fact("webhook.disabled", "webhook_endpoint")
class WebhookDisabled(Fact, frozen=True):
    """An endpoint was switched off by the product; `reason` is failing or gone."""

    reason: str
