"""One account's state: a function of the set of its events and of the weeks that are closed.

`advance` folds further weeks into a state; told to start from an earlier week, it folds again from there, so
that late, shuffled or repeated events end in the same state, byte for byte. What people said of its alerts is
an input like the events: each word holds from its own week on.

A state is bounded: evidence that is older than `series.KEPT_WEEKS` ages out, a year at a time. What the tests
have learnt from it stays, in the fold as it stood `series.REACH_WEEKS` after the oldest evidence kept, from
where late events are judged again.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from accounts.events import CanonicalEvent
from accounts.feedback import NOTHING_SETTLED, Settled, Word, settled
from accounts.fold import Fold, LeaderChange, StageChange, each_week, fold_weeks
from accounts.policy import Policy
from accounts.series import REACH_WEEKS, Series
from accounts.sums import weekly

_EVER = -(10**6)
_Change = TypeVar("_Change", StageChange, LeaderChange)


class AccountState(msgspec.Struct, array_like=True):
    """The evidence up to the last closed week and what the tests make of it."""

    series: Series = msgspec.field(default_factory=Series)
    fold: Fold = msgspec.field(default_factory=Fold)
    early: Fold | None = None  # as it stood before the week `reach`, once evidence has aged out

    def to_bytes(self) -> bytes:
        """The one encoding of this state."""
        return _encode(self)

    @property
    def reach(self) -> int | None:
        """The first week that can be judged again without all events; None where every week can."""
        return None if self.early is None else self.series.start + REACH_WEEKS


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AccountState).decode


def from_bytes(body: bytes) -> AccountState:
    """Read a state that `to_bytes` wrote."""
    return _decode(body)


def advance(
    state: AccountState | None,
    events: Iterable[CanonicalEvent],
    due: int,
    until: int,
    policy: Policy,
    words: Iterable[Word] = (),
) -> AccountState:
    """The state with the weeks `due` up to, not including, `until` folded in; the state given is used up.

    `events` are the account's events from week `due` on, each once, in any order, and with them all earlier
    versions of the documents they belong to. A new state needs them all. `words` are all that people have
    said of the account's alerts, in any order. Raises ValueError where `due` lies before the state's reach:
    then a new state is to be made.
    """
    said = settled(words)
    state = _folded(state, events, due, until, policy, said)
    if (start := state.series.kept_from) > state.series.start:
        _age(state, start, policy, said)
    return state


def unaged(
    events: Iterable[CanonicalEvent], until: int, policy: Policy, words: Iterable[Word] = ()
) -> AccountState:
    """The state with all evidence since the first event, however old: what each alert of the past tells."""
    return _folded(None, events, _EVER, until, policy, settled(words))


def _folded(
    state: AccountState | None,
    events: Iterable[CanonicalEvent],
    due: int,
    until: int,
    policy: Policy,
    said: dict[int, Settled],
) -> AccountState:
    if state is None:
        state = AccountState()
    until = max(until, state.series.end)
    folded = state.series.length
    if due < state.series.end:
        if state.reach is not None and due < state.reach:
            raise ValueError(
                f"week {due} lies before week {state.reach}, from which the state can be judged again"
            )
        state.series.truncate(due)
        state.fold, folded = _copy(state.early), 0 if state.early is None else REACH_WEEKS
    state.series.extend(weekly(events, due), until)
    fold_weeks(state.fold, state.series, folded, state.series.length, policy, said)
    return state


def _age(state: AccountState, start: int, policy: Policy, said: dict[int, Settled]) -> None:
    """Let evidence from before `start` go, once the early fold has learnt from it."""
    series, early = state.series, _copy(state.early)
    first = 0 if state.early is None else REACH_WEEKS
    fold_weeks(early, series, first, start + REACH_WEEKS - series.start, policy, said)
    series.age(start)
    for fold in (state.fold, early):
        fold.marks = [mark for mark in fold.marks if mark.until < 0 or mark.until >= start]
        fold.transitions = _since(fold.transitions, start)
        fold.leaders = _since(fold.leaders, start)
    state.early = early


def _since(changes: list[_Change], start: int) -> list[_Change]:
    """The changes from `start` on, and the last one before, which still holds then."""
    return changes[max(0, sum(change.week < start for change in changes) - 1) :]


def _copy(fold: Fold | None) -> Fold:
    return Fold() if fold is None else msgspec.msgpack.decode(_encode(fold), type=Fold)


def refold(series: Series, policy: Policy) -> Fold:
    """What other numbers make of the same evidence; the series stays as it is."""
    fold = Fold()
    fold_weeks(fold, series, 0, series.length, policy, NOTHING_SETTLED)
    return fold


def course(state: AccountState, policy: Policy, words: Iterable[Word] = ()) -> Iterator[tuple[int, Fold]]:
    """(week, the fold as it stood at its end) of each week that the state's evidence lets judge again.

    It is one fold that changes from week to week; the state stays as it is. By the policy and the words that
    the state was made by, the last one is the state's own fold.
    """
    series, fold = state.series, _copy(state.early)
    first = 0 if state.early is None else REACH_WEEKS
    for index in each_week(fold, series, first, series.length, policy, settled(words)):
        yield series.start + index, fold
