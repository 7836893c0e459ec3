"""Money at stake, in one currency and in several."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.account import from_bytes
from accounts.alert import Amount, BaseValue
from accounts.chain import STATES
from accounts.currency import Rates, rates_of
from accounts.evidence import COUNTS, MONEY
from accounts.series import MOST_CURRENCIES, Series
from accounts.stages import STAGES, Stage
from accounts.value import Valuation, value_at
from tests.unit.accounts.builders import EVER, FIRST, STEADY, at, cancelled, fold, fold_more, histories, order

IN_EUR = Valuation(rates_of("EUR", {"USD": Decimal("0.9"), "GBP": Decimal("1.25")}))
weekly_sums = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)


def paid(**rows: list[int]) -> Series:
    """A series with a row of weekly sums, in units, a currency."""
    length = max(map(len, rows.values()))
    money = {code: [w * MONEY for w in row] + [0] * (length - len(row)) for code, row in rows.items()}
    counts = [[0] * length for _ in range(COUNTS)]
    return Series(length=length, counts=counts, money=money, met=dict.fromkeys(money, 0))


def euros(*weeks: int) -> Series:
    return paid(EUR=list(weeks))


def test_the_trailing_year_is_52_weeks() -> None:
    """The figure is a year's orders, not more."""
    series = euros(*[100] * 60)
    assert value_at(series, 59, "stable").annual == 5200
    assert value_at(series, 20, "stable").annual == 2100


def test_no_orders_have_no_value_to_tell() -> None:
    """Nothing is known, which is not the same as nothing."""
    value = value_at(Series(), 5, "stable")
    assert (value.annual, value.lifetime, value.at_risk, value.currency) == (None, None, None, None)
    assert (value.base, value.not_converted) == (None, [])


def test_a_year_of_credits_is_worth_nothing_not_less() -> None:
    """No negative money at risk."""
    assert value_at(euros(-5, 0), 1, "lost").annual == 0


@pytest.mark.parametrize("stage", STAGES)
def test_lifetime_and_risk_add_up_to_a_stable_account(stage: Stage) -> None:
    """Value at risk is what a stable account would be worth more."""
    value = value_at(euros(*[100] * 52), 51, stage)
    stable = value_at(euros(*[100] * 52), 51, "stable")
    assert value.lifetime is not None
    assert value.at_risk is not None
    assert stable.lifetime == pytest.approx(value.lifetime + value.at_risk, abs=0.02)
    assert value.at_risk >= 0
    assert (value.at_risk == 0) == (stage in {"learning", "stable"})


@STEADY
@given(weekly_sums)
def test_the_graver_the_stage_the_more_is_at_risk(weeks: list[int]) -> None:
    """The order in which owners should call, whatever an account buys."""
    told = [value_at(euros(*weeks), len(weeks) - 1, stage).at_risk or 0 for stage in STATES]
    assert told == sorted(told)


def test_a_single_currency_is_told_as_it_is_and_compared_in_the_base_currency() -> None:
    """An owner reads the customer's own money; a list of accounts compares by the vendor's."""
    value = value_at(paid(USD=[1000]), 0, "lost", IN_EUR)
    assert (value.annual, value.currency) == (1000, "USD")
    assert value.base is not None
    assert (value.base.annual, value.base.currency) == (900, "EUR")
    assert value.base.at_risk == pytest.approx(0.9 * (value.at_risk or 0), abs=0.01)
    assert value.not_converted == []


def test_several_currencies_are_added_by_the_rates_and_what_has_none_is_told_beside() -> None:
    """The sum says what is in it, and what is not."""
    value = value_at(paid(USD=[1000], GBP=[100], XTS=[12_000]), 0, "stable", IN_EUR)
    assert (value.annual, value.currency) == (1025, "EUR")
    assert value.base == BaseValue(1025, value.lifetime or 0, 0, "EUR")
    assert value.not_converted == [Amount(12_000, "XTS")]


def test_without_a_rate_the_own_currency_is_told_and_nothing_is_compared() -> None:
    """A vendor who has set no rates still reads what an account buys."""
    value = value_at(paid(XTS=[500]), 0, "stable", IN_EUR)
    assert (value.annual, value.currency, value.base) == (500, "XTS", None)
    assert value.not_converted == [Amount(500, "XTS")]
    several = value_at(paid(XTS=[500], XXX=[400]), 0, "stable", IN_EUR)
    assert (several.annual, several.currency, several.base) == (500, "XTS", None)
    assert several.not_converted == [Amount(500, "XTS"), Amount(400, "XXX")]


@STEADY
@given(weekly_sums, weekly_sums, st.sampled_from(STAGES))
def test_an_unknown_currency_changes_no_sum_of_several(
    known: list[int], odd: list[int], stage: Stage
) -> None:
    """However much of it there is."""
    rows = {"EUR": [1, *known], "USD": [1, *known]}
    week = max(len(known), len(odd))
    without = value_at(paid(**rows), week, stage, IN_EUR)
    beside = value_at(paid(**rows, XTS=odd), week, stage, IN_EUR)
    assert (beside.annual, beside.lifetime, beside.at_risk) == (
        without.annual,
        without.lifetime,
        without.at_risk,
    )
    assert beside.base == without.base


@STEADY
@given(weekly_sums, st.integers(2, 1000), st.sampled_from(STAGES))
def test_ten_times_the_orders_are_ten_times_the_value(weeks: list[int], times: int, stage: Stage) -> None:
    """Whole figures scale; only their last digit is rounded."""
    weeks = [1, *weeks]
    one = value_at(paid(USD=weeks, EUR=weeks), len(weeks) - 1, stage, IN_EUR)
    many = value_at(
        paid(USD=[times * w for w in weeks], EUR=[times * w for w in weeks]), len(weeks) - 1, stage, IN_EUR
    )
    for name in ("annual", "lifetime", "at_risk"):
        assert getattr(many, name) == pytest.approx(times * getattr(one, name), abs=0.01 * times)


@STEADY
@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_value(events: list, chance: Random) -> None:  # type: ignore[type-arg]
    """Nor does it matter through how many folds the money came."""
    shuffled = list(events)
    chance.shuffle(shuffled)
    valued = [value_at(fold(seen, 90).series, FIRST + 89, "shifted", IN_EUR) for seen in (events, shuffled)]
    assert valued[0] == valued[1]


def test_other_rates_change_no_state() -> None:
    """Rates move every day; what was folded must not."""
    state = fold([order(at(0), "a", currency="USD"), order(at(1), "b", currency="GBP")], 4)
    before = state.to_bytes()
    told = [
        value_at(from_bytes(before).series, FIRST + 3, "stable", Valuation(rates))
        for rates in (Rates(), rates_of("USD", {"GBP": Decimal(2)}), IN_EUR.rates)
    ]
    assert len({value.annual for value in told}) == 3
    assert state.to_bytes() == before


def test_more_currencies_than_are_kept_are_said() -> None:
    """A state stays small, whatever codes an order book makes up; the reader learns that some are missing."""
    codes = [f"X{chr(65 + number)}{chr(65 + number)}" for number in range(MOST_CURRENCIES + 2)]
    events = [order(at(week), currency=code) for week, code in enumerate(codes)]
    state = fold(events, 12)
    assert sorted(state.series.money) == sorted(codes[:MOST_CURRENCIES])
    assert (
        value_at(state.series, FIRST + MOST_CURRENCIES - 1, "stable").not_converted[-1].currency is not None
    )
    assert value_at(state.series, FIRST + MOST_CURRENCIES, "stable").not_converted[-1] == Amount(None, None)


def test_which_currencies_are_kept_depends_on_the_events_alone() -> None:
    """Week by week, at once, or folded again from the middle: the same state, byte for byte."""
    chance = Random(3)
    codes = [f"X{chr(65 + number)}X" for number in range(2 * MOST_CURRENCIES)]
    events = [
        order(at(week), f"o{week}-{code}", currency=code)
        for code in codes
        for week in chance.sample(range(30), 3)
    ]
    whole = fold(events, 30).to_bytes()
    weekly = None
    for week in range(1, 31):
        weekly = fold_more(weekly, events, EVER if weekly is None else FIRST + week - 1, FIRST + week)
    again = fold_more(fold(events, 30), events, FIRST + 11, FIRST + 30)
    assert weekly is not None
    assert weekly.to_bytes() == whole == again.to_bytes()
    assert again.series.crowded is not None


def test_a_late_currency_takes_its_place_by_its_own_time() -> None:
    """From when on some are not counted moves with it, back to where it would have been."""
    codes = [f"X{chr(65 + number)}X" for number in range(MOST_CURRENCIES + 1)]
    events = [order(at(2 * week), f"o{code}", currency=code) for week, code in enumerate(codes)]
    late = order(at(5), "late", currency="XTS")
    before = fold(events, 20)
    after = fold_more(before, [*events, late], FIRST + 5, FIRST + 20)
    assert after.series.crowded == FIRST + 2 * (MOST_CURRENCIES - 1)
    assert after.to_bytes() == fold([*events, late], 20).to_bytes()


def test_absurd_claims_fit_the_columns() -> None:
    """NUMERIC(20, 4) holds 10^16: beyond it a review of everyone would stop."""
    lines = [("system", 999_999_999_999, 999_999_999_999)] * 50
    state = fold([order(at(week), None, lines) for week in range(52)], 52)  # type: ignore[arg-type]
    absurd = Valuation(rates_of("USD", {"EUR": Decimal(10**9)}), discount_rate=0.01)
    value = value_at(state.series, FIRST + 51, "lost", absurd)
    assert value.base is not None
    assert max(value.annual or 0, value.lifetime or 0, value.at_risk or 0, value.base.at_risk) < 10**16


def test_a_cancelled_order_is_worth_nothing() -> None:
    """Its money is gone from the trailing year from then on."""
    state = fold([order(at(0), "a"), order(at(1), "b"), cancelled(at(2), "a")], 4)
    assert value_at(state.series, FIRST + 1, "stable").annual == 2200
    assert value_at(state.series, FIRST + 3, "stable").annual == 1100


def test_amounts_are_converted_exactly() -> None:
    """Half to even, as the amounts themselves are read; no binary fraction comes in between."""
    rates = rates_of("EUR", {"USD": Decimal("0.1"), "JPY": Decimal("0.0061")})
    assert [rates.convert(amount, "USD") for amount in (5, 15, 25)] == [0, 2, 2]
    assert rates.convert(10**17, "JPY") == 61 * 10**13
    assert rates.convert(3, "XTS") is None
