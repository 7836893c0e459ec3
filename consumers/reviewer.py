"""The reviewer: folds closed weeks into states, and decides the alerts that follow.

One transaction a batch of accounts: their rows are locked (those that another reviewer holds are passed
over), the evidence from each account's due week on is folded in, and state, transitions and alerts are
written together. Run again after a crash it finds the same.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

import msgspec
import structlog

from accounts.account import AccountState, advance, from_bytes
from accounts.advice import NO_ADVICE, Advice
from accounts.alert import Alert
from accounts.events import decode_accepted, decode_all_accepted
from accounts.fold import Mark, StageChange
from accounts.policy import Policy
from accounts.story import alert_of, retraction_of
from accounts.value import value_at
from accounts.weeks import week_of
from consumers import metrics
from consumers.clock import Mode, review_clock
from consumers.subscription import Subscription
from storage import feedback, outbox, partitions, reviews
from storage.engine import UNAVAILABLE, Connection, Engine, reading, transaction
from storage.reviews import Due, Reviewed

log = structlog.get_logger()

_LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class ReviewConfig:
    """How reviews are paced; the consumption of all `subscriptions` moves the clock."""

    subscriptions: Sequence[Subscription] = (Subscription(("crm.events", "order.events")),)
    clock: Mode = "wall"
    interval_seconds: float = 5.0
    batch_accounts: int = 200


class Told(NamedTuple):
    """What has been told of an account before a review."""

    marks: list[Mark]
    transitions: list[StageChange]


class Reviewer:
    """Reviews whatever is due; several may run at once."""

    def __init__(
        self,
        engine: Engine,
        policy: Policy,
        config: ReviewConfig,
        *,
        advice: Advice = NO_ADVICE,
        on_alerts: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._policy = policy
        self._config = config
        self._advice = advice
        self._on_alerts = on_alerts
        self._now = now
        self._last_round: float | None = None

    def unready(self) -> str | None:
        """Why this reviewer is not doing its work; None when it is."""
        if self._last_round is None:
            return "has not finished a round yet"
        idle = monotonic() - self._last_round
        return f"has not finished a round for {idle:.0f} s" if idle > self._patience else None

    @property
    def _patience(self) -> float:
        return 60.0 + 10 * self._config.interval_seconds

    def run(self, stop: threading.Event) -> None:
        """Review until `stop` is set."""
        wait = self._config.interval_seconds
        log.info("reviewing", action="reviewer_started", clock=self._config.clock)
        while not stop.is_set():
            try:
                self._round(stop)
                wait = self._config.interval_seconds
            except UNAVAILABLE as error:
                log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
                wait = min(2 * wait, _LONGEST_WAIT)
            stop.wait(wait)
        log.info("stopped reviewing", action="reviewer_stopped")

    def _round(self, stop: threading.Event) -> None:
        clock = self.clock()
        if clock is not None:
            metrics.review_clock.set(clock.timestamp())
            while not stop.is_set() and self.review_batch(clock):
                self._last_round = monotonic()
        self._last_round = monotonic()

    def clock(self) -> datetime | None:
        """Up to when everything has been consumed."""
        with reading(self._engine) as connection:
            progress = partitions.progress(connection)
        return review_clock(progress, self._now(), self._config.clock, self._config.subscriptions)

    def review(self, until: datetime) -> int:
        """Review everything that is due before `until`; returns how many accounts that were."""
        total = 0
        while count := self.review_batch(until):
            total += count
        return total

    def review_batch(self, until: datetime) -> int:
        """Review one batch of accounts that are due; returns how many."""
        open_week = week_of(until)
        with transaction(self._engine) as connection:
            due = reviews.claim(connection, open_week, self._config.batch_accounts)
            if not due:
                return 0
            found, alerts, gone = self._fold(connection, due, open_week)
            reviews.record(connection, found, open_week)
            reviews.forget(connection, gone)
            outbox.put(connection, alerts, self._now())
        _count(found, alerts)
        if alerts:
            self._on_alerts()
        return len(due)

    def _fold(
        self, connection: Connection, due: Sequence[Due], open_week: int
    ) -> tuple[list[Reviewed], list[Alert], list[str]]:
        """What the accounts have come to, and those of which all evidence may have been taken back."""
        states = {a.account_id: from_bytes(a.state) if a.state else AccountState() for a in due}
        afresh = [a.account_id for a in due if out_of_reach(states[a.account_id], a.due_week)]
        if afresh:
            due = reviews.judge_afresh(connection, due, afresh)
        bodies: dict[str, list[bytes | str]] = {account.account_id: [] for account in due}
        for account_id, body in reviews.bodies(connection, due, open_week):
            bodies[account_id].append(body)
        words = feedback.words(connection, list(bodies))
        found: list[Reviewed] = []
        alerts: list[Alert] = []
        gone: list[str] = []
        for account in due:
            before = states.pop(account.account_id)
            known = told_of(before)
            # Decoded one account at a time: events that live long cost more than reading them.
            told = bodies.pop(account.account_id)
            events = [event for body in told for event in decode_all_accepted(body)]
            said = words.get(account.account_id, ())
            state = None if account.account_id in afresh else before
            if not events and (state is None or account.due_week <= state.series.start):
                gone.append(account.account_id)
            state = advance(state, events, account.due_week, open_week, self._policy, said)
            found.append(self._reviewed(account.account_id, known, state))
            alerts += self._alerts(connection, account, known, state)
        return found, sorted(alerts, key=lambda alert: alert.raised_at), gone

    def _alerts(self, connection: Connection, account: Due, known: Told, state: AccountState) -> list[Alert]:
        """What is new, changed, over or no longer true since the state before."""
        marks, gone = changed_marks(known.marks, state.fold.marks, state.series.start)
        if not marks and not gone:
            return []
        card = reviews.card(account)
        numbers = (card, self._policy, self._advice)
        alerts: list[Alert] = []
        if gone and account.state:
            before = from_bytes(account.state)
            alerts += [retraction_of(account.account_id, mark, before, *numbers) for mark in gone]
        for mark in marks:
            bodies = reviews.bodies_between(connection, account.account_id, mark.onset, mark.week)
            seen = [decode_accepted(body) for body in bodies]
            alerts.append(alert_of(account.account_id, mark, state, seen, *numbers))
        return alerts

    def _reviewed(self, account_id: str, known: Told, state: AccountState) -> Reviewed:
        told, now = (
            [change for change in changes if change.week >= state.series.start]
            for changes in (known.transitions, state.fold.transitions)
        )
        same = 0
        while same < min(len(told), len(now)) and told[same] == now[same]:
            same += 1
        return Reviewed(
            account_id,
            state.to_bytes(),
            state.fold.stage,
            state.fold.led_by,
            value_at(state.series, state.series.end - 1, state.fold.stage, self._advice.valuation),
            new_transitions=now[same:],
            stale_from=told[same].week if same < len(told) else None,
        )


def told_of(state: AccountState) -> Told:
    """What a state has told; it keeps when the state is used up."""
    return Told([msgspec.structs.replace(mark) for mark in state.fold.marks], state.fold.transitions)


def out_of_reach(state: AccountState, due_week: int) -> bool:
    """Whether a late event asks for weeks whose evidence has aged out: then all events are read again."""
    return state.reach is not None and due_week < state.reach


def changed_marks(
    before: Sequence[Mark], after: Sequence[Mark], kept_from: int
) -> tuple[list[Mark], list[Mark]]:
    """(new or changed, no longer true): alerts by their identity, kind and onset.

    One that ended before the week `kept_from` has aged out, and is as true as ever.
    """
    old = {(mark.kind, mark.onset): mark for mark in before}
    new = {(mark.kind, mark.onset): mark for mark in after}
    return (
        [mark for key, mark in new.items() if old.get(key) != mark],
        [mark for key, mark in old.items() if key not in new and not 0 <= mark.until < kept_from],
    )


def _count(found: Sequence[Reviewed], alerts: Sequence[Alert]) -> None:
    metrics.reviewed.inc(len(found))
    for review in found:
        for change in review.new_transitions:
            metrics.transitions.labels(stage=change.after).inc()
    for alert in alerts:
        metrics.alerts.labels(kind=alert.kind, severity=alert.severity).inc()
        log.info(
            "alert decided",
            action="alert_decided",
            alert_id=alert.id,
            account_id=alert.account_id,
            kind=alert.kind,
            status=alert.status,
        )
