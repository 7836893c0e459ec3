"""Records into Kafka: acknowledged by every replica in sync, or not counted as written."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

import structlog
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from accounts.events import MAX_BYTES
from consumers.kafka_client import WatchedClient, cause_of, producer_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import may_not_write

log = structlog.get_logger()

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Written(NamedTuple):
    """A record on its way: its topic, its key and its value."""

    topic: str
    key: bytes | None
    body: bytes
    timestamp_ms: int | None = None


class Patience(NamedTuple):
    """How long a broker is waited for: in all, to be found, for a topic's whereabouts, for an answer."""

    seconds: float
    bootstrap_ms: int
    block_ms: int
    request_ms: int
    delivery_ms: int


PATIENT = Patience(10.0, 3000, 4000, 4000, 8000)
# For senders that hang up after five seconds, as HubSpot does.
PROMPT = Patience(4.0, 1500, 1500, 2000, 3500)


class NotWrittenError(RuntimeError):
    """Kafka has not taken all records; some may have been. Says why, in words."""


class TooLargeError(NotWrittenError):
    """A record is larger than the topic allows: to try again is of no use."""


class RecordWriter:
    """Shared by threads; connects when there is something to write, and anew after a failure."""

    def __init__(self, config: KafkaConfig, patience: Patience = PATIENT) -> None:
        self._config = config
        self._patience = patience
        self._lock = threading.Lock()
        self._producer: Any = None
        self._client: WatchedClient | None = None
        self._failure: KafkaError | None = None
        self._failed_at = 0.0

    def write(self, records: Sequence[Written]) -> None:
        """Return when every replica in sync has all of them; raises NotWrittenError within a bounded time."""
        deadline = monotonic() + self._patience.seconds
        topic = records[0].topic if records else ""
        producer = client = None
        try:
            producer, client = self._connected(deadline)
            under_way = []
            for record in records:
                topic = record.topic
                sent = producer.send(topic, record.body, record.key, timestamp_ms=record.timestamp_ms)
                under_way.append((topic, sent))
                if monotonic() > deadline:
                    raise KafkaTimeoutError(f"not within {self._patience.seconds:g} s")
            for topic, sent in under_way:  # noqa: B007  (it is told of below)
                sent.get(timeout=max(0.0, deadline - monotonic()))
        except _TOO_LARGE as error:
            raise TooLargeError(f"a record is larger than topic {topic} allows") from error
        except KafkaError as error:
            words = may_not_write(cause_of(error, client, topic), topic, self._config)
            self._drop(producer)
            log.warning("records were not written", action="events_not_written", detail=words)
            raise NotWrittenError(words) from error

    def _connected(self, deadline: float) -> tuple[Any, WatchedClient | None]:
        came = monotonic()
        # While one looks for a broker that is away, others wait no longer than they would themselves.
        if not self._lock.acquire(timeout=max(0.0, deadline - came)):
            raise KafkaTimeoutError(f"not within {self._patience.seconds:g} s")
        try:
            if self._producer is None:
                self._connect(came)
            return self._producer, self._client
        finally:
            self._lock.release()

    def _connect(self, came: float) -> None:
        if self._failure is not None and self._failed_at > came:
            raise self._failure  # somebody has looked while we waited
        try:
            self._producer, self._client = producer_of(self._config, **self._options())
        except KafkaError as error:
            self._failure, self._failed_at = error, monotonic()
            raise

    def _options(self) -> dict[str, int]:
        return {
            "bootstrap_timeout_ms": self._patience.bootstrap_ms,
            "max_block_ms": self._patience.block_ms,
            "request_timeout_ms": self._patience.request_ms,
            "delivery_timeout_ms": self._patience.delivery_ms,
            "linger_ms": 5,
            "max_request_size": 2 * MAX_BYTES,
        }

    def _drop(self, failed: Any) -> None:
        """Let go of a producer that has failed: its state is unsure."""
        with self._lock:
            if failed is None or self._producer is not failed:
                return  # somebody else has, and may have made another
            self._producer = None
        # kafka-python 3.0 flushes first, and raises in place of closing where something is under way.
        failed._sender.force_close()  # noqa: SLF001  (there is no other way in)
        with suppress(KafkaError):
            failed.close(timeout=0)

    def close(self) -> None:
        """Let go of the producer."""
        self._drop(self._producer)
