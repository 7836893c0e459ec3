"""Looking back on Kafka's topics: everything up to their end, and nothing left behind on the broker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.failures import Failure
from service.topics import BEGINNING, bodies
from tests.conftest import TopicFactory
from tests.integration.consuming import body, send, talk
from tests.parts.broker import Broker


def test_topics_are_read_from_a_start_to_their_present_end(kafka: Broker, topic: TopicFactory) -> None:
    """From the beginning, an offset, or a time; what comes later is not waited for."""
    name, other, empty = topic(), topic(), topic()
    sent = [body(talk(number)) for number in range(5)]
    send(kafka.bootstrap, name, [(value, []) for value in sent[:3]])
    send(kafka.bootstrap, other, [(value, []) for value in sent[3:]])

    def read(topics: list[str], start: Any) -> list[bytes]:
        return sorted(bodies([kafka.bootstrap], topics, start))

    assert read([name, other, empty], BEGINNING) == sorted(sent)
    assert read([name], 1) == sorted(sent[1:3])
    assert read([name], 99) == []
    assert read([name], datetime.now(UTC) - timedelta(hours=1)) == sorted(sent[:3])
    assert read([name], datetime.now(UTC) + timedelta(hours=1)) == []


def test_a_topic_that_is_not_there_is_said(kafka: Broker) -> None:
    """A typing mistake must not look like a portfolio without a past."""
    with pytest.raises(Failure, match="no topic 'crm-events'"):
        list(bodies([kafka.bootstrap], ["crm-events"], BEGINNING))


def test_a_broker_that_is_not_there_is_said() -> None:
    """With its address."""
    with pytest.raises(Failure, match=r"no Kafka at 127\.0\.0\.1:1"):
        list(bodies(["127.0.0.1:1"], ["t"], BEGINNING))
