"""`turnsignal mapping coverage` over the database, over mapped topics of a real broker, and over files."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from accounts.events import CanonicalEvent
from consumers.records import row_of
from service.cli import app
from service.simulation import portfolio
from storage import draft_references, intake, tables, unmade
from storage.engine import transaction
from storage.tables import dead_letters
from tests.conftest import TopicFactory
from tests.integration.mapped_story import ACCOUNTS, MAPPING, STORY, WEEKS, send, told_of
from tests.integration.serving import migrated
from tests.parts.broker import Broker
from tests.unit.service.coverage.parts import START, talk


def lines() -> list[bytes]:
    """A made portfolio whose orders name no buyer."""
    events, _ = portfolio(12, 110, 5, START)
    found = []
    for event in events:
        data = {name: value for name, value in event["data"].items() if name != "buyer"}
        found.append(json.dumps({**event, "data": data}).encode())
    return found


def run(*words: str, **settings: str) -> Result:
    """The command, without its cost unless that is asked for."""
    env = {f"TURNSIGNAL_{name}": value for name, value in settings.items()}
    done = CliRunner(env=env).invoke(app, ["mapping", "coverage", *words])
    assert done.exception is None or done.exit_code, done.output
    return done


def figures(*words: str, **settings: str) -> dict[str, Any]:
    """What it tells programs."""
    told: dict[str, Any] = json.loads(run("--fast", "--json", *words, **settings).stdout)
    return told


def having(told: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """What each signal has, of how many."""
    return {row["signal"]: (row["having"], row["units"]) for row in told["signals"]}


def take_in(url: str, bodies: Iterable[bytes]) -> None:
    """Put events into the database as the consumer does."""
    decoder = msgspec.json.Decoder(CanonicalEvent)
    with migrated(url) as engine, transaction(engine) as connection:
        rows = [row_of(decoder.decode(body), body) for body in bodies]
        intake.accept(connection, {row.event_key: row for row in rows})


def test_the_database_is_told_of_by_default(database_url: str, tmp_path: Path) -> None:
    """What has been consumed, on both databases, has as much as the file that it came from."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(lines()))
    take_in(database_url, lines())
    told = figures(DATABASE__URL=database_url)
    assert told == figures(str(file))
    assert told["events"] == len(lines())
    buyer = next(gap for gap in told["gaps"] if gap["piece"] == "buyer")
    assert (buyer["having"], buyer["gain"]) == (0, None)
    assert buyer["units"] > 50


def test_an_empty_database_is_said_to_be_empty(sqlite_url: str) -> None:
    """Nothing to look at is no report of zeros."""
    take_in(sqlite_url, [])
    done = run("--fast", DATABASE__URL=sqlite_url)
    assert "there are no events to look at" in str(done.exception)


def test_a_repeated_event_counts_once(tmp_path: Path) -> None:
    """A producer that sends twice makes no customer busier."""
    once, twice = tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    once.write_bytes(b"\n".join(lines()))
    twice.write_bytes(b"\n".join([*lines(), *reversed(lines())]))
    assert figures(str(twice)) == figures(str(once))


def test_mapped_topics_are_read_as_the_service_would(
    kafka: Broker, topic: TopicFactory, tmp_path: Path
) -> None:
    """Shuffled and repeated, with all that they refer to, they tell what the same history tells as events."""
    crm, erp = topic(3, "crm"), topic(3, "erp")
    send(kafka.bootstrap, crm, told_of(STORY.crm), 3)
    send(kafka.bootstrap, erp, told_of(STORY.erp), 3)
    file, events = tmp_path / "mapping.toml", tmp_path / "events.jsonl"
    file.write_text(MAPPING.format(crm=crm, erp=erp), "utf-8")
    events.write_text("\n".join(json.dumps(event) for event in STORY.events), "utf-8")
    words = ("--topic", crm, "--topic", erp, "--mapping", str(file))
    told = figures(*words, KAFKA__BOOTSTRAP_SERVERS=kafka.bootstrap)
    assert told["accounts"] == len(ACCOUNTS)
    assert having(told) == having(figures(str(events)))
    assert having(told)["orders_slowing"] == (WEEKS, WEEKS)
    assert {gap["piece"] for gap in told["gaps"]} >= {"buyer", "opportunities", "tickets", "topics"}
    eu = json.dumps({"eu": {"bootstrap_servers": [kafka.bootstrap], "topics": [erp]}})
    words = ("--topic", f"^{crm}$", "--topic", f"eu:{erp}", "--mapping", str(file))
    of_two = figures(*words, KAFKA__BOOTSTRAP_SERVERS=kafka.bootstrap, KAFKA__CLUSTERS=eu)
    assert having(of_two) == having(told)


def test_people_who_never_come_are_told_as_waiting(
    kafka: Broker, topic: TopicFactory, tmp_path: Path
) -> None:
    """Talks whose account only a contact could tell make no event: they must not just be missing."""
    crm = topic(1, "crm")
    tasks = [change for change in STORY.crm if change["ChangeEventHeader"]["entityName"] != "Contact"]
    send(kafka.bootstrap, crm, tasks, 1)
    file = tmp_path / "mapping.toml"
    file.write_text(f'[[mapping]]\nuse = "salesforce"\ntopics = ["{crm}"]\n', "utf-8")
    told = figures("--topic", crm, "--mapping", str(file), KAFKA__BOOTSTRAP_SERVERS=kafka.bootstrap)
    first = told["findings"][0]
    assert (first["name"], first["loud"]) == ("waiting", True)
    number, _, rest = first["text"].partition(" ")
    assert int(number) >= WEEKS
    assert rest.startswith("events wait for a `contact`, such as ")
    assert "no record tells of any" in rest


def test_a_page_and_a_terminal_of_80_columns(tmp_path: Path) -> None:
    """The same report as a page to pass on; no line of it is cut where it is piped."""
    file, page = tmp_path / "events.jsonl", tmp_path / "coverage.html"
    file.write_bytes(b"\n".join(lines()))
    done = run("--fast", "--html", str(page), str(file))
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in done.stdout.replace("orders, …", "")
    for part in ("purchasing_share", "feeds it", "map `buyer` of orders", "the cost was left out"):
        assert part in done.stdout
    written = page.read_text("utf-8")
    assert "<title>Coverage · Turnsignal</title>" in written
    assert "signal coverage, 2022-01-0" in written
    assert "background: #ffffff" in written
    assert 0 < written.index("The newest event") < written.index("purchasing_share")


@pytest.mark.parametrize("words", [("--topic", "t", "f.jsonl"), ("nowhere.jsonl",)])
def test_what_cannot_be_read_is_said(words: tuple[str, ...]) -> None:
    """Both sources at once, or a file that is not there: one sentence and a code."""
    done = CliRunner().invoke(app, ["mapping", "coverage", "--fast", *words])
    assert done.exit_code != 0 or done.exception
    assert "not both" in str(done.exception) or "cannot read" in str(done.exception)


def test_what_became_no_event_comes_first_of_a_database(database_url: str) -> None:
    """Dead letters with their first cause, and drafts that name what nobody has told of, by topic."""
    take_in(database_url, lines())
    with migrated(database_url) as engine, transaction(engine) as connection:
        said = ["mended", *["'sytem' is none of"] * 99, "another"]
        letters = [letter(number, detail) for number, detail in enumerate(said)]
        connection.execute(sa.insert(dead_letters), letters)
        drafts = [draft(1, ()), draft(2, {7}), draft(3, {8, 9})]
        connection.execute(sa.insert(tables.drafts), drafts)
        connection.execute(sa.insert(tables.reference_data), [reference(8), reference(1, parent=9)])
        assert unmade.letters(connection) == [("erp", "does_not_map", 100, "'sytem' is none of")]
        assert unmade.waiting(connection) == {"crm2": 1}
    found = figures(DATABASE__URL=database_url)["findings"]
    assert (found[0]["name"], found[0]["loud"]) == ("dead_letters", True)
    assert "100 does_not_map of erp, the first: 'sytem' is none of" in found[0]["text"]
    assert any("1 records of crm2 wait" in finding["text"] for finding in found)


def letter(number: int, detail: str) -> dict[str, Any]:
    """A dead letter; one of them has been mended."""
    return {
        "topic": "erp", "partition": 0, "offset": number, "headers": [], "reason": "does_not_map",
        "detail": detail, "recorded_at": START, "replayed_at": START if detail == "mended" else None,
    }  # fmt: skip


def draft(number: int, names: Collection[int]) -> dict[str, Any]:
    """A draft that has become no event."""
    return {
        "event_key": bytes([number] * 16), "rule": "r", "at": 0, "body": b"", "topic": f"crm{number}",
        "partition": 0, "offset": number, "names": draft_references.packed(names),
    }  # fmt: skip


def reference(number: int, parent: int | None = None) -> dict[str, Any]:
    """Something that is known."""
    return {
        "reference": number, "version": bytes(16), "parent": parent, "kind": "k", "id": str(number),
        "time": 0, "deleted": False, "fields": b"{}", "topic": "t", "partition": 0, "offset": number,
    }  # fmt: skip


def test_the_advice_for_titles_names_the_same_data(
    kafka: Broker, topic: TopicFactory, tmp_path: Path
) -> None:
    """Before anything is consumed there is no database: the words that were given are given on."""
    name, file = topic(1, "crm"), tmp_path / "my mapping.toml"
    stranger = {"id": "p", "title": "Zauberer"}
    said = msgspec.json.encode(talk(participants=[stranger]))
    send(kafka.bootstrap, name, [json.loads(said)], 1)
    file.write_text('[[mapping]]\nuse = "salesforce"\ntopics = ["another"]\n', "utf-8")
    words = ["--topic", name, "--mapping", str(file)]
    done = run("--fast", *words, KAFKA__BOOTSTRAP_SERVERS=kafka.bootstrap)
    advice = f"`turnsignal roles unknown --topic {name} --mapping '{file}'` lists all"
    assert "".join(advice.split()) in "".join(done.stdout.split())


@pytest.mark.parametrize("words", [("mapping", "coverage"), ("roles", "unknown")])
@pytest.mark.parametrize("left", [False, True])
def test_without_a_database_it_is_said_what_to_name(
    words: tuple[str, ...], tmp_path: Path, *, left: bool
) -> None:
    """Before anything is consumed nothing need be migrated, and no empty file is left behind."""
    file = tmp_path / "turnsignal.sqlite"
    if left:
        file.touch()
    done = CliRunner(env={"TURNSIGNAL_DATABASE__URL": f"sqlite:///{file}"}).invoke(app, list(words))
    assert "there is no database yet; name --topic" in str(done.exception)
    assert file.exists() == left
