"""Dead letters on a topic of their own, for those who watch Kafka rather than the database."""

from collections.abc import Sequence
from typing import Any

import structlog
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from consumers.kafka_client import WatchedClient, cause_of, producer_of
from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import may_not_write
from storage.dead_letters import DeadLetter

log = structlog.get_logger()

_TOPIC_SECONDS = 5  # to find the topic; the consumer waits, and must not look dead meanwhile
_SEND_SECONDS = 30
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)  # told by the client and by the broker


class DeadLetterTopic:
    """Copies dead letters before their batch is committed. Does nothing where no topic is configured.

    The database keeps every letter: a topic that is missing, away or too narrow is said in the log, and stops
    nothing.
    """

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._topic = config.dead_letter_topic or ""
        self._client: WatchedClient | None = None
        self._producer: Any = None  # from the first letter on: most clusters never see one

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send and wait until the broker has them; one that is too large goes without its content."""
        if not self._topic or not letters:
            return
        try:
            if self._producer is None:
                self._producer = self._connected()
            self._send(self._send(letters, whole=True), whole=False)
        except KafkaError as error:
            cause = cause_of(error, self._client, self._topic)
            log.warning(
                "dead letters were not copied to their topic; the database has them",
                action="dead_letter_topic_failed",
                topic=self._topic,
                detail=may_not_write(cause, self._topic, self._config),
            )

    def _connected(self) -> Any:
        producer, self._client = producer_of(
            self._config,
            enable_idempotence=False,  # of use to no copy, and one that is too large would end the producer
            max_block_ms=1000 * _TOPIC_SECONDS,
        )
        return producer

    def _send(self, letters: Sequence[DeadLetter], *, whole: bool) -> list[DeadLetter]:
        """Returns those that are too large; raises KafkaError where the broker does not take the others."""
        too_large, under_way = [], []
        for letter in letters:
            try:
                under_way.append((letter, self._producer.send(self._topic, **_message(letter, whole=whole))))
            except MessageSizeTooLargeError:
                too_large.append(letter)
        self._producer.flush(timeout=_SEND_SECONDS)
        for letter, future in under_way:
            try:
                future.get(timeout=_SEND_SECONDS)
            except _TOO_LARGE:
                too_large.append(letter)
        if too_large and not whole:
            raise MessageSizeTooLargeError("not even a letter's reason and place fit")
        return too_large

    def close(self) -> None:
        """Release the connection."""
        if self._producer is not None:
            self._producer.close()


def _message(letter: DeadLetter, *, whole: bool) -> dict[str, Any]:
    """What is sent of a letter: what came, or nothing of it; and in either case its reason and place."""
    where = f"{letter.topic}[{letter.partition}]@{letter.offset}"
    said = [
        ("turnsignal_reason", letter.reason.encode()),
        ("turnsignal_detail", letter.detail.encode("utf-8", "replace")),
        ("turnsignal_from", where.encode()),
    ]
    if not whole:
        return {"value": b"", "headers": said}
    kept = [(name, value or b"") for name, value in letter.headers]
    # A tombstone goes as an empty value: a record without key and value cannot be sent.
    return {"key": letter.key, "value": letter.value or b"", "headers": kept + said}
