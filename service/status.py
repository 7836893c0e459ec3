"""What an operator looks at first: clusters, topics, queues, and what wants a person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from kafka import TopicPartition
from kafka.errors import KafkaError

from accounts.weeks import week_of
from consumers.clock import Mode, consumed, never_reached, review_clock
from consumers.kafka_client import reader_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import NoKafkaError, in_words, no_match, not_seen
from storage import dead_letters, deliveries, outbox, partitions, paused_topics, reviews, webhook_endpoints
from storage.engine import Engine, reading
from storage.partitions import Progress
from storage.paused_topics import EVERY, PausedTopic

_PATIENCE_MS = 3000  # for a cluster to answer
_LATE = timedelta(hours=1)  # by which the review clock may be behind before a person should look


class Partition(msgspec.Struct, frozen=True):
    """How far one is consumed; what the broker would tell is empty where it does not answer."""

    topic: str
    partition: int
    next_offset: int | None  # empty: nothing consumed, and nobody has begun
    first_offset: int | None
    end_offset: int | None
    lag: int | None
    seconds_behind: float | None
    paused: bool
    records_lost: int


class Cluster(msgspec.Struct, frozen=True):
    """One cluster; `problem` says in words why it does not answer, or shows no topic."""

    name: str
    bootstrap_servers: Sequence[str]
    problem: str | None
    partitions: list[Partition]


class Status(msgspec.Struct, frozen=True):
    """Everything; `attention` is what wants a person, in words."""

    at: datetime
    clusters: list[Cluster]
    schema_registry: str | None  # why it is of no help, in words
    paused: list[dict[str, Any]]
    review_clock: datetime | None
    review_backlog: int
    dead_letters: Mapping[str, int]
    outbox_waiting: int
    outbox_given_up: int
    deliveries_waiting: Mapping[str, int]
    deliveries_failed: int
    webhook_endpoints_disabled: list[str]
    channels: list[str]  # by which messages go; none: nobody is told of anything
    attention: list[str] = []


Ends = Mapping[TopicPartition, tuple[int, int]]  # first offset and end of each partition


def gather(
    engine: Engine,
    clusters: Sequence[KafkaConfig],
    mode: Mode,
    now: datetime,
    schema_registry: str | None = None,
    channels: Sequence[str] = (),
) -> Status:
    """Ask the brokers and the database; what is wrong with the schema registry is known already."""
    told = [(config, *_ask(config)) for config in clusters]
    subscriptions = [config.subscription for config in clusters]
    with reading(engine) as connection:
        progress = consumed(partitions.progress(connection), subscriptions)
        paused = paused_topics.find(connection)
        clock = review_clock(progress, now, mode, subscriptions)
        depth = outbox.depth(connection)
        status = Status(
            at=now,
            clusters=[_cluster(*one, progress, paused, now) for one in told],
            schema_registry=schema_registry,
            paused=[one._asdict() for one in paused],
            review_clock=clock,
            review_backlog=reviews.backlog(connection, week_of(clock)) if clock else 0,
            dead_letters=dead_letters.count_by_reason(connection),
            outbox_waiting=depth.waiting,
            outbox_given_up=depth.given_up,
            deliveries_waiting={left.channel: left.waiting for left in deliveries.backlog(connection)},
            deliveries_failed=deliveries.count_failed(connection),
            webhook_endpoints_disabled=webhook_endpoints.disabled(connection),
            channels=[
                name for name in channels if name != "webhook" or webhook_endpoints.find(connection, limit=1)
            ],
        )
    missing = never_reached(progress, subscriptions)
    return msgspec.structs.replace(status, attention=list(_attention(status, missing, mode)))


def _ask(config: KafkaConfig) -> tuple[Ends, str | None]:
    """First offset and end of each partition; or what is wrong, in words."""
    try:
        reader, client = reader_of(config, bootstrap_timeout_ms=_PATIENCE_MS, request_timeout_ms=_PATIENCE_MS)
    except NoKafkaError as error:
        return {}, str(error)
    try:
        topics = {topic for topic in reader.topics() if config.subscription.covers(topic)}
        numbers = {topic: client.cluster.partitions_for_topic(topic) or () for topic in topics}
        places = sorted(TopicPartition(topic, number) for topic in topics for number in numbers[topic])
        first = reader.beginning_offsets(places) if places else {}
        ends = reader.end_offsets(places) if places else {}
        return {place: (first[place], ends[place]) for place in places}, _unseen(config, topics)
    except KafkaError as error:
        return {}, in_words(error, config)
    finally:
        reader.close(autocommit=False)


def _unseen(config: KafkaConfig, topics: set[str]) -> str | None:
    names, patterns = config.subscription.unmet(topics)
    told = [not_seen(names, config)] if names else []
    return "; ".join([*told, no_match(patterns, config)] if patterns else told) or None


def _cluster(
    config: KafkaConfig,
    ends: Ends,
    problem: str | None,
    progress: Sequence[Progress],
    paused: Sequence[PausedTopic],
    now: datetime,
) -> Cluster:
    rows = {(row.topic, row.partition): row for row in progress if row.cluster == config.cluster}
    still = {one.topic for one in paused if one.cluster == config.cluster}
    places = sorted({*rows, *((place.topic, place.partition) for place in ends)})
    found = [
        _partition(
            topic,
            number,
            rows.get((topic, number)),
            ends.get(TopicPartition(topic, number)),
            paused=topic in still or EVERY in still,
            now=now,
        )
        for topic, number in places
    ]
    return Cluster(config.cluster, config.bootstrap_servers, problem, found)


def _partition(
    topic: str,
    number: int,
    row: Progress | None,
    ends: tuple[int, int] | None,
    *,
    paused: bool,
    now: datetime,
) -> Partition:
    first, end = ends or (None, None)
    stood = row.next_offset if row else first
    lag = max(0, end - stood) if end is not None and stood is not None else None
    behind = (now - row.moment).total_seconds() if row and row.moment else None
    return Partition(
        topic,
        number,
        row.next_offset if row else None,
        first,
        end,
        lag,
        0.0 if lag == 0 else behind,
        paused,
        row.records_lost if row else 0,
    )


def _attention(status: Status, missing: Sequence[str], mode: Mode) -> Iterator[str]:
    for cluster in status.clusters:
        if cluster.problem:
            yield cluster.problem
        yield from _losses(cluster)
    if status.schema_registry:
        yield f"{status.schema_registry}; what needs a schema that no consumer has seen yet waits"
    told = any(cluster.problem for cluster in status.clusters)
    if missing and not told:
        yield f"nothing of {', '.join(missing)} has ever been consumed: is `turnsignal run` or `consume` up?"
    elif mode == "wall" and not status.paused and not told:
        yield from _late(status)
    if status.dead_letters:
        total = sum(status.dead_letters.values())
        yield f"{total:,} dead letters wait: `turnsignal dead-letters list`"
    if status.outbox_given_up:
        yield f"{status.outbox_given_up:,} alerts told nobody: `turnsignal outbox list`"
    if status.deliveries_failed:
        yield f"{status.deliveries_failed:,} messages reached nobody: `turnsignal deliveries list`"
    for endpoint in status.webhook_endpoints_disabled:
        yield f"webhook endpoint {endpoint} is disabled"


def _losses(cluster: Cluster) -> Iterator[str]:
    named = f"{cluster.name}:" if cluster.name else ""
    for one in cluster.partitions:
        place = f"{named}{one.topic}[{one.partition}]"
        if one.records_lost:
            yield (
                f"{place}: {one.records_lost:,} records were deleted before they were consumed; import them "
                f"again, then `turnsignal offsets acknowledge-loss --topic {one.topic}`"
            )
        if one.next_offset is not None and one.first_offset is not None:
            gone = one.first_offset - one.next_offset
            if gone > 0:
                yield f"{place}: retention has deleted {gone:,} records that were not consumed yet"


def _late(status: Status) -> Iterator[str]:
    if status.review_clock is None:
        yield "no account is judged: partitions wait to be read for the first time"
    elif status.at - status.review_clock > _LATE:
        since = f"{status.review_clock:%Y-%m-%d %H:%M} UTC"
        yield f"accounts are judged only up to {since}: a consumer is down or far behind"
