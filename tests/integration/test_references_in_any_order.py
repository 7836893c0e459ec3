"""Events that refer to others, against an oracle that knows everything at once."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import migrations
from accounts.events import decode
from storage.engine import Engine, create_engine, transaction
from storage.tables import metadata
from tests.integration.consuming import rows
from tests.integration.mapping_parts import FakeRecord, mappings, numbered, record, take

START = datetime(2024, 1, 1, tzinfo=UTC)
MAPPING = """
[[mapping]]
topics = ["people"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.reference]]
kind = "contact"
id = "id"
fields = ["title", "department", "firm"]

[[mapping]]
topics = ["firms"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.reference]]
kind = "firm"
id = "id"
fields = ["code"]

[[mapping]]
topics = ["products"]
options = {time = "at", identity = ["sku", "at"]}
[[mapping.reference]]
kind = "product"
id = "sku"
fields = ["kind"]

[[mapping]]
topics = ["orders"]
options = {time = "at", identity = ["id"]}
[[mapping.event]]
type = "order.placed"
account = "lookup('firm', lookup('contact', who).firm).code"
[mapping.event.data]
order_id = "id"
currency = "'EUR'"
buyer = "person('contact', who)"
[mapping.event.data.lines]
each = "skus"
sku = "@.value"
kind = "lookup('product', @.value).kind"
quantity = "`1`"
unit_price = "`10`"
"""
PEOPLE, PRODUCTS, FIRMS, DAYS = ["p", "q"], ["S", "T"], ["f", "g"], 12


class Order(NamedTuple):
    """Half a day after the changes of its day, so that no two moments are the same."""

    day: int
    who: str
    skus: tuple[str, ...]


class History(NamedTuple):
    """What is said of references, by day and id, and the orders that name them."""

    people: Mapping[tuple[str, int], dict[str, str]]
    products: Mapping[tuple[str, int], dict[str, str]]
    firms: Mapping[tuple[str, int], dict[str, str]]
    orders: list[Order]


def some(values: list[str]) -> st.SearchStrategy[str]:
    """One of them."""
    return st.sampled_from(values)


said_of_people = st.fixed_dictionaries(
    {},
    optional={
        "title": some(["Buyer", "Design Engineer"]),
        "department": some(["R&D", "Purchasing"]),
        "firm": some(FIRMS),
    },
)
days = st.integers(0, DAYS - 1)
histories = st.builds(
    History,
    st.dictionaries(st.tuples(some(PEOPLE), days), said_of_people, min_size=6, max_size=16),
    st.dictionaries(
        st.tuples(some(PRODUCTS), days),
        st.fixed_dictionaries({"kind": some(["system", "component", "service"])}),
        min_size=4,
        max_size=10,
    ),
    st.dictionaries(
        st.tuples(some(FIRMS), days),
        st.fixed_dictionaries({"code": some(["acme", "bolt"])}),
        min_size=3,
        max_size=6,
    ),
    st.lists(
        st.builds(
            Order,
            days,
            some([*PEOPLE, *PEOPLE, "stranger"]),
            st.lists(some(PRODUCTS), max_size=2, unique=True).map(tuple),
        ),
        min_size=4,
        max_size=10,
    ),
)


def at(day: float) -> str:
    """A moment so many days after START."""
    return (START + timedelta(days=day)).isoformat()


def records(history: History) -> list[FakeRecord]:
    """What the topics hold."""
    found = [record("people", id=id_, at=at(day), **said) for (id_, day), said in history.people.items()]
    found += [
        record("products", sku=sku, at=at(day), **said) for (sku, day), said in history.products.items()
    ]
    found += [record("firms", id=id_, at=at(day), **said) for (id_, day), said in history.firms.items()]
    found += [
        record("orders", id=f"O{number}", at=at(order.day + 0.5), who=order.who, skus=list(order.skus))
        for number, order in enumerate(history.orders)
    ]
    return numbered(found)


def known(said: Mapping[tuple[str, int], dict[str, str]], id_: str, name: str, day: int) -> str | None:
    """What had been said of a field by a day; else what was said of it first, later."""
    told = sorted((when, fields[name]) for (of, when), fields in said.items() if of == id_ and name in fields)
    before = [value for when, value in told if when <= day]
    return before[-1] if before else told[0][1] if told else None


def expected(history: History) -> dict[str, Any]:
    """The account, the buyer and the kinds of each order that can be told."""
    found = {}
    for number, order in enumerate(history.orders):
        firm = known(history.people, order.who, "firm", order.day)
        account = firm and known(history.firms, firm, "code", order.day)
        kinds = [known(history.products, sku, "kind", order.day) for sku in order.skus]
        if account is not None and None not in kinds:
            buyer = [known(history.people, order.who, name, order.day) for name in ("title", "department")]
            found[f"O{number}"] = (account, order.who, *buyer, kinds)
    return found


def made(engine: Engine) -> dict[str, Any]:
    """The same of the events that there are."""
    found = {}
    for (body,) in rows(engine, "SELECT body FROM events"):
        event, data = decode(bytes(body)), json.loads(body)["data"]
        buyer = data["buyer"]
        kinds = [line["kind"] for line in data["lines"]]
        told = (event.subject, buyer["id"], buyer.get("title"), buyer.get("department"), kinds)
        found[data["order_id"]] = told
    return found


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made_ = create_engine(database_url)
    yield made_
    made_.dispose()


def emptied(engine: Engine) -> None:
    """As if it were new."""
    with transaction(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.reuse, Phase.generate],  # to make a failure smaller would take minutes
)
@given(history=histories, data=st.data())
def test_events_are_those_of_who_knows_everything_at_once(
    engine: Engine, history: History, data: st.DataObject
) -> None:
    """Whatever the order, the batches and the repetitions, and whichever of two consumers takes a batch."""
    emptied(engine)
    told = records(history)
    chance = data.draw(st.randoms(use_true_random=False))
    shuffled = [*told, *chance.sample(told, 4)]
    chance.shuffle(shuffled)
    consumers = [mappings(MAPPING), mappings(MAPPING)]
    while shuffled:
        size = chance.randint(1, 8)
        take(engine, chance.choice(consumers), shuffled[:size])
        del shuffled[:size]
    assert made(engine) == expected(history)
    accounts = {account for (account,) in rows(engine, "SELECT account_id FROM accounts")}
    assert accounts == {account for account, *_ in expected(history).values()}


def test_what_is_new_beside_what_came_before_makes_its_account_due(engine: Engine) -> None:
    """Its account would never be judged otherwise, until something else happened there."""
    said = [record("people", id=who, at=at(0), title="Buyer", firm=who) for who in ("p", "q")]
    said += [record("firms", id="p", at=at(0), code="acme"), record("firms", id="q", at=at(0), code="bolt")]
    said += [record("orders", id=who, at=at(1), who=who, skus=[]) for who in ("p", "q")]
    first = numbered(said)
    take(engine, mappings(MAPPING), first[:5])
    committed = take(engine, mappings(MAPPING), first[4:])
    assert (committed.outcome.accepted, committed.outcome.repeated) == (1, 0)
    body = rows(engine, "SELECT body FROM events ORDER BY account_id")[0][0]
    other = bytes(body).replace(b'"acme"', b'"core"').replace(b'"id":"', b'"id":"another-', 1)
    committed = take(engine, None, [FakeRecord("events", bytes(body)), FakeRecord("events", other)])
    assert (committed.outcome.accepted, committed.outcome.repeated) == (1, 1)
    due = rows(engine, "SELECT account_id FROM accounts ORDER BY 1")
    assert due == [("acme",), ("bolt",), ("core",)]
