"""`turnsignal status`, `offsets`, `pause` and `resume`: a database and a real broker, no service running."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

import migrations
from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from service.cli import app
from storage.engine import create_engine, transaction
from storage.tables import webhook_endpoints
from tests.integration.consuming import OPTIONS, body, consume, one, rows, running, send, talk
from tests.integration.serving import put_dead_letter
from tests.parts.broker import admin_client
from tests.parts.process import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.engine import Engine
    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker


@pytest.fixture
def name(
    apache_kafka: Broker,
    topic: TopicFactory,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> str:
    """A topic that the settings of the commands consume."""
    made = topic(partitions=2)
    migrations.upgrade(sqlite_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", apache_kafka.bootstrap)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__TOPICS", made)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__GROUP_ID", made)
    return made


@pytest.fixture
def engine(name: str, sqlite_url: str) -> Iterator[Engine]:
    del name
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


def configured(broker: Broker, name: str) -> KafkaConfig:
    return KafkaConfig([broker.bootstrap], [name], group_id=name, options=OPTIONS)


def run(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(words))
    found = getattr(done.exception, "code", done.exit_code)
    assert found == code, (done.exception, done.output)
    return done


def status(code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("status", "--json", code=code).stdout)
    return found


def test_all_is_well_and_the_lag_is_told(apache_kafka: Broker, name: str, engine: Engine) -> None:
    """Exit 0 where nothing wants a person; what came while nobody consumed is the lag."""
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(3)])
    consumer = Consumer(engine, configured(apache_kafka, name))
    caught_up = "SELECT count(*) FROM partitions WHERE caught_up_at IS NOT NULL"
    with running(consumer):
        wait_until(lambda: one(engine, caught_up) == 2, 20, "both partitions")
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(3, 8)])
    found = status()
    assert found["attention"] == []
    assert found["review_clock"] is not None
    (cluster,) = found["clusters"]
    assert [(p["partition"], p["next_offset"], p["end_offset"], p["lag"]) for p in cluster["partitions"]] == [
        (0, 3, 8, 5),
        (1, 0, 0, 0),
    ]
    assert cluster["partitions"][0]["seconds_behind"] > 0
    page = run("status").stdout
    assert "nothing wants a person" in page
    assert name in page


def test_each_thing_that_wants_a_person_is_said(apache_kafka: Broker, name: str, engine: Engine) -> None:
    """Lost records, dead letters, a dead webhook, a topic that nobody has consumed: exit 1."""
    from kafka import TopicPartition  # noqa: PLC0415

    assert "has ever been consumed" in " ".join(status(1)["attention"])
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(6)])
    consume(engine, configured(apache_kafka, name), 6)
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(6, 10)])
    admin = admin_client(apache_kafka.bootstrap)
    admin.delete_records({TopicPartition(name, 0): 8})
    admin.close()
    put_dead_letter(engine, 7)
    with transaction(engine) as connection:
        row = {"endpoint_id": "whe_1", "url": "https://x.example", "description": "", "event_types": []}
        when = datetime(2026, 5, 1, tzinfo=UTC)
        connection.execute(
            sa.insert(webhook_endpoints), row | {"secrets": [], "created_at": when, "disabled_at": when}
        )
    words = " ".join(status(1)["attention"])
    assert f"{name}[0]: retention has deleted 2 records that were not consumed yet" in words
    assert "1 dead letters wait: `turnsignal dead-letters list`" in words
    assert "webhook endpoint whe_1 is disabled" in words
    consume(engine, configured(apache_kafka, name), 10)
    assert f"{name}[0]: 2 records were deleted before they were consumed" in " ".join(status(1)["attention"])
    run("offsets", "acknowledge-loss", "--topic", name)
    assert "deleted" not in " ".join(status(1)["attention"])
    assert "nobody has acknowledged" in str(
        run("offsets", "acknowledge-loss", "--topic", name, code=1).exception
    )


def test_a_cluster_that_is_away_is_told_with_what_is_stored(
    apache_kafka: Broker, name: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When everything burns the command must still say what is known."""
    consume(engine, configured(apache_kafka, name), 0)
    send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
    consume(engine, configured(apache_kafka, name), 1)
    away = json.dumps({"eu": {"bootstrap_servers": [f"127.0.0.1:{free_port()}"], "topics": ["t"]}})
    monkeypatch.setenv("TURNSIGNAL_KAFKA__CLUSTERS", away)
    found = status(1)
    assert found["review_clock"] is None  # of the other nothing was ever consumed
    assert found["attention"][0].startswith("Kafka (cluster 'eu' at 127.0.0.1:")
    assert found["clusters"][0]["problem"] is None
    assert found["clusters"][0]["partitions"][0]["next_offset"] == 1


def test_offsets_are_set_to_a_start_an_end_a_time_or_a_number(
    apache_kafka: Broker, name: str, engine: Engine
) -> None:
    """And what is read again counts once."""
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(4)])
    consume(engine, configured(apache_kafka, name), 4)
    stored = "SELECT next_offset FROM partitions ORDER BY partition"
    for to, expected in (("earliest", [0, 0]), ("latest", [4, 0]), ("2020-01-01", [0, 0])):
        run("offsets", "set", "--topic", name, "--to", to)
        assert [offset for (offset,) in rows(engine, stored)] == expected
    refused = run("offsets", "set", "--topic", name, "--to", "3", code=2).exception
    assert "has the offsets 0 to 0, not 3; give --partition" in str(refused)
    shown = run("offsets", "set", "--topic", name, "--to", "3", "--partition", "0").stdout
    assert shown == f"{name}[0] goes on at 3\n"
    assert "nothing yet" in run("offsets", "show", "--topic", name).stdout
    consume(engine, configured(apache_kafka, name), 4)
    assert one(engine, "SELECT count(*) FROM events") == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--topic", "other", "--to", "latest"], "topic 'other' is not consumed"),
        (["--partition", "9", "--to", "latest"], "has the partitions 0 to 1, not 9"),
    ],
)
def test_offsets_of_what_is_not_there_are_refused(name: str, options: list[str], said: str) -> None:
    """A typing mistake changes nothing."""
    topic = [] if "--topic" in options else ["--topic", name]
    assert said in str(run("offsets", "set", *topic, *options, code=2).exception)


def test_offsets_are_not_set_under_a_running_consumer(
    apache_kafka: Broker, name: str, engine: Engine
) -> None:
    """An idle member would go on as if nothing had been said."""
    consumer = Consumer(engine, configured(apache_kafka, name))
    with running(consumer):
        wait_until(lambda: len(rows(engine, "SELECT * FROM partitions")) == 2, 20, "the partitions")
        refused = run("offsets", "set", "--topic", name, "--to", "latest", code=1).exception
    assert "has 1 active members (from 127.0.0.1): stop every `turnsignal run`" in str(refused)


def test_a_pause_is_told_and_ended(name: str) -> None:
    """With its reason, to whoever looks next."""
    run("pause", "--topic", name, "--reason", "the CRM is being moved")
    assert "was paused already" in run("pause", "--topic", name).stdout
    (paused,) = status(1)["paused"]
    assert (paused["topic"], paused["reason"]) == (name, "the CRM is being moved")
    assert "the CRM is being moved" in run("status", code=1).stdout
    run("pause")
    assert "all topics are paused" in str(run("resume", "--topic", name, code=1).exception)
    assert "goes on" in run("resume").stdout
    assert status(1)["paused"] == []
    assert "topic 'other' is not consumed" in str(run("pause", "--topic", "other", code=2).exception)


def test_where_no_message_has_a_way_out_it_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts that are raised and told nobody look like a quiet portfolio."""
    del name
    words = "no channel is set, so nobody is told"
    assert words in run("status", code=1).stdout
    monkeypatch.setenv("TURNSIGNAL_EMAIL__HOST", "localhost")
    assert words not in run("status", code=1).stdout
