"""A CRM's and an ERP's own topics on a real broker: the states of canonical events, and reprocessing."""

import json
import random
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import migrations
from consumers.consumer import Consumer
from consumers.mapping.files import load
from service.cli import app
from service.members import hosts_of
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import config, consume, offset, one, rows, running
from tests.integration.mapping_parts import FakeRecord, states, take
from tests.parts.broker import Broker
from tests.parts.process import wait_until

START = datetime(2024, 1, 3, 9, tzinfo=UTC)
ACCOUNTS = {"001A": "Acme", "001B": "Bolt"}
PEOPLE = {"003A": ("001A", "Design Engineer"), "003B": ("001A", "Senior Buyer"), "003C": ("001B", "Buyer")}
SUBJECTS = {"New price list": ["price"], "Design review": ["technical"], "Hello": []}
PRODUCTS = {"S": "system", "C": "component", "V": "service"}
WEEKS = 50


class Story:
    """The same history as records of Salesforce and of Debezium, and as canonical events."""

    def __init__(self) -> None:
        self.crm: list[dict[str, Any]] = []
        self.erp: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._tell()

    def _tell(self) -> None:
        chance = random.Random(4)
        for number, (account, name) in enumerate(ACCOUNTS.items()):
            self._change("Account", account, number, Name=name)
            self._event("crm.account.changed", account, number, {"name": name})
        for number, (person, (account, title)) in enumerate(PEOPLE.items(), start=10):
            named = {"FirstName": "A", "LastName": person}
            self._change("Contact", person, number, Name=named, Title=title, AccountId=account)
            contact = {"id": person, "name": f"A {person}", "title": title}
            self._event("crm.contact.changed", account, number, {"contact": contact})
        for number, (sku, kind) in enumerate(PRODUCTS.items()):
            self._row("products", number, {"sku": sku, "kind": kind, "product_line": None})
        for week in range(WEEKS):
            self._talk(week, chance.choice(list(PEOPLE)), chance.choice(list(SUBJECTS)))
            self._order(week, chance.choice(list(ACCOUNTS)), chance.sample(list(PRODUCTS), 2))

    def _change(self, entity: str, id_: str, minutes: float, kind: str = "CREATE", **fields: Any) -> None:
        at = round((START + timedelta(minutes=minutes)).timestamp() * 1000)
        header = {
            "entityName": entity, "recordIds": [id_], "changeType": kind,
            "transactionKey": f"{id_}-{minutes}", "sequenceNumber": 1, "commitTimestamp": at,
            "changedFields": list(fields),
        }  # fmt: skip
        self.crm.append({"ChangeEventHeader": header, **fields})

    def _row(self, table: str, minutes: float, row: dict[str, Any]) -> None:
        at = round((START + timedelta(minutes=minutes)).timestamp() * 1000)
        source = {"connector": "postgresql", "db": "erp", "schema": "public", "table": table, "ts_ms": at}
        source |= {"lsn": 1000 + len(self.erp), "txId": len(self.erp)}
        self.erp.append({"before": None, "after": row, "source": source, "op": "c", "ts_ms": at})

    def _event(self, type_: str, account: str, minutes: float, data: dict[str, Any]) -> None:
        event = {
            "specversion": "1.0", "type": type_, "source": "told", "id": str(len(self.events)),
            "subject": account, "time": (START + timedelta(minutes=minutes)).isoformat(), "data": data,
        }  # fmt: skip
        self.events.append(event)

    def _talk(self, week: int, person: str, subject: str) -> None:
        minutes, task = week * 7 * 1440, f"00T{week}"
        done = (START + timedelta(minutes=minutes)).isoformat()
        fields = {"WhoId": person, "OwnerId": "005V", "TaskSubtype": "Call", "CallType": "Inbound"}
        self._change("Task", task, minutes - 60, Status="Open", Subject="to do", **fields)
        self._change(
            "Task", task, minutes + 5, "UPDATE", Status="Completed", Subject=subject, CompletedDateTime=done
        )
        account, title = PEOPLE[person]
        people = [
            {"id": person, "name": f"A {person}", "title": title},
            {"id": "005V", "side": "vendor"},
        ]
        data = {"channel": "call", "direction": "inbound", "participants": people}
        self._event("crm.interaction.logged", account, minutes, data | {"topics": SUBJECTS[subject]})

    def _order(self, week: int, account: str, skus: list[str]) -> None:
        minutes = week * 7 * 1440 + 30
        at = (START + timedelta(minutes=minutes)).isoformat()
        order = {"id": week, "customer_id": account, "buyer_id": None, "currency": "EUR", "status": "new"}
        self._row("orders", minutes, order | {"created_at": at})
        lines = []
        for number, sku in enumerate(skus):
            line = {"sku": sku, "quantity": 2, "unit_price": f"{100 + week}.50", "list_price": None}
            self._row("order_lines", minutes + 1, {"id": f"{week}-{number}", "order_id": week} | line)
            lines.append({"sku": sku, "kind": PRODUCTS[sku], "quantity": 2, "unit_price": line["unit_price"]})
        data = {"order_id": str(week), "currency": "EUR", "lines": lines}
        self._event("order.changed", account, minutes, data)


STORY = Story()


def send(bootstrap: str, topic: str, values: list[dict[str, Any]], partitions: int) -> None:
    """Send values, each to the partition of its document, as connectors do."""
    with warnings.catch_warnings():
        from kafka import KafkaProducer  # noqa: PLC0415  (it warns before pytest knows which to expect)
    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for number, value in enumerate(values):
        producer.send(topic, value=json.dumps(value).encode(), partition=number % partitions)
    producer.flush()
    producer.close()


MAPPING = """
[[mapping]]
use = "salesforce"
topics = ["{crm}"]
[[mapping]]
use = "orders"
topics = ["{erp}"]
"""


NAMELESS = """
[[mapping.reference]]
name = "contact"
kind = "contact"
entity = "Contact"
id = "Id"
fields = {title = "Title", account = "AccountId"}
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, bytes]:
    """The states that the same history gives as canonical events."""
    url = f"sqlite:///{tmp_path / 'expected.sqlite'}"
    migrations.upgrade(url)
    made = create_engine(url)
    take(made, None, [FakeRecord("events", json.dumps(event).encode()) for event in STORY.events])
    found = states(made)
    made.dispose()
    return found


def told_of(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shuffled, a third of them twice."""
    chance = random.Random(9)
    told = values + chance.sample(values, len(values) // 3)
    chance.shuffle(told)
    return told


def test_mapped_topics_give_the_states_of_canonical_events(
    kafka: Broker, topic: TopicFactory, engine: Engine, expected: dict[str, bytes], tmp_path: Path
) -> None:
    """In any order, with repetitions, by a consumer that is stopped and started in between."""
    crm, erp = topic(3, "crm"), topic(3, "erp")
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING.format(crm=crm, erp=erp), "utf-8")
    changes, captured = told_of(STORY.crm), told_of(STORY.erp)
    total = len(changes) + len(captured)
    send(kafka.bootstrap, crm, changes, 3)
    send(kafka.bootstrap, erp, captured, 3)
    both = replace(config(kafka.bootstrap, crm), topics=[crm, erp], batch_records=20)
    with running(Consumer(engine, both, load([file]))) as stop:
        wait_until(lambda: stop.is_set() or offset(engine) > total // 3, 30, "a third of the records")
    consume(engine, both, total, 60, load([file]))
    assert one(engine, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL") == 0
    assert one(engine, "SELECT count(*) FROM events") == len(STORY.events)
    assert states(engine) == expected


def test_reprocessing_mends_what_a_mistake_has_made(
    kafka: Broker,
    topic: TopicFactory,
    engine: Engine,
    expected: dict[str, bytes],
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The state is as if the mapping had been right; nobody is told again what has been told."""
    crm, erp = topic(3, "crm"), topic(3, "erp")
    right = MAPPING.format(crm=crm, erp=erp)
    file = tmp_path / "mapping.toml"
    file.write_text(right + '[codes.product_kinds]\nsystem = "component"\n', "utf-8")
    send(kafka.bootstrap, crm, STORY.crm, 3)
    send(kafka.bootstrap, erp, STORY.erp, 3)
    both = replace(config(kafka.bootstrap, crm), topics=[crm, erp])
    consume(engine, both, len(STORY.crm) + len(STORY.erp), 60, load([file]))
    assert states(engine) != expected
    for name, value in {
        "DATABASE__URL": engine.url.render_as_string(hide_password=False),
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA__TOPICS": f"{crm},{erp}",
        "KAFKA__GROUP_ID": both.group_id,
        "MAPPING__FILES": str(file),
    }.items():
        monkeypatch.setenv(f"TURNSIGNAL_{name}", value)
    file.write_text(right.replace("topics", "topcs"), "utf-8")
    refused = run("reprocess")
    assert "did you mean topics?" in str(refused.exception)

    file.write_text(right, "utf-8")
    tested = run("mapping", "test", "--topic", erp, "--json")
    verdicts = [json.loads(line) for line in tested.stdout.splitlines()]
    orders = [verdict for verdict in verdicts if verdict["became"] == "order.changed"]
    assert len(orders) == WEEKS
    assert orders[0]["event"]["data"]["lines"]
    assert f"{erp} (debezium): order, line, cancelled" in run("mapping", "check").stdout

    systems = sum('"system"' in json.dumps(event["data"]) for event in STORY.events)
    assert f"{systems} events new or changed, 0 taken away" in run("reprocess").stdout
    assert states(engine) == expected
    told = rows(engine, "SELECT message_id FROM outbox ORDER BY 1")
    assert told
    assert (
        "0 events new or changed, 0 taken away, 0 accounts" in run("reprocess", "--from", "2020-01-01").stdout
    )
    assert states(engine) == expected
    # People's names are in no state: all accounts are judged anew, and nothing new follows.
    file.write_text(
        right.replace('[[mapping]]\nuse = "orders', f'{NAMELESS}[[mapping]]\nuse = "orders'), "utf-8"
    )
    assert f"{len(ACCOUNTS)} accounts" in run("reprocess", "--topic", crm).stdout
    assert states(engine) == expected
    assert rows(engine, "SELECT message_id FROM outbox ORDER BY 1") == told
    assert database_url


PLAIN = """
[[mapping]]
topics = ["{orders}"]
options = {{time = "at"}}
[[mapping.event]]
type = "order.placed"
account = "{account}"
data = {{order_id = "id", currency = "'EUR'", lines = "lines"}}
"""


def test_a_topic_of_one_name_in_two_clusters_is_consumed_and_reprocessed(
    kafka: Broker, topic: TopicFactory, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record without a name of its own is one of its cluster; a reprocess mends what all have brought."""
    orders = topic(1, "orders")
    line = {"sku": "S", "kind": "component", "quantity": 1, "unit_price": 5}
    send(kafka.bootstrap, orders, [{"id": "1", "who": "acme", "at": START.isoformat(), "lines": [line]}], 1)
    file = tmp_path / "mapping.toml"
    file.write_text(PLAIN.format(orders=orders, account="id"), "utf-8")
    own = config(kafka.bootstrap, orders)
    both = [own, replace(own, cluster="eu", group_id=f"{orders}-eu")]
    for number, cluster in enumerate(both, start=1):
        consume(engine, cluster, number, mappings=load([file]))
    found = "SELECT cluster, account_id FROM events ORDER BY 1"
    assert rows(engine, found) == [("", "1"), ("eu", "1")]
    eu = {"bootstrap_servers": [kafka.bootstrap], "topics": [orders], "group_id": f"{orders}-eu"}
    for name, value in {
        "DATABASE__URL": engine.url.render_as_string(hide_password=False),
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA__TOPICS": f"{orders},{orders}-*",
        "KAFKA__GROUP_ID": own.group_id,
        "KAFKA__CLUSTERS": json.dumps({"eu": eu}),
        "MAPPING__FILES": str(file),
    }.items():
        monkeypatch.setenv(f"TURNSIGNAL_{name}", value)
    file.write_text(PLAIN.format(orders=orders, account="who"), "utf-8")
    checked = run("mapping", "check").stdout
    assert f"kafka.topics eu:{orders}: {file}" in checked
    assert f"kafka.topics {orders}-*: each topic's name decides" in checked
    tested = run("mapping", "test", "--topic", orders, "--cluster", "eu", "--json")
    assert json.loads(tested.stdout)["account"] == "acme"
    with running(Consumer(engine, both[1], load([file]))):
        wait_until(lambda: bool(hosts_of(both[1])), 20, "a member of the group")
        refused = run("reprocess")
        assert "perhaps by an earlier mapping" in str(refused.exception)
    assert "2 records read again: 2 events new or changed" in run("reprocess").stdout
    assert rows(engine, found) == [("", "acme"), ("eu", "acme")]


def run(*words: str) -> Result:
    """A command, to its end."""
    return CliRunner().invoke(app, list(words))
