"""Plain documents, foreign CloudEvents, keys, and the options of formats."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.formats import FORMATS, FormatError, PartlyUnreadable, format_of
from consumers.formats.moments import moment_of
from consumers.formats.plain import exact
from tests.unit.consumers.formats.reading import only, read, record, why


def test_a_document_is_what_it_is() -> None:
    """Without options nothing but the record's place names it."""
    said = only("json", record({"a": {"b": 1.5}}, "k", topic="erp.orders", offset=5))
    assert (said.fields, said.operation, said.entity, said.time) == ({"a": {"b": 1.5}}, "event", None, None)
    assert (said.identity, said.meta) == ("erp.orders/3/5", {"key": "k"})


def test_options_say_what_an_envelope_would() -> None:
    """Entity, time, and what names a change."""
    options = {"entity": "order", "identity": ["head.number", "version"], "time": "head.at"}
    document = {"head": {"number": "A7", "at": 1715000000}, "version": 2}
    said = only("json", record(document), **options)
    assert (said.entity, said.identity) == ("order", "order/A7/2")
    assert said.time == datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)
    assert only("json", record({"version": 2}, offset=8), **options).identity == "crm.events/3/8"


def test_a_list_is_several_documents() -> None:
    """What is no document is named, the others are read."""
    assert [said.identity for said in read("json", record([{}, {}], offset=1))] == [
        "crm.events/3/1/0",
        "crm.events/3/1/1",
    ]
    with pytest.raises(PartlyUnreadable, match="index 1") as caught:
        format_of("json", {}).read(record([{}, 5, {}]))
    assert len(caught.value.others) == 2
    assert why("json", record("text"))[0] == "does_not_fit"


def test_a_tombstone_may_be_a_deletion() -> None:
    """Of a compacted topic it is; of others it is nothing."""
    assert read("json", record(None, {"id": 1})) == []
    said = only("json", record(None, {"id": 1}), tombstones="delete")
    assert (said.operation, said.fields, said.meta["key"]) == ("deleted", {"id": 1}, {"id": 1})
    assert read("json", record(None), tombstones="delete") == []


@pytest.mark.parametrize(
    ("key", "read_as"),
    [
        (b"acme", "acme"),
        (b"42", "42"),
        (b'{"id": 7}', {"id": 7}),
        (b'{"schema":{"type":"int32"},"payload":7}', 7),
        (b"{broken", "{broken"),
        (b"\xff\xfe", None),
    ],
)
def test_keys_are_read_as_they_come(key: bytes, read_as: Any) -> None:
    """A key that nobody can read is no reason to lose the record."""
    assert only("json", record({}, key)).meta.get("key") == read_as


def test_a_schema_around_the_payload_is_taken_off_in_either_order() -> None:
    """And what only looks like one is left."""
    schema = {
        "type": "struct",
        "fields": [{"field": "due", "type": "int32", "name": "io.debezium.time.Date"}],
    }
    for value in ({"schema": schema, "payload": {"due": 1}}, {"payload": {"due": 1}, "schema": schema}):
        assert only("json", record(value)).fields == {"due": "1970-01-02"}
    assert only("json", record({"schema": None, "payload": {"a": 1}})).fields == {"a": 1}
    assert only("json", record({"schema": "x", "payload": {}})).fields == {"schema": "x", "payload": {}}


def test_numbers_are_never_rounded_in_silence() -> None:
    """One that a double cannot hold stays text."""
    assert only("json", record(b'{"a": 12.30, "b": 12345678901234567.89}')).fields == {
        "a": 12.3,
        "b": "12345678901234567.89",
    }


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_a_number_is_worth_what_was_written(number: Decimal) -> None:
    """As a number or as text."""
    assert Decimal(str(exact(str(number)))) == number


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2024-05-06T07:08:09+02:00", datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09.123Z", datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)),
        ("2024-05-06T07:08:09.000+0000", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (1715000000, datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)),
        (1715000000000, datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)),
        ("1715000000000", datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)),
        ("2024-05-06T07:08:09", None),
        ("yesterday", None),
        (10**30, None),
        (True, None),
        (None, None),
    ],
)
def test_moments_are_read_as_systems_write_them(value: Any, moment: datetime | None) -> None:
    """A time without a zone is no moment."""
    assert moment_of(value) == moment


def event(**more: Any) -> dict[str, Any]:
    plain = {"specversion": "1.0", "id": "1", "source": "shop", "type": "com.shop.order", "subject": "acme"}
    return plain | {"time": "2024-05-06T07:08:09Z", "data": {"order": 7}} | more


def test_foreign_cloudevents_give_their_data() -> None:
    """Structured, binary and in batches; the attributes stand beside it."""
    told = only("cloudevents", record(event()))
    assert (told.fields, told.entity, told.identity) == ({"order": 7}, "com.shop.order", "shop/1")
    assert told.meta["subject"] == "acme"
    headers = [(f"ce_{name}", said.encode()) for name, said in event().items() if name != "data"]
    assert only("cloudevents", record({"order": 7}, headers=headers)) == told
    assert read("cloudevents", record([event(), event(id="2")]))[0] == told
    assert only("cloudevents", record(event(data_base64="eyJvcmRlciI6IDd9"))).fields == {"order": 7}
    with pytest.raises(PartlyUnreadable, match="index 1"):
        format_of("cloudevents", {}).read(record([event(), event(id=5)]))
    assert why("cloudevents", record({}))[0] == "does_not_fit"
    assert why("cloudevents", record({}, headers=[("ce_id", b"\xff")]))[0] == "does_not_fit"
    assert read("cloudevents", record(None)) == []


def test_a_wrong_option_is_said_with_what_is_allowed() -> None:
    """Before the first record is read."""
    with pytest.raises(FormatError, match="debezium-flat"):
        format_of("debezum", {})
    with pytest.raises(FormatError, match=r"entity.*identity.*value_schema"):
        format_of("json", {"identty": []})
    with pytest.raises(FormatError, match="json"):
        format_of("json", {"value": "xml"})
    with pytest.raises(FormatError, match="address of a schema registry"):
        format_of("json", {"value": "registry"})
    with pytest.raises(FormatError, match="cannot read the schema"):
        format_of("json", {"value": "avro", "value_schema": "there.is.none.avsc"})
    assert len(FORMATS) == 7
    json.dumps(FORMATS)
