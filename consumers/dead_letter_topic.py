"""Dead letters on a topic of their own, for those who watch Kafka rather than the database."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer

from consumers.membership import KafkaConfig
from storage.dead_letters import DeadLetter

_FLUSH_SECONDS = 30


class DeadLetterTopic:
    """Sends dead letters before their batch is committed: at least once. Without a producer, does nothing."""

    def __init__(self, topic: str, producer: Any) -> None:
        self._topic = topic
        self._producer = producer

    @classmethod
    def of(cls, config: KafkaConfig) -> "DeadLetterTopic":
        """The topic that the configuration names, if any."""
        if config.dead_letter_topic is None:
            return cls("", None)
        producer = KafkaProducer(
            bootstrap_servers=list(config.bootstrap_servers), acks="all", **config.connection
        )
        return cls(config.dead_letter_topic, producer)

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send and wait until the broker has them; raises KafkaError where it does not."""
        if self._producer is None or not letters:
            return
        sent = [
            self._producer.send(self._topic, key=letter.key, value=letter.value, headers=_headers(letter))
            for letter in letters
        ]
        self._producer.flush(timeout=_FLUSH_SECONDS)
        for future in sent:
            future.get(timeout=_FLUSH_SECONDS)

    def close(self) -> None:
        """Release the connection."""
        if self._producer is not None:
            self._producer.close()


def _headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    where = f"{letter.topic}[{letter.partition}]@{letter.offset}"
    kept = [(name, value or b"") for name, value in letter.headers]
    return [
        *kept,
        ("turnsignal_reason", letter.reason.encode()),
        ("turnsignal_detail", letter.detail.encode("utf-8", "replace")),
        ("turnsignal_from", where.encode()),
    ]
