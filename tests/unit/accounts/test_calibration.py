"""Calibration learns from a portfolio what its false alarms are, and keeps to the budget on another one."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from accounts.account import refold
from accounts.calibration import FEWEST_YEARS, Calibration, Learnt, learn, turned
from accounts.chain import lifetime_years
from accounts.events import decode
from accounts.evidence import COUNTS
from accounts.fold import Fold, StageChange
from accounts.policy import Policy, Threshold
from accounts.replay import Replay
from accounts.series import Series
from accounts.stages import Stage
from service.simulation import portfolio

START = datetime(2022, 1, 3, tzinfo=UTC)
WEEKS = 182
# Twice as talkative as the built-in numbers think right: what they raise here is far beyond the budget.
NERVOUS = msgspec.structs.replace(
    Policy(),
    shift_threshold=msgspec.structs.replace(Policy().shift_threshold, base=-2.5),
    cadence_threshold=msgspec.structs.replace(Policy().cadence_threshold, base=1.5),
)


def histories(seed: int, mix: dict[str, float]) -> list[Series]:
    events, _ = portfolio(250, WEEKS, seed, START, mix=mix)
    replay = Replay()
    for event in events:
        replay.add(decode(msgspec.json.encode(event)))
    return [state.series for _, state in replay.states(START + timedelta(weeks=WEEKS), Policy())]


def alarms_a_hundred_years(seen: list[Series], policy: Policy) -> float:
    years = sum(series.length for series in seen) / 52
    return 100 * sum(len([m for m in refold(s, policy).marks if m.kind != "recovered"]) for s in seen) / years


def learnt_numbers(learnt: Learnt) -> tuple[Threshold, Threshold, dict[str, tuple[float, float]]]:
    return learnt.shift_threshold, learnt.cadence_threshold, learnt.priors


def with_learnt(learnt: Learnt, policy: Policy) -> Policy:
    calibration = Calibration(
        START,
        START,
        START,
        1,
        0,
        1.0,
        5.0,
        learnt.shift_threshold,
        learnt.cadence_threshold,
        learnt.priors,
        {},
    )
    return calibration.policy(policy.false_alarms)


def test_nervous_thresholds_come_down_to_the_budget_also_where_accounts_really_turn() -> None:
    """A third of the portfolio turns, nobody says which; quiet accounts of another seed keep the budget."""
    mixed = histories(1, {"stable": 0.5, "sparse": 0.2, "shift_then_loss": 0.2, "shift_stays": 0.1})
    quiet = histories(2, {"stable": 0.7, "sparse": 0.3})
    before = alarms_a_hundred_years(quiet, NERVOUS)
    learnt = learn(mixed, NERVOUS)
    after = alarms_a_hundred_years(quiet, with_learnt(learnt, NERVOUS))
    assert before > 15
    assert 2 <= after <= 8
    assert 0.2 * len(mixed) <= learnt.left_out <= 0.5 * len(mixed)
    assert (
        sum(learnt.rates.values()) <= 1.2 * NERVOUS.false_alarms
    )  # the line through two classes fits no account exactly


def test_a_larger_budget_gives_lower_thresholds() -> None:
    """Who puts up with more false alarms is warned earlier."""
    seen = histories(3, {"stable": 0.7, "sparse": 0.3})
    strict, generous = (learn(seen, Policy(false_alarms=budget)) for budget in (2, 10))
    for votes in (30, 150):
        assert strict.shift_threshold.nats(votes, 2) > generous.shift_threshold.nats(votes, 10)


def test_the_chain_is_counted_with_those_who_really_turned() -> None:
    """Lifetime value is learnt of everyone: a portfolio that turns more is worth less when stable."""
    turning = learn(histories(4, {"stable": 0.4, "shift_then_loss": 0.6}), Policy()).chain
    quiet = learn(histories(4, {"stable": 1.0}), Policy()).chain
    worth = {name: lifetime_years(chain, 0.1) for name, chain in (("turning", turning), ("quiet", quiet))}
    assert worth["turning"][0] < 0.8 * worth["quiet"][0]
    for years in worth.values():
        assert years[0] > years[2] > years[4] > years[5] == 0


def test_too_little_history_is_said() -> None:
    """Ten accounts of a year tell nothing of false alarms a hundred years."""
    seen = [Series(length=52, counts=[[0] * 52 for _ in range(COUNTS)]) for _ in range(10)]
    with pytest.raises(ValueError, match=f"{FEWEST_YEARS:.0f} are needed"):
        learn(seen, Policy())


def changes(*stages: tuple[int, Stage]) -> Fold:
    before: Stage = "stable"
    told = []
    for week, stage in stages:
        told.append(StageChange(week, before, stage))
        before = stage
    return Fold(stage=before, transitions=told)


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        (changes(), False),
        (changes((50, "shifted"), (60, "stable")), False),
        (changes((50, "shifted"), (60, "at_risk"), (77, "stable")), True),
        (changes((80, "declining")), True),
        (changes((95, "declining")), False),
        (changes((98, "lost")), True),
    ],
)
def test_an_alarm_that_lasts_was_a_real_one(fold: Fold, *, expected: bool) -> None:
    """Half a year in alarm, a quarter at the end, or lost: left out of what counts as false."""
    assert turned(fold, Series(length=100)) is expected
