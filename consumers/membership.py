"""One member of the consumer group: what it holds, and where each partition stands in the database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError, OffsetOutOfRangeError, RetriableError
from kafka.net.compat import KafkaNetClient

from consumers import metrics
from consumers.records import Record
from storage import partitions
from storage.engine import Engine, reading

log = structlog.get_logger()

_POLL_MS = 500


@dataclass(frozen=True)
class KafkaConfig:
    """Where the events come from.

    `connection` holds kafka-python's options of every client, such as those of security; `options` those of
    the consumer alone.
    """

    bootstrap_servers: Sequence[str]
    topics: Sequence[str] = ("crm.events", "order.events")
    group_id: str = "turnsignal"
    batch_records: int = 5000  # a larger batch locks each account once for more events; memory grows with it
    dead_letter_topic: str | None = None
    connection: Mapping[str, Any] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Membership:
    """Polls Kafka from where the database says; belongs to one thread.

    Raises RetriableError where Kafka does not answer.
    """

    def __init__(self, engine: Engine, config: KafkaConfig) -> None:
        self._engine = engine
        self._config = config
        self.positions: dict[TopicPartition, int | None] = {}  # committed next offsets; None: not begun
        self._unplaced: set[TopicPartition] = set()  # held, but not yet sought to their offset
        self.last_poll: float | None = None  # monotonic seconds
        self._away = False  # whether the last poll did not reach Kafka
        self._consumer = _consumer(config)

    def join(self, before_release: Callable[[], None]) -> None:
        """Subscribe; `before_release` is called, on Kafka's thread, before partitions are given back."""
        self._consumer.subscribe(list(self._config.topics), listener=_Listener(self, before_release))

    def leave(self) -> None:
        """Give everything back at once."""
        self._consumer.close(autocommit=False)

    def poll(self, *, at_most_ms: int = _POLL_MS) -> dict[TopicPartition, list[Record]]:
        """Records of the partitions that have been placed; none while Kafka is away."""
        try:
            polled = self._poll(at_most_ms)
        except RetriableError as error:
            # The client mostly hides a broker's restart, but one that refuses the connection comes through.
            if not self._away:
                log.warning("Kafka is away", action="kafka_unavailable", detail=str(error))
            self._away = True
            sleep(at_most_ms / 1000)
            return {}
        if self._away:
            log.info("Kafka is back", action="kafka_available")
        self._away = False
        self.last_poll = monotonic()
        return {place: run for place, run in polled.items() if place in self.positions}

    def _poll(self, at_most_ms: int) -> dict[TopicPartition, list[Record]]:
        try:
            polled: dict[TopicPartition, list[Record]] = self._consumer.poll(
                timeout_ms=at_most_ms, max_records=self._config.batch_records
            )
        except OffsetOutOfRangeError as error:
            self._report_lost(error)
            return {}
        return polled

    @property
    def unplaced(self) -> bool:
        """Whether partitions wait for `place`."""
        return bool(self._unplaced)

    def place(self) -> None:
        """Seek newly held partitions to where the database says consumption stands."""
        for place in sorted(self._unplaced):
            with reading(self._engine) as connection:
                offset = partitions.next_offset(connection, place.topic, place.partition)
            if offset is None:
                self._consumer.seek_to_beginning(place)
            else:
                self._consumer.seek(place, offset)
            self._consumer.resume(place)
            self.positions[place] = offset
            self._unplaced.discard(place)
            where = {"topic": place.topic, "partition": place.partition, "offset": offset}
            log.info("partition placed", action="partition_placed", **where)

    def forget(self) -> None:
        """After a failed batch: stand still and ask the database again for every partition."""
        self._unplaced.update(self.positions)
        self.positions.clear()
        for place in self._unplaced & self._consumer.assignment():
            self._consumer.pause(place)

    def move(self, place: TopicPartition, offset: int) -> None:
        """The database has this offset now."""
        if place in self.positions:
            self.positions[place] = offset

    def end(self, place: TopicPartition) -> int | None:
        """The partition's end as the last fetch told it."""
        end: int | None = self._consumer.highwater(place)
        return end

    def at_end(self) -> list[tuple[str, int, int]]:
        """(topic, partition, committed offset) of the partitions of which nothing is left to read."""
        found = []
        for place, offset in self.positions.items():
            end, read_to = self.end(place), self._read_to(place)
            if offset is not None and end is not None and read_to is not None and read_to >= end:
                found.append((place.topic, place.partition, offset))
        return found

    def _read_to(self, place: TopicPartition) -> int | None:
        """Where reading stands, markers of transactions included; None while Kafka is too far away to say."""
        try:
            read_to: int | None = self._consumer.position(place, timeout_ms=_POLL_MS)
        except RetriableError:  # it asks the broker where the partition's leader may have changed
            return None
        return read_to

    def tell_kafka(self) -> None:
        """Commit the offsets to Kafka too, for lag monitors; nothing here reads them."""
        known = {place: offset for place, offset in self.positions.items() if offset is not None}
        offsets = {place: OffsetAndMetadata(offset, "", -1) for place, offset in known.items()}
        self._consumer.commit_async(offsets)
        for place, offset in known.items():
            if (end := self.end(place)) is not None:
                metrics.lag.labels(place.topic, str(place.partition)).set(max(0, end - offset))

    def take(self, assigned: Iterable[TopicPartition]) -> None:
        """Hold new partitions still until `place` has asked the database."""
        for place in assigned:
            self._consumer.seek(place, 0)  # or the client would look for an offset of its own
            self._consumer.pause(place)
            self._unplaced.add(place)

    def drop(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget partitions that belong to another member now."""
        for place in revoked:
            self.positions.pop(place, None)
            self._unplaced.discard(place)
            metrics.forget_partition(place.topic, place.partition)

    def _report_lost(self, error: OffsetOutOfRangeError) -> None:
        """Retention has passed the stored offset, or the topic was made anew: say so, and go on."""
        offsets: dict[TopicPartition, int] = error.args[0]
        for place, first in self._consumer.beginning_offsets(list(offsets)).items():
            stored = self.positions.get(place)
            metrics.records_lost.labels(topic=place.topic).inc(max(0, first - (stored or 0)))
            log.error(
                "records were deleted before they were consumed; import them again from their source",
                action="records_lost",
                topic=place.topic,
                partition=place.partition,
                stored_offset=stored,
                first_offset=first,
            )
            self._consumer.seek(place, first)


def _consumer(config: KafkaConfig) -> Any:
    """A KafkaConsumer; one that does not come about leaves no thread and no socket behind."""
    clients: list[Any] = []

    def client(**options: Any) -> Any:
        clients.append(KafkaNetClient(**options))
        return clients[-1]

    try:
        return KafkaConsumer(
            bootstrap_servers=list(config.bootstrap_servers),
            group_id=config.group_id,
            enable_auto_commit=False,
            auto_offset_reset="none",  # an offset that is gone is said loudly, never skipped in silence
            isolation_level="read_committed",
            partition_assignment_strategy=[RangePartitionAssignor],
            max_poll_records=config.batch_records,
            metrics_enabled=False,
            reconnect_backoff_max_ms=1000,  # the default of 30 s would outlast most brokers' restarts
            kafka_client=client,
            **config.connection,
            **config.options,
        )
    except KafkaError:
        for made in clients:
            made.close()
        raise


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Kafka's view of a rebalance; runs on its I/O thread, inside `poll`."""

    def __init__(self, membership: Membership, before_release: Callable[[], None]) -> None:
        self._membership = membership
        self._before_release = before_release

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._before_release()
        self._membership.drop(revoked)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._membership.take(assigned)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._membership.drop(lost)
