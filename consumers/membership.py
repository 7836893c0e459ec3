"""One member of the consumer group: what it holds, and where each partition stands in the database."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from time import monotonic, sleep

import structlog
from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import AuthorizationError, OffsetOutOfRangeError, RetriableError

from consumers import metrics
from consumers.beginnings import Beginnings
from consumers.kafka_client import consumer_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import WAITED_FOR, in_words, no_match, not_seen
from consumers.records import Record
from consumers.troubles import Troubles
from consumers.waiting_records import WaitingRecords
from storage import partitions
from storage.engine import Engine, reading, transaction
from storage.partitions import Advance
from storage.paused_topics import EVERY

log = structlog.get_logger()

_POLL_MS = 500
_LOOK_SECONDS = 2.0  # between looks at which topics the broker shows us


class Membership:
    """Polls Kafka from where the database says; belongs to one thread.

    Raises NoKafkaError where Kafka does not answer at the start.
    """

    def __init__(self, engine: Engine, config: KafkaConfig, troubles: Troubles | None = None) -> None:
        self._engine = engine
        self._config = config
        self.troubles = troubles or Troubles(config.cluster)
        self.positions: dict[TopicPartition, int] = {}  # committed next offsets
        self._unplaced: set[TopicPartition] = set()  # held, but not yet sought to their offset
        self._paused: frozenset[str] = frozenset()  # topics, or EVERY
        self.waiting = WaitingRecords()
        self.last_poll: float | None = None  # monotonic seconds
        self._looked = monotonic()  # when it was last seen which topics there are
        self._consumer, self._client = consumer_of(config)
        self._beginnings = Beginnings(config, self._consumer, self._client.cluster)

    def join(self, before_release: Callable[[], None]) -> None:
        """Subscribe; `before_release` is called, on Kafka's thread, before partitions are given back."""
        listener = _Listener(self, before_release)
        if (expression := self._config.subscription.expression) is not None:
            self._consumer.subscribe(pattern=expression, listener=listener)
        else:
            self._consumer.subscribe(list(self._config.topics), listener=listener)

    def leave(self) -> None:
        """Give everything back at once."""
        self._consumer.close(autocommit=False)

    def poll(self, *, at_most_ms: int = _POLL_MS) -> dict[TopicPartition, list[Record]]:
        """Records of the partitions that have been placed; none while Kafka is away or refuses."""
        try:
            polled = self._poll(at_most_ms)
        except WAITED_FOR as error:
            # The client mostly hides a broker's restart, but one that refuses the connection comes through.
            self._trouble(error)
            sleep(at_most_ms / 1000)
            return {}
        self._look()
        self.last_poll = monotonic()
        return {place: run for place, run in polled.items() if place in self.positions}

    def _poll(self, at_most_ms: int) -> dict[TopicPartition, list[Record]]:
        try:
            polled: dict[TopicPartition, list[Record]] = self._consumer.poll(
                timeout_ms=at_most_ms, max_records=self._config.batch_records
            )
        except OffsetOutOfRangeError as error:
            self._pass_over_lost(error.args[0])
            return {}
        return polled

    def _trouble(self, error: BaseException) -> None:
        cause = self._client.failure() if isinstance(error, RetriableError) else None
        self._tell(cause or error)

    def _tell(self, error: BaseException) -> None:
        away = isinstance(error, RetriableError)
        words = in_words(error, self._config)
        self.troubles.tell(words, "kafka_unavailable" if away else "kafka_refused")

    def _look(self) -> None:
        """See whether the brokers can be reached, and which topics they show us."""
        self.troubles.over()
        if (failure := self._client.failure()) is not None:
            self._tell(failure)
        if monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = monotonic()
        subscription, cluster = self._config.subscription, self._client.cluster
        names, patterns = subscription.unmet(cluster.topics())
        if names:
            self.troubles.tell(not_seen(names, self._config), "kafka_refused")
        if patterns:
            self.troubles.tell(no_match(patterns, self._config), "kafka_refused")
        if names or patterns:  # a topic that was created, or a right that was granted, shows at once
            cluster.request_update()

    @property
    def unplaced(self) -> bool:
        """Whether partitions wait for `place`."""
        return bool(self._unplaced)

    def place(self) -> None:
        """Seek newly held partitions to where the database says consumption stands, or begins."""
        if not self._unplaced:
            return
        cluster = self._config.cluster
        with reading(self._engine) as connection:
            stored = partitions.offsets(connection, cluster)
        try:
            starts = self._beginnings.of(self._unplaced, stored)
        except WAITED_FOR as error:
            self._trouble(error)
            return
        if starts:
            with transaction(self._engine) as connection:
                partitions.begin(connection, cluster, starts)
                stored = partitions.offsets(connection, cluster)
        for place in sorted(self._unplaced):
            self._place(place, stored[place.topic, place.partition])
        self._unplaced.clear()

    def _place(self, place: TopicPartition, offset: int) -> None:
        metrics.register_topic(self._config.cluster, place.topic)  # a pattern's topics are known from here on
        self._consumer.seek(place, offset)
        self.positions[place] = offset
        self.waiting.passed(place, offset)
        if not self._stands_still(place):
            self._consumer.resume(place)
        where = {"topic": place.topic, "partition": place.partition, "offset": offset}
        log.info("partition placed", action="partition_placed", **where)

    def forget(self) -> None:
        """After a failed batch: stand still and ask the database again for every partition."""
        self._unplaced.update(self.positions)
        self.positions.clear()
        for place in self._unplaced & self._consumer.assignment():
            self._consumer.pause(place)

    def heed(self, paused: Collection[str]) -> None:
        """Let the partitions of these topics stand still, and the others go on."""
        if self._paused == set(paused):
            return
        self._paused = frozenset(paused)
        log.info("topics that stand still", action="topics_paused", topics=sorted(self._paused))
        for place in self.positions:
            (self._consumer.pause if self._stands_still(place) else self._consumer.resume)(place)

    @property
    def paused(self) -> frozenset[str]:
        """The topics that stand still; EVERY for all."""
        return self._paused

    def _stands_still(self, place: TopicPartition) -> bool:
        return place.topic in self._paused or EVERY in self._paused or self.waiting.stands_still(place)

    def move(self, place: TopicPartition, offset: int) -> None:
        """The database has this offset now."""
        if place in self.positions:
            self.positions[place] = offset
            self.waiting.passed(place, offset)

    def hold(self, place: TopicPartition, offset: int, why: str) -> None:
        """Let a partition wait before a record that cannot be read yet; the others go on."""
        self.waiting.hold(place, offset, why)
        self._consumer.pause(place)
        self._consumer.seek(place, offset)

    def retry(self) -> None:
        """Let partitions go on whose time has come, and say of the others why they wait."""
        for place in self.waiting.due():
            if place in self.positions and not self._stands_still(place):
                self._consumer.resume(place)
        for words in self.waiting.words:
            self.troubles.tell(words, "registry_unavailable")
        metrics.registry_waiting.labels(self._config.cluster).set(len(self.waiting))

    def end(self, place: TopicPartition) -> int | None:
        """The partition's end as the last fetch told it."""
        end: int | None = self._consumer.highwater(place)
        return end

    def at_end(self) -> list[tuple[str, int, int]]:
        """(topic, partition, committed offset) of the partitions of which nothing is left to read."""
        if self.troubles.of_kafka:  # ends that were told before it began may not be the ends now
            return []
        found = []
        for place, offset in self.positions.items():
            if self._stands_still(place):
                continue
            end, read_to = self.end(place), self._read_to(place)
            if end is not None and read_to is not None and read_to >= end:
                found.append((place.topic, place.partition, offset))
        return found

    def _read_to(self, place: TopicPartition) -> int | None:
        """Where reading stands, markers of transactions included; None while Kafka is too far away to say."""
        try:
            read_to: int | None = self._consumer.position(place, timeout_ms=_POLL_MS)
        except (RetriableError, AuthorizationError):  # it may ask the broker who leads the partition now
            return None
        return read_to

    def tell_kafka(self) -> None:
        """Commit the offsets to Kafka too, for lag monitors; nothing here reads them."""
        offsets = {place: OffsetAndMetadata(offset, "", -1) for place, offset in self.positions.items()}
        self._consumer.commit_async(offsets)
        for place, offset in self.positions.items():
            if (end := self.end(place)) is not None:
                gauge = metrics.lag.labels(self._config.cluster, place.topic, str(place.partition))
                gauge.set(max(0, end - offset))

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
            self.waiting.drop(place)
            metrics.forget_partition(self._config.cluster, place.topic, place.partition)

    def _pass_over_lost(self, offsets: dict[TopicPartition, int]) -> None:
        """Retention has passed the stored offset, or the topic was made anew: say so, keep it, and go on."""
        cluster = self._config.cluster
        for place, first in self._consumer.beginning_offsets(list(offsets)).items():
            stored = self.positions.get(place)
            if stored is None:  # not placed any more: whoever places it next meets it again
                continue
            now = datetime.now(UTC)
            move = Advance(place.topic, place.partition, stored, first, None, None, cluster)
            with transaction(self._engine) as connection:
                partitions.lose(connection, move, now)
            lost = max(0, first - stored)
            metrics.records_lost.labels(cluster=cluster, topic=place.topic).inc(lost)
            log.error(
                "records were deleted before they were consumed; import them again from their source",
                action="records_lost",
                cluster=cluster,
                topic=place.topic,
                partition=place.partition,
                stored_offset=stored,
                first_offset=first,
                lost=lost,
            )
            self._consumer.seek(place, first)
            self.move(place, first)


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
