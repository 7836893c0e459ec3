"""Events straight from Kafka's topics, for looking back: no group, no commit, nothing written."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from accounts.events import Unreadable
from consumers.records import Record, bodies_of
from service.failures import Failure

_POLL_MS = 1000
_SILENT_POLLS = 30  # a broker that says nothing for so long will not


def bodies(servers: Sequence[str], topics: Sequence[str], start: int | datetime | None) -> Iterator[bytes]:
    """The events of each record from `start` to the topics' present end.

    `start` is an offset, a time, or None for the beginning. Raises Failure for a topic or broker that is
    not there.
    """
    try:
        consumer: Any = KafkaConsumer(
            bootstrap_servers=list(servers), enable_auto_commit=False, isolation_level="read_committed"
        )
    except KafkaError as error:
        raise Failure(f"no Kafka at {', '.join(servers)}: {error}", 1) from None
    try:
        yield from _read(consumer, topics, start)
    except KafkaError as error:
        raise Failure(f"Kafka at {', '.join(servers)}: {error}", 1) from None
    finally:
        consumer.close(autocommit=False)


def _read(consumer: Any, topics: Sequence[str], start: int | datetime | None) -> Iterator[bytes]:
    places = _places(consumer, topics)
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


def _places(consumer: Any, topics: Sequence[str]) -> list[Any]:
    found = []
    for topic in topics:
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise Failure(f"there is no topic {topic!r} on this broker", 2)
        found += [TopicPartition(topic, partition) for partition in sorted(partitions)]
    return found


def _seek(consumer: Any, places: list[Any], ends: dict[Any, int], start: int | datetime | None) -> None:
    if isinstance(start, datetime):
        millis = int(start.timestamp() * 1000)
        told = consumer.offsets_for_times(dict.fromkeys(places, millis))
        for place in places:
            consumer.seek(place, told[place].offset if told.get(place) else ends[place])
        return
    first = consumer.beginning_offsets(places)
    for place in places:
        wanted = first[place] if start is None else start
        consumer.seek(place, min(max(wanted, first[place]), ends[place]))
