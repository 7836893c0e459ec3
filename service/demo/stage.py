"""The whole service on one machine, on the embedded broker and SQLite, until its `with` block ends."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

import migrations
from accounts.weeks import week_of
from alerts.parcel import Sender
from consumers.reviewer import Reviewer
from service.assembly import Assembly, with_own_secret
from service.demo.player import TOPICS, StalledError, create_topics
from service.embedded_broker import embedded_broker, free_port
from service.kafka_settings import Kafka
from service.notify_settings import Email, Notify
from service.settings import Database, Http, Review, Settings, Value
from service.simulation import made_rates
from service.supervisor import Supervisor
from storage import deliveries, outbox, partitions, reviews
from storage.engine import Engine, reading

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_SOON = timedelta(minutes=10)
_NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Stage:
    """The running service, as the one who plays to it sees it."""

    engine: Engine
    bootstrap: str
    address: str
    reviewer: Reviewer
    failed: Callable[[], bool]

    def wait_until_followed(self, sent: int) -> None:
        """Hold the play until everything sent is consumed, reviewed as the clock has come, and told."""
        self._wait(lambda: self._consumed() >= sent and self._backlog() == 0, "the reviews")
        self._wait(self._all_delivered, "the deliveries")

    def finish(self, end: datetime) -> None:
        """Review the last week too, and see every alert to its receiver."""
        self.reviewer.review(end)
        self._wait(self._all_delivered, "the deliveries")

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if self.failed() or time.monotonic() > deadline:
                raise StalledError(f"{what} did not keep up with the play")
            time.sleep(_LOOK_SECONDS)

    def _consumed(self) -> int:
        with reading(self.engine) as connection:
            return sum(row.next_offset for row in partitions.progress(connection))

    def _backlog(self) -> int:
        clock = self.reviewer.clock()
        if clock is None:
            return 0
        with reading(self.engine) as connection:
            return reviews.backlog(connection, week_of(clock))

    def _all_delivered(self) -> bool:
        with reading(self.engine) as connection:
            soon = datetime.now(UTC) + _SOON  # what a graver alert holds back waits for another day
            return outbox.depth(connection).waiting == 0 and not deliveries.waiting_until(connection, soon)


@contextmanager
def stage(folder: Path, sender: Sender) -> Iterator[Stage]:
    """Set everything up in `folder` and run it; raises BrokerMissingError where there is no broker."""
    url = f"sqlite:///{folder / 'turnsignal.sqlite'}"
    migrations.upgrade(url)
    with embedded_broker(folder) as bootstrap:
        create_topics(bootstrap)
        settings = _settings(url, bootstrap)
        assembly = Assembly(settings, senders=[sender])
        supervisor = Supervisor(assembly.everything())
        supervisor.start()
        try:
            address = settings.notify.public_url or ""
            reviewer = assembly.reviewer()
            yield Stage(assembly.engine, bootstrap, address, reviewer, lambda: supervisor.failed)
        finally:
            supervisor.stop()
            assembly.close()


def _settings(url: str, bootstrap: str) -> Settings:
    """Everything as it would be in earnest, but for the clock and for who may look."""
    port = _preferred_port()
    settings = Settings(
        database=Database(url=SecretStr(url)),
        kafka=Kafka(bootstrap_servers=[bootstrap], topics=list(TOPICS)),
        value=Value(base_currency="USD", rates=made_rates()),
        review=Review(clock="records", interval_seconds=_LOOK_SECONDS, batch_accounts=1000),
        email=Email(host="localhost"),
        notify=Notify(
            public_url=f"http://127.0.0.1:{port}",
            max_age_days=None,
            # Years pass in a minute, and whoever looks on wants to read each alert.
            hours="mon-sun 00:00-24:00",
            digest="off",
            gather_seconds=0,
            most_at_once=_NO_LIMIT,
            most_a_day=_NO_LIMIT,
        ),
        http=Http(port=port, open=True),
    )
    return with_own_secret(settings)


def _preferred_port() -> int:
    """The usual port where it is free, so that the address is the same each time."""
    usual = Http().port
    with socket.socket() as probe:
        return free_port() if probe.connect_ex(("127.0.0.1", usual)) == 0 else usual
