"""Events straight from Kafka's topics, for looking back: no group, no commit, nothing written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from accounts.events import Unreadable
from consumers.beginnings import offsets_at
from consumers.kafka_client import reader_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import NoKafkaError, in_words, not_seen
from consumers.records import Record, bodies_of
from service.failures import Failure

_POLL_MS = 1000
_SILENT_POLLS = 30  # a broker that says nothing for so long will not


def bodies(config: KafkaConfig, topics: Sequence[str], start: int | datetime | None) -> Iterator[bytes]:
    """The events of each record from `start` to the topics' present end.

    `start` is an offset, a time, or None for the beginning. Raises Failure for a topic or broker that is
    not there, or that may not be read.
    """
    try:
        consumer, _ = reader_of(config)
    except NoKafkaError as error:
        raise Failure(str(error), 1) from None
    try:
        yield from _read(consumer, _places(consumer, topics, config), start)
    except KafkaError as error:
        raise Failure(in_words(error, config), 1) from None
    finally:
        consumer.close(autocommit=False)


def _read(consumer: Any, places: list[Any], start: int | datetime | None) -> Iterator[bytes]:
    if not places:
        return
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    _seek(consumer, places, ends, start)
    open_places = {place for place in places if consumer.position(place) < ends[place]}
    silent = 0
    while open_places:
        polled = consumer.poll(timeout_ms=_POLL_MS)
        silent = 0 if polled else silent + 1
        if silent > _SILENT_POLLS:
            raise Failure(f"Kafka sends no more records, {len(open_places)} partitions before their end", 1)
        for place, records in polled.items():
            for record in records:
                if record.offset < ends[place]:
                    yield from _bodies(record)
        open_places = {place for place in open_places if consumer.position(place) < ends[place]}


def _bodies(record: Record) -> Sequence[bytes]:
    """The events of a record; what cannot be taken apart is left to whoever decodes it."""
    try:
        return bodies_of(record)
    except Unreadable:
        return (record.value or b"",)


def _places(consumer: Any, topics: Sequence[str], config: KafkaConfig) -> list[Any]:
    found = []
    for topic in topics:
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise Failure(not_seen([topic], config), 2)
        found += [TopicPartition(topic, partition) for partition in sorted(partitions)]
    return found


def _seek(consumer: Any, places: list[Any], ends: Mapping[Any, int], start: int | datetime | None) -> None:
    first = offsets_at(consumer, places, "earliest")
    if isinstance(start, datetime):
        wanted = offsets_at(consumer, places, start)
    else:
        wanted = first if start is None else dict.fromkeys(places, start)
    for place in places:
        consumer.seek(place, min(max(wanted[place], first[place]), ends[place]))
