"""From what the fold marked to the alerts that a person reads."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from accounts.account import AccountState
from accounts.advice import NO_ADVICE, Advice
from accounts.alert import AccountCard, Alert, Severity, alert_id
from accounts.events import CanonicalEvent
from accounts.explanation import aged, explain
from accounts.fold import Mark, led_since
from accounts.plays import choose
from accounts.policy import Policy
from accounts.series import REACH_WEEKS
from accounts.stages import Kind
from accounts.value import value_at
from accounts.weeks import start_of

_SEVERITY: dict[Kind, Severity] = {
    "buying_centre_shift": "warning",
    "decline": "warning",
    "champion_left": "info",
    "service_gap": "warning",
    "at_risk": "critical",
    "lost": "critical",
    "recovered": "info",
}


def alert_of(
    account_id: str,
    mark: Mark,
    state: AccountState,
    events: Iterable[CanonicalEvent],
    card: AccountCard,
    policy: Policy,
    advice: Advice = NO_ADVICE,
) -> Alert:
    """The alert that a mark stands for, as it was when it was raised, and whether it still holds.

    `events` are the account's own from the mark's onset week on, each once.
    """
    evidence = explain(mark, state, events, policy)
    valued = state.series.end - 1 if aged(mark, state) else mark.week
    strongest = evidence[0].signal if evidence else ""
    ended = mark.until >= 0
    return Alert(
        id=alert_id(account_id, mark.kind, mark.onset),
        account_id=account_id,
        kind=mark.kind,
        stage=mark.stage,
        previous_stage=mark.previous_stage,
        led_by=mark.led_by,
        previously_led_by=mark.previously_led_by,
        severity=_SEVERITY[mark.kind],
        onset_at=start_of(mark.onset),
        raised_at=start_of(mark.week + 1),
        evidence=evidence,
        value=value_at(state.series, valued, mark.stage, advice.valuation),
        play=choose(advice.plays, mark.kind, mark.stage, strongest),
        status="resolved" if ended else "firing",
        resolved_at=start_of(mark.until + 1) if ended else None,
        account=card,
        led_by_since=_moment(led_since(state.fold, mark.week)),
        previously_led_by_since=_moment(led_since(state.fold, max(mark.onset - 1, mark.week - REACH_WEEKS))),
    )


def retraction_of(
    account_id: str,
    mark: Mark,
    state: AccountState,
    card: AccountCard,
    policy: Policy,
    advice: Advice = NO_ADVICE,
) -> Alert:
    """The alert of a mark that later evidence has undone; `state` is the one that still had it."""
    alert = alert_of(account_id, mark, state, (), card, policy, advice)
    return msgspec.structs.replace(alert, status="resolved", retracted=True, resolved_at=alert.raised_at)


def _moment(week: int | None) -> datetime | None:
    """The end of a week."""
    return None if week is None else start_of(week + 1)
