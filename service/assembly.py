"""From settings to the parts of a process."""

import base64
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from fastapi import APIRouter
from prometheus_client import REGISTRY
from pydantic import SecretStr

from accounts.advice import Advice
from accounts.currency import rates_of
from accounts.policy import Policy
from accounts.value import Valuation
from alerts.config import WebhooksConfig
from alerts.links import make_links
from alerts.notifier import Notifier
from alerts.parcel import Sender
from alerts.picture.pictures import Pictures
from consumers.clock import review_clock
from consumers.consumer import Consumer
from consumers.relay import Relay
from consumers.reviewer import ReviewConfig, Reviewer
from service import own_roles
from service.acting import acting_router
from service.app import create_app
from service.calibrations import chain_of, policy_of
from service.configuration import SettingsError
from service.crm import sources as crm
from service.crm_webhook import crm_router
from service.event_webhook import events_router
from service.kafka_clusters import clusters_of, writer_of
from service.mappings import mapped_writes, mappings_of
from service.metrics import DatabaseCollector
from service.notification import notifier_config
from service.playbook import library
from service.server import Server
from service.settings import Http, Settings
from service.slack import slack_router
from service.supervisor import Part
from service.webhook_endpoints import webhook_endpoints_router
from service.webhooks import alerts_router
from storage import partitions
from storage.engine import Engine, create_engine, reading


def new_secret() -> SecretStr:
    """A signing secret as Standard Webhooks writes them."""
    return SecretStr("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def advice_of(settings: Settings) -> Advice:
    """What alerts propose to do, and how they value an account."""
    value = settings.value
    valuation = Valuation(
        rates_of(value.base_currency, value.rates),
        chain_of(settings.detection.calibration),
        value.discount_rate,
    )
    return Advice(library(settings.detection.plays), valuation)


log = structlog.get_logger()


class Assembly:
    """Builds parts on one database; each method gives what one kind of process runs."""

    def __init__(self, settings: Settings, *, senders: Sequence[Sender] | None = None) -> None:
        self.settings = settings
        own_roles.use(settings.detection.roles)
        url = settings.database.url.get_secret_value()
        self.engine: Engine = create_engine(url)
        # Readers have connections of their own: a rush of them must not keep the consumer from its database.
        self._http_engine: Engine = create_engine(url)
        self._senders = senders
        self._collector: DatabaseCollector | None = None
        self._kafka = clusters_of(settings.kafka)
        self._subscriptions = [cluster.subscription for cluster in self._kafka]
        self._events = writer_of(settings.kafka)
        self._crm = crm.sources_of(settings)

    def close(self) -> None:
        """Give back connections and metrics, once the parts have ended."""
        self._events.close()
        crm.close(self._crm)
        if self._collector is not None:
            REGISTRY.unregister(self._collector)
            self._collector = None
        self.engine.dispose()
        self._http_engine.dispose()

    def clock(self) -> datetime | None:
        """The review clock, as the database tells it."""
        with reading(self.engine) as connection:
            progress = partitions.progress(connection)
        now = datetime.now().astimezone()
        return review_clock(progress, now, self.settings.review.clock, self._subscriptions)

    def policy(self) -> Policy:
        """The tests' numbers."""
        detection = self.settings.detection
        return policy_of(detection.false_alarms, detection.calibration)

    def reviewer(self, on_alerts: Callable[[], None] = lambda: None) -> Reviewer:
        """The reviewer alone."""
        review = self.settings.review
        config = ReviewConfig(
            self._subscriptions, review.clock, review.interval_seconds, review.batch_accounts
        )
        return Reviewer(
            self.engine, self.policy(), config, advice=advice_of(self.settings), on_alerts=on_alerts
        )

    def everything(self) -> list[Part]:
        """All in one process."""
        notifier = self._notifier()
        detection = self._detection(self.settings.webhook.url or _own_endpoint(self.settings.http))
        parts = [notifier, *detection]
        return [self._server(parts, self._doors(notifier.wake)), *parts]

    def consume(self) -> list[Part]:
        """Consumer, reviewer and relay, with their state on a port."""
        if self.settings.webhook.url is None:
            raise SettingsError(
                ["webhook.url: not set; here it is where `turnsignal serve` has POST /webhooks/alerts"]
            )
        parts = self._detection(self.settings.webhook.url)
        return [self._server(parts), *parts]

    def serve(self) -> list[Part]:
        """The webhook, the API and the pages."""
        return [self._server([], self._doors())]

    def notify(self) -> list[Part]:
        """The channels' workers, with their state on a port."""
        notifier = self._notifier()
        return [self._server([notifier]), notifier]

    def _detection(self, url: str) -> list[Part]:
        relay = Relay(self.engine, url, self._secrets()[0])
        # A mapping belongs to one thread: each consumer has its own.
        consumers = [Consumer(self.engine, cluster, mappings_of(self.settings)) for cluster in self._kafka]
        reviewer = self.reviewer(relay.wake)
        return [
            Part("relay", relay.run, relay.unready, relay.wake),
            Part("reviewer", reviewer.run, reviewer.unready),
            *(Part(one.name, one.run, one.unready, note=one.note) for one in consumers),
        ]

    def _notifier(self) -> Part:
        config = notifier_config(self.settings)
        pictures = Pictures(self.engine, self.policy())
        try:
            notifier = Notifier(
                self.engine,
                config,
                senders=self._senders,
                pictures=pictures.attached,
                links=make_links(config),
            )
        except ValueError as error:  # an address that Apprise cannot read
            raise SettingsError([f"notify.receivers: {error}"]) from None
        return Part("notifier", notifier.run, notifier.unready, notifier.wake)

    def _doors(self, wake: Callable[[], None] = lambda: None) -> list[APIRouter]:
        """Where alerts and answers come in; each looks after who may."""
        engine, config = self._http_engine, notifier_config(self.settings)
        mappings = mappings_of(self.settings)
        crm.warn_of_unread(self.settings, mappings)
        self._events.refused = mapped_writes(self.settings.kafka, mappings)
        for words in self._events.refused.values():
            log.warning(words, action="write_topic_mapped")
        doors = [
            alerts_router(engine, self._secrets(), config, wake),
            events_router(self._events, tokens=self._tokens(), open_access=self.settings.http.open),
            crm_router(self._crm),
        ]
        if links := make_links(config):
            doors.append(acting_router(engine, links))
        if config.slack is not None and config.slack.signing_secret is not None:
            doors.append(slack_router(engine, config.slack))
        if config.webhooks is not None:
            doors.append(self._endpoints(config.webhooks, wake))
        return doors

    def _endpoints(self, config: WebhooksConfig, wake: Callable[[], None]) -> APIRouter:
        http = self.settings.http
        return webhook_endpoints_router(
            self._http_engine,
            config,
            tokens=[token.get_secret_value() for token in http.tokens],
            open_access=http.open,
            wake=wake,
        )

    def _server(self, parts: Sequence[Part], doors: Sequence[APIRouter] = ()) -> Part:
        """The HTTP server of a process with these parts; API and pages stand where the doors do."""
        http = self.settings.http
        self._collector = DatabaseCollector(self._http_engine, self.clock)
        REGISTRY.register(self._collector)
        app = create_app(
            self._http_engine,
            checks={part.name: part.unready for part in parts},
            notes={part.name: part.note for part in parts},
            routers=doors,
            tokens=self._tokens(),
            open_access=http.open,
            public=bool(doors),
            policy=self.policy(),
        )
        server = Server(app, http.host, http.port)
        return Part("server", server.run, server.unready)

    def _tokens(self) -> list[str]:
        return [token.get_secret_value() for token in self.settings.http.tokens]

    def _secrets(self) -> list[str]:
        if not self.settings.webhook.secrets:
            raise SettingsError(
                ["webhook.secrets: not set; processes of their own share a signing secret (whsec_…)"]
            )
        return [secret.get_secret_value() for secret in self.settings.webhook.secrets]


def _own_endpoint(http: Http) -> str:
    """The webhook of this very process, by an address that it listens on."""
    return f"{own_address(http)}/webhooks/alerts"


def own_address(http: Http) -> str:
    """Where this machine's service listens."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (they are compared)
    host = loopback.get(http.host, http.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{http.port}"


def with_own_secret(settings: Settings) -> Settings:
    """Settings for all in one process: both ends of the webhook are here, so a passing secret will do."""
    if settings.webhook.secrets:
        return settings
    return settings.model_copy(
        update={"webhook": settings.webhook.model_copy(update={"secrets": [new_secret()]})}
    )
