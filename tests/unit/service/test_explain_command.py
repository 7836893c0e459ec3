"""`turnsignal explain`: from files and from the database, as text, as JSON and as a picture."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.failures import Failure
from service.simulation import STORY_ACCOUNT, portfolio
from tests.integration.serving import migrated, put_account, put_story

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

END = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TURNSIGNAL_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The events of the story's account."""
    made, _ = portfolio(1, 156, 7, END - timedelta(weeks=156), story=True)
    path = tmp_path / "story.jsonl"
    path.write_text("".join(json.dumps(e) + "\n" for e in made if e["subject"] == STORY_ACCOUNT))
    return path


def explain(*words: object) -> Result:
    done = CliRunner().invoke(app, ["explain", *map(str, words)])
    if isinstance(done.exception, Failure):
        raise done.exception
    assert done.exit_code == 0, done.stderr
    return done


def read(*words: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(explain(*words, "--json").stdout)
    return told


def test_the_text_tells_all_parts(story: Path) -> None:
    """Plain where it is piped: no colours, no cursor."""
    text = explain(STORY_ACCOUNT, story).stdout
    assert "\x1b" not in text
    for part in ("Stage ", "Led by ", "threshold", "purchasing share", "orders", "people:", "events:"):
        assert part in text
    for heading in ("Evidence", "History", "What would change the stage"):
        assert f"\n{heading}\n" in text


def test_what_is_at_stake_is_told_in_the_own_currency_and_compared_in_the_base_one(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where there is no rate, what that means for the order of accounts."""
    without = explain(STORY_ACCOUNT, story).stdout
    assert re.search(r"Lifetime +worth USD .* of future orders; USD .* if it were stable", without)
    assert re.search(r"Compared +after the others: no rate for its currency", without)
    monkeypatch.setenv("TURNSIGNAL_VALUE__RATES", '{"USD": "0.92"}')
    assert re.search(r"Compared +by EUR .* at risk", explain(STORY_ACCOUNT, story).stdout)
    value = read(STORY_ACCOUNT, story)["value"]
    assert value["base"]["annual"] == pytest.approx(0.92 * value["annual"], abs=0.01)


def test_the_database_says_what_the_files_say(
    story: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same account, as reviewed and as replayed; today and at an earlier time."""
    with migrated(sqlite_url) as engine:
        end = put_story(engine)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    assert read(STORY_ACCOUNT) == read(STORY_ACCOUNT, story, "--at", end.isoformat())
    earlier = f"{end - timedelta(weeks=70):%Y-%m-%dT%H:%M:%SZ}"
    before = read(STORY_ACCOUNT, "--at", earlier)
    assert before == read(STORY_ACCOUNT, story, "--at", earlier)
    assert before["known_to"] <= earlier
    assert before["stage"] != read(STORY_ACCOUNT)["stage"]
    assert all(change["at"] <= before["known_to"] for change in before["transitions"])
    with pytest.raises(Failure, match="reviewed up to 2026-06-01 only"):
        explain(STORY_ACCOUNT, "--at", "2027-01-01")


def test_the_picture_stands_alone(story: Path, tmp_path: Path) -> None:
    """Well-formed, with the colours that it uses and the account's name; as PNG where the name says so."""
    path = tmp_path / "story.svg"
    explain(STORY_ACCOUNT, story, "--picture", path)
    root = ET.parse(path).getroot()  # noqa: S314  (our own file)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = path.read_text("utf-8")
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= set(re.findall(r"(--[\w-]+):", text))
    words = [*root.itertext()]
    assert "Tarnhollow Robotics Inc." in words
    assert {"purchasing-led", "Orders in four weeks, USD", "100 %"} <= set(words)
    assert any(re.fullmatch(r"Shifted since .* · purchasing-led since .*", word) for word in words)
    explain(STORY_ACCOUNT, story, "--picture", tmp_path / "story.PNG")
    assert (tmp_path / "story.PNG").read_bytes().startswith(b"\x89PNG")


def test_words_from_events_move_no_cursor_and_stay_text(story: Path, tmp_path: Path) -> None:
    """Neither the terminal nor the picture obeys a name."""
    hostile = tmp_path / "hostile.jsonl"
    event = {
        "specversion": "1.0",
        "id": "hostile",
        "source": "test",
        "type": "crm.account.changed",
        "subject": STORY_ACCOUNT,
        "time": "2026-05-20T00:00:00Z",
        "data": {"name": "\x1b[2J<script>[bold]</title>"},
    }
    hostile.write_text(json.dumps(event) + "\n")
    path = tmp_path / "hostile.svg"
    text = explain(STORY_ACCOUNT, story, hostile, "--at", "2026-06-01", "--picture", path).stdout
    assert "\x1b" not in text
    assert "<script>[bold]" in text
    assert "<script>" not in path.read_text("utf-8")
    ET.parse(path)  # noqa: S314  (our own file)


def test_without_a_database_files_are_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first look at one's own events needs no service."""
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(Failure, match="or name files of events after the account"):
        explain("C-1042")


def test_what_cannot_be_explained_is_said(
    story: Path, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line each."""
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    with migrated(sqlite_url) as engine:
        put_account(engine, "new")
    with pytest.raises(Failure, match="there is no account 'nobody' in the database"):
        explain("nobody")
    with pytest.raises(Failure, match="no week with evidence of 'new' had closed"):
        explain("new")
    with pytest.raises(Failure, match=r"there are no events of 'nobody' in .*story\.jsonl"):
        explain("nobody", story)
    with pytest.raises(Failure, match="had closed by 2001-01-01"):
        explain(STORY_ACCOUNT, story, "--at", "2001-01-01")
    with pytest.raises(Failure, match="cannot write"):
        explain(STORY_ACCOUNT, story, "--picture", tmp_path / "no" / "such.svg")
