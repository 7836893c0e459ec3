"""Events into Kafka: acknowledged by every replica in sync, or not counted as written."""

import threading
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from time import monotonic
from typing import Any, NamedTuple

import structlog
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from accounts.events import MAX_BYTES, Event, type_of
from consumers.kafka_client import WatchedClient, cause_of, producer_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import may_not_write

log = structlog.get_logger()

_SECONDS = 10.0  # for all of a batch to be acknowledged
_OPTIONS = {
    "bootstrap_timeout_ms": 3000,
    "max_block_ms": 4000,
    "request_timeout_ms": 4000,
    "delivery_timeout_ms": 8000,
    "linger_ms": 5,
    "max_request_size": 2 * MAX_BYTES,
}
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Written(NamedTuple):
    """An event on its way: its topic, its key (the account), and its structured form."""

    topic: str
    key: bytes
    body: bytes
    timestamp_ms: int | None = None


class NotWrittenError(RuntimeError):
    """Kafka has not taken all events; some may have been. Says why, in words."""


class TooLargeError(NotWrittenError):
    """An event is larger than the topic allows: to try again is of no use."""


class NoTopicError(ValueError):
    """No topic is set for an event's type."""


class MappedTopicError(ValueError):
    """The topic of an event's type holds records of another system."""


class EventWriter:
    """Shared by threads; connects when there is something to write, and anew after a failure."""

    def __init__(
        self, config: KafkaConfig, topics: Mapping[str, str], refused: Mapping[str, str] | None = None
    ) -> None:
        """`topics` by types; `refused` are those that nothing may be written to, and why."""
        self._config = config
        self._topics = topics
        self.refused = refused or {}
        self._lock = threading.Lock()
        self._producer: Any = None
        self._client: WatchedClient | None = None

    def addressed(self, event: Event, body: bytes, timestamp_ms: int | None = None) -> Written:
        """An event with its topic; raises NoTopicError or MappedTopicError."""
        kind = type_of(event)
        for pattern, topic in self._topics.items():
            if fnmatchcase(kind, pattern):
                if topic in self.refused:
                    raise MappedTopicError(self.refused[topic])
                return Written(topic, event.subject.encode(), body, timestamp_ms)
        raise NoTopicError(f"no topic is set for {kind}: add it to kafka.write_topics")

    def write(self, events: Sequence[Written]) -> None:
        """Return when every replica in sync has all of them; raises NotWrittenError within a bounded time."""
        deadline = monotonic() + _SECONDS
        topic = ""
        try:
            producer = self._connected()
            under_way = []
            for event in events:
                topic = event.topic
                sent = producer.send(topic, event.body, event.key, timestamp_ms=event.timestamp_ms)
                under_way.append((topic, sent))
                if monotonic() > deadline:
                    raise KafkaTimeoutError(f"not within {_SECONDS:g} s")
            for topic, sent in under_way:  # noqa: B007  (it is told of below)
                sent.get(timeout=max(0.0, deadline - monotonic()))
        except _TOO_LARGE as error:
            raise TooLargeError(f"an event is larger than topic {topic} allows") from error
        except KafkaError as error:
            words = may_not_write(cause_of(error, self._client, topic), topic, self._config)
            self.close()
            log.warning("events were not written", action="events_not_written", detail=words)
            raise NotWrittenError(words) from error

    def _connected(self) -> Any:
        with self._lock:
            if self._producer is None:
                self._producer, self._client = producer_of(self._config, **_OPTIONS)
            return self._producer

    def close(self) -> None:
        """Let go of the producer; after a failure its state is unsure."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=0)
