"""The rules that Turnsignal is compared with: each gives every week of an account a score of alarm.

Shapes: one array of floats an account, a number for each of its weeks; higher is worse, NaN says nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accounts.evidence import CONTACTS, ORDERS
from accounts.series import Series
from service.backtest import bgnbd
from service.backtest.outcomes import order_weeks, usual_gap

Scores = NDArray[np.float64]
_FEWEST_GAPS = 2
_LATELY, _YEAR = 13, 52
_ORDER_WEIGHT = 4.0  # an order says more than a talk
_FEWEST_EVENTS = 6.0  # weighted events a quarter below which an account has no activity to lose


class Rule(NamedTuple):
    """A rule by name, how it is told to a reader, and the scores it gives."""

    name: str
    told: str
    scores: dict[str, Scores]


def rules(histories: Mapping[str, Series]) -> list[Rule]:
    """All three over a portfolio."""
    return [
        Rule(
            "recency",
            "no order for so many times the account's own usual gap",
            {account: recency(series) for account, series in histories.items()},
        ),
        Rule(
            "activity score",
            "a health score: orders and contacts of a quarter against those of the year before",
            {account: activity(series) for account, series in histories.items()},
        ),
        Rule(
            "BG/NBD",
            "a statistical model of order times: how likely the customer is still one, P(alive)",
            unlikely_alive(histories),
        ),
    ]


def recency(series: Series) -> Scores:
    """Weeks since the last order divided by the median gap known by then; after three order weeks."""
    found = np.full(series.length, np.nan)
    seen: list[int] = []
    placed = dict(order_weeks(series))
    gap = 1.0
    for index in range(series.length):
        week = series.start + index
        if week in placed:
            seen.append(week)
            gap = max(1.0, usual_gap(seen)) if len(seen) > 1 else 1.0
        if len(seen) > _FEWEST_GAPS:
            found[index] = (week - seen[-1]) / gap
    return found


def activity(series: Series) -> Scores:
    """How far the weighted activity of 13 weeks lies below the year's before, in standard deviations."""
    orders, contacts = (np.maximum(series.counts[row], 0) for row in (ORDERS, CONTACTS))
    weighted = _ORDER_WEIGHT * orders + contacts
    sums = np.concatenate([[0.0], np.cumsum(weighted, dtype=np.float64)])
    found = np.full(series.length, np.nan)
    for index in range(_LATELY + _YEAR - 1, series.length):
        now = sums[index + 1] - sums[index + 1 - _LATELY]
        before = sums[index + 1 - _LATELY] - sums[index + 1 - _LATELY - _YEAR]
        usual = before * _LATELY / _YEAR
        if usual >= _FEWEST_EVENTS:
            found[index] = (usual - now) / np.sqrt(usual)  # of a Poisson count
    return found


def unlikely_alive(histories: Mapping[str, Series]) -> dict[str, Scores]:
    """1 − P(alive) of each week; the parameters know the whole history, which flatters this rule."""
    nothing = {account: np.full(series.length, np.nan) for account, series in histories.items()}
    ends = [purchases(series)[-1] for series in histories.values() if order_weeks(series)]
    if not ends:
        return nothing
    x, t_x, t = (np.array(column, dtype=np.float64) for column in zip(*ends, strict=True))
    try:
        parameters = bgnbd.fit(x, t_x, t)
    except ValueError:
        return nothing
    found = dict(nothing)
    for account, series in histories.items():
        known = purchases(series)
        if known:
            x, t_x, t = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
            scores = found[account]
            scores[series.length - len(known) :] = 1 - bgnbd.p_alive(parameters, x, t_x, t)
    return found


def purchases(series: Series) -> list[tuple[int, int, int]]:
    """(repeat purchases, weeks from the first to the last, weeks since the first) at each week's end.

    From the week of the first order on; several orders of a week are one purchase, as the model has it.
    """
    weeks = [week for week, _ in order_weeks(series)]
    if not weeks:
        return []
    first, last, count, placed = weeks[0], weeks[0], 0, set(weeks[1:])
    found = []
    for week in range(first, series.end):
        if week in placed:
            count, last = count + 1, week
        found.append((count, last - first, week - first))
    return found
