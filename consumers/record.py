"""What is used of a Kafka record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_MESSAGES = 10_000  # in one record


class Record(Protocol):
    """A record as kafka-python gives it."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(slots=True)
class ClusterRecord:
    """A record of a cluster that has a name: two clusters may have the same topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    cluster: str


def of_cluster(record: Record, cluster: str) -> Record:
    """The record with the name of its cluster, where that has one."""
    if not cluster:
        return record
    return ClusterRecord(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        record.headers,
        cluster,
    )


def cluster_of(record: Record) -> str:
    """The name of a record's cluster, empty for the one that has none."""
    return getattr(record, "cluster", "")
