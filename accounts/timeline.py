"""An account's past as its picture shows it: who took part, the tests' sums, orders, stages and events."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from accounts.account import AccountState, course
from accounts.alert import LedBy
from accounts.cusum import Cusum
from accounts.evidence import (
    DECIDERS,
    MONEY,
    ORDERS,
    PURCHASING,
    RIVALLED,
    SPONSORED,
    TENDERED,
    VOTE,
)
from accounts.feedback import Word
from accounts.fold import Fold, led_by_at, led_since
from accounts.policy import Policy
from accounts.series import Series
from accounts.stages import Kind, Stage

WINDOW = 13  # weeks; single weeks of a few votes would only jump
BAR_WEEKS = 4
YEAR = 52
MOST_WEEKS = 156  # three years: what is older explains nothing now, and would make the rest small
_FEWEST_WEEKS = 4  # that a young account's window is taken for: a first talk is not thirteen a quarter

Sign = Literal["tender", "competitor", "loss"]  # the last one where it is known afterwards


class Band(NamedTuple):
    """A stage that held from the beginning of a week up to the beginning of another."""

    stage: Stage
    first: int
    end: int


class Lead(NamedTuple):
    """Who decides, from the beginning of a week on."""

    week: int
    led_by: LedBy


class Moment(NamedTuple):
    """An alert that was raised, a sign of buying by rule, or the loss, at the beginning of a week."""

    week: int
    kind: Kind | Sign


class Seats(NamedTuple):
    """Votes of those who took part in the quarter that ends with a week, and its talks with executives."""

    purchasing: float
    others: float
    executives: float

    @property
    def share(self) -> float | None:
        """Purchasing's share; None where nobody's function is known."""
        whole = self.purchasing + self.others
        return self.purchasing / whole if whole > 0 else None


class Timeline(msgspec.Struct, frozen=True):
    """The weeks `first` up to, not including, `end`; rows have an entry a week, as known at its end."""

    first: int
    end: int
    stage: Stage
    stage_since: int | None  # None: from before the first week
    led_by: LedBy
    led_since: int | None
    seats: list[Seats]
    shift: list[float | None]  # the shift test's sum over its threshold; None where it cannot tell
    slowing: list[float | None]  # the same of the cadence test
    as_judged: bool  # the sums end as the state's own do; else other numbers judged it
    currency: str | None  # of the orders; None: they are counted
    orders: list[float]  # in runs of BAR_WEEKS, the last one ending with the last week
    stages: list[Band]
    leads: list[Lead]  # each change; who led before the first of them is `led_first`
    led_first: LedBy
    moments: list[Moment]

    @property
    def share(self) -> float | None:
        """Purchasing's share of the last quarter's seats."""
        return self.seats[-1].share

    @property
    def bought(self) -> float:
        """The orders of the last year that is shown."""
        return sum(self.orders[-(YEAR // BAR_WEEKS) :])


def timeline(
    state: AccountState, policy: Policy, words: Iterable[Word] = (), most_weeks: int = MOST_WEEKS
) -> Timeline | None:
    """The last weeks of an account's past; None where no week with evidence has closed."""
    series, fold = state.series, state.fold
    if not series.length:
        return None
    first = max(series.start, series.end - most_weeks)
    shift, slowing, as_judged = _sums(state, policy, words)
    currency, orders = _orders(series, first)
    since = fold.transitions[-1].week + 1 if fold.transitions else None
    led = led_since(fold, series.end)
    return Timeline(
        first=first,
        end=series.end,
        stage=fold.stage,
        stage_since=since,
        led_by=fold.led_by,
        led_since=None if led is None else led + 1,
        seats=_seats(series, first),
        shift=[shift.get(week) for week in range(first, series.end)],
        slowing=[slowing.get(week) for week in range(first, series.end)],
        as_judged=as_judged,
        currency=currency,
        orders=orders,
        stages=_bands(fold, first, series.end),
        leads=[Lead(change.week + 1, change.after) for change in fold.leaders if change.week >= first],
        led_first=led_by_at(fold, first - 1),
        moments=sorted([*_raised(fold, first), *_signs(series, first)]),
    )


def _sums(
    state: AccountState, policy: Policy, words: Iterable[Word]
) -> tuple[dict[int, float], dict[int, float], bool]:
    """Each test's sum over its threshold by week, and whether they end where the state's own stand."""
    shift: dict[int, float] = {}
    slowing: dict[int, float] = {}
    last = Fold()
    for week, fold in course(state, policy, words):
        last = fold
        for found, cusum in ((shift, fold.shift.cusum), (slowing, fold.cadence.cusum)):
            if cusum.ready:
                found[week] = cusum.total / cusum.threshold
    own = state.fold
    return shift, slowing, _sum(last) == _sum(own)


def _sum(fold: Fold) -> tuple[Cusum, Cusum]:
    return fold.shift.cusum, fold.cadence.cusum


def _seats(series: Series, first: int) -> list[Seats]:
    """Moving sums over a quarter; what is known of a shorter time is told as a quarter's."""
    purchasing, deciders, sponsored = (series.counts[row] for row in (PURCHASING, DECIDERS, SPONSORED))
    found = []
    for index in range(first - series.start, series.length):
        begin = max(0, index + 1 - WINDOW)
        whole = WINDOW / max(_FEWEST_WEEKS, index + 1 - begin)
        # What was taken back of earlier weeks may leave sums below zero, or a part beyond the whole.
        seats = max(0, sum(deciders[begin : index + 1]))
        bought = min(seats, max(0, sum(purchasing[begin : index + 1])))
        talks = max(0, sum(sponsored[begin : index + 1]))
        found.append(Seats(whole * bought / VOTE, whole * (seats - bought) / VOTE, whole * talks))
    return found


def _orders(series: Series, first: int) -> tuple[str | None, list[float]]:
    """The value of orders in their main currency, or their number where none is known."""
    main = series.main_currency(first, series.end - 1)
    row: Sequence[int] = series.counts[ORDERS] if main is None else series.money[main[0]]
    unit = 1 if main is None else MONEY
    offset = first - series.start
    begins = range(series.length - BAR_WEEKS, offset - BAR_WEEKS, -BAR_WEEKS)
    runs = [sum(row[max(begin, offset) : begin + BAR_WEEKS]) / unit for begin in begins]
    return None if main is None else main[0], runs[::-1]


def _bands(fold: Fold, first: int, end: int) -> list[Band]:
    changes = fold.transitions
    begin: Stage = changes[0].before if changes else fold.stage
    turns = [(first, begin), *((change.week + 1, change.after) for change in changes)]
    bands = [
        Band(stage, max(first, since), until)
        for (since, stage), (until, _) in pairwise([*turns, (end, fold.stage)])
    ]
    return [band for band in bands if band.end > band.first or band is bands[-1]]  # the last one is now's


def _raised(fold: Fold, first: int) -> list[Moment]:
    return [Moment(mark.week + 1, mark.kind) for mark in fold.marks if mark.week >= first]


def _signs(series: Series, first: int) -> list[Moment]:
    """Tenders and named competitors; of several in a quarter the first."""
    rows: tuple[tuple[Sign, int], ...] = (("tender", TENDERED), ("competitor", RIVALLED))
    found = []
    for sign, row in rows:
        last = first - WINDOW
        for week in range(first, series.end):
            if series.counts[row][week - series.start] > 0 and week - last >= WINDOW:
                found.append(Moment(week, sign))
                last = week
    return found
