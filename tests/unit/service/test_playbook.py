"""The library of plays: those that come along, a vendor's own, and which an alert names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

import pytest
from typer.testing import CliRunner

from accounts.plays import SIGNALS, Entry, When, choose
from accounts.stages import STAGES, Kind
from service import playbook
from service.assembly import advice_of
from service.cli import app
from service.failures import Failure
from service.settings import Detection, Settings
from service.simulation import portfolio
from tests.unit.service.test_replay_command import START

if TYPE_CHECKING:
    from pathlib import Path

KINDS: tuple[Kind, ...] = get_args(Kind)


def chosen(library: tuple[Entry, ...], kind: Kind, signal: str = "") -> tuple[str, str]:
    play = choose(library, kind, "shifted", signal)
    return play.id, play.why


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plays.toml"


@pytest.mark.parametrize(
    ("kind", "signal", "play", "why"),
    [
        (
            "buying_centre_shift",
            "purchasing_share",
            "senior-sponsors",
            "purchasing's seats are the strongest",
        ),
        ("buying_centre_shift", "price_talk", "total-cost", "talk of price is the strongest sign"),
        ("buying_centre_shift", "technical_silence", "new-application", "the engineers have fallen silent"),
        ("buying_centre_shift", "unbundling", "unbundled-offer", "unbundled orders are the strongest sign"),
        ("buying_centre_shift", "quick_decisions", "senior-sponsors", "the usual first steps"),
        ("buying_centre_shift", "specification", "first-choice", "buying by specification"),
        ("buying_centre_shift", "competitor_named", "first-choice", "a competitor is named"),
        ("buying_centre_shift", "second_sourcing", "first-choice", "a second source is being built up"),
        ("buying_centre_shift", "executives_withdrawing", "executive-bridge", "the executives come no more"),
        ("champion_left", "", "new-champion", "an account is without its champion"),
        ("champion_left", "champion_left", "new-champion", "an account is without its champion"),
        ("champion_left", "champion_silent", "silent-champion", "the champion has fallen silent"),
        ("champion_left", "executives_withdrawing", "executive-bridge", "the executives come no more"),
        ("decline", "orders_slowing", "ask-why", "when an account is slowing down"),
        ("service_gap", "", "close-the-gap", "waiting for answers"),
        ("at_risk", "unbundling", "rescue", "both shifting and slowing down"),
        ("lost", "silence", "win-back", "silent beyond its own rhythm"),
        ("recovered", "recovered", "keep-close", "when an account is back"),
    ],
)
def test_the_built_in_plays(kind: Kind, signal: str, play: str, why: str) -> None:
    """Each case has its play, and says what chose it."""
    found, said = chosen(playbook.built_in(), kind, signal)
    assert found == play
    assert why in said


def test_every_case_has_a_built_in_play() -> None:
    """Whatever an alert may be."""
    for kind in KINDS:
        for stage in STAGES:
            for signal in (*SIGNALS, "", "of another detector"):
                assert choose(playbook.built_in(), kind, stage, signal).id != "no-play"


def test_the_more_a_case_names_the_sooner_it_is_chosen() -> None:
    """And of equals the first; one that names what is not so does not fit."""
    library = (
        Entry("any", "t", ("s",), (When(),)),
        Entry("never", "t", ("s",), ()),
        Entry("kind", "t", ("s",), (When(kinds=("decline",)),)),
        Entry("kind-too", "t", ("s",), (When(stages=("shifted",)),)),
        Entry("two", "t", ("s",), (When(kinds=("lost",)), When(kinds=("decline",), signals=("price_talk",)))),
    )
    assert chosen(library, "decline")[0] == "kind"
    assert chosen(library, "decline", "price_talk")[0] == "two"
    assert chosen(library, "at_risk")[0] == "kind-too"
    assert choose(library, "at_risk", "watch", "").id == "any"
    assert choose((), "at_risk", "watch", "").id == "no-play"


def test_ones_own_come_before_the_built_in(file: Path) -> None:
    """An added play, one with other words, one that is never chosen; the rest stays."""
    file.write_text("""
        [[play]]
        id = "tender-desk"
        title = "Bring the tender desk in"
        steps = ["Ask."]
        when = { kinds = ["buying_centre_shift"], signals = ["price_talk"] }
        [[play]]
        id = "rescue"
        title = "Call the board"
        [[play]]
        id = "win-back"
        when = []
    """)
    library = playbook.library(file)
    assert chosen(library, "buying_centre_shift", "price_talk")[0] == "tender-desk"
    assert chosen(library, "buying_centre_shift", "unbundling")[0] == "unbundled-offer"
    rescue = choose(library, "at_risk", "at_risk", "")
    assert rescue.title == "Call the board"
    assert rescue.steps == list(next(e for e in playbook.built_in() if e.id == "rescue").steps)
    assert chosen(library, "lost")[0] == "no-play"
    assert len({entry.id for entry in library}) == len(library) == len(playbook.built_in()) + 1
    settings = Settings(detection=Detection(plays=str(file)))
    assert advice_of(settings).plays == library
    assert advice_of(Settings()).plays == playbook.built_in()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("play = 3", "write each as a table of its own"),
        ("[[play", "not TOML"),
        ("[[plays]]\nid='a'", "plays: there is no such table"),
        ("[[play]]\ntitle = 'x'", "play number 1: id: must be at most 64"),
        ("[[play]]\nid = 'mine'", "play 'mine': title: is missing"),
        ("[[play]]\nid = 'mine'", "play 'mine': when: is missing"),
        (
            "[[play]]\nid = 'rescue'\nstep = []",
            "play 'rescue': step: there is no such field; known are id, title",
        ),
        ("[[play]]\nid = 'rescue'\nsteps = []", "play 'rescue': steps: must be a list of one to 4 texts"),
        ("[[play]]\nid = 'rescue'\nsteps = [' ']", "play 'rescue': steps: must be a text of one to 300"),
        ("[[play]]\nid = 'rescue'\ntitle = 7", "play 'rescue': title: must be a text of one to 150 .* not 7"),
        ("[[play]]\nid = 'rescue'\nwhen = 7", "when: must be a table of kinds, stages and signals"),
        (
            "[[play]]\nid = 'rescue'\nwhen = {kind = ['lost']}",
            "when.kind: there is no such condition; known are",
        ),
        (
            "[[play]]\nid = 'rescue'\nwhen = {kinds = ['loss']}",
            "play 'rescue': when.kinds: 'loss' is none of buying_centre_shift, decline, at_risk, lost",
        ),
        (
            "[[play]]\nid = 'rescue'\nwhen = {stages = 'lost'}",
            "when.stages: must be a list of learning, stable",
        ),
        (
            "[[play]]\nid = 'rescue'\nwhen = {signals = [[]]}",
            r"when.signals: \[\] is none of purchasing_share",
        ),
        ("[[play]]\nid = 'rescue'\n[[play]]\nid = 'rescue'", "play 'rescue': id: stands in this file twice"),
    ],
)
def test_a_wrong_play_is_named_with_what_is_allowed(file: Path, text: str, said: str) -> None:
    """With its file, and all mistakes at once."""
    file.write_text(text)
    with pytest.raises(Failure, match=said) as failure:
        playbook.library(file)
    assert str(file) in str(failure.value)
    assert failure.value.code == 2


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    """Missing, or not text."""
    with pytest.raises(Failure, match=r"cannot read the plays of .*plays\.toml"):
        playbook.library(file)
    file.write_bytes(b"\xff")
    with pytest.raises(Failure, match="not UTF-8"):
        playbook.library(file)


def test_the_commands(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in file is a beginning; a check says what it changes and what is never chosen."""
    text = CliRunner().invoke(app, ["plays", "list", "--toml"]).stdout
    file.write_text(text + "[[play]]\nid = 'mine'\ntitle = 't'\nsteps = ['s']\nwhen = {kinds = ['lost']}\n")
    assert playbook.own(file)[:-1] == playbook.built_in()
    done = CliRunner().invoke(app, ["plays", "check", str(file)])
    assert done.exit_code == 0, done.stderr
    assert "14 plays, all well-formed, of which senior-sponsors, " in done.stdout
    assert "mine is never chosen: others come first in each of its cases" in done.stdout
    monkeypatch.setenv("TURNSIGNAL_DETECTION__PLAYS", str(file))
    listed = CliRunner().invoke(app, ["plays", "list"]).stdout
    assert "kind buying_centre_shift; strongest sign price_talk" in listed
    assert [line.split()[-1] for line in listed.splitlines() if "mine" in line.split()] == ["yours"]


def test_replay_names_ones_own_play(file: Path, tmp_path: Path) -> None:
    """From the file to the alert; nothing else of it changes."""
    events = tmp_path / "events.jsonl"
    made, _ = portfolio(12, 104, 3, START)
    events.write_text("".join(json.dumps(event) + "\n" for event in made))
    file.write_text(
        "[[play]]\nid = 'mine'\ntitle = 't'\nsteps = ['s']\n"
        "when = {stages = ['shifted'], kinds = ['buying_centre_shift']}"
    )
    before = CliRunner().invoke(app, ["replay", str(events)]).stdout.splitlines()
    after = CliRunner().invoke(app, ["replay", str(events), "--plays", str(file)]).stdout.splitlines()
    assert any('"buying_centre_shift"' in line for line in before)
    for one, other in zip(map(json.loads, before), map(json.loads, after), strict=True):
        assert (other["play"]["id"] == "mine") == (one["kind"] == "buying_centre_shift")
        assert one | {"play": 0} == other | {"play": 0}
