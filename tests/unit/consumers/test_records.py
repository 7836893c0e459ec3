"""From records to a batch: both forms of CloudEvents, and a dead letter for whatever cannot be read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.events import MAX_BYTES, REASONS, UnknownType, Unreadable, decode
from accounts.weeks import week_of
from consumers.metrics import UNKNOWN_TYPE
from consumers.records import bodies_of, contradiction_of, read, rows_of
from tests.unit.accounts.builders import STEADY

Headers = Sequence[tuple[str, bytes | None]]


@dataclass
class FakeRecord:
    """A record as kafka-python gives it."""

    value: bytes | None
    headers: Headers = ()
    offset: int = 0
    topic: str = "crm.events"
    partition: int = 3
    timestamp: int = 0
    key: bytes | None = b"acme"


def event(id_: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "erp",
        "type": "order.cancelled",
        "subject": "acme",
        "time": "2024-05-06T07:08:09Z",
        "data": {"order_id": "7"},
    } | more


def structured(id_: str = "1", **more: Any) -> FakeRecord:
    return FakeRecord(json.dumps(event(id_, **more)).encode())


def binary(data: bytes | None = b'{"order_id": "7"}', **attributes: bytes | None) -> FakeRecord:
    told = {name: value.encode() for name, value in event().items() if name != "data"} | attributes
    headers = [(f"ce_{name}", value) for name, value in told.items()]
    return FakeRecord(data, [("content-type", b"application/json"), *headers, ("trace", None)])


def reasons(*records: FakeRecord) -> list[str]:
    return [letter.reason for letter in read(records).dead_letters]


def test_both_forms_say_the_same() -> None:
    """Senders choose the binding; the core never learns which."""
    one, other = read([structured()]), read([binary()])
    assert one.events.keys() == other.events.keys()
    assert [decode(row.body) for row in one.events.values()] == [
        decode(row.body) for row in other.events.values()
    ]
    (row,) = one.events.values()
    assert (row.account_id, row.document) == ("acme", "order:7")
    assert row.week == week_of(decode(row.body).time)


def test_header_names_are_read_in_any_case() -> None:
    """HTTP gateways capitalise headers."""
    record = binary()
    record.headers = [(name.upper(), value) for name, value in record.headers]
    assert len(read([record]).events) == 1


def test_headers_that_are_no_cloudevent_leave_the_structured_form() -> None:
    """Tracing headers are everywhere."""
    record = structured()
    record.headers = [("traceparent", b"00-1"), ("x", None)]
    assert len(read([record]).events) == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (FakeRecord(None), "empty"),
        (FakeRecord(b""), "empty"),
        (FakeRecord(b"x" * (MAX_BYTES + 1)), "too_large"),
        (FakeRecord(b"x"), "not_json"),
        (binary(None), "empty"),
        (binary(b""), "empty"),
        (binary(b" " * (MAX_BYTES + 1)), "too_large"),
        (binary(b'{"order_id":'), "not_json"),
        (binary(b'{"order_id":"7"},"subject":"other"'), "not_json"),
        (binary(b"[" * 100_000 + b"]" * 100_000), "nested_too_deep"),
        (binary(b'{"order_id":"\xff"}'), "not_json"),
        (binary(subject=b"\xff\xfe"), "does_not_fit"),
        (binary(subject=b"\xed\xa0\x80"), "does_not_fit"),
        (binary(subject=b"a\0b"), "does_not_fit"),
        (binary(subject=None), "does_not_fit"),
        (binary(type=None), "does_not_fit"),
        (binary(time=b"2024-05-06"), "does_not_fit"),
        (binary(id=b'1","subject":"other'), None),
        (structured(subject=""), "does_not_fit"),
    ],
)
def test_a_bad_record_has_its_reason_and_the_next_is_read(record: FakeRecord, reason: str | None) -> None:
    """Nothing is lost and nothing stops."""
    readout = read([record, structured("2")])
    assert [letter.reason for letter in readout.dead_letters] == ([reason] if reason else [])
    assert {row.account_id for row in readout.events.values()} == {"acme"}
    assert any(decode(row.body).id == "2" for row in readout.events.values())
    for letter in readout.dead_letters:
        assert (letter.value, letter.headers) == (record.value, list(record.headers))
        assert "\0" not in letter.detail


def batch(*events: Any) -> FakeRecord:
    content_type = [("content-type", b"application/cloudevents-batch+json; charset=utf-8")]
    return FakeRecord(json.dumps(list(events)).encode(), content_type)


def test_a_batch_is_read_event_by_event() -> None:
    """Gateways put many events into one record, with the header of a batch or without."""
    plain = batch(event("3"), event("4"))
    plain.headers = ()
    plain.value = b" \n" + (plain.value or b"")
    readout = read([batch(event("1"), event("2"), event("1")), plain, batch()])
    assert [decode(row.body).id for row in readout.events.values()] == ["1", "2", "3", "4"]
    assert (readout.dead_letters, readout.repeated) == ([], 1)


def test_what_is_bad_in_a_batch_is_one_dead_letter_that_names_it() -> None:
    """The others are read, and whoever mends the record finds the place."""
    bad = batch(event("1"), event("2", subject=""), event("3", type="order.paid"), 5, event("4"))
    readout = read([bad, structured("5")])
    assert [decode(row.body).id for row in readout.events.values()] == ["1", "4", "5"]
    (letter,) = readout.dead_letters
    assert (letter.reason, letter.value) == ("does_not_fit", bad.value)
    assert letter.detail.startswith("event 1: ")
    assert "; event 3: " in letter.detail
    assert readout.types["crm.events", UNKNOWN_TYPE] == 1


def test_a_batch_is_replayed_whole() -> None:
    """A type that nothing here reads does not keep the others of its batch back."""
    mended = rows_of(bodies_of(batch(event("1"), event("3", type="order.paid"), event("4"))))
    assert [decode(row.body).id for row in mended.values()] == ["1", "4"]
    with pytest.raises(UnknownType):
        rows_of(bodies_of(structured(type="order.paid")))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"[", "not_json"),
        (b"[" * 100_000 + b"]" * 100_000, "nested_too_deep"),
        (b"[1" + b" " * MAX_BYTES + b"]", "too_large"),
        (b"[" + b"{}," * 10_000 + b"{}]", "too_large"),
    ],
)
def test_a_broken_batch_is_a_dead_letter(value: bytes, reason: str) -> None:
    """Nothing of it can be trusted."""
    assert reasons(FakeRecord(value)) == [reason]


def test_a_dead_letter_keeps_where_it_came_from() -> None:
    """Whoever mends it can find it, and replay it as it was."""
    record = FakeRecord(b"?", [("h", b"v")], offset=41, topic="order.events", partition=5, key=None)
    (letter,) = read([record]).dead_letters
    assert (letter.topic, letter.partition, letter.offset, letter.key) == ("order.events", 5, 41, None)
    assert letter.detail


def test_an_unknown_type_is_counted_and_skipped() -> None:
    """Neither an event nor a dead letter."""
    readout = read([structured(type="order.paid"), structured("2")])
    assert readout.dead_letters == []
    assert readout.types == {("crm.events", UNKNOWN_TYPE): 1, ("crm.events", "order.cancelled"): 1}


def test_a_duplicate_counts_as_repeated() -> None:
    """Also where the producer wrote the same event in another form or with other spaces."""
    spaced = FakeRecord(json.dumps(event(), indent=2).encode())
    readout = read([structured(), structured(), spaced, binary()])
    assert (len(readout.events), readout.repeated, readout.dead_letters) == (1, 3, [])
    assert sum(readout.types.values()) == 1


def test_the_same_id_with_another_body_is_a_dead_letter() -> None:
    """Which of the two holds must not depend on luck."""
    readout = read([structured(), structured(data={"order_id": "8"}), structured(subject="other")])
    assert [letter.reason for letter in readout.dead_letters] == ["conflicting_duplicate"] * 2
    assert [decode(row.body).subject for row in readout.events.values()] == ["acme"]
    assert "'1'" in readout.dead_letters[0].detail


@pytest.mark.parametrize("amount", ["sNaN", "NaN", "Infinity"])
def test_a_repeated_number_that_is_none_stops_nothing(amount: str) -> None:
    """A signalling NaN raises when it is compared: it must never reach a comparison."""
    data = {
        "opportunity_id": "d",
        "status": "open",
        "opened_at": "2024-01-01T00:00:00Z",
        "deciders": [],
        "competitors": [],
        "amount": amount,
    }
    record = structured(type="crm.opportunity.changed", data=data)
    assert reasons(record, record) == ["does_not_fit"] * 2


def test_a_contradiction_found_later_names_its_record() -> None:
    """An event that contradicts one of an earlier batch is buried with its own record."""
    record = structured("9")
    record.offset = 77
    readout = read([structured("8"), record])
    key = next(key for key, row in readout.events.items() if decode(row.body).id == "9")
    letter = contradiction_of(readout)(key)
    assert (letter.reason, letter.offset, letter.value) == ("conflicting_duplicate", 77, record.value)


@STEADY
@given(
    st.lists(st.tuples(st.none() | st.binary(max_size=60), st.sampled_from(["", "ce_id", "ce_type", "CE_"])))
)
def test_any_records_are_read_or_buried(rough: list[tuple[bytes | None, str]]) -> None:
    """Whatever a topic holds, each record ends as an event, a count or a dead letter."""
    records = [FakeRecord(value, [(name, value)] if name else []) for value, name in rough]
    readout = read([*records, structured()])
    assert all(letter.reason in REASONS for letter in readout.dead_letters)
    counted = sum(readout.types.values()) + readout.repeated + len(readout.dead_letters)
    assert counted == len(records) + 1


def test_binary_data_stays_inside_its_field() -> None:
    """Data cannot smuggle in attributes."""
    with pytest.raises(Unreadable):
        bodies_of(binary(b'{},"subject":"other"'))
    (body,) = bodies_of(binary(b' {"order_id": "7"} '))
    assert decode(body).subject == "acme"
