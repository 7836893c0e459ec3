"""From settings to how other programs' endpoints are posted to."""

from datetime import timedelta

from alerts.config import WebhooksConfig
from service.settings import Settings


def webhooks_config(settings: Settings) -> WebhooksConfig:
    """The same for the notifier, the API and the commands."""
    webhooks = settings.webhooks
    return WebhooksConfig(
        allow_private_addresses=webhooks.allow_private_addresses,
        disable_after=timedelta(days=webhooks.disable_after_days),
    )
