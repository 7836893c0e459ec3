"""Events into Kafka, each by its type."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from accounts.events import Event, type_of
from consumers.kafka_config import KafkaConfig
from consumers.record_writer import RecordWriter, Written


class NoTopicError(ValueError):
    """No topic is set for an event's type."""


class MappedTopicError(ValueError):
    """The topic of an event's type holds records of another system."""


class EventWriter(RecordWriter):
    """Writes events to the topics of their types, with the account as key."""

    def __init__(
        self, config: KafkaConfig, topics: Mapping[str, str], refused: Mapping[str, str] | None = None
    ) -> None:
        """`topics` by types; `refused` are those that nothing may be written to, and why."""
        super().__init__(config)
        self._topics = topics
        self.refused = refused or {}

    def addressed(self, event: Event, body: bytes, timestamp_ms: int | None = None) -> Written:
        """An event with its topic; raises NoTopicError or MappedTopicError."""
        kind = type_of(event)
        for pattern, topic in self._topics.items():
            if fnmatchcase(kind, pattern):
                if topic in self.refused:
                    raise MappedTopicError(self.refused[topic])
                return Written(topic, event.subject.encode(), body, timestamp_ms)
        raise NoTopicError(f"no topic is set for {kind}: add it to kafka.write_topics")
