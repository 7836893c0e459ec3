"""The core over a whole set of events: no Kafka, no database, the events' own clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from accounts.account import AccountState, advance, unaged
from accounts.advice import NO_ADVICE, Advice
from accounts.alert import Alert
from accounts.card import card_of
from accounts.events import AccountChanged, CanonicalEvent, Unreadable, event_key
from accounts.feedback import Feedback, Word, applied
from accounts.policy import Policy
from accounts.story import alert_of
from accounts.weeks import week_of

_FIRST_WEEK = -(10**6)


class Replay:
    """Collects events in any order; then tells every state and alert that they amount to."""

    def __init__(self) -> None:
        self._accounts: dict[str, dict[bytes, CanonicalEvent]] = {}
        self._keys: dict[bytes, str] = {}
        self._told: dict[str, set[Feedback]] = {}
        self.earliest: datetime | None = None
        self.latest: datetime | None = None
        self.events = 0
        self.repeated = 0

    def add(self, event: CanonicalEvent) -> None:
        """Take an event in once; raises Unreadable where its id has said something else before."""
        key = event_key(event)
        known = self._keys.setdefault(key, event.subject)
        events = self._accounts.setdefault(known, {})
        if (before := events.get(key)) is not None:
            if before != event:
                raise Unreadable(
                    "conflicting_duplicate", f"id {event.id!r} has come before, with another body"
                )
            self.repeated += 1
            return
        events[key] = event
        self.events += 1
        if self.earliest is None or event.time < self.earliest:
            self.earliest = event.time
        if self.latest is None or event.time > self.latest:
            self.latest = event.time

    def tell(self, feedback: Feedback) -> None:
        """Take in what a person said of an alert, in any order, however often."""
        self._told.setdefault(feedback.account_id, set()).add(feedback)

    def feedback_of(self, account_id: str) -> list[Feedback]:
        """What people said of an account's alerts."""
        return list(self._told.get(account_id, ()))

    def newest(self, horizon: datetime) -> tuple[datetime | None, int]:
        """(the time of the last event up to `horizon`, how many events lie beyond it)."""
        if self.latest is None or self.latest <= horizon:
            return self.latest, 0
        times = [event.time for events in self._accounts.values() for event in events.values()]
        passed = [time for time in times if time <= horizon]
        return max(passed, default=None), len(times) - len(passed)

    @property
    def accounts(self) -> list[str]:
        """The ids of all accounts, sorted."""
        return sorted(account_id for account_id, events in self._accounts.items() if events)

    def events_of(self, account_id: str) -> list[CanonicalEvent]:
        """An account's events, each once."""
        return list(self._accounts.get(account_id, {}).values())

    def states(self, until: datetime, policy: Policy) -> Iterator[tuple[str, AccountState]]:
        """Each account's state when all weeks before `until` have been reviewed."""
        for account_id in self.accounts:
            events, words = self._known(account_id)
            yield account_id, advance(None, events, _FIRST_WEEK, week_of(until), policy, words)

    def alerts(self, until: datetime, policy: Policy, advice: Advice = NO_ADVICE) -> list[Alert]:
        """Every alert raised before `until`, in order of `raised_at`, each as it was when it was raised."""
        found = [
            alert
            for account_id in self.accounts
            for alert in self._alerts_of(account_id, until, policy, advice)
        ]
        return sorted(found, key=lambda alert: (alert.raised_at, alert.account_id, alert.id))

    def _alerts_of(self, account_id: str, until: datetime, policy: Policy, advice: Advice) -> Iterable[Alert]:
        state = self.history(account_id, until, policy)
        events = list(self._accounts[account_id].values())
        for mark in state.fold.marks:
            known = [e for e in events if isinstance(e, AccountChanged) and week_of(e.time) <= mark.week]
            raised, card = mark.as_raised(), card_of(known)
            yield alert_of(account_id, raised, state, events, card, policy, advice)

    def history(self, account_id: str, until: datetime, policy: Policy) -> AccountState:
        """An account's state with all evidence that ever was, also what has aged out of the service's own."""
        events, words = self._known(account_id)
        return unaged(events, week_of(until), policy, words)

    def _known(self, account_id: str) -> tuple[Iterable[CanonicalEvent], list[Word]]:
        return self._accounts[account_id].values(), applied(self._told.get(account_id, ()))
