"""The shift test against its equations, worked out once more in plain floats."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cusum import Cusum
from accounts.evidence import VOTE
from accounts.policy import MICRO, Policy
from accounts.series import DECIDERS, TALKS, Series
from accounts.shift import Baseline, ShiftTest
from tests.unit.accounts.builders import STEADY

POLICY = Policy()
UNCAPPED = Policy(burst_share=99.0)
PEOPLE, PRICE, BUNDLES, SILENCE, FORMAL, QUICKLY = range(6)
GAINS = st.lists(st.tuples(st.integers(-4 * MICRO, 4 * MICRO), st.integers(-MICRO, MICRO)), max_size=60)


def one_line(weeks: int) -> Series:
    """A series of silent weeks, of one product line."""
    series = Series(lines=[""])
    series.extend({}, 0)
    for row in series.counts:
        row.extend([0] * weeks)
    series.length = weeks
    return series


def learnt(votes_for: int, votes: int, stream: int = PEOPLE) -> Baseline:
    """A baseline after its weeks with so many thousandths of votes."""
    baseline = Baseline()
    baseline.learn(0, votes_for, votes, POLICY.shift_streams[stream], POLICY)
    baseline.learn(POLICY.baseline_weeks - 1, 0, 0, POLICY.shift_streams[stream], POLICY)
    return baseline


@pytest.mark.parametrize(
    ("stream", "a", "b", "weight"),
    [
        (PEOPLE, 1.5, 8, 1),
        (PRICE, 1.5, 8, 0.5),
        (BUNDLES, 1, 5, 1),
        (SILENCE, 4, 4, 0.25),
        (FORMAL, 1.5, 7, 1.5),
    ],
)
@pytest.mark.parametrize(("y", "n"), [(0, 20), (3, 20), (0, 4), (6, 20)])
def test_a_vote_weighs_its_log_likelihood_ratio(
    stream: int, a: float, b: float, weight: float, y: int, n: int
) -> None:
    """ℓ = w·[y·ln(p1/p0) + (n−y)·ln((1−p1)/(1−p0))], odds(p1) = 6·odds(p0), p0 shrunk to the prior."""
    baseline = learnt(y * VOTE, n * VOTE, stream)
    p0 = (a + y) / (a + b + n)
    p1 = 6 * p0 / (1 + 5 * p0)
    assert baseline.up == pytest.approx(MICRO * weight * log(p1 / p0), abs=1)
    assert baseline.down == pytest.approx(MICRO * weight * log((1 - p1) / (1 - p0)), abs=1)
    assert baseline.down < 0 < baseline.up


@pytest.mark.parametrize(("y", "n"), [(7, 20), (10, 20), (16, 20), (39, 40), (4, 4), (199, 200)])
def test_a_share_of_a_third_or_more_is_not_shrunk_down(y: int, n: int) -> None:
    """Shrunk towards the prior, an account's own habit would look like a change: its drift is never up."""
    baseline = learnt(y * VOTE, n * VOTE)
    assert y * baseline.up + (n - y) * baseline.down <= 0


def test_where_all_was_purchasing_nothing_adds_up() -> None:
    """A crumb of likelihood a vote became an alarm after some years."""
    assert learnt(4 * VOTE, 4 * VOTE).up == 0
    assert learnt(400 * VOTE, 400 * VOTE).up == 0


@pytest.mark.parametrize(
    ("weeks", "votes", "ready"), [(44, 100, False), (45, 3, False), (45, 4, True), (60, 3, False)]
)
def test_a_baseline_waits_for_its_weeks_and_its_votes(weeks: int, votes: int, ready: bool) -> None:  # noqa: FBT001
    """Three votes are no habit, and neither is a month."""
    baseline = Baseline()
    baseline.learn(7, 0, votes * VOTE, POLICY.shift_streams[PEOPLE], POLICY)
    baseline.learn(7 + weeks - 1, 0, 0, POLICY.shift_streams[PEOPLE], POLICY)
    assert baseline.ready is ready


def test_a_baseline_begins_with_the_first_vote() -> None:
    """An account that is quiet at first gets its weeks all the same."""
    baseline = Baseline()
    baseline.learn(0, 0, 0, POLICY.shift_streams[PEOPLE], POLICY)
    assert baseline.first == -1
    baseline.learn(30, 0, VOTE, POLICY.shift_streams[PEOPLE], POLICY)
    assert (baseline.first, baseline.weeks) == (30, 1)


def test_the_threshold_follows_from_the_budget_and_the_activity() -> None:
    """Half the alarms cost ln 2 times `per_budget`; the rarest accounts are judged alike; it has a floor."""

    def nats(votes_a_year: float, budget: float) -> float:
        policy = Policy(false_alarms=budget)
        return policy.micro_threshold(policy.shift_threshold, votes_a_year) / MICRO

    threshold = POLICY.shift_threshold
    assert nats(52, 5) == pytest.approx(threshold.base + threshold.per_activity * log(52))
    assert nats(52, 5) - nats(52, 10) == pytest.approx(threshold.per_budget * log(2), abs=1e-5)
    assert nats(3, 5) == nats(12, 5)
    assert nats(52, 1e9) == 1


def test_the_threshold_counts_the_votes_of_the_baselines() -> None:
    """A busier account takes more chances to cross by chance, and gets the higher threshold."""
    test, series = ShiftTest(), one_line(60)
    for week in range(0, 60, 3):
        series.counts[DECIDERS][week] = VOTE
    series.counts[TALKS][0] = VOTE  # one talk with a topic: no baseline, and no part of the threshold
    for week in range(60):
        test.step(week, week, series, POLICY)
    assert test.before(PEOPLE, 59).votes == 15 * VOTE
    assert test.cusum.threshold == POLICY.micro_threshold(POLICY.shift_threshold, 15 * 52 / 45)
    assert not test.before(PRICE, 59).ready


@STEADY
@given(
    GAINS,
    st.sampled_from([UNCAPPED, Policy(ceiling=1.0, burst_share=99.0), Policy(clip=0.5, burst_share=99.0)]),
)
def test_parts_less_what_was_clipped_are_the_sum(gains: list[tuple[int, int]], policy: Policy) -> None:
    """The evidence of an alert adds up to what raised it, always."""
    cusum = Cusum([0, 0], threshold=5 * MICRO)
    plain, onset = 0, -1
    for week, gain in enumerate(gains):
        before = cusum.total
        cusum.add(week, list(gain), policy)
        assert sum(cusum.parts) - cusum.clipped == cusum.total
        assert 0 <= cusum.total <= policy.ceiling * cusum.threshold
        assert abs(cusum.total - before) <= policy.clip_micro or cusum.total == 0
        assert (cusum.onset == -1) == (cusum.total == 0)
        was = plain
        plain = max(0, plain + max(-policy.clip_micro, min(sum(gain), policy.clip_micro)))
        plain = min(plain, round(policy.ceiling * cusum.threshold))
        assert cusum.total == plain
        onset = -1 if not plain else onset if was else week
        assert cusum.onset == onset


def test_no_week_decides_alone() -> None:
    """One wild meeting cannot raise an alarm."""
    cusum = Cusum([0], threshold=7 * MICRO)
    cusum.add(0, [50 * MICRO], POLICY)
    assert (cusum.total, cusum.crossed) == (2_500_000, False)
    assert cusum.clipped == 47_500_000
    cusum.add(1, [-50 * MICRO], POLICY)
    assert (cusum.total, cusum.onset, cusum.parts, cusum.clipped) == (0, -1, [0], 0)


def test_a_passing_visit_is_no_shift() -> None:
    """Buyers who come for four weeks, however many, add no more than the share of a burst; staying does."""
    cusum = Cusum([0], threshold=10 * MICRO)
    for week in range(POLICY.burst_weeks):
        cusum.add(week, [4 * MICRO], POLICY)
    assert cusum.total == 8 * MICRO
    assert not cusum.crossed
    cusum.add(POLICY.burst_weeks, [4 * MICRO], POLICY)
    assert cusum.crossed


@STEADY
@given(GAINS)
def test_no_weeks_of_a_burst_add_more_than_their_share(gains: list[tuple[int, int]]) -> None:
    """Whatever comes in any five weeks in a row, and the parts still add up to the sum."""
    cusum, rises, before = Cusum([0, 0], threshold=5 * MICRO), [], 0
    for week, gain in enumerate(gains):
        cusum.add(week, list(gain), POLICY)
        assert sum(cusum.parts) - cusum.clipped == cusum.total
        rises.append(max(0, cusum.total - before))
        before = cusum.total
        assert sum(rises[-POLICY.burst_weeks :]) <= POLICY.burst_share * cusum.threshold


def test_an_alarm_clears_only_below_half_its_threshold() -> None:
    """Hysteresis: an account on the line does not flap."""
    cusum = Cusum([0], threshold=4 * MICRO)
    seen = []
    for gain in (2.0, 2.0, -1.9, -0.2, 1.8, 0.3):
        cusum.add(0, [round(gain * MICRO)], UNCAPPED)
        seen.append((cusum.total / MICRO, cusum.crossed, cusum.half_way))
    assert seen == [
        (2.0, False, True),
        (4.0, True, True),
        (2.1, True, True),
        (1.9, False, False),
        (3.7, False, True),
        (4.0, True, True),
    ]


def test_onset_is_the_week_the_sum_left_zero() -> None:
    """The alert's identity and its "since" hang on it."""
    cusum = Cusum([0], threshold=9 * MICRO)
    for week, gain in enumerate([-1, 1, -1, 1, 1, 1]):
        cusum.add(week, [gain * MICRO], POLICY)
    assert cusum.onset == 3
