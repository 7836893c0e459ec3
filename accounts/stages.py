"""The one table of an account's stages: everything that decides a stage stands here."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "buying_centre_shift", "decline", "at_risk", "lost", "champion_left", "service_gap", "recovered"
]

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


# How grave a stage is; an alert is raised on the way up, `recovered` on the way back to rank 1 or below.
_RANK: dict[Stage, int] = {
    "learning": 0,
    "stable": 0,
    "watch": 1,
    "shifted": 2,
    "declining": 2,
    "at_risk": 3,
    "lost": 4,
}
_QUIET_RANK = 1

_ALERT_OF: dict[Stage, Kind] = {
    "shifted": "buying_centre_shift",
    "declining": "decline",
    "at_risk": "at_risk",
    "lost": "lost",
}

# The stages in which an alert, once raised, still holds.
_HOLDS: dict[Kind, frozenset[Stage]] = {
    "buying_centre_shift": frozenset({"shifted", "at_risk", "lost"}),
    "decline": frozenset({"declining", "at_risk", "lost"}),
    "at_risk": frozenset({"at_risk", "lost"}),
    "lost": frozenset({"lost"}),
    "recovered": frozenset({"learning", "stable", "watch"}),
}
STAGED: frozenset[Kind] = frozenset(_HOLDS)  # the kinds that come and go with the stage


def alert_kind(previous: Stage, stage: Stage) -> Kind | None:
    """The alert that a change of stage raises, if any."""
    before, after = _RANK[previous], _RANK[stage]
    if after <= _QUIET_RANK:
        return "recovered" if before > _QUIET_RANK else None
    return _ALERT_OF[stage] if after >= before else None


def holds(kind: Kind, stage: Stage) -> bool:
    """Whether an alert of this kind still holds in a stage."""
    return stage in _HOLDS.get(kind, frozenset())
