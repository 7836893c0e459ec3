"""Plays a portfolio's events through Kafka, week by week, no faster than the reviews can follow."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from accounts.weeks import start_of, week_of
from service.simulation import Event

TOPICS = ("crm.events", "order.events")
_PARTITIONS = 2
_KEPT = {"retention.ms": "-1"}  # records carry the time they tell of, which is older than any usual retention
_PATIENCE_SECONDS = 60.0


class StalledError(RuntimeError):
    """The service does not follow the events that are played to it."""


def create_topics(bootstrap: str) -> None:
    """Make the topics of a fresh broker."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics([NewTopic(topic, _PARTITIONS, 1, topic_configs=_KEPT) for topic in TOPICS])
    finally:
        admin.close()


def play(
    bootstrap: str,
    events: Iterable[Event],
    *,
    on_week: Callable[[datetime, int], None],
    stop: threading.Event,
) -> int:
    """Send every event with its own time as record timestamp; returns how many.

    `on_week` is called after each week with its end and the number sent so far; it may hold the play back.
    """
    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    sent = 0
    try:
        for week, run in _by_week(events):
            for event in run:
                _send(producer, event)
                sent += 1
            producer.flush(timeout=_PATIENCE_SECONDS)
            on_week(start_of(week + 1), sent)
            if stop.is_set():
                break
    finally:
        producer.close()
    return sent


def _by_week(events: Iterable[Event]) -> Iterator[tuple[int, Iterator[Event]]]:
    return groupby(events, key=lambda event: week_of(datetime.fromisoformat(event["time"])))


def _send(producer: Any, event: Event) -> None:
    topic = TOPICS[1] if event["type"].startswith("order.") else TOPICS[0]
    at = datetime.fromisoformat(event["time"])
    producer.send(
        topic,
        key=event["subject"].encode(),
        value=json.dumps(event, ensure_ascii=False).encode(),
        timestamp_ms=round(at.timestamp() * 1000),
    )
