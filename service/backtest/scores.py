"""How good alarms were: in time for how many losses, how early, and how many were false."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from accounts.series import Series
from service.backtest.outcomes import Outcome
from service.backtest.rules import Scores

IN_TIME_WEEKS = 8  # what a salesperson needs to act
LONGEST_LEAD = 104  # weeks; an alarm longer before a loss is not taken for a warning of it
_YEAR_WEEKS = 365.25 / 7
_STEPS = 60  # thresholds tried of a rule

Alarms = Mapping[str, Sequence[int]]  # the weeks at whose end each account was alarmed of


class Score(NamedTuple):
    """What alarms were worth; rates a 100 account-years, leads in weeks before the loss."""

    losses: int
    in_time: int
    leads: list[int]  # of the losses that were warned of at all, the longest first
    after: list[int]  # weeks after the loss of those only alarmed of then
    false_alarms: int
    quiet_years: float
    alarms: int
    years: float

    @property
    def never(self) -> int:
        """Losses of which nothing was said, before or after."""
        return self.losses - len(self.leads) - len(self.after)

    @property
    def share_in_time(self) -> float:
        """Of all losses."""
        return self.in_time / self.losses if self.losses else 0.0

    @property
    def median_lead(self) -> float | None:
        """Over all losses, those never warned of as the shortest; None where that is the median one."""
        leads: list[float] = [float("-inf")] * (self.losses - len(self.leads)) + sorted(
            map(float, self.leads)
        )
        middle = median(leads) if leads else float("-inf")
        return None if middle == float("-inf") else middle

    @property
    def false_rate(self) -> float:
        """False alarms a 100 account-years in which nothing happened."""
        return 100 * self.false_alarms / self.quiet_years if self.quiet_years else 0.0

    @property
    def alarm_rate(self) -> float:
        """All alarms a 100 account-years."""
        return 100 * self.alarms / self.years if self.years else 0.0


def score(alarms: Alarms, histories: Mapping[str, Series], outcomes: Mapping[str, Outcome]) -> Score:
    """Judge alarms by what became of the accounts.

    A loss is warned of by the first alarm of the LONGEST_LEAD weeks before it. False is every alarm of an
    account that was not lost and did not turn, and one longer before a loss or a turn than that. What comes
    after the loss or the turn is neither. A loss after the end of the data is none of its losses, but a
    warning of it is not false.
    """
    losses = in_time = false_alarms = total = 0
    leads: list[int] = []
    after: list[int] = []
    quiet = years = 0.0
    for account, series in histories.items():
        outcome, raised = outcomes.get(account, Outcome()), sorted(alarms.get(account, ()))
        end = _quiet_until(outcome, series)
        quiet += max(0, end - series.start) / _YEAR_WEEKS
        years += series.length / _YEAR_WEEKS
        total += len(raised)
        false_alarms += sum(week < end for week in raised)
        if outcome.lost is None or outcome.lost >= series.end:
            continue
        losses += 1
        lead = next((outcome.lost - week - 1 for week in raised if end <= week < outcome.lost), None)
        if lead is not None:
            leads.append(lead)
            in_time += lead >= IN_TIME_WEEKS
        elif (late := next((week for week in raised if week >= outcome.lost), None)) is not None:
            after.append(late + 1 - outcome.lost)
    return Score(
        losses, in_time, sorted(leads, reverse=True), sorted(after), false_alarms, quiet, total, years
    )


def _quiet_until(outcome: Outcome, series: Series) -> int:
    """The first week from which an alarm is no longer false."""
    if outcome.lost is None:
        return series.end if outcome.turned is None else outcome.turned
    first = outcome.lost - LONGEST_LEAD
    return max(series.start, first if outcome.turned is None else outcome.turned)


def alarms_of(
    scores: Mapping[str, Scores], threshold: float, starts: Mapping[str, int]
) -> dict[str, list[int]]:
    """The weeks in which each account's score reaches a threshold that it was below before."""
    found = {}
    for account, numbers in scores.items():
        above = numbers >= threshold
        rises = np.flatnonzero(above & ~np.concatenate([[False], above[:-1]]))
        found[account] = [starts[account] + int(index) for index in rises]
    return found


def thresholds(scores: Mapping[str, Scores]) -> list[float]:
    """Levels worth trying: quantiles of all scores, dense at the top, where alarms are rare."""
    known = [numbers[~np.isnan(numbers)] for numbers in scores.values()]
    everything = np.concatenate(known) if known else np.array([])
    if not everything.size:
        return []
    shares = 1 - np.geomspace(1e-4, 0.6, _STEPS)
    return sorted({float(level) for level in np.quantile(everything, shares)}, reverse=True)
