"""Whatever bytes come, a format reads them or says why not, soon and in little memory."""

import copy
import json
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.events import MAX_BYTES, REASONS, Unreadable
from consumers.formats import FORMATS, format_of
from consumers.formats.avro import decoder_of, plain_avro
from consumers.formats.connect import converted
from consumers.formats.json_schema import conversion_of_json_schema
from consumers.formats.protobuf import decoder_of_text
from tests.unit.consumers.formats.reading import SHAPES, encoded, read, record
from tests.unit.consumers.formats.test_avro import ORDER, VALUE, bare, container
from tests.unit.consumers.formats.test_registry import MESSAGE, MONEY, PROTO

MANY = settings(max_examples=150)


def _sample(said: Any) -> list[Any]:
    """Value and key; a shape may have both."""
    return (
        [said["value"], said["key"]]
        if isinstance(said, dict) and {*said} == {"key", "value"}
        else [said, "k"]
    )


SAMPLES = [_sample(json.loads(file.read_text("utf-8"))) for file in sorted(SHAPES.glob("*.json"))]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["AA==", "0x22", "3-0x02", "999999-0xff", "__debezium_unavailable_value", "1e999", "001*"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mangled(draw: st.DrawFn, sample: Any) -> Any:
    """A sample with something else in up to three of its places."""
    whole = copy.deepcopy(sample)
    for _ in range(draw(st.integers(0, 3))):
        inside = whole
        while isinstance(inside, dict | list) and inside:
            place: Any = draw(
                st.sampled_from(list(inside) if isinstance(inside, dict) else range(len(inside)))
            )
            if not isinstance(inside[place], dict | list) or draw(st.booleans()):
                inside[place] = draw(anything)
                break
            inside = inside[place]
    return whole


def bitten(sample: bytes) -> st.SearchStrategy[bytes]:
    """A sample with a few bytes changed, cut or put in."""
    change = st.tuples(st.integers(0, len(sample)), st.integers(0, 3), st.binary(max_size=10))

    def bite(changes: list[tuple[int, int, bytes]]) -> bytes:
        value = sample
        for at, length, put in changes:
            value = value[:at] + put + value[at + length :]
        return value

    return st.lists(change, min_size=1, max_size=3).map(bite)


def only_unreadable(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Unreadable as error:
        if error.reason not in REASONS:
            raise
        return None


@pytest.mark.parametrize("name", FORMATS)
@MANY
@given(st.data())
def test_any_document(name: str, data: st.DataObject) -> None:
    """Fields that are missing, of another type or beyond all bounds."""
    value, key = data.draw(st.sampled_from(SAMPLES).flatmap(mangled))
    for said in only_unreadable(lambda: read(name, record(value, key))) or ():
        assert said.identity
        assert len(said.identity) < 400
        assert "\0" not in said.identity
        json.dumps(said.fields)


@pytest.mark.parametrize("name", FORMATS)
@MANY
@given(st.data())
def test_any_bytes(name: str, data: st.DataObject) -> None:
    """Broken JSON, broken Unicode, in values, keys and headers."""
    value, key = data.draw(st.sampled_from(SAMPLES))
    bad = data.draw(bitten(encoded(value) or b"") | st.binary(max_size=50))
    header = data.draw(
        st.sampled_from(["ce_id", "ce_source", "ce_type", "__op", "__table", "__source_ts_ms"])
    )
    one = record(bad, data.draw(bitten(encoded(key) or b"")), [(header, data.draw(st.binary(max_size=9)))])
    only_unreadable(lambda: read(name, one))


@MANY
@given(bitten(bare(ORDER, VALUE)) | st.binary(max_size=100))
@example(b"\xff" * 40)
def test_any_avro(value: bytes) -> None:
    """Lengths that lie, branches that are not there, text that is none."""
    only_unreadable(lambda: decoder_of(ORDER)(value))


@MANY
@given(bitten(container("deflate", VALUE, VALUE)))
def test_any_avro_container(value: bytes) -> None:
    """Its schema is part of the bytes too."""
    only_unreadable(lambda: plain_avro(None)(value))


@MANY
@given(mangled(ORDER) | anything, st.binary(max_size=30))
def test_any_avro_schema(schema: Any, value: bytes) -> None:
    """A registry may hold what another library wrote."""
    only_unreadable(lambda: decoder_of(schema)(value))


@MANY
@given(anything, anything)
def test_any_json_schema(schema: Any, value: Any) -> None:
    """References without end included."""
    for said in (schema, {"properties": {"a": schema}}, {"$ref": "#"}, {"$ref": "#/a", "a": {"$ref": "#/a"}}):
        convert = conversion_of_json_schema(said, {})
        if convert is not None:
            only_unreadable(partial(converted, convert, value))


READ_PROTOBUF = decoder_of_text(PROTO, {"money.proto": MONEY})


@MANY
@given(bitten(b"\x02\x02" + MESSAGE) | st.binary(max_size=60))
def test_any_protobuf(value: bytes) -> None:
    """Message indexes included."""
    json.dumps(only_unreadable(lambda: READ_PROTOBUF(value)))


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
LONG = b'{"a":"' + b"x" * (5 << 20) + b'"}'
WIDE = b"[" + b"{}," * 250_000 + b"{}]"
MANY_BAD = b"[" + b"{}," * 9_000 + b"5]"
NUMBERS = b"[" + b"1e5000," * 100_000 + b"9" * 100_000 + b"]"
CONNECT = b'{"schema":' + b'{"type":"array","items":' * 900 + b"{}" + b"}" * 900 + b',"payload":[]}'
DIGITS = (
    b'{"schema":{"type":"struct","fields":[{"field":"a","name":"org.apache.kafka.connect.data.Decimal",'
    b'"parameters":{"scale":"999999999"}}]},"payload":{"a":"' + b"A" * 100_000 + b'"}}'
)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("value", [DEEP, LONG, WIDE, MANY_BAD, NUMBERS, CONNECT, DIGITS])
def test_no_value_takes_long_or_much(name: str, value: bytes) -> None:
    """Nested a hundred thousand deep, five megabytes long, numbers of a hundred thousand digits."""
    tracemalloc.start()
    began = time.process_time()
    only_unreadable(lambda: format_of(name, {}).read(record(value, value[:MAX_BYTES])))
    used, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 20, "of processor time, with memory watched"
    assert peak < 400 << 20
