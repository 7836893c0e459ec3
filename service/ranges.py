"""Records of given offsets, read again from Kafka: no group, no commit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from consumers.kafka_client import reader_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import NoKafkaError, in_words, not_there
from consumers.record import Record, of_cluster
from consumers.subscription import Subscription
from service.failures import Failure
from storage.ranges import Range

_POLL_MS = 1000
_SILENT_POLLS = 30  # a broker that says nothing for so long will not
Start = int | datetime | None


@contextmanager
def reader(config: KafkaConfig, **options: Any) -> Iterator[Any]:
    """A KafkaConsumer that is assigned by hand; what goes wrong with it is a Failure."""
    try:
        consumer, _ = reader_of(config, **options)
    except NoKafkaError as error:
        raise Failure(str(error), 1) from None
    try:
        yield consumer
    except KafkaError as error:
        raise Failure(in_words(error, config), 1) from None
    finally:
        consumer.close(autocommit=False)


def named(consumer: Any, topics: Sequence[str], config: KafkaConfig) -> list[str]:
    """The topics that names and patterns stand for; raises Failure for a pattern that stands for none."""
    subscription = Subscription(topics, config.cluster)
    if not subscription.patterns:
        return list(dict.fromkeys(topics))
    there = sorted(consumer.topics())
    if unmet := subscription.unmet(there)[1]:
        raise Failure(not_there(unmet, there, config), 2)
    found = [topic for topic in there if subscription.covers(topic)]
    return list(dict.fromkeys([*subscription.names, *found]))


def whole(consumer: Any, topics: Sequence[str], config: KafkaConfig) -> list[Range]:
    """All records that topics have now; raises Failure for a topic or a pattern that stands for none."""
    places = []
    for topic in named(consumer, topics, config):
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise Failure(not_there([topic], consumer.topics(), config), 2)
        places += [TopicPartition(topic, partition) for partition in sorted(partitions)]
    ends = consumer.end_offsets(places)
    return [Range(place.topic, place.partition, 0, ends[place], config.cluster) for place in places]


def begun(consumer: Any, ranges: Sequence[Range], start: Start) -> list[Range]:
    """The ranges from an offset or a time on, as far as Kafka still has them; empty ones are left out."""
    there = [range_ for range_ in ranges if consumer.partitions_for_topic(range_.topic)]
    places = {TopicPartition(range_.topic, range_.partition): range_ for range_ in there}
    if not places:
        return []
    first = consumer.beginning_offsets(list(places))
    wanted = _starts(consumer, places, start)
    found = [
        range_._replace(start=max(first[place], wanted[place], range_.start))
        for place, range_ in places.items()
    ]
    return [range_ for range_ in found if range_.start < range_.end]


def _starts(consumer: Any, places: Mapping[Any, Range], start: Start) -> dict[Any, int]:
    if not isinstance(start, datetime):
        return dict.fromkeys(places, start or 0)
    millis = int(start.timestamp() * 1000)
    told = consumer.offsets_for_times(dict.fromkeys(places, millis))
    return {place: told[place].offset if told.get(place) else places[place].end for place in places}


def runs(consumer: Any, ranges: Sequence[Range]) -> Iterator[list[Record]]:
    """The records of these ranges, run by run; raises Failure where Kafka stops sending."""
    places = {TopicPartition(range_.topic, range_.partition): range_ for range_ in ranges}
    if not places:
        return
    consumer.assign(list(places))
    for place, range_ in places.items():
        consumer.seek(place, range_.start)
    silent = 0
    while waiting := [place for place, range_ in places.items() if consumer.position(place) < range_.end]:
        polled = consumer.poll(timeout_ms=_POLL_MS, max_records=5000)
        silent = 0 if polled else silent + 1
        if silent > _SILENT_POLLS:
            raise Failure(f"Kafka sends no more records, {len(waiting)} partitions before their end", 1)
        for place, records in polled.items():
            range_ = places[place]
            if run := [
                of_cluster(record, range_.cluster) for record in records if record.offset < range_.end
            ]:
                yield run
