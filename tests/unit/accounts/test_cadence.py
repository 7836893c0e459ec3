"""The cadence test and the silence that makes an account lost, against their equations."""

from math import exp, log

import pytest

from accounts.cadence import CadenceTest, Silence
from accounts.evidence import CONTACTS, COUNTS, ORDERS
from accounts.policy import MICRO, Policy
from accounts.rhythm import PER_MILLE, Rhythm

POLICY = Policy(rhythm_weeks=39)


def rows_of(contacts: list[int], orders: list[int]) -> list[list[int]]:
    rows = [[0] * len(orders) for _ in range(COUNTS)]
    rows[CONTACTS], rows[ORDERS] = contacts, orders
    return rows


def run(
    contacts: list[int], orders: list[int], policy: Policy = POLICY
) -> tuple[CadenceTest, list[int], list[int]]:
    """The test after these weeks, with each week's seasonal factor and sum."""
    test, seasons, totals = CadenceTest(), [], []
    rows = rows_of(contacts, orders)
    for week in range(len(orders)):
        seasons.append(test.step(week, week, rows, policy))
        totals.append(test.cusum.total)
    return test, seasons, totals


@pytest.mark.parametrize("stream", [0, 1])
def test_silence_adds_and_an_event_takes(stream: int) -> None:
    """ℓ = w·(x·ln ρ + λ0·e·(1−ρ))/φ."""
    rhythm, numbers = Rhythm(), POLICY.cadence_streams[stream]
    for week in range(39):
        rhythm.learn(week, 1 if week % 3 == 0 else 0, numbers, POLICY)
    scale, ratio = MICRO * numbers.weight / numbers.dispersion, POLICY.rate_ratio
    rate = (13 - 1 + 0.5) / 39
    assert rhythm.ready
    assert rhythm.rate == pytest.approx(rate)
    assert rhythm.silence == pytest.approx(scale * rate * (1 - ratio), abs=1)
    assert rhythm.event == pytest.approx(scale * log(ratio), abs=1)


def test_a_kept_rhythm_stays_at_rest() -> None:
    """An account that goes on as before drifts down, not up."""
    _, _, totals = run([1] * 200, [1, 0] * 100)
    assert max(totals) < POLICY.micro_threshold(POLICY.cadence_threshold, 78) / 4


def test_slowing_to_a_third_is_noticed_and_silence_sooner() -> None:
    """The test answers to less, and sooner to nothing."""
    found = []
    for after in ([1, 0, 0, 0, 0, 0], [0] * 6):
        test, _, totals = run([0] * 180, [1, 0] * 45 + after * 15)
        found.append(next(week for week, total in enumerate(totals) if total >= test.cusum.threshold))
    slowed, silent = found
    assert 90 < silent < slowed < 180


def test_last_year_s_quiet_weeks_excuse_this_year_s() -> None:
    """A factory that closes every summer is not leaving every summer."""
    year = [2] * 30 + [0] * 14 + [2] * 8
    _, seasons, totals = run(year * 3, [value // 2 for value in year] * 3)
    assert min(seasons[52 + 30 : 52 + 44]) < 250
    assert max(seasons) == PER_MILLE
    _, _, never_before = run([2] * 82 + [0] * 14, [1] * 82 + [0] * 14)
    assert max(totals[52 + 30 : 52 + 44]) < max(never_before) / 2


def test_a_season_never_asks_for_more_than_the_rhythm() -> None:
    """A single strong month last year does not make this year's ordinary month a decline."""
    _, seasons, _ = run([1] * 20 + [9] * 8 + [1] * 100, [1] * 128)
    assert max(seasons) == PER_MILLE


def test_a_season_compares_like_with_like() -> None:
    """Contacts that have no rhythm yet do not stand in for last year's orders."""
    policy = Policy(rhythm_weeks=60)
    orders = [1] * 62 + [0] * 14 + [1] * 44
    with_talks = run([0] * 62 + [5] * 58, orders, policy)
    without = run([0] * 120, orders, policy)
    assert with_talks[1] == without[1]
    assert min(without[1]) < PER_MILLE / 2


# -- lost ---------------------------------------------------------------------------------------------------


def silent(every: int, orders: int, quiet: int, policy: Policy = POLICY) -> Silence:
    """So many orders, one every so many weeks, and then none."""
    silence = Silence()
    for week in range((orders - 1) * every + 1):
        silence.step(week, 1 if week % every == 0 else 0, PER_MILLE, policy)
    last = silence.last
    for week in range(last + 1, last + 1 + quiet):
        silence.step(week, 0, PER_MILLE, policy)
    return silence


@pytest.mark.parametrize(("every", "orders", "quiet"), [(1, 52, 9), (4, 26, 20), (13, 8, 40), (2, 3, 30)])
def test_alive_is_the_posterior_of_a_rhythm_and_a_hazard(every: int, orders: int, quiet: int) -> None:
    """The closed form equals a sum over rates and over the weeks in which the account may have gone."""
    known, r = (orders - 1) * every + 10.0, orders - 1 + 0.5
    steps = 200

    def silence_of(weeks: float) -> float:
        return float((known / (known + weeks)) ** r)

    alive = silence_of(quiet)
    width = quiet / steps
    gone = POLICY.drop_out * sum(silence_of(width * (step + 0.5)) for step in range(steps)) * width
    assert silent(every, orders, quiet).alive(POLICY) == pytest.approx(alive / (alive + gone), rel=0.01)


def test_the_own_rhythm_decides_when_silence_is_loss() -> None:
    """Ten silent weeks are the end of a weekly customer and nothing for a yearly one."""

    def weeks_until_lost(every: int) -> int:
        return next(
            quiet
            for quiet in range(1, 900)
            if (silence := silent(every, max(4, 104 // every), quiet)).lost(silence.last + quiet, POLICY)
        )

    waits = [weeks_until_lost(every) for every in (1, 2, 4, 13)]
    assert waits == sorted(waits)
    assert 8 <= waits[0] <= 14
    assert waits[3] > 40


def test_nobody_is_lost_early_or_on_one_order() -> None:
    """One order is no rhythm, and a fortnight no loss."""
    assert not silent(1, 1, 500).lost(500, POLICY)
    daily = Silence(0, 50, 5000, intervals=5000 * PER_MILLE, active=50 * PER_MILLE, quiet=7 * PER_MILLE)
    assert daily.alive(POLICY) < POLICY.alive_below
    assert not daily.lost(57, POLICY)
    assert daily.lost(58, POLICY)


def test_quiet_seasons_count_less() -> None:
    """The summer break does not bring a loss nearer."""
    silence = silent(1, 52, 0)
    for week in range(10):
        silence.step(silence.last + 1 + week, 0, 200, POLICY)
    assert silence.quiet == 2000
    assert silence.alive(POLICY) > exp(-2)


def test_weeks_between_orders_are_those_of_the_time_before() -> None:
    """The alert tells the rhythm that was broken, not the break."""
    assert silent(4, 10, 50).weeks_between == 4
    assert silent(1, 1, 5).weeks_between == 1


def test_what_an_account_ordered_long_ago_fades() -> None:
    """Who ordered weekly for years and monthly since is judged by the months; what it holds is bounded."""
    silence, most = Silence(), POLICY.memory_weeks
    for week in range(4 * most):
        silence.step(week, 1, PER_MILLE, POLICY)
        assert silence.active <= PER_MILLE * most
    for week in range(4 * most, 9 * most):
        silence.step(week, 1 if week % 4 == 0 else 0, PER_MILLE, POLICY)
        assert silence.active <= PER_MILLE * most
    assert silence.weeks_between == 4
    assert silence.alive(POLICY) == pytest.approx(silent(4, 100, week - silence.last).alive(POLICY), abs=0.01)
