"""Gauges that are read when Prometheus asks: what stands in the database, and which parts do their work."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from accounts.stages import STAGES
from accounts.weeks import week_of
from storage import dead_letters, deliveries, outbox, reviews, webhook_endpoints
from storage.engine import Engine, reading

log = structlog.get_logger()

_KEPT_SECONDS = 10.0  # several scrapers cost no more than one


class DatabaseCollector(Collector):
    """Asks the database at most once in ten seconds; while it is away these gauges are absent."""

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime | None], timer: Callable[[], float] = monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._timer = timer
        self._lock = threading.Lock()
        self._families: list[GaugeMetricFamily] = []
        self._read_at = float("-inf")

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked at registration."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        with self._lock:
            if self._timer() - self._read_at >= _KEPT_SECONDS:
                self._families = self._read()
                self._read_at = self._timer()
            families = self._families
        yield from families

    def _read(self) -> list[GaugeMetricFamily]:
        try:
            return [*self._accounts(), *self._queues()]
        except SQLAlchemyError as error:
            name = type(error).__name__
            log.warning("no gauges: the database is away", action="database_unavailable", detail=name)
            return []

    def _accounts(self) -> Iterator[GaugeMetricFamily]:
        clock = self._clock()
        with reading(self._engine) as connection:
            stages = reviews.stages(connection)
            backlog = reviews.backlog(connection, week_of(clock)) if clock else 0
        every: dict[str, int] = {stage: stages.get(stage, 0) for stage in STAGES}
        yield _labelled("turnsignal_accounts", "Accounts in each stage.", "stage", every)
        yield GaugeMetricFamily(
            "turnsignal_review_backlog_accounts", "Accounts with closed weeks to review.", backlog
        )

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        with reading(self._engine) as connection:
            depth = outbox.depth(connection)
            waiting = {left.channel: left.waiting for left in deliveries.backlog(connection)}
            unread = dead_letters.count_by_reason(connection)
            endpoints = webhook_endpoints.states(connection)
        oldest = (datetime.now(UTC) - depth.oldest).total_seconds() if depth.oldest else 0.0
        yield GaugeMetricFamily(
            "turnsignal_outbox_messages", "Alerts the webhook has not accepted yet.", depth.waiting
        )
        yield GaugeMetricFamily(
            "turnsignal_outbox_oldest_seconds", "Age of the oldest alert that waits.", max(0.0, oldest)
        )
        yield GaugeMetricFamily(
            "turnsignal_outbox_given_up", "Alerts the webhook refused for good.", depth.given_up
        )
        yield _labelled(
            "turnsignal_dead_letters_waiting", "Dead letters that wait for a person.", "reason", unread
        )
        yield _labelled("turnsignal_deliveries_waiting", "Messages not yet delivered.", "channel", waiting)
        yield _labelled(
            "turnsignal_webhook_endpoints",
            "Endpoints of other programs by how they fare: active, failing, disabled.",
            "state",
            endpoints,
        )


class ReadinessCollector(Collector):
    """Whether the parts of a process do their work; /readyz says why one does not."""

    def __init__(self, checks: Mapping[str, Callable[[], str | None]]) -> None:
        self._checks = checks

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked at registration."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a part."""
        ready = {name: int(check() is None) for name, check in self._checks.items()}
        yield _labelled("turnsignal_part_ready", "1 where a part does its work, 0 where not.", "part", ready)


def _labelled(name: str, text: str, label: str, numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in sorted(numbers.items()):
        family.add_metric([value], number)
    return family
