"""The one table of an account's stages: everything that decides a stage stands here."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["learning", "stable", "watch", "shifted", "declining", "at_risk", "lost"]
STAGES: tuple[Stage, ...] = ("learning", "stable", "watch", "shifted", "declining", "at_risk", "lost")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tests say of an account at the end of a week."""

    learning: bool  # no stream has a baseline yet
    watching: bool  # S ≥ h/2
    shifted: bool  # S reached h and has not fallen below h/2 since
    declining: bool  # D reached h_D and has not fallen below h_D/2 since
    silent: bool  # by the account's own rhythm it is alive with p < 5 %


# The first row whose condition holds names the stage: the gravest reading wins.
TABLE: tuple[tuple[Stage, str], ...] = (
    ("lost", "silent"),
    ("at_risk", "shifted and declining"),
    ("declining", "declining"),
    ("shifted", "shifted"),
    ("learning", "learning"),
    ("watch", "watching"),
    ("stable", ""),
)


def stage_of(reading: Reading) -> Stage:
    """The stage of a reading, by TABLE."""
    for stage, condition in _ROWS:
        if all(getattr(reading, name) for name in condition):
            return stage
    raise AssertionError("the last row of TABLE holds for every reading")


_ROWS: tuple[tuple[Stage, tuple[str, ...]], ...] = tuple(
    (stage, tuple(name for name in condition.split(" and ") if name)) for stage, condition in TABLE
)
