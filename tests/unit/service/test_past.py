"""What is told of records that became no event, and of what events lack."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from accounts.replay import Replay
from consumers.mapping.files import parse
from service.past import UNTRUE, Past, Tally
from tests.integration.mapping_parts import FakeRecord

if TYPE_CHECKING:
    from consumers.record import Record

MAPPING = """
[[mapping]]
topics = ["orders"]
options = {time = "at", identity = ["id"]}
[[mapping.event]]
name = "placed"
type = "order.placed"
account = "lookup('customer', customer).account"
when = "status == 'open'"
[mapping.event.data]
order_id = "id"
currency = "'EUR'"
[mapping.event.data.lines]
each = "parts('line', id)"
sku = "sku"
kind = "'component'"
quantity = "`1`"
unit_price = "`1`"
[[mapping.event]]
name = "cancelled"
type = "order.cancelled"
account = "lookup('customer', customer).account"
when = "status == 'cancelled'"
data = {order_id = "id"}

[[mapping]]
topics = ["customers"]
options = {time = "at", identity = ["id"]}
[[mapping.reference]]
kind = "customer"
id = "id"
fields = {account = "id"}

[[mapping]]
topics = ["lines"]
options = {time = "at", identity = ["id"]}
[[mapping.reference]]
kind = "line"
id = "id"
parent = "order"
fields = {sku = "sku"}
"""
AT = "2025-01-02T03:04:05Z"


def read(*told: tuple[str, dict[str, Any]]) -> Tally:
    """What is told of records, each of a topic."""
    ends: Counter[str] = Counter()
    records: list[Record] = []
    for topic, fields in told:
        records.append(FakeRecord(topic, json.dumps({"at": AT} | fields).encode(), ends[topic]))
        ends[topic] += 1
    past = Past(parse(MAPPING), Replay().add)
    past.read(records)
    past.rest(lambda *_: None)
    return past.tally


CUSTOMER = ("customers", {"id": "c1"})


def order(number: int, status: str = "open", customer: str = "c1") -> tuple[str, dict[str, Any]]:
    return "orders", {"id": f"o{number}", "status": status, "customer": customer}


def test_a_record_is_left_aside_only_where_no_rule_took_it() -> None:
    """An order that is placed is not also “left aside” because it is not cancelled."""
    tally = read(CUSTOMER, order(1), order(2, "cancelled"), order(3, "draft"))
    assert tally.ignored == {("orders", UNTRUE): 1}


def test_parts_of_which_no_record_tells_are_missed() -> None:
    """Who forgets the topic of order lines is told; an order that has none is no reason to."""
    assert read(CUSTOMER, order(1), order(2)).never_told == {"line": 2}
    line = ("lines", {"id": "l1", "order": "o1", "sku": "S"})
    assert read(CUSTOMER, line, order(1), order(2)).never_told == {}


def test_what_events_wait_for_is_told_by_an_example() -> None:
    """A number that is written otherwise is seen beside one that is known."""
    tally = read(CUSTOMER, order(1, customer="00c1"), order(2))
    assert (tally.waiting, tally.awaited) == ({"customer": 1}, {"customer": "00c1"})
    assert tally.kinds["customer"] == "c1"
