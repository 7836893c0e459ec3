"""`turnsignal demo`, as a newcomer runs it."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.turnsignal import PROGRAM, environment, running
from tests.parts.process import wait_until

_IN_TIME = 8  # weeks


def test_the_demo_shows_the_story_and_ends_with_success(tmp_path: Path) -> None:
    """The first thing a newcomer runs: every expected alert arrives, the story's well before the loss."""
    done = subprocess.run(
        [PROGRAM, "demo", "--exit", "--accounts", "25"],
        env=environment({}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "alerts that the pure core expects of these events arrived" in done.stdout
    assert "Accounts by stage" in done.stdout
    assert "Alerts by kind" in done.stdout
    assert re.search(r"[\d,]+ events in \d+ s, [\d,]+ events a second", done.stdout)
    lead = re.search(r"Tarnhollow Robotics.* story .*shift +\+(\d+)", done.stdout)
    assert lead is not None, done.stdout[-5000:]
    assert int(lead[1]) >= _IN_TIME
    assert not list(tmp_path.iterdir())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell starts what it puts into the background with Ctrl-C ignored, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_stays_up_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """Its pages can be looked at; Ctrl-C, a stop or a closed terminal end the broker and the folder too."""
    log, scratch = tmp_path / "screen", tmp_path / "scratch"
    scratch.mkdir()
    with running("demo", "--accounts", "2", settings={}, log=log, TMPDIR=str(scratch)) as process:
        wait_until(lambda: "Ctrl-C ends" in log.read_text(), 120, "the end of the play", every=0.2)
        address = re.search(r"http://[\d.:]+(?=\s*\(API)", log.read_text())
        assert address is not None
        with urllib.request.urlopen(address[0], timeout=20) as page:
            assert "Tarnhollow Robotics" in page.read().decode()
        assert brokers_in(scratch)
        process.send_signal(number)
        assert process.wait(60) == (0 if number == signal.SIGINT else 128 + number)
    assert brokers_in(scratch) == []
    assert not list(scratch.iterdir())


def test_a_reader_who_has_seen_enough_ends_the_demo(tmp_path: Path) -> None:
    """`turnsignal demo | head` ends as any program would: soon, in silence, with nothing left behind."""
    log = tmp_path / "errors"
    with log.open("wb") as errors:
        demo = subprocess.Popen(
            [PROGRAM, "demo", "--accounts", "25"],
            env=environment({}) | {"TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    with demo:
        assert demo.stdout is not None
        demo.stdout.readline()
        demo.stdout.close()
        assert demo.wait(100) == 141
    assert log.read_text() == ""
    assert brokers_in(tmp_path) == []


def brokers_in(folder: Path) -> list[str]:
    """The processes that were started with a path in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if os.fsencode(folder) in command:
            found.append(command.decode().replace("\0", " "))
    return found
