"""What an account is worth: trailing orders, and lifetime value as a Markov chain over the stages.

Pfeifer & Carraway (2000), "Modeling customer relationships as Markov chains": with yearly transitions P,
yearly reward R and discount d, the value of each state is (I - P/(1+d))^-1 R.
"""

from functools import cache

from accounts.alert import Value
from accounts.evidence import MONEY
from accounts.series import Series
from accounts.stages import Stage

YEAR_WEEKS = 52
DISCOUNT = 0.10
_STATES: tuple[Stage, ...] = ("stable", "shifted", "declining", "at_risk", "lost")

# A year from now, given the stage today. A prior from judgement, not from anyone's portfolio.
_TRANSITIONS = (
    (0.86, 0.07, 0.04, 0.01, 0.02),
    (0.20, 0.40, 0.06, 0.20, 0.14),
    (0.25, 0.05, 0.30, 0.15, 0.25),
    (0.10, 0.10, 0.10, 0.25, 0.45),
    (0.03, 0.00, 0.01, 0.01, 0.95),
)
# A year's orders in each stage, as a share of those of a stable year.
_REWARD = (1.0, 0.85, 0.50, 0.40, 0.0)
_AS_STABLE: frozenset[Stage] = frozenset({"learning", "watch"})


def value_at(series: Series, week: int, stage: Stage) -> Value:
    """The trailing year's orders at the end of a week, and what the stage puts at risk of them.

    In the currency with the largest sum; others are left out, never mixed in. All None without orders.
    """
    trailing = series.main_currency(week - YEAR_WEEKS + 1, week)
    if trailing is None:
        return Value(None, None, None, None)
    currency, amount = trailing
    annual = max(0, amount) / MONEY
    multiples = lifetime_multiples()
    now, stable = multiples[_state_of(stage)], multiples["stable"]
    return Value(
        annual=round(annual, 2),
        lifetime=round(annual * now, 2),
        at_risk=round(annual * (stable - now), 2),
        currency=currency,
    )


def _state_of(stage: Stage) -> Stage:
    return "stable" if stage in _AS_STABLE else stage


@cache
def lifetime_multiples() -> dict[Stage, float]:
    """Lifetime value in each stage, as a multiple of a stable year's orders."""
    size = len(_STATES)
    matrix = [
        [
            (1.0 if row == column else 0.0) - _TRANSITIONS[row][column] / (1 + DISCOUNT)
            for column in range(size)
        ]
        for row in range(size)
    ]
    return dict(zip(_STATES, solve(matrix, list(_REWARD)), strict=True))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a small, diagonally dominant system by Gauss-Jordan elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot in range(len(rows)):
        scale = rows[pivot][pivot]
        rows[pivot] = [number / scale for number in rows[pivot]]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[pivot], strict=True)]
    return [row[-1] for row in rows]
