"""What is used of a Kafka record."""

from collections.abc import Sequence
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
