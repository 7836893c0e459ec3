"""Values that a real schema registry describes: Avro, Protobuf, JSON Schema, and Debezium through Avro."""

import io
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import fastavro
import pytest

from consumers.formats import SourceAway, format_of
from consumers.formats.registry import Registry, RegistryConfig
from tests.integration.capturing import FIRST_ROW, Topic, prepared
from tests.parts.broker import Broker
from tests.parts.connect import Debezium
from tests.parts.postgres import PostgresServer
from tests.parts.registry import SchemaRegistry
from tests.unit.consumers.formats.reading import record
from tests.unit.consumers.formats.test_avro import ORDER, PLAIN, VALUE
from tests.unit.consumers.formats.test_registry import wire

CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter"


@pytest.fixture(scope="module")
def schemas() -> Iterator[SchemaRegistry]:
    with SchemaRegistry() as running:
        yield running


@pytest.fixture
def registry(schemas: SchemaRegistry) -> Iterator[Registry]:
    with closing(Registry(RegistryConfig([schemas.url]))) as made:
        yield made


def test_avro_by_its_number(schemas: SchemaRegistry, registry: Registry) -> None:
    """A schema that refers to another one."""
    line = {"type": "record", "name": "erp.Head", "fields": [{"name": "at", "type": "string"}]}
    schemas.register("head", json.dumps(line), "AVRO")
    whole = ORDER | {"fields": [*ORDER["fields"], {"name": "head", "type": "erp.Head"}]}
    reference = {"name": "erp.Head", "subject": "head", "version": 1}
    number = schemas.register("orders-value", json.dumps(whole), "AVRO", reference)
    stream = io.BytesIO()
    known: dict[str, Any] = {}
    fastavro.parse_schema(line, known)
    fastavro.schemaless_writer(stream, fastavro.parse_schema(whole, known), VALUE | {"head": {"at": "x"}})
    kind = format_of("json", {"value": "registry", "identity": ["id"]}, registry.decode)
    (said,) = kind.read(record(wire(number, stream.getvalue())))
    assert said.fields == PLAIN | {"head": {"at": "x"}}


def test_protobuf_by_its_number(schemas: SchemaRegistry, registry: Registry) -> None:
    """This registry gives the text alone, and what it refers to."""
    schemas.register(
        "money", 'syntax = "proto3"; package erp; message Money { int64 units = 1; }', "PROTOBUF"
    )
    text = (
        'syntax = "proto3"; package erp; import "money.proto"; import "google/protobuf/timestamp.proto";'
        " message Order { string id = 1; Money price = 2; google.protobuf.Timestamp at = 3; }"
    )
    reference = {"name": "money.proto", "subject": "money", "version": 1}
    number = schemas.register("pb-value", text, "PROTOBUF", reference)
    said = registry.decode(wire(number, b"\x00" + bytes.fromhex("0a0137 12020805 1a020801")))
    assert said == {"id": "7", "price": {"units": 5}, "at": "1970-01-01T00:00:01Z"}


def test_json_schema_by_its_number(schemas: SchemaRegistry, registry: Registry) -> None:
    """Connect's names of types count."""
    due = {"oneOf": [{"type": "null"}, {"type": "integer", "title": "org.apache.kafka.connect.data.Date"}]}
    schema = {"type": "object", "properties": {"due": due, "total": {"type": "number"}}}
    number = schemas.register("js-value", json.dumps(schema), "JSON")
    assert registry.decode(wire(number, b'{"due": 19875, "total": 1.5}')) == {
        "due": "2024-06-01",
        "total": 1.5,
    }


@pytest.mark.timeout(600)
def test_debezium_through_avro_says_what_it_says_through_json(
    schemas: SchemaRegistry, registry: Registry, logical_postgres: PostgresServer, apache_kafka: Broker
) -> None:
    """Keys and values written by another project's converter, schemas by the registry."""
    topic_name = "avroshop.public.orders"
    apache_kafka.create_topic(topic_name)
    converters = {
        f"{side}_converter{setting}": value
        for side in ("key", "value")
        for setting, value in {
            "": CONVERTER,
            "_apicurio.registry.url": schemas.own_url,
            "_apicurio.registry.auto-register": "true",
            "_apicurio.registry.as-confluent": "true",
            "_apicurio.registry.use-id": "contentId",
            "_apicurio.registry.headers.enabled": "false",
        }.items()
    }
    kind = format_of("debezium", {"value": "registry"}, registry.decode)
    with (
        closing(prepared(logical_postgres, "avroshop")) as shop,
        Debezium(apache_kafka.bootstrap, logical_postgres, "avroshop", **converters) as connect,
        closing(Topic(apache_kafka.bootstrap, topic_name, kind)) as topic,
    ):
        topic.wait(lambda said: len(said) >= 2, connect)
        shop.execute("DELETE FROM orders WHERE id = 2")
        said = topic.wait(lambda said: said[-1].operation == "deleted", connect)
    first = said[0]
    assert first.fields == FIRST_ROW
    assert (first.meta["key"], first.entity, first.operation) == ({"id": 1}, "orders", "read")
    assert (said[-1].fields, said[-1].meta["partial"]) == ({"id": 2}, True)


def test_a_registry_that_is_away_is_waited_for(schemas: SchemaRegistry) -> None:
    """What was known goes on being read; nothing becomes a dead letter; afterwards all is read."""
    number = schemas.register("late-value", '"string"', "AVRO")
    value = wire(number, b"\x02x")
    with (
        closing(Registry(RegistryConfig([schemas.url], timeout=2))) as knows,
        closing(Registry(RegistryConfig([schemas.url], timeout=2))) as new,
    ):
        assert knows.decode(value) == "x"
        schemas.stop()
        assert knows.decode(value) == "x"
        with pytest.raises(SourceAway):
            new.decode(value)
        schemas.start()
        assert schemas.register("late-value", '"string"', "AVRO") >= 1
        assert new.decode(wire(schemas.register("late-value", '"string"', "AVRO"), b"\x02x")) == "x"
