"""A CRM's and an ERP's own topics on a real broker: the states of canonical events, and reprocessing."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import migrations
from consumers.consumer import Consumer
from consumers.mapping.files import load
from service.members import hosts_of
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.end_to_end.turnsignal import PROGRAM
from tests.integration.consuming import config, consume, offset, one, rows, running
from tests.integration.mapped_story import ACCOUNTS, MAPPING, START, STORY, WEEKS, send, told_of
from tests.integration.mapping_parts import FakeRecord, states, take
from tests.parts.broker import Broker
from tests.parts.process import wait_until

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
    assert "did you mean topics?" in refused.stderr

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
        assert "perhaps by an earlier mapping" in refused.stderr
    assert "2 records read again: 2 events new or changed" in run("reprocess").stdout
    assert rows(engine, found) == [("", "acme"), ("eu", "acme")]


LIMITED = """
[[mapping]]
topics = ["{orders}"]
cluster = "eu"
options = {{time = "at"}}
[[mapping.event]]
type = "order.placed"
account = "lookup('order', id).customer"
data = {{order_id = "id", currency = "'EUR'", lines = "lines"}}
[[mapping.reference]]
kind = "order"
id = "id"
fields = {{customer = "who"}}
"""


def test_a_topic_of_one_name_has_a_mapping_of_its_own_in_each_cluster(
    kafka: Broker, topic: TopicFactory, engine: Engine, tmp_path: Path
) -> None:
    """Also what waits for references is made by the mapping of its cluster."""
    orders = topic(1, "orders")
    line = {"sku": "S", "kind": "component", "quantity": 1, "unit_price": 5}
    send(kafka.bootstrap, orders, [{"id": "1", "who": "acme", "at": START.isoformat(), "lines": [line]}], 1)
    file = tmp_path / "mapping.toml"
    file.write_text(LIMITED.format(orders=orders) + PLAIN.format(orders=orders, account="id"), "utf-8")
    own = config(kafka.bootstrap, orders)
    eu = replace(own, cluster="eu", group_id=f"{orders}-eu")
    for number, cluster in enumerate((own, eu), start=1):
        consume(engine, cluster, number, mappings=load([file], clusters=["", "eu"]))
    assert rows(engine, "SELECT cluster, account_id FROM events ORDER BY 1") == [("", "1"), ("eu", "acme")]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A command, to its end, in a process of its own: some set how this one would log."""
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=120)
