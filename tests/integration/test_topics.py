"""Looking back on Kafka's topics: everything up to their end, and nothing left behind on the broker."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from consumers.kafka_config import KafkaConfig
from service.cli import app
from service.failures import Failure
from service.past import Start
from service.simulation import portfolio
from tests.conftest import TopicFactory
from tests.integration.consuming import body, send, talk, values
from tests.parts.broker import Broker


def test_topics_are_read_from_a_start_to_their_present_end(kafka: Broker, topic: TopicFactory) -> None:
    """From the beginning, an offset, or a time; what comes later is not waited for."""
    name, other, empty = topic(), topic(), topic()
    sent = [body(talk(number)) for number in range(5)]
    send(kafka.bootstrap, name, [(value, []) for value in sent[:3]])
    send(kafka.bootstrap, other, [(value, []) for value in sent[3:]])

    def read(topics: list[str], start: Start) -> list[bytes]:
        return sorted(value or b"" for value in values(KafkaConfig([kafka.bootstrap]), topics, start))

    assert read([name, other, empty], None) == sorted(sent)
    assert read([name], 1) == sorted(sent[1:3])
    assert read([name], 99) == []
    assert read([name], datetime.now(UTC) - timedelta(hours=1)) == sorted(sent[:3])
    assert read([name], datetime.now(UTC) + timedelta(hours=1)) == []


def test_a_topic_that_is_not_there_is_said(kafka: Broker) -> None:
    """A typing mistake must not look like a portfolio without a past."""
    with pytest.raises(Failure, match="no topic crm-events"):
        values(KafkaConfig([kafka.bootstrap]), ["crm-events"])


def test_a_broker_that_is_not_there_is_said() -> None:
    """With its address."""
    with pytest.raises(Failure, match=r"Kafka \(127\.0\.0\.1:1\): it does not answer \(connection refused\)"):
        values(KafkaConfig(["127.0.0.1:1"]), ["t"])


def test_a_topic_is_calibrated_and_backtested_from(
    kafka: Broker, topic: TopicFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The figures of a topic are those of the file that was sent to it; what is no event is counted."""
    name = topic()
    made, _ = portfolio(40, 182, 806, datetime(2022, 1, 3, tzinfo=UTC))
    lines = [json.dumps(event).encode() for event in made]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines))
    send(kafka.bootstrap, name, [(line, []) for line in [*lines, b"not an event"]])
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", json.dumps([kafka.bootstrap]))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.exception
        return done

    topics, file = run("backtest", "--json", "--topic", name), run("backtest", "--json", "events.jsonl")
    found, same = json.loads(topics.stdout), json.loads(file.stdout)
    assert f"(dead letters): 1 of {name}. Mostly not_json" in found.pop("mistakes")[0]
    same.pop("mistakes")
    assert found == same
    assert json.loads(file.stdout)["turnsignal"]["losses"] > 0
    assert "1 could not be read or mapped" in topics.stderr
    assert f"1 not_json of {name}, the first: {name}[0]@{len(lines)}: " in topics.stderr
    run("calibrate", "--topic", name, "--out", "topics.json")
    run("calibrate", "events.jsonl", "--out", "file.json")
    learnt = [json.loads((tmp_path / name).read_text()) for name in ("topics.json", "file.json")]
    assert learnt[0] | {"made_at": 0} == learnt[1] | {"made_at": 0}
