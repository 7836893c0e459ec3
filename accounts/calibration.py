"""Calibration: what a portfolio's own history tells, thresholds before all, at a budget of false alarms.

The history holds accounts that really turned, and nobody has marked them. An account that stayed in an
alarm for half a year, is in one at the end or ended lost is taken as one of them and left out; what the
others raised counts as false. Where people have answered alerts, their word goes before this guess.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import log
from statistics import fmean

import msgspec

from accounts.account import refold
from accounts.chain import Chain
from accounts.chain_counts import counts_of
from accounts.dispersion import dispersions, with_dispersions
from accounts.evidence import CONTACTS, ORDERS
from accounts.feedback import UNLABELLED, Labels
from accounts.fold import Fold
from accounts.policy import Policy, Threshold
from accounts.priors import priors_of, with_priors
from accounts.series import Series

VERSION = 3  # 1 had no chain, 2 no dispersions
READABLE = frozenset({1, 2, 3})
RARE = 24.0  # contacts and orders a year: below it, an account is of the rarer class
FEWEST_YEARS = 30.0  # account-years a class needs for a threshold of its own
YEAR_WEEKS = 52
_TURNED_WEEKS = 26  # an alarm that held for so long was none that passes …
_STILL_WEEKS = 13  # … and one that has held for so long by the end is not expected to
_SHIFT_SHARE = 0.6  # of the budget; the rest is the cadence test's
_ALARMED = frozenset({"shifted", "declining", "at_risk", "lost"})
_SHIFT_KINDS = frozenset({"buying_centre_shift", "at_risk"})
_STEPS, _LOWEST, _HIGHEST = 9, -4.0, 6.0


class Calibration(msgspec.Struct, frozen=True):
    """What was learnt, from what and when; `rates` are the alarms a 100 account-years left at the budget."""

    made_at: datetime
    first_event: datetime
    last_event: datetime
    accounts: int
    left_out: int  # accounts taken as really turned
    account_years: float  # of those that were not
    false_alarms: float
    shift_threshold: Threshold
    cadence_threshold: Threshold
    priors: dict[str, tuple[float, float]]
    rates: dict[str, float]
    chain: Chain | None = None  # of lifetime value; None: the built-in one
    dispersions: dict[str, float] = {}  # of streams; others as built in
    version: int = VERSION

    def policy(self, false_alarms: float) -> Policy:
        """The tests' numbers with what was learnt, at a budget."""
        base = Policy(
            false_alarms=false_alarms,
            shift_threshold=self.shift_threshold,
            cadence_threshold=self.cadence_threshold,
        )
        return with_dispersions(with_priors(base, self.priors), self.dispersions)


class Learnt(msgspec.Struct, frozen=True):
    """The part of a calibration that the histories alone tell."""

    shift_threshold: Threshold
    cadence_threshold: Threshold
    priors: dict[str, tuple[float, float]]
    dispersions: dict[str, float]
    rates: dict[str, float]
    left_out: int
    account_years: float
    chain: Chain


def learn(
    histories: Sequence[Series],
    policy: Policy,
    progress: Callable[[float], None] = lambda _: None,
    labels: Sequence[Labels] = (),
) -> Learnt:
    """Learn from histories; raises ValueError where they hold too few account-years that stayed quiet.

    `labels`, if any, are one a history.
    """
    folds = [refold(series, policy) for series in histories]
    said = labels or [UNLABELLED] * len(histories)
    kept = [
        series
        for series, fold, label in zip(histories, folds, said, strict=True)
        if not turned(fold, series, label)
    ]
    priors = priors_of([fold.shift.lines for fold in folds], policy)
    varied = dispersions(kept, policy)
    policy = with_dispersions(with_priors(policy, priors), varied)
    classes = [c for c in _classes(kept) if _years(c) >= FEWEST_YEARS]
    if not classes:
        raise ValueError(
            f"{_years(kept):.0f} account-years of accounts that stayed quiet; {FEWEST_YEARS:.0f} are needed"
        )
    offsets = []
    for number, group in enumerate(classes):
        offsets.append(_offsets(group, policy))
        progress((number + 1) / len(classes))
    activities = [_activities(group, policy) for group in classes]
    shift = _line(policy.shift_threshold, [o[0] for o in offsets], [a[0] for a in activities])
    cadence = _line(policy.cadence_threshold, [o[1] for o in offsets], [a[1] for a in activities])
    learnt = msgspec.structs.replace(policy, shift_threshold=shift, cadence_threshold=cadence)
    alarms = _alarms(kept, learnt)
    rates = {name: round(100 * count / _years(kept), 2) for name, count in alarms.items()}
    chain = counts_of((series, refold(series, learnt)) for series in histories).chain()
    return Learnt(shift, cadence, priors, varied, rates, len(histories) - len(kept), _years(kept), chain)


def turned(fold: Fold, series: Series, labels: Labels = UNLABELLED) -> bool:
    """Whether an account is taken as really turned: lost, in a lasting alarm, or in one at the end.

    One with an alert that was handled, or that people call lost, has turned; an alarm in which they saw no
    risk is none.
    """
    if labels.real:
        return True
    since: int | None = None
    for change in fold.transitions:
        if change.after in _ALARMED:
            since = change.week if since is None else since
        elif since is not None:
            if change.week - since >= _TURNED_WEEKS and not _called_false(since, change.week, labels):
                return True
            since = None
    if since is None or _called_false(since, series.end, labels):
        return False
    return fold.stage == "lost" or series.end - since >= _STILL_WEEKS


def _called_false(first: int, last: int, labels: Labels) -> bool:
    return any(first <= said_last and last >= said_first for said_first, said_last in labels.false)


def _classes(histories: Sequence[Series]) -> list[list[Series]]:
    """The rarer accounts and the busier ones."""
    rare = [series for series in histories if _events_a_year(series) < RARE]
    return [rare, [series for series in histories if _events_a_year(series) >= RARE]]


def _events_a_year(series: Series) -> float:
    events = sum(series.counts[CONTACTS]) + sum(series.counts[ORDERS])
    return YEAR_WEEKS * events / max(1, series.length)


def _years(histories: Sequence[Series]) -> float:
    return sum(series.length for series in histories) / YEAR_WEEKS


def _activities(histories: Sequence[Series], policy: Policy) -> tuple[float, float]:
    """The mean logarithms of a class's observations a year, as each test counts them."""
    folds = [refold(series, policy) for series in histories]
    return (
        fmean(log(policy.observations(fold.shift.votes_a_year)) for fold in folds),
        fmean(log(policy.observations(fold.cadence.events_a_year)) for fold in folds),
    )


def _alarms(histories: Sequence[Series], policy: Policy) -> dict[str, int]:
    alarms = {"shift": 0, "cadence": 0}
    for series in histories:
        for mark in refold(series, policy).marks:
            if mark.kind in _SHIFT_KINDS:
                alarms["shift"] += 1
            elif mark.kind == "decline":
                alarms["cadence"] += 1
    return alarms


def _offsets(histories: Sequence[Series], policy: Policy) -> tuple[float, float]:
    """Nats to add to each test's threshold so that a class keeps the budget; both by bisection at once."""
    years = _years(histories)
    share = {"shift": _SHIFT_SHARE, "cadence": 1 - _SHIFT_SHARE}
    low, high = dict.fromkeys(share, _LOWEST), dict.fromkeys(share, _HIGHEST)
    for _ in range(_STEPS):
        middle = {name: (low[name] + high[name]) / 2 for name in share}
        alarms = _alarms(histories, _moved(policy, middle["shift"], middle["cadence"]))
        for name, part in share.items():
            if 100 * alarms[name] / years > policy.false_alarms * part:
                low[name] = middle[name]
            else:
                high[name] = middle[name]
    return high["shift"], high["cadence"]


def _moved(policy: Policy, shift: float, cadence: float) -> Policy:
    return msgspec.structs.replace(
        policy,
        shift_threshold=_raised(policy.shift_threshold, shift),
        cadence_threshold=_raised(policy.cadence_threshold, cadence),
    )


def _raised(threshold: Threshold, nats: float) -> Threshold:
    return msgspec.structs.replace(threshold, base=threshold.base + nats)


def _line(threshold: Threshold, offsets: Sequence[float], activities: Sequence[float]) -> Threshold:
    """The threshold through the classes' points; where there is one class, or they lie close, moved only."""
    mean = sum(offsets) / len(offsets)
    if len(offsets) == 1 or activities[1] - activities[0] < 0.5:  # noqa: PLR2004  (a factor of 1.6)
        return msgspec.structs.replace(threshold, base=round(threshold.base + mean, 3))
    slope = (offsets[1] - offsets[0]) / (activities[1] - activities[0])
    base = threshold.base + offsets[0] - slope * activities[0]
    return msgspec.structs.replace(
        threshold, base=round(base, 3), per_activity=round(threshold.per_activity + slope, 3)
    )
