"""The Slack channel: the bot where there is one, else the incoming webhook."""

from datetime import datetime, timedelta

from alerts.config import Channel, SlackConfig
from alerts.outbound import Outbound
from alerts.outcome import Outcome
from alerts.parcel import Parcel
from alerts.receivers import SLACK_CHANNEL
from alerts.slack.api import LARGEST_ANSWER
from alerts.slack.bot import BotSender
from alerts.slack.webhook import WebhookSender


class SlackSender:
    """Hands each message to the way that leads to its receiver; safe to use from several threads."""

    channel: Channel = "slack"
    shared = True

    def __init__(self, config: SlackConfig, outbound: Outbound | None = None) -> None:
        self.pause = timedelta(seconds=config.pause_seconds)
        shared = outbound or outbound_of(config)
        self._bot = BotSender(config, shared) if config.bot_token else None
        self._webhook = WebhookSender(config, shared) if config.webhook_url else None

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
        if self._bot is None or (parcel.receiver == SLACK_CHANNEL and self._webhook is not None):
            assert self._webhook is not None  # noqa: S101  # a configuration has one of the two
            return self._webhook.send(parcel, now)
        return self._bot.send(parcel, now)


def outbound_of(config: SlackConfig) -> Outbound:
    """The way out that a configuration allows."""
    return Outbound(
        allow_private_addresses=config.allow_private_addresses,
        deadline_seconds=config.deadline_seconds,
        ca_file=config.ca_file,
        largest_body=LARGEST_ANSWER,
    )
