"""`turnsignal replay`: the clock of the events, which no single one of them carries away."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.simulation import portfolio

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

START = datetime(2023, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of a few accounts."""
    events, _ = portfolio(12, 104, 3, START)
    path = tmp_path_factory.mktemp("replay") / "history.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def order(path: Path, time: datetime, subject: str = "mistyped") -> Path:
    """A file with one order at that time."""
    line = {"kind": "system", "sku": "s", "quantity": 1, "unit_price": 1}
    event = {
        "specversion": "1.0",
        "id": "one",
        "source": "test",
        "type": "order.placed",
        "subject": subject,
        "time": time.isoformat(),
        "data": {"order_id": "1", "currency": "EUR", "lines": [line]},
    }
    path.write_text(json.dumps(event) + "\n")
    return path


def replay(*words: object) -> Result:
    done = CliRunner().invoke(app, ["replay", *map(str, words)])
    assert done.exit_code == 0, done.stderr
    return done


def raised_last(done: Result) -> str:
    return max(str(json.loads(line)["raised_at"]) for line in done.stdout.splitlines())


def test_one_event_of_2090_loses_nobody(history: Path, tmp_path: Path) -> None:
    """The same alerts as without it, and a word of it; the clock goes there only where it is told to."""
    stray = order(tmp_path / "stray.jsonl", datetime(2090, 1, 1, tzinfo=UTC))
    plain, played = replay(history), replay(history, stray)
    assert plain.stdout
    assert played.stdout == plain.stdout
    assert "events more than a day ahead of now: 1, the furthest at 2090-01-01" in played.stderr
    assert "ahead" not in plain.stderr
    told = replay(history, stray, "--until", "2090-02-01")
    assert "ahead" not in told.stderr
    assert len(told.stdout) > len(plain.stdout)


@pytest.mark.parametrize(("hours", "ahead"), [(-1, 0), (23, 0), (25, 1)])
def test_a_clock_that_is_wrong_by_hours_is_put_up_with(
    history: Path, tmp_path: Path, hours: int, ahead: int
) -> None:
    """Up to a day ahead an event is taken for one of now."""
    late = order(tmp_path / "late.jsonl", datetime.now(UTC) + timedelta(hours=hours))
    done = replay(history, late)
    assert ("ahead of now" in done.stderr) is bool(ahead)
    assert (raised_last(done) > "2025-06") is not bool(ahead)  # two years of silence are judged, or are not


def test_a_portfolio_of_years_to_come_has_a_clock_of_its_own(history: Path, tmp_path: Path) -> None:
    """What is raised goes by the events' own time, whatever the year is in which it is played."""
    later = tmp_path / "later.jsonl"
    with later.open("w") as file:
        for line in history.read_text().splitlines():
            event = json.loads(line)
            moved = datetime.fromisoformat(event["time"]) + timedelta(weeks=52 * 40)
            file.write(json.dumps(event | {"time": moved.isoformat()}) + "\n")
    told, now = replay(later), replay(history)
    assert "ahead" not in told.stderr
    assert len(told.stdout.splitlines()) == len(now.stdout.splitlines()) > 0
