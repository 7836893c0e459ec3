"""Gauges that stand in the database, read when Prometheus asks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import monotonic

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.stages import STAGES
from accounts.weeks import week_of
from storage import dead_letters, deliveries, outbox, reviews
from storage.engine import Engine, reading

_KEPT_SECONDS = 10.0  # several scrapers cost no more than one


class DatabaseCollector(Collector):
    """Asks the database at most once in ten seconds."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime | None]) -> None:
        self._engine = engine
        self._clock = clock
        self._families: list[GaugeMetricFamily] = []
        self._read_at = -_KEPT_SECONDS

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked at registration."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        if monotonic() - self._read_at >= _KEPT_SECONDS:
            self._families = list(self._read())
            self._read_at = monotonic()
        yield from self._families

    def _read(self) -> Iterator[GaugeMetricFamily]:
        now, clock = datetime.now(UTC), self._clock()
        with reading(self._engine) as connection:
            stages = reviews.stages(connection)
            backlog = reviews.backlog(connection, week_of(clock)) if clock else 0
            depth = outbox.depth(connection)
            waiting = deliveries.backlog(connection)
            unread = dead_letters.count_by_reason(connection)
        accounts = GaugeMetricFamily("turnsignal_accounts", "Accounts in each stage.", labels=["stage"])
        for stage in STAGES:
            accounts.add_metric([stage], stages.get(stage, 0))
        yield accounts
        yield GaugeMetricFamily(
            "turnsignal_review_backlog_accounts", "Accounts with closed weeks to review.", backlog
        )
        yield GaugeMetricFamily(
            "turnsignal_outbox_messages", "Alerts the webhook has not accepted yet.", depth.waiting
        )
        yield GaugeMetricFamily(
            "turnsignal_outbox_given_up_messages", "Alerts the webhook refused for good.", depth.given_up
        )
        yield GaugeMetricFamily(
            "turnsignal_outbox_oldest_seconds",
            "Age of the oldest alert that waits.",
            (now - depth.oldest).total_seconds() if depth.oldest else 0,
        )
        letters = GaugeMetricFamily(
            "turnsignal_dead_letters_waiting", "Dead letters not replayed.", labels=["reason"]
        )
        for reason, count in sorted(unread.items()):
            letters.add_metric([reason], count)
        yield letters
        pending = GaugeMetricFamily(
            "turnsignal_deliveries_waiting", "Messages not yet delivered.", labels=["channel"]
        )
        for left in waiting:
            pending.add_metric([left.channel], left.waiting)
        yield pending
