"""Lifetime value as a Markov chain over the stages.

Pfeifer & Carraway (2000), "Modeling customer relationships as Markov chains", Journal of Interactive
Marketing 14(2), 43–55: with transitions P a period, reward R in each state and discount d a period, the
expected discounted revenue is Σₜ (1+d)⁻ᵗ Pᵗ R = (I − P/(1+d))⁻¹ R.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import isclose, isfinite

import msgspec

from accounts.stages import Stage

QUARTER_WEEKS = 13
QUARTERS = 4  # a year
# `learning` stands as stable: nothing speaks against an account that is new.
STATES: tuple[Stage, ...] = ("stable", "watch", "shifted", "declining", "at_risk", "lost")


class Chain(msgspec.Struct, frozen=True):
    """Where an account of each state is a quarter later, and what it orders in the quarter that begins.

    `transitions` has a row a state of STATES, each a distribution over STATES; `shares` are a quarter's
    orders as a share of those of the account's own stable quarter. `lost` is never left. Raises ValueError
    for anything else.
    """

    transitions: tuple[tuple[float, ...], ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        size = len(STATES)
        if [len(row) for row in self.transitions] != [size] * size or len(self.shares) != size:
            raise ValueError(f"a chain has {size} rows of {size} transitions, and {size} shares")
        for row in self.transitions:
            if min(row) < 0 or not isclose(sum(row), 1.0, abs_tol=1e-6):
                raise ValueError(f"transitions {row} are no distribution: each is at least 0, together 1")
        if not all(isfinite(share) and share >= 0 for share in self.shares):
            raise ValueError("a share of orders is a number of at least 0")
        if self.transitions[-1][-1] != 1:
            raise ValueError("lost is never left: its last transition is 1")


# Counted in made portfolios by bench/lifetime.py (seeds 701 to 704, 2,000 accounts over 182 weeks).
MADE = Chain(
    (
        (0.9226, 0.052, 0.015, 0.0099, 0.0005, 0.0),
        (0.5478, 0.1762, 0.2387, 0.0165, 0.0208, 0.0),
        (0.0701, 0.0116, 0.767, 0.0, 0.1513, 0.0),
        (0.0967, 0.0091, 0.006, 0.5619, 0.2538, 0.0725),
        (0.0, 0.0, 0.0218, 0.0093, 0.8085, 0.1604),
        (0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    ),
    (1.0, 0.9422, 0.6802, 0.184, 0.0474, 0.0),
)


def state_of(stage: Stage) -> int:
    """A stage's place in STATES."""
    return 0 if stage == "learning" else STATES.index(stage)


@lru_cache(maxsize=16)
def lifetime_years(chain: Chain, discount_rate: float) -> tuple[float, ...]:
    """Lifetime value in each of STATES, in years of stable orders; `discount_rate` a year, above 0."""
    keep = (1 + discount_rate) ** (-1 / QUARTERS)
    size = len(STATES)
    matrix = [
        [(1.0 if row == column else 0.0) - keep * chain.transitions[row][column] for column in range(size)]
        for row in range(size)
    ]
    return tuple(value / QUARTERS for value in solve(matrix, chain.shares))


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a small system by Gauss-Jordan elimination, the largest pivot first.

    Raises ZeroDivisionError where it has no single solution.
    """
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot in range(len(rows)):
        best = max(range(pivot, len(rows)), key=lambda index: abs(rows[index][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        scale = rows[pivot][pivot]
        rows[pivot] = [number / scale for number in rows[pivot]]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[pivot], strict=True)]
    return [row[-1] for row in rows]
