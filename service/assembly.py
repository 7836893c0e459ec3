"""From settings to the parts of a process."""

import base64
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter
from prometheus_client import REGISTRY
from pydantic import SecretStr

from accounts.policy import Policy
from alerts.config import EmailConfig, NotifierConfig, SlackConfig
from alerts.notifier import Notifier
from alerts.parcel import Sender
from consumers.clock import review_clock
from consumers.consumer import Consumer
from consumers.membership import KafkaConfig
from consumers.relay import Relay
from consumers.reviewer import ReviewConfig, Reviewer
from service.api import api_router
from service.app import create_app
from service.configuration import SettingsError
from service.metrics import DatabaseCollector
from service.pages import pages_router
from service.server import Server
from service.settings import Settings
from service.supervisor import Part
from service.webhooks import alerts_router
from storage import partitions
from storage.engine import Engine, create_engine, reading


def new_secret() -> SecretStr:
    """A signing secret as Standard Webhooks writes them."""
    return SecretStr("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


class Assembly:
    """Builds parts on one engine; each method gives what one kind of process runs."""

    def __init__(self, settings: Settings, *, senders: Sequence[Sender] | None = None) -> None:
        self.settings = settings
        self.engine: Engine = create_engine(settings.database.url.get_secret_value())
        self._senders = senders
        self._kafka = KafkaConfig(
            bootstrap_servers=settings.kafka.bootstrap_servers,
            topics=settings.kafka.topics,
            group_id=settings.kafka.group_id,
            batch_records=settings.kafka.batch_records,
            dead_letter_topic=settings.kafka.dead_letter_topic,
        )
        REGISTRY.register(DatabaseCollector(self.engine, self.clock))

    def clock(self) -> datetime | None:
        """The review clock, as the database tells it."""
        with reading(self.engine) as connection:
            progress = partitions.progress(connection, self._kafka.topics)
        return review_clock(progress, datetime.now().astimezone(), self.settings.review.clock)

    def policy(self) -> Policy:
        """The tests' numbers."""
        return Policy(false_alarms=self.settings.detection.false_alarms)

    def reviewer(self, on_alerts: Callable[[], None] = lambda: None) -> Reviewer:
        """The reviewer alone."""
        review = self.settings.review
        config = ReviewConfig(
            self._kafka.topics, review.clock, review.interval_seconds, review.batch_accounts
        )
        return Reviewer(self.engine, self.policy(), config, on_alerts=on_alerts)

    def detection(self) -> list[Part]:
        """Consumer, reviewer and relay."""
        http = self.settings.http
        host = "127.0.0.1" if http.host in {"0.0.0.0", "::"} else http.host  # noqa: S104  (it is compared)
        url = self.settings.webhook.url or f"http://{host}:{http.port}/webhooks/alerts"
        relay = Relay(self.engine, url, self._secrets()[0])
        consumer = Consumer(self.engine, self._kafka)
        reviewer = self.reviewer(relay.wake)
        return [
            Part("consumer", consumer.run, consumer.unready),
            Part("reviewer", reviewer.run, reviewer.unready),
            Part("relay", relay.run, relay.unready, relay.wake),
        ]

    def notifier(self) -> Part:
        """The channels' workers."""
        notifier = Notifier(self.engine, self.notifier_config(), senders=self._senders)
        return Part("notifier", notifier.run, notifier.unready, notifier.wake)

    def endpoint(self, wake: Callable[[], None] = lambda: None) -> list[APIRouter]:
        """The webhook, the API and the pages."""
        http = self.settings.http
        tokens = [token.get_secret_value() for token in http.tokens]
        webhook = alerts_router(self.engine, self._secrets(), self.notifier_config(), wake)
        api = api_router(self.engine, tokens=tokens, open_access=http.open)
        return [webhook, api, pages_router(self.engine, tokens=tokens, open_access=http.open)]

    def server(self, parts: Sequence[Part], routers: Sequence[APIRouter] = ()) -> Part:
        """The HTTP server of a process with these parts."""
        app = create_app(self.engine, checks={part.name: part.unready for part in parts}, routers=routers)
        server = Server(app, self.settings.http.host, self.settings.http.port)
        return Part("server", server.run, server.unready)

    def everything(self) -> list[Part]:
        """All in one process."""
        notifier = self.notifier()
        parts = [*self.detection(), notifier]
        return [self.server(parts, self.endpoint(notifier.wake)), *parts]

    def notifier_config(self) -> NotifierConfig:
        """Who is told by which channel; raises SettingsError for what does not go together."""
        notify, days = self.settings.notify, self.settings.notify.max_age_days
        try:
            return NotifierConfig(
                slack=self._slack(),
                email=self._email(),
                default_email=notify.default_email,
                public_url=notify.public_url,
                max_age=timedelta(days=days) if days is not None else None,
            )
        except ValueError as error:
            raise SettingsError([str(error)]) from None

    def _slack(self) -> SlackConfig | None:
        slack = self.settings.slack
        if slack.webhook_url is None:
            return None
        return SlackConfig(
            webhook_url=slack.webhook_url.get_secret_value(),
            allow_private_addresses=slack.allow_private_addresses,
        )

    def _email(self) -> EmailConfig | None:
        email = self.settings.email
        if email.host is None:
            return None
        return EmailConfig(
            host=email.host,
            port=email.port,
            security=email.security,
            username=email.username,
            password=email.password.get_secret_value() if email.password else None,
            sender=email.sender,
        )

    def _secrets(self) -> list[str]:
        if not self.settings.webhook.secrets:
            raise SettingsError(
                ["webhook.secrets: processes of their own need a signing secret that they share (whsec_…)"]
            )
        return [secret.get_secret_value() for secret in self.settings.webhook.secrets]


def with_own_secret(settings: Settings) -> Settings:
    """Settings for all in one process: both ends of the webhook are here, so a passing secret will do."""
    if settings.webhook.secrets:
        return settings
    return settings.model_copy(
        update={"webhook": settings.webhook.model_copy(update={"secrets": [new_secret()]})}
    )
