"""What a portfolio's own past says of the chain: moves between stages, and orders in each.

An account is looked at once a quarter. A `lost` that was followed by another stage within the history was
none: the account counts as in the stage before, until it is back. Orders are compared with the account's own
mean stable quarter, so that neither its size nor its currency matters.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from accounts.chain import MADE, QUARTER_WEEKS, STATES, Chain, state_of
from accounts.fold import Fold
from accounts.series import Series
from accounts.stages import Stage

PRIOR_QUARTERS = 20.0  # the prior's weight in each stage: what five accounts tell in a year
_FEWEST_STABLE = 4  # quarters that tell what is usual for an account
_LARGEST_SHARE = 4.0  # of a usual quarter: one huge order must not speak for a whole stage
_DIGITS = 4


class Counts:
    """Moves and orders of many accounts."""

    def __init__(self) -> None:
        size = len(STATES)
        self.moves = [[0] * size for _ in range(size)]
        self.shares = [0.0] * size
        self.quarters = [0] * size  # of which shares are known

    def add(self, series: Series, fold: Fold) -> None:
        """Count one account, folded to the end of its series."""
        stages = list(_stages(series, fold))
        places = range(QUARTER_WEEKS - 1, len(stages), QUARTER_WEEKS)
        for before, after in pairwise(places):
            self.moves[state_of(stages[before])][state_of(stages[after])] += 1
        main = series.main_currency(series.start, series.end)
        if main is None:
            return
        orders = [
            (state_of(stages[place]), sum(series.money[main[0]][place + 1 : place + 1 + QUARTER_WEEKS]))
            for place in places
            if place + QUARTER_WEEKS < len(stages)
        ]
        stable = [amount for state, amount in orders if state == 0]
        if len(stable) < _FEWEST_STABLE or sum(stable) <= 0:
            return
        usual = sum(stable) / len(stable)
        for state, amount in orders:
            self.shares[state] += min(_LARGEST_SHARE, max(0.0, amount / usual))
            self.quarters[state] += 1

    def chain(self, prior: Chain = MADE, weight: float = PRIOR_QUARTERS) -> Chain:
        """The posterior means: Dirichlet rows and shares with `weight` quarters of the prior (above 0)."""
        rows = [
            _whole([(count + weight * p) / (sum(row) + weight) for count, p in zip(row, usual, strict=True)])
            for row, usual in zip(self.moves[:-1], prior.transitions[:-1], strict=True)
        ]
        seen = zip(self.shares, self.quarters, prior.shares, strict=True)
        shares = [(total + weight * p) / (number + weight) for total, number, p in seen]
        stable = shares[0] or 1.0  # winsorising has made it a little less than 1
        return Chain(
            (*rows, prior.transitions[-1]), tuple(round(share / stable, _DIGITS) for share in shares)
        )


def counts_of(accounts: Iterable[tuple[Series, Fold]]) -> Counts:
    """Count many accounts."""
    counts = Counts()
    for series, fold in accounts:
        counts.add(series, fold)
    return counts


def _stages(series: Series, fold: Fold) -> Iterator[Stage]:
    """The stage at the end of each week."""
    spells: list[tuple[int, Stage]] = [(series.start, "learning")]
    last = len(fold.transitions) - 1
    for number, change in enumerate(fold.transitions):
        passing = change.after == "lost" and number < last
        spells.append((change.week, change.before if passing else change.after))
    ends = [*(week for week, _ in spells[1:]), series.end]
    for (begin, stage), end in zip(spells, ends, strict=True):
        for _ in range(begin, end):
            yield stage


def _whole(row: Sequence[float]) -> tuple[float, ...]:
    """Rounded probabilities that still sum to one: the largest takes up the rest."""
    rounded = [round(p, _DIGITS) for p in row]
    largest = rounded.index(max(rounded))
    rounded[largest] = round(1 - sum(p for place, p in enumerate(rounded) if place != largest), _DIGITS)
    return tuple(rounded)
