"""A schema registry that goes away while topics are consumed, and comes back."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import fastavro
import pytest
from typer.testing import CliRunner

import migrations
from consumers import metrics
from consumers.consumer import Consumer
from consumers.formats import format_of
from consumers.formats.registry import Registry, RegistryConfig
from consumers.mapping.files import parse
from service.cli import app
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import body, config, one, rows, running, send, talk
from tests.parts.broker import Broker
from tests.parts.process import wait_until
from tests.parts.registry import SchemaRegistry
from tests.unit.consumers.formats.test_registry import wire

MAPPING = """
[[mapping]]
topics = ["{topic}"]
options = {{value = "registry", time = "at", identity = ["id"]}}
[[mapping.event]]
type = "order.cancelled"
account = "customer"
data = {{order_id = "id"}}
"""
FIELDS = [{"name": name, "type": "string"} for name in ("id", "customer", "at")]
KNOWN = {"type": "record", "name": "Known", "fields": FIELDS}
NEW = {"type": "record", "name": "New", "fields": [*FIELDS, {"name": "reason", "type": "string"}]}
WAITS = 'turnsignal_registry_waiting_partitions{cluster=""}'


@pytest.fixture
def schemas() -> Iterator[SchemaRegistry]:
    """A registry of its own: it goes away."""
    with SchemaRegistry() as running_:
        yield running_


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


def order(number: int, schema: dict[str, Any], id_: int) -> bytes:
    """A cancelled order in the wire format."""
    stream = io.BytesIO()
    row = {"id": str(id_), "customer": "acme", "at": "2026-01-05T09:00:00Z", "reason": "price"}
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), row)
    return wire(number, stream.getvalue())


def put(bootstrap: str, topic: str, partition: int, values: list[bytes]) -> None:
    """Send values to a partition."""
    from kafka import KafkaProducer  # noqa: PLC0415  (it warns before pytest knows which to expect)

    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for value in values:
        producer.send(topic, value=value, partition=partition)
    producer.flush()
    producer.close()


def test_only_what_needs_the_registry_waits_for_it(
    kafka: Broker,
    topic: TopicFactory,
    engine: Engine,
    schemas: SchemaRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A partition waits before its first record of an unseen schema; the others go on, and it is said.

    When the registry is back, the rest is read: no dead letter, nothing lost, nothing doubled.
    """
    avro, plain = topic(2, "avro"), topic(1, "plain")
    numbers = [schemas.register(f"{each['name']}-value", json.dumps(each), "AVRO") for each in (KNOWN, NEW)]
    registry = Registry(RegistryConfig([schemas.url], timeout=2))
    mappings = parse(
        MAPPING.format(topic=avro),
        make_format=lambda name, options: format_of(name, options, registry.decode),
    )
    both = replace(config(kafka.bootstrap, avro), topics=[avro, plain])
    consumer = Consumer(engine, both, mappings)

    def known(id_: int) -> bytes:
        return order(numbers[0], KNOWN, id_)

    def stands(*offsets: tuple[str, int, int]) -> bool:
        return rows(engine, "SELECT topic, partition, next_offset FROM partitions ORDER BY 1, 2") == [
            *offsets
        ]

    with running(consumer):
        put(kafka.bootstrap, avro, 0, [known(1)])
        wait_until(lambda: stands((avro, 0, 1), (avro, 1, 0), (plain, 0, 0)), 30, "the first record")
        wait_until(lambda: consumer.unready() is None, 10, "readiness")
        schemas.hang()  # this one keeps schemas in memory: killed, it would not know them for a while
        put(kafka.bootstrap, avro, 0, [known(2), order(numbers[1], NEW, 3), known(4)])
        wait_until(
            lambda: stands((avro, 0, 2), (avro, 1, 0), (plain, 0, 0)), 30, "what is known of partition 0"
        )
        wait_until(lambda: metrics.registry_waiting.labels("")._value.get() == 1, 10, "the gauge")
        put(kafka.bootstrap, avro, 1, [known(5), known(6)])
        send(kafka.bootstrap, plain, [(body(talk(1)), [])])
        wait_until(lambda: stands((avro, 0, 2), (avro, 1, 2), (plain, 0, 1)), 30, "the other partitions")
        said = str(consumer.unready())
        assert "the schema registry does not help: http://127.0.0.1" in said
        assert f"topic {avro} waits for it; meanwhile no account is judged further" in said
        assert status_says(kafka, avro, plain, engine, schemas.url, monkeypatch)

        schemas.go_on()
        wait_until(lambda: stands((avro, 0, 4), (avro, 1, 2), (plain, 0, 1)), 60, "what has waited")
        wait_until(lambda: consumer.unready() is None, 20, "readiness")
        wait_until(lambda: metrics.registry_waiting.labels("")._value.get() == 0, 10, "the gauge")
    registry.close()
    assert one(engine, "SELECT count(*) FROM events") == 7
    assert one(engine, "SELECT count(*) FROM dead_letters") == 0
    logged = capsys.readouterr().out
    assert logged.count("registry_unavailable") == 1
    assert logged.count("registry_available") == 1


def status_says(
    kafka: Broker, avro: str, plain: str, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Whether `turnsignal status` tells of the registry."""
    for name, value in {
        "DATABASE__URL": engine.url.render_as_string(hide_password=False),
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA__TOPICS": f"{avro},{plain}",
        "KAFKA__GROUP_ID": avro,
        "REGISTRY__URLS": url,
    }.items():
        monkeypatch.setenv(f"TURNSIGNAL_{name}", value)
    done = CliRunner().invoke(app, ["status", "--json"])
    assert done.exit_code == 1, done.exception
    return "does not help" in json.loads(done.stdout)["attention"][0]
