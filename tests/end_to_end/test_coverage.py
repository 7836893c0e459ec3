"""A portfolio whose connection lacks something is told what, what it costs, and that it was mended."""

import json
import subprocess
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.simulation import portfolio
from tests.end_to_end.turnsignal import PROGRAM, environment


def write(file: Path, without: Collection[str]) -> Path:
    """A made portfolio, as a connection gives it that leaves out the fields of these names."""
    events, _ = portfolio(60, 156, 12, datetime(2022, 1, 3, tzinfo=UTC))
    with file.open("w") as lines:
        for event in events:
            data = {name: value for name, value in event["data"].items() if name not in without}
            lines.write(
                json.dumps({**event, "data": {"participants": [], **data} if without else data}) + "\n"
            )
    return file


def told(file: Path) -> dict[str, Any]:
    """What the command tells programs; its cost on fewer accounts than usual, to spare the time."""
    words = ["mapping", "coverage", str(file), "--json", "--accounts", "300"]
    done = subprocess.run(
        [PROGRAM, *words], env=environment({}), capture_output=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def gap(report: dict[str, Any], piece: str) -> dict[str, Any] | None:
    """A piece that is lacking, or None."""
    return next((gap for gap in report["gaps"] if gap["piece"] == piece), None)


def test_dropped_buyers_are_told_cost_and_are_mended(tmp_path: Path) -> None:
    """Where talks name nobody, only the orders' buyers tell who decides: without them losses go unseen."""
    both = told(write(tmp_path / "both.jsonl", {"participants", "buyer"}))
    buyer = gap(both, "buyer")
    assert buyer is not None
    assert (buyer["having"], buyer["accounts_without"]) == (0, buyer["accounts"])
    assert "map `buyer` of orders" in buyer["mend"]
    assert both["cost"]["loss"]["points_in_time"] > 0
    assert both["cost"]["loss"]["beyond_chance"]
    assert buyer["gain"]["points_in_time"] > 0
    assert gap(both, "participants") is not None

    mended = told(write(tmp_path / "mended.jsonl", {"participants"}))
    assert gap(mended, "buyer") is None
    before, after = both["cost"]["found"]["warned_in_time"], mended["cost"]["found"]["warned_in_time"]
    won = (after - before) * 100 / both["cost"]["found"]["losses"]
    assert after > before
    assert abs(won - buyer["gain"]["points_in_time"]) < 3

    whole = told(write(tmp_path / "whole.jsonl", ()))
    assert whole["gaps"] == []
    assert whole["cost"] is None
