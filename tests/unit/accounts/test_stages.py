"""The one table of stages, row by row."""

from itertools import product

import pytest

from accounts.stages import STAGES, TABLE, Kind, Reading, Stage, alert_kind, holds, stage_of

READINGS = [Reading(*bits) for bits in product([False, True], repeat=5)]


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_every_reading_has_its_one_stage(reading: Reading) -> None:
    """The gravest reading wins; nothing falls between two rows."""
    expected: Stage
    if reading.silent:
        expected = "lost"
    elif reading.declining:
        expected = "at_risk" if reading.shifted else "declining"
    elif reading.shifted:
        expected = "shifted"
    elif reading.learning:
        expected = "learning"
    else:
        expected = "watch" if reading.watching else "stable"
    assert stage_of(reading) == expected


def test_the_table_names_every_stage_once() -> None:
    """A stage without a row could never be left or entered."""
    assert sorted(stage for stage, _ in TABLE) == sorted(STAGES)


QUIET: tuple[Stage, ...] = ("learning", "stable", "watch")
RAISES: dict[tuple[Stage, Stage], Kind] = {
    **{(quiet, "shifted"): "buying_centre_shift" for quiet in QUIET},
    **{(quiet, "declining"): "decline" for quiet in QUIET},
    **{(before, "at_risk"): "at_risk" for before in (*QUIET, "shifted", "declining")},
    **{(before, "lost"): "lost" for before in STAGES if before != "lost"},
    ("shifted", "declining"): "decline",
    ("declining", "shifted"): "buying_centre_shift",
    **{
        (before, quiet): "recovered" for before in STAGES if before not in QUIET for quiet in QUIET
    },
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [(a, b) for a in STAGES for b in STAGES if a != b])
def test_an_alert_is_raised_on_the_way_up_and_recovered_on_the_way_back(before: Stage, after: Stage) -> None:
    """Every change of stage has its one answer; on the way down to a lesser trouble nothing is new."""
    assert alert_kind(before, after) == RAISES.get((before, after))


@pytest.mark.parametrize("stage", STAGES)
def test_an_alert_holds_while_its_trouble_lasts(stage: Stage) -> None:
    """A graver stage does not resolve what led to it."""
    held = {
        kind
        for kind in ("buying_centre_shift", "decline", "at_risk", "lost", "recovered")
        if holds(kind, stage)
    }
    assert (
        held
        == {
            "learning": {"recovered"},
            "stable": {"recovered"},
            "watch": {"recovered"},
            "shifted": {"buying_centre_shift"},
            "declining": {"decline"},
            "at_risk": {"buying_centre_shift", "decline", "at_risk"},
            "lost": {"buying_centre_shift", "decline", "at_risk", "lost"},
        }[stage]
    )
    assert not holds("champion_left", stage)
