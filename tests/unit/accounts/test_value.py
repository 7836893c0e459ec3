"""Money at stake."""

import pytest

from accounts.evidence import MONEY
from accounts.series import Series
from accounts.stages import STAGES
from accounts.value import DISCOUNT, lifetime_multiples, solve, value_at
from tests.unit.accounts.builders import FIRST, at, cancelled, fold, order


def euros(*weeks: int) -> Series:
    return Series(0, len(weeks), [[0] * len(weeks) for _ in range(8)], {"EUR": [w * MONEY for w in weeks]})


def test_the_trailing_year_is_52_weeks() -> None:
    """The figure is a year's orders, not more."""
    series = euros(*[100] * 60)
    assert value_at(series, 59, "stable").annual == 5200
    assert value_at(series, 20, "stable").annual == 2100


def test_no_orders_have_no_value_to_tell() -> None:
    """Nothing is known, which is not the same as nothing."""
    value = value_at(Series(), 5, "stable")
    assert (value.annual, value.lifetime, value.at_risk, value.currency) == (None, None, None, None)


def test_a_year_of_credits_is_worth_nothing_not_less() -> None:
    """No negative money at risk."""
    assert value_at(euros(-5, 0), 1, "lost").annual == 0


@pytest.mark.parametrize("stage", STAGES)
def test_lifetime_and_risk_add_up_to_a_stable_account(stage: str) -> None:
    """Value at risk is what a stable account would be worth more."""
    value = value_at(euros(*[100] * 52), 51, stage)  # type: ignore[arg-type]
    stable = value_at(euros(*[100] * 52), 51, "stable")
    assert value.lifetime is not None
    assert value.at_risk is not None
    assert stable.lifetime == pytest.approx(value.lifetime + value.at_risk, abs=0.02)
    assert value.at_risk >= 0
    assert (value.at_risk == 0) == (stage in {"learning", "stable", "watch"})


def test_the_graver_the_stage_the_more_is_at_risk() -> None:
    """The order in which owners should call."""
    multiples = lifetime_multiples()
    order_of = [multiples[stage] for stage in ("stable", "shifted", "at_risk", "lost")]
    assert order_of == sorted(order_of, reverse=True)
    assert multiples["declining"] < multiples["shifted"]


def test_the_chain_is_solved() -> None:
    """(I − P/(1+d))⁻¹ R, checked on a chain of one state by the sum of its series."""
    assert solve([[1 - 0.9 / (1 + DISCOUNT)]], [1.0])[0] == pytest.approx(1 / (1 - 0.9 / 1.1))
    assert solve([[2.0, 1.0], [1.0, 3.0]], [5.0, 10.0]) == pytest.approx([1.0, 3.0])


def test_absurd_claims_fit_the_columns() -> None:
    """NUMERIC(20, 4) holds 10^16: beyond it a review of everyone would stop."""
    lines = [("system", 999_999_999_999, 999_999_999_999)] * 50
    state = fold([order(at(week), None, lines) for week in range(52)], 52)  # type: ignore[arg-type]
    value = value_at(state.series, FIRST + 51, "lost")
    assert max(value.annual or 0, value.lifetime or 0, value.at_risk or 0) < 10**16


def test_a_cancelled_order_is_worth_nothing() -> None:
    """Its money is gone from the trailing year from then on."""
    state = fold([order(at(0), "a"), order(at(1), "b"), cancelled(at(2), "a")], 4)
    assert value_at(state.series, FIRST + 1, "stable").annual == 2200
    assert value_at(state.series, FIRST + 3, "stable").annual == 1100
