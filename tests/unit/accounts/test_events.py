"""Decoding: every bad record ends in a reason a person can act on, quickly, and in nothing else."""

import json
from decimal import Decimal
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.events import (
    MAX_BYTES,
    REASONS,
    TYPES,
    OpportunityChanged,
    OrderPlaced,
    Person,
    UnknownType,
    Unreadable,
    decode,
    document_of,
    event_key,
    type_of,
)
from tests.unit.accounts.builders import STEADY, at, cancelled, card, changed, delivered, order, talk, ticket

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def placed(**more: Any) -> dict[str, Any]:
    """An order as its CloudEvent; `line` and `data` change parts of it, None leaves a field out."""
    line = {"sku": "s", "kind": "system", "quantity": 1, "unit_price": "10.50"} | more.pop("line", {})
    data = {"order_id": "o-1", "currency": "EUR", "lines": [line]} | more.pop("data", {})
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "erp",
        "type": "order.placed",
        "subject": "acme",
        "time": "2024-05-06T07:08:09+02:00",
        "data": data,
    }
    return {name: value for name, value in (event | more).items() if value is not None}


def deal(**more: Any) -> dict[str, Any]:
    data = {
        "opportunity_id": "d-1",
        "status": "open",
        "opened_at": "2024-01-01T00:00:00Z",
        "deciders": [],
        "competitors": [],
    }
    return placed(type="crm.opportunity.changed") | {"data": data | more}


def body(event: Any) -> bytes:
    return json.dumps(event).encode()


def refusal(value: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        decode(value)
    assert caught.value.reason in REASONS
    return caught.value


def test_a_good_event_is_read_whole() -> None:
    """The control: what the refusals below differ from."""
    event = decode(body(placed(extra=1)))
    assert isinstance(event, OrderPlaced)
    assert (event.subject, event.data.lines[0].unit_price) == ("acme", Decimal("10.50"))
    assert isinstance(decode(body(deal(amount="12.5"))), OpportunityChanged)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "empty"),
        (b" " * (MAX_BYTES + 1), "too_large"),
        (body(placed(id="x" * 5_000_000)), "too_large"),
        (b"not json", "not_json"),
        (body(placed())[:-1], "not_json"),
        (body(placed()) + b"}", "not_json"),
        (b"\xff\xfe" + body(placed()), "not_json"),
        (body(placed(id="\ud800")), "not_json"),
        (body(placed(subject="a")).replace(b'"a"', b'"a\0b"'), "not_json"),
        (body(placed(subject="a")).replace(b'"a"', b'"\xed\xa0\x80"'), "not_json"),
        (body(placed(line={"quantity": float("nan")})), "not_json"),
        (b"[" * 100_000, "does_not_fit"),
        (body(placed(x=0)).replace(b'"x": 0', b'"x": ' + b"[" * 100_000 + b"]" * 100_000), "nested_too_deep"),
        (b'{"type":' * 100_000, "nested_too_deep"),
        (b"null", "does_not_fit"),
        (b"[]", "does_not_fit"),
        (b"{}", "does_not_fit"),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(value: bytes, reason: str) -> None:
    """A dead letter must say what is wrong with the bytes."""
    assert refusal(value).reason == reason


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (placed(subject=None), "subject"),
        (placed(subject=""), "$.subject"),
        (placed(subject=7), "$.subject"),
        (placed(id=None), "id"),
        (placed(id="x" * 513), "$.id"),
        (placed(source=""), "$.source"),
        (placed(type=None), "type"),
        (placed(type=3), "type"),
        (placed() | {"data": "text"}, "$.data"),
        (placed(specversion="0.3"), "specversion"),
        (placed(time="2024-05-06T07:08:09"), "timezone"),
        (placed(time="yesterday"), "$.time"),
        (placed(time=1_700_000_000), "$.time"),
        (placed(time="9999-12-31T23:59:59Z"), "1990 to 2099"),
        (placed(time="0001-01-01T00:00:00+23:59"), "1990 to 2099"),
        (placed(line={"quantity": "NaN"}), "quantity"),
        (placed(line={"quantity": "sNaN"}), "quantity"),
        (placed(line={"unit_price": "-Infinity"}), "unit_price"),
        (placed(line={"unit_price": "1e12"}), "unit_price"),
        (placed(line={"unit_price": "1e999999999"}), "unit_price"),
        (placed(line={"quantity": 10**400}), "quantity"),
        (placed(line={"quantity": True}), "quantity"),
        (placed(line={"list_price": "NaN"}), "list_price"),
        (placed(line={"kind": "gift"}), "kind"),
        (placed(data={"currency": ""}), "currency"),
        (placed(data={"currency": "E\0R"}), "NUL"),
        (placed(subject="a\0b"), "NUL"),
        (placed(data={"order_id": "a\0b"}), "NUL"),
        (placed(data={"buyer": {"id": "b", "name": "B\0b"}}), "NUL"),
        (deal(amount="sNaN"), "amount"),
        (deal(amount="1e999999999"), "amount"),
        (deal(opened_at="2024-01-01"), "opened_at"),
        (deal(competitors=["a\0"]), "NUL"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(event: dict[str, Any], names: str) -> None:
    """Whoever mends the sender must learn which field to mend."""
    refused = refusal(body(event))
    assert refused.reason == "does_not_fit"
    assert names in refused.detail


def test_a_backslash_before_u0000_is_no_nul() -> None:
    """A file path in a text is not mistaken for a control character."""
    assert decode(body(placed(subject="C:\\u0000"))).subject == "C:\\u0000"


@pytest.mark.parametrize(
    "quoted", ["a\0b", "\0" * 5000, "é" * 100_000], ids=["nul", "many nuls", "half a megabyte"]
)
def test_a_reason_quotes_nothing_that_no_database_keeps(quoted: str) -> None:
    """The reason is stored as text: what it quotes of the record must not stop the batch."""
    for bad in (placed(line={"kind": quoted}), placed(specversion=quoted)):
        refused = refusal(body(bad))
        assert "\0" not in refused.detail
        assert "\0" not in str(refused)
        assert len(refused.detail) < 2000


@pytest.mark.parametrize(
    "number", ['"1e999999999"', "1e999999", '"1e-999999999"', "1" * 900_000, "0." + "1" * 900_000]
)
def test_huge_numbers_cost_nothing(number: str) -> None:
    """One record of a few bytes must not hold up the partition for minutes."""
    value = body(placed(line={"quantity": 0})).replace(b'"quantity": 0', f'"quantity": {number}'.encode())
    begin = process_time()
    try:
        decode(value)
    except Unreadable as error:
        assert error.reason == "does_not_fit"  # noqa: PT017  (tiny ones are read)
    assert process_time() - begin < 1


@pytest.mark.parametrize("event", [placed(type="order.paid"), {"type": "x"}, placed(type="x", subject=None)])
def test_an_unknown_type_is_counted_not_buried(event: dict[str, Any]) -> None:
    """New senders must not fill the dead letters."""
    with pytest.raises(UnknownType):
        decode(body(event))


@STEADY
@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(value: bytes) -> None:
    """The consumer survives whatever a topic holds."""
    _ends_well(value)


@STEADY
@given(JSON, JSON, JSON, st.sampled_from([*TYPES, "x"]))
def test_arbitrary_json_never_raises_anything_else(whole: Any, data: Any, field: Any, kind: str) -> None:
    """Also where the JSON is sound and only its shape is not."""
    _ends_well(body(whole))
    _ends_well(body(placed(type=kind) | {"data": data}))
    if isinstance(data, dict):
        _ends_well(body(placed(type=kind, data=data, id=field)))


@STEADY
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_damaged_event_never_raises_anything_else(place: int, damage: bytes) -> None:
    """Flipped bytes in an otherwise good record end in a reason too."""
    good = body(placed())
    place %= len(good)
    _ends_well(good[:place] + damage + good[place + len(damage) :])


def _ends_well(value: bytes) -> None:
    try:
        event = decode(value)
    except UnknownType:
        return
    except Unreadable as error:
        assert error.reason in REASONS  # noqa: PT017
        return
    assert type_of(event) in TYPES
    assert event == decode(value)  # equal to itself: a duplicate is never a contradiction


def test_identity_is_source_and_id_apart() -> None:
    """CloudEvents' identity: two sources may use the same id, and no pair is mistaken for another."""
    pairs = [("a", "b"), ("b", "a"), ("ab", "c"), ("a", "bc"), ("a", "c")]
    keys = {event_key(talk(at(0), id=id_, source=source)) for source, id_ in pairs}
    assert len(keys) == len(pairs)
    assert all(len(key) == 16 for key in keys)
    assert event_key(talk(at(0), id="b")) == event_key(talk(at(5), id="b"))


def test_versions_share_a_document() -> None:
    """An order placed, changed and cancelled is one order; kinds of documents do not meet."""
    versions = [order(at(0), "7"), changed(at(1), "7"), cancelled(at(2), "7")]
    assert {document_of(event) for event in versions} == {"order:7"}
    documents = [document_of(event) for event in (versions[0], ticket(at(0), "7"), card(at(0)))]
    assert all(one != other for one, other in pairwise(documents))
    assert document_of(delivered(at(3), "7")) is None
    assert document_of(talk(at(0))) is None


def test_the_stated_function_wins_over_the_title() -> None:
    """A CRM that knows the function need not be guessed at."""
    assert Person("p", title="Buyer", function="development").role() == "development"
    assert Person("p", title="Strategic Buyer", department="Purchasing").role() == "purchasing"
    assert Person("p").role() == "other"
