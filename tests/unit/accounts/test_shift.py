"""The shift test against its equations, worked out once more in plain floats."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.baseline import Baseline
from accounts.cusum import Cusum
from accounts.evidence import COUNTS, DECIDERS, PRICE, PURCHASING, TALKS, VOTE
from accounts.policy import MICRO, Policy
from accounts.series import Series
from accounts.shift import STREAM_ROWS, STREAMS, ShiftTest, spoken
from tests.unit.accounts.builders import STEADY

POLICY = Policy()
UNCAPPED = Policy(burst_share=99.0)
PEOPLE = STREAM_ROWS.index((PURCHASING, DECIDERS))
GAINS = st.lists(st.tuples(st.integers(-4 * MICRO, 4 * MICRO), st.integers(-MICRO, MICRO)), max_size=60)


def one_line(weeks: int) -> Series:
    """A series of silent weeks, of one product line."""
    return Series(length=weeks, counts=[[0] * weeks for _ in range(COUNTS)], lines=[""], line_since=[0])


def judging(streams: int, nats: int, policy: Policy) -> Cusum:
    """A sum at zero, with a threshold."""
    cusum = Cusum([0] * streams)
    cusum.set_threshold(nats * MICRO, policy)
    return cusum


def learnt(votes_for: int, votes: int, stream: int = PEOPLE) -> Baseline:
    """A baseline after its weeks with so many thousandths of votes."""
    baseline = Baseline()
    baseline.learn(0, votes_for, votes)
    assert baseline.begin(POLICY.baseline_weeks, POLICY.shift_streams[stream], POLICY)
    return baseline


@pytest.mark.parametrize("stream", range(STREAMS))
@pytest.mark.parametrize(("y", "n"), [(0, 20), (3, 20), (0, 4), (6, 20)])
def test_a_vote_weighs_its_log_likelihood_ratio(stream: int, y: int, n: int) -> None:
    """ℓ = w/φ·[y·ln(p1/p0) + (n−y)·ln((1−p1)/(1−p0))], odds(p1) = r·odds(p0), p0 shrunk to the prior."""
    baseline, numbers = learnt(y * VOTE, n * VOTE, stream), POLICY.shift_streams[stream]
    scale = MICRO * numbers.weight / numbers.dispersion
    p0 = (numbers.prior_a + y) / (numbers.prior_a + numbers.prior_b + n)
    p1 = POLICY.odds_ratio * p0 / (1 + (POLICY.odds_ratio - 1) * p0)
    assert baseline.up == pytest.approx(scale * log(p1 / p0), abs=1)
    assert baseline.down == pytest.approx(scale * log((1 - p1) / (1 - p0)), abs=1)
    assert baseline.down < 0 < baseline.up
    heard = baseline.hear(2 * VOTE, 3 * VOTE)
    assert heard == VOTE * (2 * baseline.up + baseline.down)


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
    ("weeks", "votes", "ready"), [(-1, 99, False), (0, -1, False), (0, 0, True), (15, -1, False)]
)
def test_a_baseline_waits_for_its_weeks_and_its_votes(weeks: int, votes: int, *, ready: bool) -> None:
    """Three votes are no habit, and neither is a month."""
    baseline, numbers = Baseline(), POLICY.shift_streams[PEOPLE]
    baseline.learn(7, 0, (numbers.fewest + votes) * VOTE)
    assert baseline.begin(7 + POLICY.baseline_weeks + weeks, numbers, POLICY) is baseline.ready is ready


def test_a_baseline_begins_with_the_first_vote() -> None:
    """An account that is quiet at first gets its weeks all the same."""
    baseline, numbers = Baseline(), POLICY.shift_streams[PEOPLE]
    baseline.learn(0, 0, 0)
    assert not baseline.begin(POLICY.baseline_weeks, numbers, POLICY)
    assert baseline.first == -1
    baseline.learn(30, 0, numbers.fewest * VOTE)
    assert not baseline.begin(29 + POLICY.baseline_weeks, numbers, POLICY)
    assert baseline.begin(30 + POLICY.baseline_weeks, numbers, POLICY)
    assert (baseline.first, baseline.weeks) == (30, POLICY.baseline_weeks)


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
    weeks, price = 3 * -(-POLICY.baseline_weeks // 3) + 1, STREAM_ROWS.index((PRICE, TALKS))
    test, series = ShiftTest(), one_line(weeks)
    for week in range(0, weeks, 3):
        series.counts[DECIDERS][week] = VOTE
    series.counts[TALKS][0] = VOTE  # one talk with a topic: no baseline, and no part of the threshold
    for week, spoke in enumerate(spoken(series, 0)):
        test.step(week, week, series, POLICY, spoke)
    [baselines], known = test.lines, weeks // 3
    assert (baselines[PEOPLE].votes, baselines[PEOPLE].weeks) == (known * VOTE, 3 * known)
    assert test.cusum.threshold == POLICY.micro_threshold(POLICY.shift_threshold, 52 / 3)
    assert not baselines[price].ready


@STEADY
@given(
    GAINS,
    st.sampled_from([UNCAPPED, Policy(ceiling=1.0, burst_share=99.0), Policy(clip=0.5, burst_share=99.0)]),
)
def test_parts_less_what_was_clipped_are_the_sum(gains: list[tuple[int, int]], policy: Policy) -> None:
    """The evidence of an alert adds up to what raised it, always."""
    cusum = judging(2, 5, policy)
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
    policy = Policy(clip=2.5)
    cusum = judging(1, 7, policy)
    cusum.add(0, [50 * MICRO], policy)
    assert (cusum.total, cusum.crossed) == (2_500_000, False)
    assert cusum.clipped == 47_500_000
    cusum.add(1, [-50 * MICRO], policy)
    assert (cusum.total, cusum.onset, cusum.parts, cusum.clipped) == (0, -1, [0], 0)


def test_a_passing_visit_is_no_shift() -> None:
    """Buyers who come for four weeks, however many, add no more than the share of a burst; staying does."""
    policy = Policy(clip=2.5, burst_weeks=5, burst_share=0.8)
    cusum = judging(1, 10, policy)
    for week in range(policy.burst_weeks):
        cusum.add(week, [4 * MICRO], policy)
    assert cusum.total == 8 * MICRO
    assert not cusum.crossed
    cusum.add(policy.burst_weeks, [4 * MICRO], policy)
    assert cusum.crossed


@STEADY
@given(GAINS)
def test_no_weeks_of_a_burst_add_more_than_their_share(gains: list[tuple[int, int]]) -> None:
    """Whatever comes in any five weeks in a row, and the parts still add up to the sum."""
    cusum, rises, before = judging(2, 5, POLICY), [], 0
    for week, gain in enumerate(gains):
        cusum.add(week, list(gain), POLICY)
        assert sum(cusum.parts) - cusum.clipped == cusum.total
        rises.append(max(0, cusum.total - before))
        before = cusum.total
        assert sum(rises[-POLICY.burst_weeks :]) <= POLICY.burst_share * cusum.threshold


def test_an_alarm_clears_only_below_half_its_threshold() -> None:
    """Hysteresis: an account on the line does not flap."""
    cusum = judging(1, 4, UNCAPPED)
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
    cusum = judging(1, 9, POLICY)
    for week, gain in enumerate([-1, 1, -1, 1, 1, 1]):
        cusum.add(week, [gain * MICRO], POLICY)
    assert cusum.onset == 3
