"""The schema registry's client: what it asks, what it keeps, and who is to blame when it does not help."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.events import Unreadable
from consumers.formats import FormatError, SourceAway, format_of
from consumers.formats.registry import Registry, RegistryConfig
from tests.parts.web import Reply, WebServer
from tests.unit.consumers.formats.reading import record
from tests.unit.consumers.formats.test_avro import ORDER, PLAIN, VALUE, bare

JSON = {"Content-Type": "application/vnd.schemaregistry.v1+json"}


@pytest.fixture
def registry(web_server: WebServer) -> Iterator[Registry]:
    made = Registry(RegistryConfig([web_server.url("")], timeout=5))
    yield made
    made.close()


def told(schema: Any, kind: str | None = None, **more: Any) -> Reply:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    answer = {"schema": text} | ({"schemaType": kind} if kind else {}) | more
    return Reply(200, json.dumps(answer), JSON)


def wire(number: int, payload: bytes) -> bytes:
    return b"\0" + number.to_bytes(4, "big") + payload


def refused(code: int) -> Reply:
    return Reply(404, json.dumps({"error_code": code, "message": "not found"}), JSON)


def test_a_schema_is_asked_for_once(registry: Registry, web_server: WebServer) -> None:
    """It never changes."""
    web_server.reply(told(ORDER))
    value = wire(7, bare(ORDER, VALUE))
    assert registry.decode(value) == registry.decode(value) == PLAIN
    assert [request.path for request in web_server.requests] == ["/schemas/ids/7"]


def test_references_are_fetched(registry: Registry, web_server: WebServer) -> None:
    """A schema in pieces, each by its subject and version."""
    line = {
        "type": "record",
        "name": "Line",
        "namespace": "erp",
        "fields": [{"name": "sku", "type": "string"}],
    }
    order = {
        "type": "record",
        "name": "O",
        "namespace": "erp",
        "fields": [{"name": "line", "type": "erp.Line"}],
    }
    reference = {"name": "erp.Line", "subject": "erp/line", "version": 3}
    web_server.reply(told(order, "AVRO", references=[reference]), told(line))
    assert registry.decode(wire(1, b"\x02x")) == {"line": {"sku": "x"}}
    assert web_server.requests[1].path == "/subjects/erp%2Fline/versions/3"


def test_json_schema_is_json_with_types(registry: Registry, web_server: WebServer) -> None:
    """As Connect's JSON Schema converter names them, behind references too."""
    row = {"type": "object", "properties": {"due": {"title": "io.debezium.time.Date", "type": "integer"}}}
    decimal = {
        "title": "org.apache.kafka.connect.data.Decimal",
        "connect.parameters": {"scale": "2"},
        "type": "string",
    }
    schema = {
        "properties": {
            "after": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/Row"}]},
            "totals": {"type": "array", "items": decimal},
            "by": {"type": "object", "additionalProperties": decimal},
            "other": {"$ref": "other.json"},
        },
        "definitions": {"Row": row},
    }
    reference = {"name": "other.json", "subject": "other", "version": 1}
    web_server.reply(told(schema, "JSON", references=[reference]), told(row))
    value = {"after": {"due": 1}, "totals": ["BM4="], "by": {"x": "AA=="}, "other": {"due": 2}}
    assert registry.decode(wire(1, json.dumps(value).encode())) == {
        "after": {"due": "1970-01-02"},
        "totals": [12.3],
        "by": {"x": 0},
        "other": {"due": "1970-01-03"},
    }


PROTO = """syntax = "proto3"; package erp;
import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
import "confluent/meta.proto"; import "confluent/type/decimal.proto"; import "google/type/date.proto";
import "money.proto";
message Other { string x = 1; message Inner { int32 n = 1; } }
message Order { string id = 1 [(confluent.field_meta).doc = "x"]; Money price = 2;
  google.protobuf.Timestamp at = 3; repeated string tags = 4; map<string, Other> m = 5;
  confluent.type.Decimal total = 6; optional int32 n = 7; enum K { A = 0; B = 1; } K k = 8;
  bytes raw = 9;
  google.protobuf.StringValue w = 10; google.type.Date due = 11;
  oneof who { string a = 12; string b = 13; } }"""
MONEY = 'syntax = "proto3"; package erp; message Money { int64 units = 1; }'
MESSAGE = bytes.fromhex(  # what READ says
    "0a0137 12020805 1a020801 220174 2a080a016112030a0179 32080a0204ce10051802 4001 4a0101 52030a0173"
    " 5a0708e80f10061801 6a00"
)
READ = {
    "id": "7",
    "price": {"units": 5},
    "at": "1970-01-01T00:00:01Z",
    "tags": ["t"],
    "m": {"a": {"x": "y"}},
    "total": 12.3,
    "n": None,
    "k": "B",
    "raw": "AQ==",
    "w": "s",
    "due": "2024-06-01",
    "a": None,
    "b": "",
}
MONEY_REFERENCE = {"name": "money.proto", "subject": "money", "version": 1}


def test_protobuf_is_read_from_its_text(registry: Registry, web_server: WebServer) -> None:
    """Registries that give no descriptors, such as Apicurio, and the message index in all its spellings."""
    schema = told(PROTO, "PROTOBUF", references=[MONEY_REFERENCE])
    web_server.reply(schema, told(MONEY), schema, told(MONEY))
    assert registry.decode(wire(1, b"\x02\x02" + MESSAGE)) == READ
    assert registry.decode(wire(1, b"\x00\x0a\x01x")) == {"x": "x"}
    assert registry.decode(wire(1, b"\x02\x00\x0a\x01x")) == {"x": "x"}
    assert registry.decode(wire(1, b"\x04\x00\x00\x08\x05")) == {"n": 5}
    for broken in (b"", b"\x80", b"\x01", b"\x02\x0c", b"\x02\x01", b"\x04\x02\x02", b"\x02\x02\xff"):
        with pytest.raises(Unreadable) as caught:
            registry.decode(wire(1, broken))
        assert caught.value.reason == "bad_encoding"


def test_protobuf_is_read_from_its_descriptors(registry: Registry, web_server: WebServer) -> None:
    """Confluent's registry and Karapace give what protoc made."""
    from consumers.formats.protobuf import _compiled  # noqa: PLC0415

    files = {file.name: file for file in _compiled({"turnsignal/value.proto": PROTO, "money.proto": MONEY})}
    order, money = (
        base64.b64encode(files[name].SerializeToString()).decode()
        for name in ("turnsignal/value.proto", "money.proto")
    )
    schema = told(PROTO, "PROTOBUF", references=[MONEY_REFERENCE])
    web_server.reply(schema, told(MONEY), told(order, "PROTOBUF"), told(money, "PROTOBUF"))
    assert registry.decode(wire(1, b"\x02\x02" + MESSAGE)) == READ
    assert web_server.requests[2].path == "/schemas/ids/1?format=serialized"


def test_a_number_that_the_registry_does_not_know_is_the_records_fault(
    registry: Registry, web_server: WebServer
) -> None:
    """And is not asked for with each record of a topic full of them."""
    web_server.reply(refused(40403))
    for _ in range(3):
        with pytest.raises(Unreadable) as caught:
            registry.decode(wire(9, b""))
        assert caught.value.reason == "unknown_schema"
        assert "schema 9" in caught.value.detail
    assert len(web_server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503),
        Reply(429),
        Reply(401, "{}"),
        Reply(403, "{}"),
        Reply(404, "<html>"),
        Reply(200, "not JSON"),
        Reply(302, headers={"Location": "/elsewhere"}),
        Reply(reset=True),
    ],
)
def test_a_registry_that_does_not_help_is_asked_again(
    registry: Registry, web_server: WebServer, reply: Reply
) -> None:
    """No dead letters because of an outage, a wrong password or a proxy; and no redirect is followed."""
    web_server.reply(reply, told(ORDER))
    value = wire(7, bare(ORDER, VALUE))
    with pytest.raises(SourceAway):
        registry.decode(value)
    assert registry.decode(value) == PLAIN
    assert all(request.path == "/schemas/ids/7" for request in web_server.requests)


def test_a_registry_that_keeps_us_waiting_is_left_alone_for_as_long(
    web_server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or each partition that waits for it would hold up all the others once more."""
    monkeypatch.setattr("consumers.formats.registry._LONG", 0.0)
    registry = Registry(RegistryConfig([web_server.url("")], timeout=1))
    web_server.reply(Reply(delay=float("inf")))
    for _ in range(3):
        with pytest.raises(SourceAway, match="ReadTimeout"):
            registry.decode(wire(7, bare(ORDER, VALUE)))
    assert len(web_server.requests) == 1
    assert "ReadTimeout" in str(registry.check())
    registry.close()


def test_the_next_registry_is_asked_where_one_is_away(web_server: WebServer) -> None:
    """Registries run in pairs."""
    web_server.reply(told(ORDER))
    both = Registry(RegistryConfig(["http://127.0.0.1:1", web_server.url("")]))
    assert both.decode(wire(7, bare(ORDER, VALUE))) == PLAIN
    both.close()


def test_an_answer_without_end_is_given_up(registry: Registry, web_server: WebServer) -> None:
    """Whoever answers there is no schema registry."""
    web_server.reply(Reply(200, b"x" * (5 << 20)))
    with pytest.raises(Unreadable, match="more than"):
        registry.decode(wire(7, b""))


def test_credentials_are_shown(web_server: WebServer) -> None:
    """Basic or bearer, on the first request already, and in no message."""
    shown: list[tuple[dict[str, Any], str | None]] = [
        ({"username": "u", "password": "p:ä"}, f"Basic {base64.b64encode('u:p:ä'.encode()).decode()}"),
        ({"token": "t0"}, "Bearer t0"),
        ({}, None),
    ]
    for config, header in shown:
        made = Registry(RegistryConfig([web_server.url("")], **config))
        web_server.reply(Reply(401, "{}"))
        with pytest.raises(SourceAway) as caught:
            made.decode(wire(1, b""))
        made.close()
        assert web_server.requests[-1].headers["Authorization"] == header
        assert "t0" not in str(caught.value)
        assert "p:ä" not in repr(RegistryConfig([], **config))


@pytest.mark.parametrize("url", ["", "registry:8081", "ftp://host", "http://user:secret@host", "http://"])
def test_an_address_that_is_none_is_said_at_the_start(url: str) -> None:
    """And no secret is repeated."""
    with pytest.raises(FormatError) as caught:
        Registry(RegistryConfig([url]))
    assert "secret" not in str(caught.value)


def test_certificates_that_cannot_be_read_are_said_at_the_start() -> None:
    """As is a registry without any address."""
    with pytest.raises(FormatError, match="certificates"):
        Registry(RegistryConfig(["https://registry"], ca_file="there.is.none.pem"))
    with pytest.raises(FormatError, match="address"):
        Registry(RegistryConfig([]))


@pytest.mark.parametrize(
    ("schema", "kind"),
    [("{", "AVRO"), ("{}", "AVRO"), ("message {", "PROTOBUF"), ("<xml/>", "XML"), ("{", "JSON")],
)
def test_a_schema_that_is_none_is_the_records_fault(
    registry: Registry, web_server: WebServer, schema: str, kind: str
) -> None:
    """Others of the same topic are read."""
    web_server.reply(told(schema, kind), *([told(schema, kind)] if kind == "PROTOBUF" else []))
    with pytest.raises(Unreadable):
        registry.decode(wire(7, b"\0"))


def test_what_is_not_in_the_wire_format_says_so(registry: Registry) -> None:
    """Mostly JSON on a topic that was said to be Avro."""
    for value in (b"{}", b"\0\0\0", b""):
        with pytest.raises(Unreadable) as caught:
            registry.decode(value)
        assert caught.value.reason == "bad_encoding"


def test_envelopes_and_keys_come_in_any_encoding(registry: Registry, web_server: WebServer) -> None:
    """Debezium through Avro with an Avro key says what Debezium through JSON says."""
    key = {"type": "record", "name": "Key", "fields": [{"name": "id", "type": "int"}]}
    row = {"type": "record", "name": "Value", "fields": [{"name": "id", "type": "int"}]}
    source = {
        "type": "record",
        "name": "Source",
        "fields": [{"name": name, "type": "string"} for name in ("connector", "db", "table")]
        + [{"name": "lsn", "type": "long"}, {"name": "ts_ms", "type": "long"}],
    }
    envelope = {
        "type": "record",
        "name": "Envelope",
        "fields": [
            {"name": "before", "type": ["null", row]},
            {"name": "after", "type": ["null", "Value"]},
            {"name": "source", "type": source},
            {"name": "op", "type": "string"},
        ],
    }
    said = {"connector": "postgresql", "db": "shop", "table": "orders", "lsn": 5, "ts_ms": 1715000000000}
    value = {"before": None, "after": {"id": 7}, "source": said, "op": "c"}
    web_server.reply(told(envelope), path="/schemas/ids/1")
    web_server.reply(told(key), path="/schemas/ids/2")
    kind = format_of("debezium", {"value": "registry"}, registry.decode)
    one = record(wire(1, bare(envelope, value)), wire(2, bare(key, {"id": 7})))
    (read,) = kind.read(one)
    assert (read.fields, read.meta["key"]) == ({"id": 7}, {"id": 7})
    assert read.identity == "postgresql/shop/orders/7/lsn=5/c"
    one.key = b"plain"
    assert kind.read(one)[0].meta["key"] == "plain"
