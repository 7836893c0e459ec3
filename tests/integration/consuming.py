"""What tests of the consuming side share: events, a producer, a consumer that runs until the end."""

import json
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from consumers.mapping.mappings import Mappings
from service.past import Source, Start, records_of
from storage.engine import Engine, reading
from tests.parts.process import wait_until

START = datetime(2024, 1, 1, tzinfo=UTC)
OPTIONS = {"session_timeout_ms": 1500, "heartbeat_interval_ms": 300}

Value = bytes | None


def talk(number: int, account: str = "acme", week: int = 0, **changes: Any) -> dict[str, Any]:
    """An interaction in a week after START."""
    return {
        "specversion": "1.0",
        "type": "crm.interaction.logged",
        "source": "crm.example",
        "id": f"{account}-{number}",
        "subject": account,
        "time": (START + timedelta(weeks=week, minutes=number)).isoformat(),
        "data": {
            "channel": "call",
            "direction": "inbound",
            "participants": [{"id": "p1", "title": "Design Engineer"}],
            "topics": ["technical"],
        },
    } | changes


def body(event: Mapping[str, Any]) -> bytes:
    """The event as a record's value."""
    return json.dumps(event).encode()


def send(bootstrap: str, topic: str, records: Iterable[tuple[Value, list[tuple[str, bytes]]]]) -> None:
    """Send (value, headers) to partition 0, in order."""
    with warnings.catch_warnings():
        from kafka import KafkaProducer  # noqa: PLC0415  (it warns before pytest knows which to expect)
    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=8_000_000)
    try:
        for value, headers in records:
            producer.send(topic, key=b"acme", value=value, headers=headers, partition=0)
        producer.flush()
    finally:
        producer.close()


def values(kafka: KafkaConfig, topics: list[str], start: Start = None) -> list[Value]:
    """The values of all records that topics have now."""
    runs = records_of(Source(kafka, topics), start, lambda *_: None)
    return [record.value for run in runs for record in run]


def config(bootstrap: str, topic: str, **changes: Any) -> KafkaConfig:
    """A group of its own for the topic."""
    return KafkaConfig([bootstrap], [topic], **{"group_id": topic, "options": OPTIONS} | changes)


@contextmanager
def running(consumer: Consumer) -> Iterator[threading.Event]:
    """The consumer in a thread; what it raises sets the event at once, and is raised at the end."""
    stop, failures = threading.Event(), []

    def run() -> None:
        try:
            consumer.run(stop)
        except BaseException as error:  # noqa: BLE001  (raised again below)
            failures.append(error)
            stop.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)
        if failures:  # rather than that the test waited in vain
            raise failures[0]
    assert not thread.is_alive()


def offset(engine: Engine) -> int:
    """The sum of all next offsets."""
    return int(one(engine, "SELECT coalesce(sum(next_offset), 0) FROM partitions"))


def one(engine: Engine, query: str) -> Any:
    """A single value."""
    with reading(engine) as connection:
        return connection.execute(sa.text(query)).scalar_one()


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """All rows."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def consume(
    engine: Engine, kafka: KafkaConfig, until: int, seconds: float = 20, mappings: Mappings | None = None
) -> None:
    """Consume until this many records have been taken in, or the consumer has failed."""
    done = reached(engine, until)
    with running(Consumer(engine, kafka, mappings)) as stop:
        wait_until(lambda: stop.is_set() or done(), seconds, f"offset {until}")


def reached(engine: Engine, until: int) -> Callable[[], bool]:
    """Whether consumption has come so far."""
    return lambda: offset(engine) >= until
