"""Topics that nobody has described: what is there, and records of each. No group, nothing committed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import in_words, not_there
from consumers.record import Record
from consumers.subscription import Subscription

_AT_ONCE = 8  # topics that are read together
_PLACES = 3  # of a partition: start, middle, end
_MOST_PARTITIONS = 24  # of a topic that are read
_MOST_BYTES = 8 << 20  # of a topic
_POLL_MS = 500
_SILENT_POLLS = 6
# What Kafka, Connect, registries and stream programs keep for themselves.
_INTERNAL = re.compile(
    r"__|_schemas\Z|_confluent|.*(?:^|[-_.])connect[-_.](?:configs?|offsets?|status(?:es)?)\Z"
    r"|.*-(?:changelog|repartition)\Z|strimzi"
)


class Surveyed(NamedTuple):
    """A topic as it is now, and samples of it."""

    topic: str
    partitions: int
    records: int  # by offsets: what compaction and transactions have taken counts too
    samples: Sequence[Record]
    problem: str = ""  # why it could not be read
    gone: bool = False  # it held records, and retention has taken them all

    @property
    def oldest(self) -> int | None:
        """When the first record was written, in milliseconds; of the partitions that were read."""
        return min((record.timestamp for record in self.samples), default=None)

    @property
    def newest(self) -> int | None:
        """The same of the last record."""
        return max((record.timestamp for record in self.samples), default=None)


def topics_of(
    consumer: Any, config: KafkaConfig, wanted: Sequence[str], *, internal: bool
) -> tuple[list[str], list[Surveyed]]:
    """The topics that are meant, all where none is named, and those that are named and not seen."""
    seen = sorted(consumer.topics())
    if not wanted:
        return [topic for topic in seen if internal or not is_internal(topic)], []
    subscription = Subscription(tuple(wanted))
    named = set(subscription.names)
    found = [
        topic
        for topic in seen
        if topic in named or (subscription.covers(topic) and (internal or not is_internal(topic)))
    ]
    missing = [name for name in subscription.names if name not in seen]
    empty = [name for name in subscription.patterns if Subscription((name,)).unmet(found)[1]]
    return found, [Surveyed(name, 0, 0, (), not_there([name], seen, config)) for name in (*missing, *empty)]


def is_internal(topic: str) -> bool:
    """Whether a topic is no business data but what a program keeps for itself."""
    return _INTERNAL.match(topic) is not None


def survey(
    consumer: Any, config: KafkaConfig, topics: Sequence[str], limit: int, done: Callable[[str], None]
) -> Iterator[Surveyed]:
    """Each topic with at most `limit` records of its partitions' starts, middles and ends."""
    for start in range(0, len(topics), _AT_ONCE):
        several = topics[start : start + _AT_ONCE]
        yield from _some(consumer, config, several, limit)
        for topic in several:
            done(topic)


def _some(consumer: Any, config: KafkaConfig, topics: Sequence[str], limit: int) -> list[Surveyed]:
    refused: dict[str, str] = {}
    while True:
        allowed = [topic for topic in topics if topic not in refused]
        try:
            found = _read(consumer, allowed, limit) if allowed else {}
            break
        except TopicAuthorizationFailedError as error:
            names = error.args[0] if error.args else ()
            named = {names} if isinstance(names, str) else set(map(str, names))
            more = named & set(allowed) or set(allowed)
            refused |= {topic: in_words(TopicAuthorizationFailedError({topic}), config) for topic in more}
    return [found[topic] if topic in found else Surveyed(topic, 0, 0, (), refused[topic]) for topic in topics]


def _read(consumer: Any, topics: Sequence[str], limit: int) -> dict[str, Surveyed]:
    places = {
        topic: [
            TopicPartition(topic, partition)
            for partition in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        for topic in topics
    }
    every = [place for several in places.values() for place in several]
    first = consumer.beginning_offsets(every) if every else {}
    end = consumer.end_offsets(every) if every else {}
    spots: dict[Any, list[range]] = {}
    for several in places.values():
        chosen = _spread([place for place in several if end[place] > first[place]])
        for place in chosen:
            spots[place] = _spots(range(first[place], end[place]), max(limit // len(chosen), _PLACES))
    samples: dict[str, list[Record]] = {topic: [] for topic in topics}
    for number in range(_PLACES):
        _round(consumer, {p: found[number] for p, found in spots.items() if number < len(found)}, samples)
    return {topic: _surveyed(topic, several, first, end, samples[topic]) for topic, several in places.items()}


def _surveyed(
    topic: str, places: Sequence[Any], first: Mapping[Any, int], end: Mapping[Any, int], samples: list[Record]
) -> Surveyed:
    records = sum(end[place] - first[place] for place in places)
    gone = not records and any(end[place] for place in places)
    return Surveyed(topic, len(places), records, samples, gone=gone)


def _spread(places: Sequence[Any]) -> Sequence[Any]:
    """At most so many partitions, from the first to the last."""
    if len(places) <= _MOST_PARTITIONS:
        return places
    step = (len(places) - 1) / (_MOST_PARTITIONS - 1)
    return [places[round(number * step)] for number in range(_MOST_PARTITIONS)]


def _spots(offsets: range, limit: int) -> list[range]:
    """Where to read a partition: all of it, or its start, middle and end."""
    if len(offsets) <= limit:
        return [offsets]
    each = max(limit // _PLACES, 1)
    middle = offsets.start + (len(offsets) - each) // 2
    return [
        range(offsets.start, offsets.start + each),
        range(middle, middle + each),
        range(offsets.stop - each, offsets.stop),
    ]


def _round(consumer: Any, spots: Mapping[Any, range], samples: dict[str, list[Record]]) -> None:
    """Add the records of one range of each partition."""
    if not spots:
        return
    consumer.assign(list(spots))
    consumer.resume(*spots)  # an attempt that was refused may have left some paused
    for place, offsets in spots.items():
        consumer.seek(place, offsets.start)
    size: dict[str, int] = {}
    waiting, silent = set(spots), 0
    # A transaction that is open, or a slow broker: what has come by then is enough.
    while waiting and silent < _SILENT_POLLS:
        polled = consumer.poll(timeout_ms=_POLL_MS, max_records=5000)
        silent = 0 if polled else silent + 1
        for place, records in polled.items():
            for record in records:
                if place in waiting and record.offset < spots[place].stop:
                    samples[place.topic].append(record)
                    size[place.topic] = size.get(place.topic, 0) + len(record.value or b"")
        over = {
            place
            for place in waiting
            if consumer.position(place) >= spots[place].stop
            or size.get(place.topic, 0) > _MOST_BYTES // _PLACES
        }
        if over:
            waiting -= over
            consumer.pause(*over)
