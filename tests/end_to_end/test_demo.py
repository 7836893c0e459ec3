"""`turnsignal demo --exit`, as a newcomer runs it."""

import subprocess
from pathlib import Path

from tests.end_to_end.turnsignal import PROGRAM, environment


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
    assert "Tarnhollow Robotics Inc." in done.stdout
    assert "alerts that the pure core expects of these events arrived" in done.stdout
    assert "Accounts by stage" in done.stdout
    assert not list(tmp_path.iterdir())
