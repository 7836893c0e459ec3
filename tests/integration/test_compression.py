"""Batches in each of Kafka's codecs, compressed by the broker itself, are read."""

import pytest

from consumers.kafka_config import KafkaConfig
from tests.conftest import TopicFactory
from tests.integration.consuming import body, send, talk, values
from tests.parts.broker import Broker


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd", "uncompressed"])
def test_each_codec_is_read(apache_kafka: Broker, topic: TopicFactory, codec: str) -> None:
    """Whoever writes a topic chooses; the topic's own setting has the broker compress anew, in Java."""
    name = topic(1, "codec", **{"compression.type": codec})
    sent = [body(talk(number)) for number in range(300)]
    send(apache_kafka.bootstrap, name, [(value, []) for value in sent])
    read = values(KafkaConfig([apache_kafka.bootstrap]), [name])
    assert read == sent
    stored = sum(file.stat().st_size for file in (apache_kafka.folder / "data" / f"{name}-0").glob("*.log"))
    assert (stored < sum(map(len, sent))) == (codec != "uncompressed")
