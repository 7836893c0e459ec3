"""The consumer: poll, read, commit everything in one transaction, go on.

The order of steps, and why nothing is lost or doubled:

1. `poll` brings records of the partitions this member holds.
2. `read` turns them into event rows and dead letters; nothing is written yet.
3. One transaction moves each partition from the offset this member started at to the next one (and fails
   where another member has moved it: a zombie's batch rolls back whole), adds the events that are new, marks
   their accounts as due, and keeps the dead letters.
4. Only then does this member's position move; after any failure it seeks to what the database holds.

While the database works on one batch the next is polled and read; never more than one is in flight.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from operator import length_hint
from time import monotonic

import structlog
from kafka import TopicPartition

from consumers import metrics
from consumers.dead_letter_topic import DeadLetterTopic
from consumers.formats import SourceAway
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import NoKafkaError
from consumers.mapping.mappings import Mappings
from consumers.membership import Membership
from consumers.record import of_cluster
from consumers.records import Readout, Record, contradiction_of, read
from consumers.troubles import Troubles
from storage import intake, partitions, paused_topics
from storage.engine import UNAVAILABLE, Engine, reading, transaction
from storage.intake import Batch, Committed
from storage.partitions import Advance, FencedError
from storage.paused_topics import EVERY

log = structlog.get_logger()

Runs = Mapping[TopicPartition, Sequence[Record]]

_NOTE_SECONDS = 1.0  # how often a member tells how far it has come
_LONGEST_WAIT = 30.0  # seconds between attempts to reach a database that is away


class Consumer:
    """A member of the group and the transaction it runs; `run` holds the calling thread."""

    def __init__(self, engine: Engine, config: KafkaConfig, mappings: Mappings | None = None) -> None:
        self._engine = engine
        self._config = config
        self._mappings = mappings
        self._membership: Membership | None = None
        self._troubles = Troubles(config.cluster)
        self._pending: tuple[Future[Committed], Sequence[Advance]] | None = None
        self._noted = 0.0
        for topic in config.subscription.names:
            metrics.register_topic(config.cluster, topic)
            if mappings is not None and (mapping := mappings.of(topic, config.cluster)) is not None:
                metrics.register_reasons(config.cluster, topic, mapping.reasons)

    @property
    def name(self) -> str:
        """What its part of a process is called."""
        return f"consumer {self._config.cluster}" if self._config.cluster else "consumer"

    def unready(self) -> str | None:
        """Why this consumer is not doing its work; None when it is."""
        if (words := self._troubles.words) is not None:
            return f"{words}; meanwhile no account is judged further"
        member = self._membership
        if member is None or member.last_poll is None:
            return "has not reached Kafka yet" if member is None else "has not joined its group yet"
        if monotonic() - member.last_poll > _LONGEST_WAIT:
            return f"has not polled for {monotonic() - member.last_poll:.0f} s"
        return "waits for the database" if member.unplaced else None

    def note(self) -> str | None:
        """What somebody should know though all works: which topics stand still."""
        paused = self._membership.paused if self._membership else frozenset()
        if not paused:
            return None
        which = "all topics" if EVERY in paused else ", ".join(sorted(paused))
        return f"paused: {which}; no account is judged further until `turnsignal resume`"

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set; the batch in flight is finished first."""
        member = self._membership = self._member(stop)
        if member is None:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as committer:
            letters = DeadLetterTopic(self._config)
            try:
                member.join(self._finish)
                log.info("consuming", action="consumer_started", topics=list(self._config.topics))
                while not stop.is_set():
                    self._turn(member, committer, letters, stop)
                self._last_turn(member)
            finally:
                member.leave()
                letters.close()
                log.info("stopped consuming", action="consumer_stopped")

    def _member(self, stop: threading.Event) -> Membership | None:
        """A member as soon as Kafka answers; None where `stop` comes first."""
        while not stop.is_set():
            try:
                return Membership(self._engine, self._config, self._troubles)
            except NoKafkaError as error:
                self._troubles.over()
                self._troubles.tell(str(error), "kafka_refused" if error.refused else "kafka_unavailable")
                stop.wait(_NOTE_SECONDS)
        return None

    def _turn(
        self,
        member: Membership,
        committer: ThreadPoolExecutor,
        letters: DeadLetterTopic,
        stop: threading.Event,
    ) -> None:
        """One round: poll, read, wait for the batch in flight, hand over the next."""
        try:
            member.retry()
            readout, polled = self._read(member, member.poll())
            self._settle(member)
            member.place()
            # A rebalance inside `poll`, or a batch that failed, may have moved the ground meanwhile.
            if not polled or not polled.keys() <= member.positions.keys():
                self._note(member)
                return
            letters.send(readout.dead_letters)
            advances = [self._advance(member, place, run) for place, run in polled.items()]
            mapped = self._mappings.mapped(readout) if self._mappings else None
            letter_of = contradiction_of(readout)
            batch = Batch(readout.events, advances, readout.dead_letters, letter_of, mapped)
            self._pending = committer.submit(self._commit, batch, readout, polled), advances
            self._note(member)
        except FencedError as error:
            metrics.fenced.inc()
            log.warning("another member has moved on", action="batch_fenced", detail=str(error))
            member.forget()
        except UNAVAILABLE as error:
            log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
            member.forget()
            self._wait_for_database(member, stop)

    def _read(self, member: Membership, polled: Runs) -> tuple[Readout, Runs]:
        """What the records say, and which records these are.

        Where a schema registry is away, a partition waits before the first record that needs it.
        """
        while True:
            records = [of_cluster(record, self._config.cluster) for run in polled.values() for record in run]
            rest = iter(records)
            try:
                return read(rest, self._mappings), polled
            except SourceAway as error:
                record = records[len(records) - length_hint(rest) - 1]
                place = TopicPartition(record.topic, record.partition)
                member.hold(place, record.offset, str(error))
                before = [each for each in polled[place] if each.offset < record.offset]
                others = {other: run for other, run in polled.items() if other != place}
                polled = {**others, place: before} if before else others

    def _settle(self, member: Membership) -> None:
        """Wait for the batch in flight and move this member's positions; raises what its commit raised."""
        if self._pending is None:
            return
        (future, advances), self._pending = self._pending, None
        future.result()
        for move in advances:
            member.move(TopicPartition(move.topic, move.partition), move.next_offset)

    def _finish(self) -> None:
        """Before partitions go to another member: let the batch in flight end, so that it is not repeated."""
        if self._pending is not None:
            self._pending[0].exception()  # only waits; a failure is met in `_settle`

    def _last_turn(self, member: Membership) -> None:
        try:
            self._settle(member)
            member.tell_kafka()
        except (FencedError, *UNAVAILABLE) as error:
            log.warning("the last batch will be read again", action="batch_abandoned", detail=str(error))

    def _note(self, member: Membership) -> None:
        """Once in a while: tell how far this member has come, and see which topics are to stand still."""
        if monotonic() - self._noted < _NOTE_SECONDS:
            return
        self._noted = monotonic()
        member.tell_kafka()
        if self._pending is None and (places := member.at_end()):
            with transaction(self._engine) as connection:
                partitions.caught_up(connection, datetime.now(UTC), self._config.cluster, places)
        with reading(self._engine) as connection:
            paused = paused_topics.find(connection, self._config.cluster)
        member.heed({one.topic for one in paused})

    def _wait_for_database(self, member: Membership, stop: threading.Event) -> None:
        """Stay a member of the group, reading nothing, until the database answers."""
        wait = 0.5
        while not stop.is_set():
            deadline = monotonic() + wait
            while monotonic() < deadline and not stop.is_set():
                member.poll(at_most_ms=round(1000 * min(wait, 1.0)))
            try:
                with reading(self._engine) as connection:
                    partitions.offsets(connection, self._config.cluster)
            except UNAVAILABLE:
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                log.info("the database is back", action="database_available")
                return

    def _advance(self, member: Membership, place: TopicPartition, run: Sequence[Record]) -> Advance:
        following = run[-1].offset + 1
        now = datetime.now(UTC)
        # A producer's clock may run ahead, by any length of time: what lies ahead of now counts as now.
        newest = min(max(record.timestamp for record in run) / 1000, now.timestamp())
        end = member.end(place)
        return Advance(
            place.topic,
            place.partition,
            member.positions[place],
            following,
            datetime.fromtimestamp(newest, UTC) if newest > 0 else None,
            now if end is not None and following >= end else None,
            self._config.cluster,
        )

    def _commit(
        self, batch: Batch, readout: Readout, polled: Mapping[TopicPartition, Sequence[Record]]
    ) -> Committed:
        """In the committer's thread: the transaction, then what is counted of it."""
        begun = monotonic()
        committed = intake.commit(self._engine, batch, datetime.now(UTC))
        metrics.batch_seconds.observe(monotonic() - begun)
        metrics.count(self._config.cluster, readout.types)
        metrics.count_ignored(self._config.cluster, readout.ignored)
        _count(committed, readout, polled)
        return committed


def _count(committed: Committed, readout: Readout, polled: Mapping[TopicPartition, Sequence[Record]]) -> None:
    outcome = committed.outcome
    metrics.batch_records.observe(sum(len(run) for run in polled.values()))
    oldest = min(record.timestamp for run in polled.values() for record in run)
    metrics.event_to_commit.observe(max(0.0, datetime.now(UTC).timestamp() - oldest / 1000))
    metrics.repeated.inc(readout.repeated + outcome.repeated)
    for letter in (*readout.dead_letters, *committed.letters):
        metrics.dead_letters.labels(reason=letter.reason).inc()
    metrics.dead_letters.labels(reason="conflicting_duplicate").inc(len(outcome.conflicting))
    if count := len(readout.dead_letters) + len(committed.letters) + len(outcome.conflicting):
        log.warning("records could not be read", action="dead_letters_kept", count=count)
