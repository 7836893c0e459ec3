"""Letting consumption go on from somewhere else, while no member of the group is at work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from kafka import TopicPartition
from kafka.errors import KafkaError

from consumers.beginnings import offsets_at
from consumers.kafka_client import reader_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import NoKafkaError, in_words, not_seen
from service.failures import Failure
from service.members import hosts_of
from storage import partitions
from storage.engine import Engine, transaction

Target = Literal["earliest", "latest"] | datetime | int


def put(
    engine: Engine, config: KafkaConfig, topic: str, to: Target, partition: int | None = None
) -> Mapping[int, int]:
    """Set the stored offsets of a topic's partitions; returns them. Raises Failure that says why not.

    A member that joins meanwhile and still knows the old offset is fenced: its batch rolls back whole.
    """
    if not config.subscription.covers(topic):
        raise Failure(f"topic {topic!r} is not consumed; kafka.topics are {', '.join(config.topics)}", 2)
    try:
        _refuse_members(config)
        chosen = _chosen(config, topic, to, partition)
    except NoKafkaError as error:
        raise Failure(str(error), 3) from None
    except KafkaError as error:
        raise Failure(in_words(error, config), 3) from None
    with transaction(engine) as connection:
        partitions.put(connection, config.cluster, topic, chosen)
    return chosen


def _refuse_members(config: KafkaConfig) -> None:
    if hosts := hosts_of(config):
        raise Failure(
            f"group {config.group_id} has {len(hosts)} active members"
            f" (from {', '.join(sorted(set(hosts)))}): stop every `turnsignal run` and `consume` first",
            1,
        )


def _chosen(config: KafkaConfig, topic: str, to: Target, partition: int | None) -> dict[int, int]:
    reader, _ = reader_of(config)
    try:
        numbers = reader.partitions_for_topic(topic)
        if not numbers:
            raise Failure(not_seen([topic], config), 2)
        if partition is not None and partition not in numbers:
            raise Failure(f"topic {topic} has the partitions 0 to {max(numbers)}, not {partition}", 2)
        wanted = sorted(numbers) if partition is None else [partition]
        places = [TopicPartition(topic, number) for number in wanted]
        if isinstance(to, int):
            return {place.partition: _within(reader, place, to) for place in places}
        return {place.partition: offset for place, offset in offsets_at(reader, places, to).items()}
    finally:
        reader.close(autocommit=False)


def _within(reader: Any, place: TopicPartition, offset: int) -> int:
    """An offset that the partition has, or its end."""
    first, end = reader.beginning_offsets([place])[place], reader.end_offsets([place])[place]
    if not first <= offset <= end:
        raise Failure(
            f"{place.topic}[{place.partition}] has the offsets {first} to {end}, not {offset}; "
            "give --partition where each has its own",
            2,
        )
    return offset
