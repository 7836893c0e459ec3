"""`turnsignal backtest`: from files to figures and a report that harms nobody."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.commands import backtest as command
from service.failures import Failure
from service.simulation import portfolio

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

START = datetime(2022, 1, 3, tzinfo=UTC)
_PICTURE = "data:image/svg+xml;base64,"
HOSTILE = "<script>alert(1)</script><img src=//x.example/y onerror=alert(2)>"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three and a half years of fifty accounts, one of them with a hostile name, and their truth."""
    folder = tmp_path_factory.mktemp("backtest")
    made, truths = portfolio(50, 182, 805, START)
    events = list(made)
    lost = next(truth.account_id for truth in truths if truth.scenario == "shift_then_loss")
    for event in events:
        if event["subject"] == lost and event["type"] == "crm.account.changed":
            event["data"]["name"] = HOSTILE
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / "truth.jsonl").write_text("".join(json.dumps(truth.as_dict()) + "\n" for truth in truths))
    return folder


def backtest(past: Path, *words: object) -> Result:
    report = past / "report.html"
    report.unlink(missing_ok=True)
    return CliRunner().invoke(app, ["backtest", *map(str, words), "--html", str(report)])


def refused(past: Path, *words: object) -> str:
    """What the user is told."""
    done = backtest(past, *words)
    if isinstance(done.exception, Failure):
        assert done.exception.code == 2
        return str(done.exception)
    assert done.exit_code == 2
    return " ".join(done.stderr.replace("│", " ").split())


def figures(past: Path, *words: object) -> dict[str, Any]:
    done = backtest(past, past / "events.jsonl", "--json", *words)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_core_warns_of_losses_that_simple_rules_do_not_see(past: Path) -> None:
    """What the product is for, at no more false alarms than it makes itself."""
    found = figures(past, "--losses", past / "truth.jsonl")
    ours = found["turnsignal"]
    assert not found["losses_derived"]
    assert ours["losses"] == len(found["lost"]) > 10
    assert ours["warned_in_time"] >= 3
    assert set(found["rules"]) == {"recency", "activity score", "BG/NBD"}
    for rule in filter(None, found["rules"].values()):
        allowed = max(5, ours["false_alarms_per_100_account_years"])
        assert rule["false_alarms_per_100_account_years"] <= allowed
        assert rule["warned_in_time"] < ours["warned_in_time"]
    leads = [lost["lead_weeks"] for lost in found["lost"] if lost["lead_weeks"] is not None]
    assert leads == sorted(leads, reverse=True)
    assert sum(lead >= 8 for lead in leads) == ours["warned_in_time"]
    rates = [row["false_alarms_per_100_account_years"] for row in found["budgets"]]
    assert [row["budget"] for row in found["budgets"]] == [1, 2.5, 5, 10, 20]
    assert rates[0] < rates[-1]


def test_without_a_file_the_losses_are_derived_from_the_orders(past: Path) -> None:
    """A first look needs nothing but events, and says so."""
    found = figures(past, "--false-alarms", 3)
    assert found["losses_derived"]
    assert found["turnsignal"]["losses"] > 5
    assert "derived from the orders" in (past / "report.html").read_text()
    assert 3 in [row["budget"] for row in found["budgets"]]


class _Reader(HTMLParser):
    """Collects what a browser would fetch or run, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []
        self.pictures: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        image = given.get("src", "") if tag == "img" else ""
        if image.startswith(_PICTURE):
            self.pictures.append(b64decode(image.removeprefix(_PICTURE)).decode())
            del given["src"]
        elif tag in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}:
            self.active.append(tag)
        self.active += [name for name in given if name in {"src", "href"} or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_report_fetches_nothing_runs_nothing_and_tells_the_answer(past: Path) -> None:
    """It is mailed around and opened anywhere; names in it come from events."""
    done = backtest(past, past / "events.jsonl", "--losses", past / "truth.jsonl")
    assert done.exit_code == 0, done.stderr
    text = (past / "report.html").read_text()
    reader = _Reader()
    reader.feed(text)
    assert reader.active == []
    assert "url(" not in text
    assert HOSTILE in reader.words
    answer = " ".join(done.stdout.split("\n\n")[1].split())
    assert answer.startswith("Of ")
    assert answer in " ".join(reader.words.split())
    assert "a year in a portfolio of 50" in answer
    assert "will churn" not in text
    assert len(reader.pictures) == text.count('<section class="card account">')
    assert sum(">lost</text>" in picture for picture in reader.pictures) == len(reader.pictures)
    assert all("<script" not in picture and "onerror" not in picture for picture in reader.pictures)
    truths = map(json.loads, (past / "truth.jsonl").read_text().splitlines())
    losses = sum(truth["collapse_at"] is not None for truth in truths)
    assert text.count('<section class="card account">') == losses  # also of those never warned of
    assert re.search(r"would have said “[^”]+” on [^,]+, \d+ weeks before\.", reader.words)


def test_a_short_past_is_said(past: Path) -> None:
    """Zero warnings of a year's data must not be read as a detector that sees nothing."""
    done = backtest(past, past / "events.jsonl", "--until", "2023-01-02")
    assert "These are 52 weeks." in done.stdout
    assert "These are 52 weeks." in (past / "report.html").read_text()
    assert "weeks. Turnsignal first learns" not in backtest(past, past / "events.jsonl").stdout


def test_what_the_data_cannot_show_is_said(past: Path) -> None:
    """Orders alone tell nothing of who decides, and a report of them must not look like a verdict."""
    orders = [line for line in (past / "events.jsonl").read_text().splitlines() if '"order.placed"' in line]
    without = [json.loads(line) for line in orders]
    for event in without:
        event["data"].pop("buyer", None)
    (past / "orders.jsonl").write_text("".join(json.dumps(event) + "\n" for event in without))
    done = backtest(past, past / "orders.jsonl", "--until", "2023-06-05")
    said = " ".join(done.stdout.split())
    assert "Nobody's function is known" in said
    assert "no talks and no tickets" in said
    report = (past / "report.html").read_text()
    assert "What this data cannot show" in report
    assert "Nobody&#39;s function is known" in report
    assert "Nobody's function" not in backtest(past, past / "events.jsonl").stdout


def test_lost_accounts_without_events_are_named_first(past: Path) -> None:
    """A list of losses with other ids than the events' must not look like many false alarms."""
    known = figures(past, "--losses", past / "truth.jsonl")["lost"]
    ids = [lost["account_id"] for lost in known]
    file = past / "lost.csv"
    rows = [f"{ids[0]},{known[0]['lost_on']}", *(f"{id_.upper()},2024-05-06" for id_ in ids[1:5])]
    file.write_text("\n".join(["account_id,lost_on", *rows]))
    done = backtest(past, past / "events.jsonl", "--losses", file)
    said = " ".join(done.stdout.split())
    assert said.startswith("What is wrong with this data ! Lost accounts without events here: 4 of 5 (")
    assert "Compared without case and leading zeros, 4 of them would match." in said
    assert min(ids[1:5]).upper() in (past / "report.html").read_text().split("<h1>")[1].split("lead")[0]


def test_losses_of_which_none_is_known_are_refused(past: Path) -> None:
    """“No account was lost” would be a lie; the message says how the ids differ."""
    file = past / "strangers.csv"
    file.write_text("account_id,lost_on\nnobody-we-know,2024-05-06\n")
    said = refused(past, past / "events.jsonl", "--losses", file)
    assert "Lost accounts without events here: 1 of 1 (nobody-we-know). Accounts with events: " in said
    assert "Write the ids as the events have them" in said


def test_what_is_wrong_with_the_data_is_said_first(past: Path) -> None:
    """Figures of rubbish look like figures: the reader is told before, on screen and in the report."""
    lines = (past / "events.jsonl").read_text().splitlines()
    bare = [json.loads(line) for line in lines]
    for event in bare:
        if event["type"] == "order.placed":
            event["data"]["lines"] = []
    (past / "bare.jsonl").write_text("".join(json.dumps(event) + "\n" for event in bare) + "no event\n")
    done = backtest(past, past / "bare.jsonl", "--skip-bad")
    said, report = " ".join(done.stdout.split()), (past / "report.html").read_text()
    assert said.startswith("What is wrong with this data ! Records that could not be read or mapped")
    assert re.search(r"! [\d,]+ of [\d,]+ orders have no lines", said)
    assert re.search(r"! The newest event of any account is of .*?, [\d,]+ days ago", said)
    assert report.index("What is wrong with this data") < report.index('class="lead"')
    assert "orders have no lines" in report
    assert "orders have no lines" not in backtest(past, past / "events.jsonl").stdout
    assert "days ago" not in backtest(past, past / "bare.jsonl", "--skip-bad", "--until", "2024-01-01").stdout


def test_tables_fit_a_narrow_terminal(past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that is broken in two is read wrongly."""
    monkeypatch.setattr(command, "_PIPED_WIDTH", 80)
    done = backtest(past, past / "events.jsonl", "--losses", past / "truth.jsonl")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert len(re.findall(r"\d+ of \d+ \(\d+ %\)", done.stdout)) >= 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name files of events, or topics"),
        (["events.jsonl", "--topic", "t"], "name files of events, or topics"),
        (["missing.jsonl"], "cannot read missing.jsonl"),
        (["--topic", "t", "--from", "yesterday"], "write 2026-03-31"),
    ],
)
def test_what_is_missing_is_said(past: Path, words: list[str], said: str) -> None:
    """With what to do about it."""
    assert said in refused(past, *words)


def test_no_events_are_nothing_to_look_back_on(past: Path) -> None:
    """An empty file is a mistake, not a quiet portfolio."""
    (past / "empty.jsonl").write_text("\n")
    assert "no events to look back on" in refused(past, past / "empty.jsonl")
