"""`turnsignal import`: history into a real broker, whole, also after an interruption."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from consumers.event_writer import EventWriter
from consumers.kafka_config import KafkaConfig
from consumers.record_writer import NotWrittenError, Written
from service.cli import app
from service.importing import Importer, position_of
from tests.integration.consuming import talk, values
from tests.parts.process import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker


@pytest.fixture
def name(kafka: Broker, topic: TopicFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A topic that everything is written to."""
    made = topic()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", kafka.bootstrap)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__WRITE_TOPICS", json.dumps({"*": made}))
    return made


def run(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["import", *words])
    found = getattr(done.exception, "code", done.exit_code)
    assert found == code, (done.exception, done.output)
    return done


def lines(events: Sequence[Any]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def read(kafka: Broker, name: str) -> list[Any]:
    return [json.loads(value or b"") for value in values(KafkaConfig([kafka.bootstrap]), [name])]


def test_a_file_is_written_once(kafka: Broker, name: str, tmp_path: Path) -> None:
    """Bad lines are named by number and passed over; the same file again does nothing."""
    path = tmp_path / "history.jsonl"
    told = [talk(1), talk(2), talk(3, type="crm.weather.changed"), talk(4)]
    path.write_text(lines(told[:2]) + "\n{ no event\n" + lines(told[2:]))
    done = run("history.jsonl", code=1)
    assert "history.jsonl:4: not_json" in done.stderr
    assert done.stdout == (
        "history.jsonl: 3 events written, 1 of types that nobody reads, 1 lines that are no events\n"
    )
    assert read(kafka, name) == [talk(1), talk(2), talk(4)]
    run("history.jsonl", code=1)
    assert len(read(kafka, name)) == 3
    run("history.jsonl", "--again", code=1)
    assert len(read(kafka, name)) == 6
    path.write_text(lines([talk(9)]))  # another file by the same name
    run("history.jsonl")
    assert read(kafka, name)[6:] == [talk(9)]


def test_events_are_not_written_among_another_systems_records(
    kafka: Broker, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mapping would read them as what they are not: said at once, and no line is passed over."""
    (tmp_path / "history.jsonl").write_text(lines([talk(1), talk(2)]))
    (tmp_path / "mapping.toml").write_text(
        f'[[mapping]]\ntopics = ["{name}"]\n[[mapping.event]]\ntype = "order.cancelled"\naccount = "who"\n'
        'data = {order_id = "id"}\n'
    )
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", "mapping.toml")
    done = run("history.jsonl", code=2)
    words = (
        f"kafka.write_topics: * is written to topic '{name}', whose records mapping.toml: mapping 1 reads as"
    )
    assert words in str(done.exception)
    assert read(kafka, name) == []
    checked = CliRunner().invoke(app, ["mapping", "check"])
    assert words in checked.stderr
    monkeypatch.delenv("TURNSIGNAL_MAPPING__FILES")
    assert "2 events written" in run("history.jsonl").stdout


def test_a_dry_run_writes_nothing(kafka: Broker, name: str, tmp_path: Path) -> None:
    """And needs no broker: it is for a file that is still being made."""
    (tmp_path / "history.jsonl").write_text(lines([talk(1), talk(2, time="soon")]))
    done = run("--dry-run", "history.jsonl", code=1)
    assert "1 events would be written, 1 lines that are no events" in done.stdout
    assert read(kafka, name) == []
    assert [path.name for path in tmp_path.iterdir()] == ["history.jsonl"]


class Interrupted(EventWriter):
    """Writes as often as it is told to, then no more."""

    def __init__(self, config: KafkaConfig, topics: dict[str, str], times: int) -> None:
        super().__init__(config, topics)
        self.left = times

    def write(self, events: Sequence[Written]) -> None:
        if not self.left:
            raise NotWrittenError("the network is gone")
        self.left -= 1
        super().write(events)


def test_an_interrupted_import_goes_on_where_it_stopped(kafka: Broker, name: str, tmp_path: Path) -> None:
    """A million lines need not be sent again for the last thousand; none is left out and none is doubled."""
    path, told = tmp_path / "history.jsonl", [talk(number) for number in range(2500)]
    path.write_text(lines(told))
    writer = Interrupted(KafkaConfig([kafka.bootstrap]), {"*": name}, 1)
    with pytest.raises(NotWrittenError):
        Importer(writer).run(path)
    writer.close()
    assert len(read(kafka, name)) == 1000
    assert "2,500 events written" in run("history.jsonl").stdout
    assert read(kafka, name) == told
    position_of(path).write_bytes(b"\xff not ours")
    assert "2,500 events written" in run("history.jsonl").stdout  # from the start: no harm, only work


CSV = """\
\ufefftype,source,id,subject,time,data.channel,data.direction,data.participants[0].id,data.participants[0].title,\
data.topics[0],data.order_id,data.currency,data.lines[0].sku,data.lines[0].kind,data.lines[0].quantity,\
data.lines[0].unit_price
crm.interaction.logged,crm,1,acme,2026-01-05T09:00:00Z,call,inbound,p1,"Head of
Purchasing, EMEA",price,,,,,,
order.placed,erp,2,acme,2026-01-06T09:00:00Z,,,,,,o1,EUR,A-1,system,2,10.50
order.placed,erp,3,acme,soon,,,,,,o2,EUR,A-1,system,2,10.50
crm.interaction.logged,crm,4,acme,2026-01-07T09:00:00Z,email,outbound,,,,,,,,,
"""


def test_a_csv_file_has_a_column_for_each_field(kafka: Broker, name: str, tmp_path: Path) -> None:
    """Empty cells say nothing; a row may hold line breaks; a bad row is named by its line."""
    (tmp_path / "history.csv").write_text(CSV)
    done = run("history.csv", code=1)
    assert "history.csv:5: does_not_fit" in done.stderr
    first, second, third = read(kafka, name)
    assert first["data"] == {
        "channel": "call",
        "direction": "inbound",
        "participants": [{"id": "p1", "title": "Head of\nPurchasing, EMEA"}],
        "topics": ["price"],
    }
    line = {"sku": "A-1", "kind": "system", "quantity": "2", "unit_price": "10.50"}
    assert second["data"] == {"order_id": "o1", "currency": "EUR", "lines": [line]}
    assert third["data"]["topics"] == []


def test_a_csv_import_goes_on_in_the_middle(kafka: Broker, name: str, tmp_path: Path) -> None:
    """The header is read again, the rows before are not."""
    header = "type,source,id,subject,time,data.contact.id\n"
    row = "crm.contact.changed,crm,{},acme,2026-01-05T09:00:00Z,p1\n"
    path = tmp_path / "history.csv"
    path.write_text(header + "".join(row.format(number) for number in range(1500)))
    writer = Interrupted(KafkaConfig([kafka.bootstrap]), {"*": name}, 1)
    with pytest.raises(NotWrittenError):
        Importer(writer).run(path)
    writer.close()
    run("history.csv")
    assert [event["id"] for event in read(kafka, name)] == [str(number) for number in range(1500)]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("h.csv", "type,data.a b\n", "column 'data.a b' is no field of an event"),
        ("h.csv", "type,data.x[99999999]\n", "lists have at most 1000 items"),
        ("missing.jsonl", None, "missing.jsonl: No such file"),
    ],
)
def test_a_file_that_cannot_be_meant_is_said(
    name: str, tmp_path: Path, file: str, content: str | None, said: str
) -> None:
    """Before anything is written."""
    del name
    if content is not None:
        (tmp_path / file).write_text(content)
    assert said in str(run(file, code=2).exception)


def test_a_line_larger_than_an_event_is_passed_over(kafka: Broker, name: str, tmp_path: Path) -> None:
    """A file without line breaks must not be read into memory as one line."""
    (tmp_path / "history.jsonl").write_text(lines([talk(1), "x" * 3_000_000, talk(2)]))
    assert "history.jsonl:2: too_large" in run("history.jsonl", code=1).stderr
    assert read(kafka, name) == [talk(1), talk(2)]


def test_a_broker_that_is_away_is_said(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to do once it is back."""
    del name
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    (tmp_path / "history.jsonl").write_text(lines([talk(1)]))
    assert "run the same command again" in str(run("history.jsonl", code=3).exception)
