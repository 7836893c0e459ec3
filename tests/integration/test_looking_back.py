"""A look back on mapped topics sees what consuming them makes, and says what became nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import migrations
from accounts.events import CanonicalEvent, decode_accepted, event_key
from accounts.replay import Replay
from consumers.mapping.files import load
from service.cli import app
from service.commands.sources import Topics, read_story
from service.failures import Failure
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import config, consume, rows
from tests.integration.mapped_story import MAPPING, STORY, send, told_of
from tests.parts.broker import Broker


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A migrated database, which is that of the settings."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", made.url.render_as_string(hide_password=False))
    yield made
    made.dispose()


@pytest.fixture
def folder(kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands work, with the broker and a mapping file in the settings."""
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", json.dumps([kafka.bootstrap]))
    eu = {"bootstrap_servers": [kafka.bootstrap], "topics": ["any"]}
    monkeypatch.setenv("TURNSIGNAL_KAFKA__CLUSTERS", json.dumps({"eu": eu}))
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", "mapping.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


GAP = {
    "ChangeEventHeader": {
        "entityName": "Contact", "recordIds": ["003Z"], "changeType": "GAP_UPDATE", "transactionKey": "gap",
        "sequenceNumber": 1, "commitTimestamp": 1704272400000, "changedFields": [],
    }
}  # fmt: skip


def run(*words: str) -> Result:
    """A command, to its end."""
    return CliRunner().invoke(app, list(words))


def test_what_is_read_of_topics_is_what_consuming_them_keeps(
    kafka: Broker, topic: TopicFactory, engine: Engine, folder: Path
) -> None:
    """Event for event, in any order, references filled; so are the figures; of two clusters as of one."""
    crm, erp = topic(3, "crm"), topic(3, "erp")
    (folder / "mapping.toml").write_text(MAPPING.format(crm=crm, erp=erp), "utf-8")
    changes, captured = told_of(STORY.crm), told_of(STORY.erp)
    send(kafka.bootstrap, crm, [*changes, GAP], 3)
    send(kafka.bootstrap, erp, captured, 3)
    both = replace(config(kafka.bootstrap, crm), topics=[crm, erp], batch_records=50)
    total = len(changes) + len(captured) + 1
    consume(engine, both, total, 60, load([folder / "mapping.toml"]))

    kept = {
        bytes(key): decode_accepted(body) for key, body in rows(engine, "SELECT event_key, body FROM events")
    }
    assert events_of(read_story([], Topics([f"^{crm}$", f"eu:{erp}"]))) == kept
    assert len(kept) == len(STORY.events)

    topics = run("backtest", "--json", "--topic", crm, "--topic", erp, "--cluster", "eu")
    database = run("backtest", "--json", "--database")
    assert topics.exit_code == database.exit_code == 0, (topics.exception, database.exception)
    told, kept_told = json.loads(topics.stdout), json.loads(database.stdout)
    assert "(dead letters): 1 of " in told.pop("mistakes")[0]
    assert f"(dead letters): 1 of {crm}" in kept_told.pop("mistakes")[0]
    assert told == kept_told
    said = topics.stderr
    assert f"{total:,} records read: {len(STORY.events)} events of 2 accounts" in said
    assert "1 could not be read or mapped" in said
    assert f"1 gap of {crm}, the first: {crm}[" in said


def events_of(story: Replay) -> dict[bytes, CanonicalEvent]:
    """All its events by key."""
    return {event_key(event): event for account in story.accounts for event in story.events_of(account)}


MISTAKEN = """
[[mapping]]
topics = ["{topic}"]
options = {{time = "at"}}
[[mapping.event]]
type = "order.cancelled"
account = "customer"
data = {{order_id = "nummer"}}
[[mapping.ignore]]
reason = "test orders"
when = "test"
"""


def test_where_nothing_maps_the_way_on_is_said(kafka: Broker, topic: TopicFactory, folder: Path) -> None:
    """A mistake in a mapping must not look like a portfolio without a past; the reasons are counted."""
    name = topic(1, "orders")
    records = [{"number": str(each), "customer": "acme", "at": "2026-01-01T00:00:00Z"} for each in range(3)]
    send(kafka.bootstrap, name, [*records, {"test": True}], 1)
    (folder / "mapping.toml").write_text(MISTAKEN.format(topic=name), "utf-8")
    for command in ("backtest", "calibrate"):
        done = run(command, "--topic", name)
        assert isinstance(done.exception, Failure)
        assert str(done.exception) == (
            f"none of the records became an event; `turnsignal mapping test --topic {name}` says why"
        )
        assert f"3 does_not_map of {name}, the first: {name}[0]@0: " in done.stderr
        assert f"1 of {name}: test orders" in done.stderr
    other = topic(1, "other")
    send(kafka.bootstrap, other, records[:1], 1)
    unnamed = run("backtest", "--topic", f"eu:{other}", "--topic", name)
    assert f"no mapping names {other}: read as canonical events" in unnamed.stderr
    assert f"`turnsignal mapping test --topic eu:{other} --topic {name}`" in str(unnamed.exception)
    tested = run("mapping", "test", "--topic", f"^{name}$", "--topic", f"eu:{name}")
    assert "6 does_not_map, 2 ignored" in tested.stderr
    wrong = run("backtest", "--topic", name, "--cluster", "asia")
    assert "there is no cluster 'asia'; known: eu" in str(wrong.exception)
    unmet = run("backtest", "--topic", "nothing-like-it-*")
    assert "no topic matches nothing-like-it-*" in str(unmet.exception)


def test_what_waits_for_other_topics_is_said(kafka: Broker, topic: TopicFactory, folder: Path) -> None:
    """Who forgets the topic of contacts or lines is told what is missing."""
    crm, erp = topic(1, "crm"), topic(1, "erp")
    (folder / "mapping.toml").write_text(MAPPING.format(crm=crm, erp=erp), "utf-8")
    told = [each for each in STORY.crm if each["ChangeEventHeader"]["entityName"] != "Contact"]
    send(kafka.bootstrap, crm, told, 1)
    done = run("backtest", "--topic", crm)
    assert "events that nobody can make yet, for want of reference data: 50 (" in done.stderr
    assert "50 (contact)" in done.stderr
    assert "is there a topic that does?" in done.stderr
    assert done.exit_code == 0, done.exception


@pytest.mark.usefixtures("engine", "folder")
def test_without_events_there_is_nothing_to_look_back_on() -> None:
    """A database that has consumed nothing says so."""
    done = run("backtest", "--database")
    assert "the database has no events yet" in str(done.exception)
    both = run("backtest", "--database", "--topic", "any")
    assert "or give --database" in str(both.exception)


def test_a_trial_reads_all_or_as_many_as_wished(kafka: Broker, topic: TopicFactory, folder: Path) -> None:
    """Of several partitions too; topics that no mapping names, or that are not there, are told."""
    name, other = topic(3, "orders"), topic(1, "other")
    records = [{"number": str(each), "customer": "acme", "at": "2026-01-01T00:00:00Z"} for each in range(20)]
    send(kafka.bootstrap, name, records, 3)
    send(kafka.bootstrap, other, records[:2], 1)
    (folder / "mapping.toml").write_text(MISTAKEN.format(topic=name), "utf-8")
    whole = run("mapping", "test", "--topic", f"^({name}|{other})$", "--json")
    assert (whole.exit_code, len(whole.stdout.splitlines())) == (1, 20)
    assert f"no mapping names {other}: its 2 records are read as canonical events" in whole.stderr
    part = run("mapping", "test", "--topic", name, "--limit", "10", "--json")
    assert len(part.stdout.splitlines()) == 10
    assert f"of {name} the first 10 of 20 records (--limit)" in part.stderr
    misspelt = run("mapping", "test", "--topic", name[:-1])
    assert f"no topic {name[:-1]} as far as" in str(misspelt.exception)
    assert f"did you mean {name}?" in str(misspelt.exception)
