"""What tests of mapped topics share: a portfolio of two systems, and the path from records to states."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.policy import Policy
from consumers.mapping.files import parse
from consumers.mapping.mappings import Mappings
from consumers.records import Record, contradiction_of, read
from consumers.reviewer import ReviewConfig, Reviewer
from consumers.subscription import Subscription
from storage import intake, reviews
from storage.engine import Engine, reading
from storage.intake import Batch, Committed

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class FakeRecord:
    """A record as kafka-python gives it."""

    topic: str
    value: bytes | None
    offset: int = 0
    partition: int = 0
    timestamp: int = 1_767_000_000_000
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = field(default_factory=list)


MAPPING = """
[[mapping]]
topics = ["crm.accounts"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.event]]
type = "crm.account.changed"
account = "id"
data = {name = "name", currency = "'EUR'"}

[[mapping]]
topics = ["crm.contacts"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.reference]]
kind = "contact"
id = "id"
fields = {name = "name", title = "title", department = "department", account = "account"}

[[mapping]]
topics = ["crm.talks"]
options = {time = "at", identity = ["id"]}
[[mapping.event]]
type = "crm.interaction.logged"
account = "lookup('contact', who[0]).account"
[mapping.event.data]
channel = "code('channels', kind)"
direction = "'inbound'"
participants = "people('contact', who)"
topics = "words('topics', subject)"
[[mapping.ignore]]
reason = "internal"
when = "kind == 'internal'"

[[mapping]]
topics = ["erp.orders"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.event]]
type = "order.placed"
account = "customer"
[mapping.event.data]
order_id = "id"
currency = "currency"
[mapping.event.data.lines]
each = "parts('line', id)"
sku = "sku"
kind = "lookup('product', sku).kind || 'component'"
quantity = "quantity"
unit_price = "divided(cents, `100`)"

[[mapping]]
topics = ["erp.lines"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.reference]]
kind = "line"
id = "id"
parent = "order"
fields = ["sku", "quantity", "cents"]

[[mapping]]
topics = ["erp.products"]
options = {time = "at", identity = ["sku", "at"]}
[[mapping.reference]]
kind = "product"
id = "sku"
fields = {kind = "code('kinds', type)"}

[codes.channels]
T = "call"
M = "meeting"
"*" = "other"
[codes.kinds]
SYS = "system"
SRV = "service"
"*" = "component"
[words.topics]
price = ["price", "preis"]
technical = ["test", "design"]
"""


def mappings(text: str = MAPPING) -> Mappings:
    """The mappings of a text."""
    return parse(text)


def record(topic: str, **fields: Any) -> FakeRecord:
    """A record of flat JSON."""
    return FakeRecord(topic, json.dumps(fields).encode())


def numbered(records: Iterable[FakeRecord]) -> list[FakeRecord]:
    """The records with offsets of their own, as a topic would give them."""
    ends: dict[str, int] = {}
    found = []
    for each in records:
        offset = ends.get(each.topic, 0)
        ends[each.topic] = offset + 1
        found.append(FakeRecord(each.topic, each.value, offset))
    return found


def take(engine: Engine, mapper: Mappings | None, records: Iterable[Record]) -> Committed:
    """Read records and commit what they say, as the consumer does."""
    readout = read(records, mapper)
    mapped = mapper.mapped(readout) if mapper else None
    batch = Batch(readout.events, [], readout.dead_letters, contradiction_of(readout), mapped)
    return intake.commit(engine, batch, NOW)


def states(engine: Engine, until: datetime = NOW) -> dict[str, bytes]:
    """All accounts' states, once everything has been reviewed."""
    Reviewer(engine, Policy(), ReviewConfig([Subscription(["any"])]), now=lambda: NOW).review(until)
    with reading(engine) as connection:
        return dict(reviews.states(connection))
