"""The service gap: our side falls silent, or leaves questions open, while the customer still asks.

Against the account's own first year: of the last quarter's requests too few were answered, or too few talks
were begun by us, to be chance. Windows of whole weeks, so that a late event changes no other week.
"""

from math import exp

import msgspec

from accounts.policy import Policy
from accounts.series import ANSWERS, ORDERS, REQUESTS, TOUCHES, Series

WINDOW = 13  # weeks
_YEAR = 52
_PRIOR = 0.5  # events of prior weight behind a rate (Jeffreys' prior of a Poisson rate)
_ENDS_ABOVE = 0.1  # the gap is over once so much chance is in it


class Attention(msgspec.Struct, array_like=True):
    """What was usual between us in the first year, and the week since when there is a gap."""

    first: int = -1
    weeks: int = 0
    requests: int = 0
    answers: int = 0
    touches: int = 0
    gap: int = -1  # the week that opened it, while it is open

    def step(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """Fold one week; the last WINDOW weeks against what was usual."""
        counts = series.counts
        if self.first < 0 and (counts[REQUESTS][index] or counts[TOUCHES][index]):
            self.first = week
        if self.first < 0:
            return
        if self.weeks < policy.rhythm_weeks:
            self.weeks = week + 1 - self.first
            self.requests += counts[REQUESTS][index]
            self.answers += counts[ANSWERS][index]
            self.touches += counts[TOUCHES][index]
        elif week - self.first >= policy.rhythm_weeks + WINDOW - 1:
            self._judge(week, series, policy)

    def _judge(self, week: int, series: Series, policy: Policy) -> None:
        requests, answers, touches = lately(series, week)
        chance = min(self.chance_of_answers(requests, answers), self.chance_of_touches(touches))
        asks = requests >= max(policy.fewest_requests, self.requests * WINDOW / self.weeks)
        buys = series.total(ORDERS, week - _YEAR + 1, week) > 0
        if self.gap < 0 and asks and buys and chance < policy.gap_chance:
            self.gap = week
        elif self.gap >= 0 and (chance > _ENDS_ABOVE or not requests):
            self.gap = -1

    def chance_of_answers(self, requests: int, answers: int) -> float:
        """How likely so few answers to these requests are at the account's usual share; Poisson."""
        share = (self.answers + _PRIOR) / (self.requests + 2 * _PRIOR)
        return poisson_below(answers, min(1.0, share) * requests)

    def chance_of_touches(self, touches: int) -> float:
        """How likely so few talks begun by us are at the usual rate."""
        return poisson_below(touches, WINDOW * (self.touches + _PRIOR) / self.weeks)


def lately(series: Series, week: int) -> tuple[int, int, int]:
    """(requests, answers, talks we began) of the window that ends with a week."""
    requests, answers, touches = (
        max(0, series.total(row, week - WINDOW + 1, week)) for row in (REQUESTS, ANSWERS, TOUCHES)
    )
    return requests, answers, touches


def poisson_below(count: int, mean: float) -> float:
    """P(X ≤ count) of a Poisson variable."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return min(1.0, total)
