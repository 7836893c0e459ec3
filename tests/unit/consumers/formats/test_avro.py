"""Avro in plain JSON, whatever names its types, and bounded whatever its bytes."""

import io
import json
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest

from accounts.events import Unreadable
from consumers.formats import FormatError
from consumers.formats.avro import decoder_of, plain_avro
from tests.unit.consumers.formats.reading import only, record

ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "erp",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}},
        {"name": "fixed", "type": {
            "type": "fixed", "name": "F", "size": 4, "logicalType": "decimal", "scale": 1, "precision": 8}},
        {"name": "due", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "raw", "type": "bytes"},
        {"name": "state", "type": {"type": "enum", "name": "S", "symbols": ["OPEN", "DONE"]}},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
            {"name": "sku", "type": "string"}]}}},
        {"name": "names", "type": {"type": "map", "values": "long"}},
    ],
}  # fmt: skip
VALUE = {
    "id": "7",
    "total": Decimal("12.30"),
    "fixed": Decimal("1.5"),
    "due": date(2024, 6, 1),
    "at": datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    "raw": b"\x01\x02",
    "state": "DONE",
    "lines": [{"sku": "a"}],
    "names": {"x": 1},
}
PLAIN = {
    "id": "7",
    "total": 12.3,
    "fixed": 1.5,
    "due": "2024-06-01",
    "at": "2024-05-06T07:08:09.123456Z",
    "raw": "AQI=",
    "state": "DONE",
    "lines": [{"sku": "a"}],
    "names": {"x": 1},
}


def bare(schema: Any, value: Any) -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), value)
    return stream.getvalue()


def reason(schema: Any, value: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        decoder_of(schema)(value)
    return caught.value.reason


def test_values_are_plain() -> None:
    """The same a JSON topic would have given."""
    assert decoder_of(ORDER)(bare(ORDER, VALUE)) == PLAIN
    json.dumps(PLAIN)


def test_reading_leaves_fastavro_as_it_is() -> None:
    """Another user of the library in this process gets its own types."""
    decoder_of(ORDER)(bare(ORDER, VALUE))
    read: Any = fastavro.schemaless_reader(io.BytesIO(bare(ORDER, VALUE)), ORDER, None)
    assert read["due"] == date(2024, 6, 1)


def test_connects_names_mean_what_they_mean_in_json() -> None:
    """Debezium through Confluent's Avro converter."""
    scaled = {
        "type": "record",
        "name": "VariableScaleDecimal",
        "namespace": "io.debezium.data",
        "connect.name": "io.debezium.data.VariableScaleDecimal",
        "fields": [{"name": "scale", "type": "int"}, {"name": "value", "type": "bytes"}],
    }
    decoders = []
    micro = {"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"}
    schema = {
        "type": "record",
        "name": "Row",
        "fields": [
            {"name": "day", "type": {"type": "int", "connect.name": "io.debezium.time.Date"}},
            {"name": "at", "type": ["null", micro]},
            {"name": "json", "type": {"type": "string", "connect.name": "io.debezium.data.Json"}},
            {"name": "rate", "type": ["null", scaled]},
            {"name": "other", "type": ["null", "io.debezium.data.VariableScaleDecimal"]},
        ],
    }
    for scale, number in (("2", 0.15), ("1", 1.5)):
        decimal = {"type": "bytes", "connect.name": "org.apache.kafka.connect.data.Decimal"}
        decoders.append((decoder_of(decimal | {"connect.parameters": {"scale": scale}}), number))
    assert [decode(b"\x02\x0f") for decode, _ in decoders] == [number for _, number in decoders]
    value = {"day": 19875, "at": 1714979289000000, "json": '{"a": 1}', "rate": {"scale": 1, "value": b"\x0f"}}
    assert decoder_of(schema)(bare(schema, value)) == {
        "day": "2024-06-01",
        "at": "2024-05-06T07:08:09Z",
        "json": {"a": 1},
        "rate": 1.5,
        "other": None,
    }


def test_bytes_too_many_or_too_few_are_broken() -> None:
    """A value of another schema mostly shows in its length."""
    value = bare(ORDER, VALUE)
    assert reason(ORDER, value + b"\0") == "bad_encoding"
    assert reason(ORDER, value[:-1]) == "bad_encoding"
    assert reason(ORDER, b"") == "bad_encoding"


LIST = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}


@pytest.mark.parametrize(
    "schema",
    [
        LIST,
        {"type": "array", "items": "null"},
        {"type": "array", "items": {"type": "record", "name": "E", "fields": []}},
        {"type": "array", "items": {"type": "fixed", "name": "Z", "size": 0}},
        "nothing",
        {"type": "record"},
        {"type": "record", "name": "R", "fields": [{"name": "x"}]},
        5,
    ],
)
def test_a_schema_that_few_bytes_could_fill_the_memory_with_is_refused(schema: Any) -> None:
    """A stack or a list without end is no record of business."""
    assert reason(schema, b"\x02" * 100_000) == "unknown_schema"


def test_lengths_that_lie_cost_nothing() -> None:
    """A number of 2^62 bytes or items that never come."""
    huge = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"
    assert reason("string", huge) == "bad_encoding"
    assert reason("bytes", huge) == "bad_encoding"
    assert reason({"type": "array", "items": "string"}, huge) == "bad_encoding"
    assert reason("string", b"\x01") == "bad_encoding"


def container(codec: str, *values: Any) -> bytes:
    stream = io.BytesIO()
    fastavro.writer(stream, fastavro.parse_schema(ORDER), values, codec)
    return stream.getvalue()


def test_containers_bring_their_schema() -> None:
    """A file as a value: one record is a document, several are a list."""
    decode = plain_avro(None)
    assert decode(container("null", VALUE)) == PLAIN
    assert decode(container("deflate", VALUE, VALUE)) == [PLAIN, PLAIN]
    with pytest.raises(Unreadable, match="null and deflate"):
        decode(container("bzip2", VALUE))
    with pytest.raises(Unreadable, match="without its schema"):
        decode(bare(ORDER, VALUE))


def test_a_container_cannot_be_a_bomb() -> None:
    """A megabyte of zeros inflates to a thousand."""
    plain = container("deflate", VALUE)
    sync = plain[-16:]
    start = plain.index(sync) + 16
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = compress.compress(bytes(50_000_000)) + compress.flush()
    block = bare("long", 1) + bare("long", len(bomb)) + bomb + sync
    with pytest.raises(Unreadable) as caught:
        plain_avro(None)(plain[:start] + block)
    assert caught.value.reason == "too_large"


def test_single_objects_and_bare_values_need_the_file(tmp_path: Path) -> None:
    """Of another schema's fingerprint nothing is read."""
    file = tmp_path / "order.avsc"
    file.write_text(json.dumps(ORDER), "utf-8")
    value = bare(ORDER, VALUE)
    canonical = fastavro.schema.to_parsing_canonical_form(ORDER)
    mark = bytes.fromhex(fastavro.schema.fingerprint(canonical, "CRC-64-AVRO"))
    decode = plain_avro(str(file))
    assert decode(value) == decode(b"\xc3\x01" + mark + value) == PLAIN
    with pytest.raises(Unreadable, match="another schema"):
        decode(b"\xc3\x01" + bytes(8) + value)
    said = only("json", record(value), value="avro", value_schema=str(file), identity=["id"])
    assert (said.fields, said.identity) == (PLAIN, "/7")
    file.write_text("{", "utf-8")
    with pytest.raises(FormatError, match="no Avro schema"):
        plain_avro(str(file))
