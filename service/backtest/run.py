"""One backtest: the core over the past at several budgets, and the rules beside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from accounts.account import AccountState, refold
from accounts.alert import Alert
from accounts.card import card_of
from accounts.events import AccountChanged
from accounts.evidence import CONTACTS, DECIDERS, TALKS
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.series import Series
from accounts.stages import Kind
from accounts.story import alert_of
from accounts.weeks import start_of, week_of
from service.backtest import outcomes as ends
from service.backtest.outcomes import Outcome
from service.backtest.rules import rules
from service.backtest.scores import Alarms, Score, alarms_of, score, thresholds

BUDGETS = (1.0, 2.5, 5.0, 10.0, 20.0)
WARNINGS: tuple[Kind, ...] = ("buying_centre_shift", "decline", "at_risk")


class Point(NamedTuple):
    """What a rule is worth at one of its thresholds."""

    threshold: float
    score: Score


class Curve(NamedTuple):
    """A rule over all its thresholds, and at the one that costs no more false alarms than are put up with."""

    name: str
    told: str
    points: list[Point]
    equal: Point | None  # None: the rule says nothing


class LostAccount(NamedTuple):
    """An account that was lost, and what was said of it before."""

    account_id: str
    name: str
    lost: int
    lead: int | None  # weeks; None: not warned of
    warning: Alert | None
    noticed: int | None  # weeks after the loss, where nothing was said before
    state: AccountState


class Seen(NamedTuple):
    """What the data holds of what the tests look at."""

    people: bool  # customers whose function is known
    topics: bool
    contacts: bool
    lost_learning: int  # accounts lost while their first baseline was still being learnt
    lost_later: int  # accounts lost after the end of the data


class Backtest(NamedTuple):
    """Everything the report tells."""

    begin: datetime
    end: datetime
    events: int
    accounts: int
    derived: bool  # the losses are, from the orders
    turns: bool  # it is told which accounts turned, also of those that stayed
    seen: Seen
    unknown: list[str]  # lost by the file, but without events
    budget: float
    policy: Policy
    chosen: Score
    budgets: list[Point]
    curves: list[Curve]
    lost: list[LostAccount]  # the earliest warned first, those never warned of last
    allowed: float  # false alarms a year per 100 accounts that the rules may raise
    mistakes: Sequence[str] = ()  # what is wrong with the data


def backtest(
    replay: Replay,
    until: datetime,
    policy: Policy,
    told: Mapping[str, Outcome] | None = None,
    progress: Callable[[str, float], None] = lambda _step, _share: None,
) -> Backtest:
    """Judge the core, and the rules beside it, by what became of a portfolio's accounts up to `until`.

    `progress` is called with what comes next and which share of the whole is done.
    """
    progress("reading the accounts' weeks", 0.0)
    states = {account: replay.history(account, until, policy) for account in replay.accounts}
    histories = {account: state.series for account, state in states.items() if state.series.length}
    known = ends.derived(histories) if told is None else told
    budgets = []
    wanted = sorted({*BUDGETS, policy.false_alarms})
    for number, budget in enumerate(wanted):
        progress(f"Turnsignal at {budget:g} false alarms", 0.3 + 0.5 * number / len(wanted))
        at = msgspec.structs.replace(policy, false_alarms=budget)
        budgets.append(Point(budget, score(_alarms(histories, at), histories, known)))
    chosen = next(point.score for point in budgets if point.threshold == policy.false_alarms)
    allowed = max(chosen.false_rate, policy.false_alarms)
    curves = []
    for rule in rules(histories):
        progress(rule.name, 0.8)
        starts = {account: series.start for account, series in histories.items()}
        points = [
            Point(level, score(alarms_of(rule.scores, level, starts), histories, known))
            for level in thresholds(rule.scores)
        ]
        curves.append(Curve(rule.name, rule.told, points, _equal(points, allowed)))
    progress("telling the losses", 0.9)
    return Backtest(
        begin=start_of(min((series.start for series in histories.values()), default=week_of(until))),
        end=start_of(week_of(until)),
        events=replay.events,
        accounts=len(histories),
        derived=told is None,
        turns=any(outcome.turned is not None for outcome in known.values()),
        seen=_seen(histories, known, policy),
        unknown=sorted(account for account, end in known.items() if end.lost and account not in histories),
        budget=policy.false_alarms,
        policy=policy,
        chosen=chosen,
        budgets=budgets,
        curves=curves,
        lost=_lost(replay, states, histories, known, policy),
        allowed=allowed,
    )


def _alarms(histories: Mapping[str, Series], policy: Policy) -> Alarms:
    return {
        account: [mark.week for mark in refold(series, policy).marks if mark.kind in WARNINGS]
        for account, series in histories.items()
    }


def _equal(points: list[Point], allowed: float) -> Point | None:
    """The threshold that warns of most in time, and then notices most, at no more false alarms than allowed.

    Where Turnsignal stays below its budget a rule may still use it up: silence is no merit by itself.
    """
    fair = [point for point in points if point.score.false_rate <= allowed]
    return max(
        fair,
        key=lambda point: (point.score.in_time, -point.score.never, -point.score.false_rate),
        default=None,
    )


def _seen(histories: Mapping[str, Series], known: Mapping[str, Outcome], policy: Policy) -> Seen:
    def any_of(row: int) -> bool:
        return any(any(series.counts[row]) for series in histories.values())

    ends = [(known[account], series) for account, series in histories.items() if account in known]
    lost = [(end.lost, series) for end, series in ends if end.lost is not None]
    learning = sum(week - series.start <= policy.baseline_weeks for week, series in lost)
    return Seen(
        people=any_of(DECIDERS),
        topics=any_of(TALKS),
        contacts=any_of(CONTACTS),
        lost_learning=learning,
        lost_later=sum(week >= series.end for week, series in lost),
    )


def _lost(
    replay: Replay,
    states: Mapping[str, AccountState],
    histories: Mapping[str, Series],
    known: Mapping[str, Outcome],
    policy: Policy,
) -> list[LostAccount]:
    found = []
    for account, series in histories.items():
        outcome = known.get(account, Outcome())
        if outcome.lost is None or outcome.lost >= series.end:
            continue
        judged = score({account: _weeks(states[account])}, {account: series}, {account: outcome})
        lead = judged.leads[0] if judged.leads else None
        events = replay.events_of(account)
        card = card_of([event for event in events if isinstance(event, AccountChanged)])
        warning = None
        if lead is not None:
            mark = next(
                mark
                for mark in states[account].fold.marks
                if mark.kind in WARNINGS and mark.week == outcome.lost - lead - 1
            )
            warning = alert_of(account, mark.as_raised(), states[account], events, card, policy)
        noticed = judged.after[0] if judged.after else None
        found.append(
            LostAccount(account, card.name or account, outcome.lost, lead, warning, noticed, states[account])
        )
    return sorted(
        found, key=lambda lost: (-(lost.lead if lost.lead is not None else -(10**6)), lost.account_id)
    )


def _weeks(state: AccountState) -> list[int]:
    return [mark.week for mark in state.fold.marks if mark.kind in WARNINGS]
