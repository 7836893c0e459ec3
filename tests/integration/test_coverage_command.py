"""`turnsignal mapping coverage` over the database, over mapped topics of a real broker, and over files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from accounts.events import CanonicalEvent
from consumers.records import row_of
from service.cli import app
from service.simulation import portfolio
from storage import intake
from storage.engine import transaction
from tests.conftest import TopicFactory
from tests.integration.mapped_story import ACCOUNTS, MAPPING, STORY, WEEKS, send, told_of
from tests.integration.serving import migrated
from tests.parts.broker import Broker
from tests.unit.service.coverage.parts import START


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
    waiting = next(finding for finding in told["findings"] if finding["name"] == "waiting")
    number, _, rest = waiting["text"].partition(" ")
    assert int(number) >= WEEKS  # the cards of accounts may wait, too, for their owners
    assert rest.startswith("records wait for what they refer to")


def test_a_page_and_a_terminal_of_80_columns(tmp_path: Path) -> None:
    """The same report as a page to pass on; no line of it is cut where it is piped."""
    file, page = tmp_path / "events.jsonl", tmp_path / "coverage.html"
    file.write_bytes(b"\n".join(lines()))
    done = run("--fast", "--html", str(page), str(file))
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in done.stdout.replace("orders, …", "")
    for part in ("purchasing_share", "feeds it", "map `buyer` of orders", "the cost was left out"):
        assert part in done.stdout
    assert "purchasing_share" in page.read_text("utf-8")


@pytest.mark.parametrize("words", [("--topic", "t", "f.jsonl"), ("nowhere.jsonl",)])
def test_what_cannot_be_read_is_said(words: tuple[str, ...]) -> None:
    """Both sources at once, or a file that is not there: one sentence and a code."""
    done = CliRunner().invoke(app, ["mapping", "coverage", "--fast", *words])
    assert done.exit_code != 0 or done.exception
    assert "not both" in str(done.exception) or "cannot read" in str(done.exception)
