"""The service gap: our side falls silent, or leaves questions open, while the customer still asks.

Against the account's own two years before: of the last quarter's requests too few were answered, or too few
talks were begun by us, to be chance. Windows of whole weeks, so that a late event changes no other week.
"""

from math import exp
from typing import NamedTuple

import msgspec

from accounts.evidence import ANSWERS, ORDERS, REQUESTS, TOUCHES
from accounts.policy import Policy
from accounts.series import Series

WINDOW = 13  # weeks
_EVERY = 4  # weeks from one look to the next: a window of a quarter changes little in between
_YEAR = 52
_PRIOR = 0.5  # events of prior weight behind a rate (Jeffreys' prior of a Poisson rate)
_ENDS_ABOVE = 0.1  # the gap is over once so much chance is in it


class Attention(msgspec.Struct, array_like=True):
    """Since when anything is known of what is between us, and the week since when there is a gap."""

    first: int = -1
    gap: int = -1  # the week that opened it, while it is open

    def step(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """Fold one week; once in _EVERY, the last WINDOW weeks are held against what was usual."""
        counts = series.counts
        if self.first < 0 and (counts[REQUESTS][index] or counts[TOUCHES][index]):
            self.first = week
        if not week % _EVERY and self.first >= 0 and week - self.first >= policy.rhythm_weeks + WINDOW - 1:
            self._judge(week, series, policy)

    def _judge(self, week: int, series: Series, policy: Policy) -> None:
        first = week - WINDOW + 1
        if self.gap < 0 and series.total(REQUESTS, first, week) < policy.fewest_requests:
            return
        now = between_us(series, first, week)
        usual = usually(series, self.first, week, policy)
        chance = min(usual.chance_of_answers(now), usual.chance_of_touches(now))
        asks = now.requests >= max(policy.fewest_requests, usual.requests * WINDOW / usual.weeks)
        buys = series.total(ORDERS, week - _YEAR + 1, week) > 0
        if self.gap < 0 and asks and buys and chance < policy.gap_chance:
            self.gap = week
        elif self.gap >= 0 and (chance > _ENDS_ABOVE or not now.requests):
            self.gap = -1


class Dealings(NamedTuple):
    """What was asked, answered and begun by us in so many weeks."""

    weeks: int
    requests: int
    answers: int
    touches: int

    def chance_of_answers(self, now: "Dealings") -> float:
        """How likely so few answers to these requests are at this usual share; Poisson."""
        share = (self.answers + _PRIOR) / (self.requests + 2 * _PRIOR)
        return poisson_below(now.answers, min(1.0, share) * now.requests)

    def chance_of_touches(self, now: "Dealings") -> float:
        """How likely so few talks begun by us are at this usual rate."""
        return poisson_below(now.touches, now.weeks * (self.touches + _PRIOR) / self.weeks)


def between_us(series: Series, first: int, last: int) -> Dealings:
    """What was between us in the weeks `first` to `last`, both included."""
    requests, answers, touches = (
        max(0, series.total(row, first, last)) for row in (REQUESTS, ANSWERS, TOUCHES)
    )
    return Dealings(last + 1 - first, requests, answers, touches)


def usually(series: Series, first: int, week: int, policy: Policy) -> Dealings:
    """What was usual before the window that ends with `week`, where `first` was the first week of all."""
    return between_us(series, max(first, week - WINDOW - policy.memory_weeks + 1), week - WINDOW)


def poisson_below(count: int, mean: float) -> float:
    """P(X ≤ count) of a Poisson variable."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return min(1.0, total)
