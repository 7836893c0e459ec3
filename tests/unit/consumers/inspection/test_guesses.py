# ruff: noqa: E501  (cases, one a line)
"""What a topic holds, guessed from samples."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.formats import format_of
from consumers.inspection.encodings import is_protobuf
from consumers.inspection.guesses import CANONICAL, guess
from consumers.inspection.ready import fit_of
from tests.unit.consumers.formats.reading import SHAPES, record, shape
from tests.unit.consumers.inspection import systems
from tests.unit.consumers.test_records import FakeRecord, event


def of(*values: Any) -> Any:
    return guess([record(value) for value in values], format_of)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHAPES.glob("*.json")))
def test_every_shape_is_known_for_what_it_is(name: str) -> None:
    """A single record of each vendor's form is enough."""
    told = shape(name)
    one = record(told["value"], told["key"]) if isinstance(told, dict) and "key" in told else record(told)
    found = guess([one], format_of)
    expected = next(
        kind for kind in ("debezium-flat", "debezium", "salesforce", "hubspot", "dataverse") if kind in name
    )
    assert found.format == expected
    assert found.confidence >= 0.75


def test_plain_documents_are_no_more_than_that() -> None:
    """Fields that look a little like an envelope's are no proof of one."""
    for document in (
        {"id": 1, "name": "x"}, {"Id": "17", "CreatedDate": "2024-05-06T00:00:00Z"}, {"__v": 0, "_id": "5f"},
        {"op": "c", "after": {"id": 1}}, {"properties": {"a": 1}}, {"type": "t", "source": "s", "id": 7},
    ):  # fmt: skip
        assert of(document, document).format == "json", document


def test_canonical_events_are_told_from_other_cloudevents() -> None:
    """Only those that the service reads as they are need no mapping."""
    other = event(type="com.example.created", data={"a": 1})
    assert of(event("1"), event("2")).format == CANONICAL
    assert of(other, other | {"id": "9"}).format == "cloudevents"


def test_a_query_of_salesforce_is_known_by_its_ids() -> None:
    """A record without a type tells nothing else of itself."""
    assert of({"Id": "0015g00000AbCdeAAF", "StageName": "x"}).format in {"salesforce", "json"}
    assert of({"attributes": {"type": "Task"}, "Id": "00T5g00000AbCdeAAB", "SystemModstamp": "2024-05-06T00:00:00Z"}).format == "salesforce"  # fmt: skip


@pytest.mark.parametrize(
    ("value", "encoding", "why"),
    [
        (b"\0\0\0\0\x07hello", "registry wire format", "registry.urls"),
        (b"\x08\x96\x01\x12\x03ABC", "protobuf", "08 96 01 12 03 41 42 43"),
        (b"\xff\xfe\x00\x9b\x1b[2J", "unknown", "ff fe 00 9b 1b 5b 32 4a"),
        (b"Anna Schmidt", "text", "no JSON object"),
        (b"17", "text", "no JSON object"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_says_why(value: bytes, encoding: str, why: str) -> None:
    """With its first bytes, unless these are a text, which may be somebody's."""
    found = of(value, value)
    assert (found.format, found.encoding, found.confidence) == (None, encoding, 0)
    assert why in found.why
    assert "Anna" not in found.why


def test_avro_in_containers_is_read() -> None:
    """As any JSON, with the option that a mapping needs."""
    file = io.BytesIO()
    schema = {"type": "record", "name": "o", "fields": [{"name": "id", "type": "long"}]}
    fastavro.writer(file, schema, [{"id": 1}])
    found = of(file.getvalue())
    assert (found.format, found.options, found.messages[0].fields) == ("json", {"value": "avro"}, {"id": 1})


def test_what_a_registry_describes_is_read_by_it() -> None:
    """The envelope is known behind the wire format, too."""
    envelope = shape("debezium-mysql-update")["value"]
    one = FakeRecord(b"\0\0\0\0\x07xyz", key=None)
    found = guess(
        [one], lambda name, options: format_of(name, options, lambda _value: json.loads(json.dumps(envelope)))
    )
    assert (found.format, found.options) == ("debezium", {"value": "registry"})
    assert found.confidence > 0.9


@pytest.mark.parametrize("records", [[], [FakeRecord(None)]])
def test_a_topic_without_values_is_unknown(records: list[FakeRecord]) -> None:
    """An empty one, and one of nothing but tombstones."""
    assert guess(records, format_of).format is None


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_any_bytes_give_a_guess(values: list[bytes]) -> None:
    """Nothing on a broker stops the command."""
    assert 0 <= guess([FakeRecord(value, key=value) for value in values], format_of).confidence <= 1


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["op", "after", "source", "id", "Id", "type", "properties", "ChangeEventHeader", "payload", "event", "data", "ts_ms", "__op", "subscriptionType"]), inner, max_size=5), max_leaves=12))  # fmt: skip
def test_any_json_gives_a_guess(value: Any) -> None:
    """Envelopes that are broken are no reason to stop, either."""
    guess([record(value)], format_of)


@pytest.mark.parametrize(
    ("value", "holds"), [(b"\x08\x01", True), (b"\x08", False), (b"\x0b\x01", False), (b"\x12\x05ab", False)]
)
def test_protobuf_is_fields_to_the_last_byte(value: bytes, *, holds: bool) -> None:
    """Text and random bytes rarely are."""
    assert is_protobuf(value) is holds


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("salesforce", {"salesforce"}), ("hubspot", {"hubspot"}), ("dynamics_crm", {"dynamics"}), ("orders", {"orders"}),
        ("sap", {None}), ("odoo", {None}), ("magento", {None}), ("woocommerce", {None}), ("german", {None}),
    ],
)  # fmt: skip
def test_the_ready_mapping_that_fits_is_named(system: str, expected: set[str | None]) -> None:
    """And none where tables or columns are called otherwise."""
    fits = [fit_of(guess(records, format_of)) for records in getattr(systems, system)().values()]
    assert {fit.name if fit else None for fit in fits} == expected
