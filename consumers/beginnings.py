"""Where consumption of a partition begins of which nothing has been consumed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from kafka import TopicPartition

from consumers.kafka_config import KafkaConfig, Start

Place = tuple[str, int]


class Beginnings:
    """Decides for all partitions of a topic at once, so that one that comes later is known as such.

    `start` is for the topics that are there when consumption begins. What comes into being while we run, a
    partition or a topic that a pattern means, is read from its first record: nobody has chosen to leave out
    what was written before it was noticed.
    """

    def __init__(self, config: KafkaConfig, consumer: Any, cluster: Any) -> None:
        self._start = config.start
        self._consumer = consumer
        self._cluster = cluster
        self._there: set[str] | None = None  # the topics that consumption began with

    def of(self, places: Iterable[TopicPartition], stored: Collection[Place]) -> dict[Place, int]:
        """The first offsets, of all partitions of the topics that these places belong to."""
        if self._there is None:
            self._there = set(self._cluster.topics())
        begun = {topic for topic, _ in stored}
        unknown = {place.topic for place in places if (place.topic, place.partition) not in stored}
        missing = {
            place
            for topic in unknown
            for place in self._partitions(topic, places)
            if (place.topic, place.partition) not in stored
        }
        chosen = {place for place in missing if place.topic not in begun and place.topic in self._there}
        found = {
            **offsets_at(self._consumer, chosen, self._start),
            **offsets_at(self._consumer, missing - chosen, "earliest"),
        }
        return {(place.topic, place.partition): offset for place, offset in found.items()}

    def _partitions(self, topic: str, places: Iterable[TopicPartition]) -> set[TopicPartition]:
        numbers = self._cluster.partitions_for_topic(topic) or ()
        return {TopicPartition(topic, number) for number in numbers} | {
            place for place in places if place.topic == topic
        }


def offsets_at(
    consumer: Any, places: Collection[TopicPartition], start: Start
) -> Mapping[TopicPartition, int]:
    """The offset of each partition's first record from `start` on; its end where there is none."""
    if not places:
        return {}
    listed = sorted(places)
    if start == "earliest":
        first: Mapping[TopicPartition, int] = consumer.beginning_offsets(listed)
        return first
    ends: Mapping[TopicPartition, int] = consumer.end_offsets(listed)
    if not isinstance(start, datetime):
        return ends
    told = consumer.offsets_for_times(dict.fromkeys(listed, int(start.timestamp() * 1000)))
    return {place: told[place].offset if told.get(place) else ends[place] for place in listed}
