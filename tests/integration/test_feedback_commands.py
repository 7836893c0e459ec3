"""`turnsignal feedback`, and the commands that read what it lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from typer.testing import CliRunner

from accounts.feedback import Feedback
from accounts.policy import Policy
from consumers.records import row_of
from consumers.reviewer import ReviewConfig, Reviewer
from service.cli import app
from service.simulation import portfolio
from storage import intake
from storage.engine import transaction
from tests.integration.consuming import START
from tests.integration.serving import migrated, put_alert
from tests.integration.test_feedback import WEEK, states, take_in_alerts
from tests.unit.alerts.samples import AT_RISK, SHIFT

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

FIRST = START - 156 * WEEK  # long past: what lies ahead of today moves no clock of a file


def call(url: str, *words: object, code: int = 0) -> Result:
    settings = {"TURNSIGNAL_DATABASE__URL": url, "COLUMNS": "200"}
    done = CliRunner(env=settings).invoke(app, [str(word) for word in words])
    assert done.exit_code == code or (code and done.exception), (done.stdout, done.stderr, done.exception)
    return done


def failed(url: str, *words: object) -> str:
    """What a command says that cannot do its work."""
    return str(call(url, *words, code=1).exception)


def test_an_answer_is_added_once_and_listed(database_url: str) -> None:
    """As a table for people, without what would move a cursor; as lines for replay and calibrate."""
    with migrated(database_url) as engine:
        put_alert(engine, SHIFT)
        put_alert(engine, msgspec.structs.replace(AT_RISK, account_id="other"))
    added = (
        "feedback",
        "add",
        SHIFT.id,
        "not_a_risk",
        "--author",
        "dana",
        "--reason",
        "new \x1b[2J contract",
    )
    assert "not_a_risk stored" in call(database_url, *added).stdout
    assert "was said before" in call(database_url, *added).stdout
    call(database_url, "feedback", "add", AT_RISK.id, "lost")
    listed = call(database_url, "feedback", "list")
    assert "dana" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "2 answers" in listed.stderr
    lines = call(database_url, "feedback", "list", "--json", "--account", SHIFT.account_id).stdout
    (said,) = (msgspec.json.decode(line, type=Feedback) for line in lines.splitlines())
    assert (said.alert_id, said.verdict, said.reason) == (SHIFT.id, "not_a_risk", "new \x1b[2J contract")


def test_what_does_not_go_is_said(sqlite_url: str, tmp_path: Path) -> None:
    """What is wrong, and what would be right."""
    with migrated(sqlite_url) as engine:
        put_alert(engine, SHIFT)
    assert "they_stay" in failed(sqlite_url, "feedback", "add", SHIFT.id, "happy")
    assert "no alert 'none'" in failed(sqlite_url, "feedback", "add", "none", "lost")
    assert "2000" in failed(sqlite_url, "feedback", "add", SHIFT.id, "lost", "--reason", "x" * 2001)
    events, wrong = tmp_path / "events.jsonl", tmp_path / "wrong.jsonl"
    events.write_text("")
    wrong.write_text('\n{"alert_id": 1}\n')
    assert "wrong.jsonl:2: no feedback" in failed(sqlite_url, "replay", events, "--feedback", wrong)
    assert "cannot read" in failed(sqlite_url, "replay", events, "--feedback", tmp_path / "none")
    assert "--database" in failed(sqlite_url, "calibrate", events, "--database")
    assert "nothing to learn from" in failed(sqlite_url, "calibrate", "--database")


def test_the_report_counts_by_kind_and_owner(database_url: str) -> None:
    """The last answer to each alert; who stays is neither, and an end of an alert asks for none."""
    told = {
        "a": ("lost",),
        "b": ("not_a_risk", "being_handled"),
        "c": ("not_a_risk",),
        "d": ("they_stay",),
        "e": (),
    }
    with migrated(database_url) as engine:
        for number, alert_id in enumerate(told):
            account = SHIFT.account if number % 2 else msgspec.structs.replace(SHIFT.account, owner=None)
            put_alert(engine, msgspec.structs.replace(SHIFT, id=alert_id, account=account))
        put_alert(engine, msgspec.structs.replace(SHIFT, id="back", kind="recovered"))
        put_alert(engine, AT_RISK)
    for alert_id, verdicts in told.items():
        for verdict in verdicts:
            call(database_url, "feedback", "add", alert_id, verdict)
    report: dict[str, Any] = json.loads(call(database_url, "feedback", "report", "--json").stdout)
    assert report["total"] | {"name": ""} == {
        "name": "",
        "alerts": 6,
        "answered": 4,
        "useful": 2,
        "not_useful": 1,
        "open": 1,
        "share": 0.6667,
    }
    assert {kind["name"]: kind["alerts"] for kind in report["by_kind"]} == {
        "buying_centre_shift": 5,
        "at_risk": 1,
    }
    owners = {owner["name"]: owner for owner in report["by_owner"]}
    assert owners[None]["not_useful"] == 1
    assert owners["owner@vendor.example"]["useful"] == 1
    words = call(database_url, "feedback", "report").stdout
    assert "67 %" in words
    assert "no owner" in words
    later = json.loads(call(database_url, "feedback", "report", "--json", "--since", "2030-01-01").stdout)
    assert (later["total"]["alerts"], later["by_kind"]) == (0, [])


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accounts of which most shift."""
    made, _ = portfolio(30, 156, 12, FIRST, mix={"stable": 0.5, "shift_stays": 0.5})
    path = tmp_path_factory.mktemp("feedback") / "history.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in made))
    return path


def test_replay_and_calibrate_take_what_the_service_was_told(
    database_url: str, history: Path, tmp_path: Path
) -> None:
    """The file of `feedback list --json`: the same states as the service's; other thresholds than without."""
    from accounts.events import decode  # noqa: PLC0415

    end = max(decode(line).time for line in history.read_bytes().splitlines())  # as the files tell it
    with migrated(database_url) as engine:
        found = [row_of(decode(line), line) for line in history.read_bytes().splitlines()]
        with transaction(engine) as connection:
            intake.accept(connection, {row.event_key: row for row in found})
        reviewer = Reviewer(engine, Policy(), ReviewConfig())
        reviewer.review(FIRST + 110 * WEEK)
        alerts = take_in_alerts(engine, end)
        for alert in alerts:
            call(database_url, "feedback", "add", alert.id, "not_a_risk")
        reviewer.review(end)
        live = states(engine)
        history_told = call(database_url, "explain", alerts[0].account_id).stdout.split("History")[1]
    assert alerts
    assert "not a risk, by cli" in history_told  # or nobody would know why it is stable again
    told, replayed = tmp_path / "told.jsonl", tmp_path / "states"
    told.write_text(call(database_url, "feedback", "list", "--json").stdout)
    until = ("--until", end.isoformat())
    call(database_url, "replay", history, *until, "--feedback", told, "--states", replayed)
    assert dict(line.split("\t") for line in replayed.read_text().splitlines()) == {
        account: state.hex() for account, state in live.items()
    }
    left_out = []
    for words in ([history], [history, "--feedback", told], ["--database"]):
        out = tmp_path / "learnt.json"
        call(database_url, "calibrate", *words, "--out", out)
        left_out.append(json.loads(out.read_text())["left_out"])
    assert left_out[1] < left_out[0]
    assert left_out[2] == left_out[1]
