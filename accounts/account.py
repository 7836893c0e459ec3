"""One account's state: a function of the set of its events and of the weeks that are closed.

`advance` folds further weeks into a state; told to start from an earlier week, it folds again from there, so
that late, shuffled or repeated events end in the same state, byte for byte. What people said of its alerts is
an input like the events: each word holds from its own week on.
"""

from collections.abc import Iterable
from itertools import product

import msgspec

from accounts.alert import LedBy
from accounts.attention import WINDOW, Attention
from accounts.cadence import CadenceTest, Silence
from accounts.events import CanonicalEvent
from accounts.evidence import VOTE, weekly
from accounts.feedback import Settled, Test, Word, settled
from accounts.policy import Policy
from accounts.series import DECIDERS, ORDERS, PURCHASING, Series
from accounts.shift import ShiftTest
from accounts.stages import STAGED, Kind, Reading, Stage, alert_kind, holds, stage_of

LED_WINDOW = 26  # weeks
_LED_PRIOR = (1, 4)  # one vote for purchasing among four


class Mark(msgspec.Struct, array_like=True):
    """An alert as the fold saw it arise: enough to tell its story once its events are at hand."""

    kind: Kind
    onset: int
    week: int  # the closed week that raised it
    stage: Stage
    previous_stage: Stage
    led_by: LedBy
    previously_led_by: LedBy
    shift_onset: int  # −1 where the sum was zero
    shift_parts: list[int]
    shift_clipped: int
    shift_by_line: list[int]  # in the series' order of product lines
    cadence_onset: int
    cadence_parts: list[int]
    cadence_clipped: int
    alive: float
    weeks_between: int  # weeks from order to order, as known then
    until: int = -1  # the closed week that ended it

    def as_raised(self) -> "Mark":
        """The mark as it stood when it was made."""
        return msgspec.structs.replace(self, until=-1)


class StageChange(msgspec.Struct, array_like=True):
    """A stage that holds from the end of a week on."""

    week: int
    before: Stage
    after: Stage


class LeaderChange(msgspec.Struct, array_like=True):
    """A leader from the end of a week on."""

    week: int
    before: LedBy
    after: LedBy


class Fold(msgspec.Struct, array_like=True):
    """Everything the next week's step needs besides the series."""

    shift: ShiftTest = msgspec.field(default_factory=ShiftTest)
    cadence: CadenceTest = msgspec.field(default_factory=CadenceTest)
    silence: Silence = msgspec.field(default_factory=Silence)
    stage: Stage = "learning"
    led_by: LedBy = "development"
    transitions: list[StageChange] = []
    leaders: list[LeaderChange] = []
    marks: list[Mark] = []
    attention: Attention = msgspec.field(default_factory=Attention)


class AccountState(msgspec.Struct, array_like=True):
    """The evidence up to the last closed week and what the tests make of it."""

    series: Series = msgspec.field(default_factory=Series)
    fold: Fold = msgspec.field(default_factory=Fold)

    def to_bytes(self) -> bytes:
        """The one encoding of this state."""
        return _encode(self)


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
    said of the account's alerts, in any order.
    """
    if state is None:
        state = AccountState()
    until = max(until, state.series.end)
    folded = state.series.length
    if due < state.series.end:
        state.series.truncate(due)
        state.fold, folded = Fold(), 0
    state.series.extend(weekly(events, due), until)
    _steps(state.fold, state.series, folded, policy, words)
    return state


def refold(series: Series, policy: Policy) -> Fold:
    """What other numbers make of the same evidence; the series stays as it is."""
    fold = Fold()
    _steps(fold, series, 0, policy, ())
    return fold


def _steps(fold: Fold, series: Series, first: int, policy: Policy, words: Iterable[Word]) -> None:
    said = settled(words)
    for index in range(first, series.length):
        _step(fold, series, index, policy, said.get(series.start + index) if said else None)


def _step(fold: Fold, series: Series, index: int, policy: Policy, said: Settled | None) -> None:
    """Fold one week: the tests, who leads, the stage, and the alerts that the stage begins or ends."""
    week = series.start + index
    heeded = said is not None and _heed(fold, series, index, policy, said)
    fold.shift.step(week, index, series, policy)
    season = fold.cadence.step(week, index, series.counts, policy)
    fold.silence.step(week, series.counts[ORDERS][index], season)
    before = fold.led_by
    fold.led_by = _leader(fold, series, week)
    if fold.led_by != before:
        fold.leaders = [*fold.leaders, LeaderChange(week, before, fold.led_by)]
    stage = _STAGE_OF[_reading(fold, week, policy)]
    if stage != fold.stage:
        _enter(fold, stage, week, policy, heeded=heeded)
    _attend(fold, series, index, policy)


def _attend(fold: Fold, series: Series, index: int, policy: Policy) -> None:
    """Begin or end the alert of a service gap: beside the stage, of which it says nothing."""
    week, before = series.start + index, fold.attention.gap
    fold.attention.step(week, index, series, policy)
    if fold.attention.gap == before:
        return
    if before < 0:
        onset = week - WINDOW + 1
        fold.marks = [*fold.marks, _mark(fold, "service_gap", onset, week, fold.stage, policy)]
        return
    for mark in fold.marks:
        if mark.kind == "service_gap" and mark.until < 0:
            mark.until = week


def _heed(fold: Fold, series: Series, index: int, policy: Policy, said: Settled) -> bool:
    """Have what people call normal learnt as such; returns whether there was anything to learn.

    A word is of the excursion that its alert was raised in: one that has begun since then is another matter.
    """
    week, heeded = series.start + index, False
    tests: tuple[tuple[Test, ShiftTest | CadenceTest], ...] = (
        ("shift", fold.shift),
        ("cadence", fold.cadence),
    )
    for name, test in tests:
        cusum = test.cusum
        no_risk = cusum.onset < said.before.get(name, -1)
        if cusum.total and (no_risk or (said.stays and cusum.crossed)):
            test.learn_again(week, index, series, policy)
            heeded = True
    if fold.stage == "lost" and (said.stays or fold.silence.since < said.before.get("silence", -1)):
        fold.silence.excuse(week)
        heeded = True
    return heeded


# Every reading's stage, asked of the one table once.
_STAGE_OF: dict[tuple[bool, ...], Stage] = {
    bits: stage_of(Reading(*bits)) for bits in product((False, True), repeat=5)
}


def _reading(fold: Fold, week: int, policy: Policy) -> tuple[bool, ...]:
    """The fields of a Reading, in their order."""
    shift, cadence = fold.shift.cusum, fold.cadence.cusum
    s_ready, d_ready = shift.threshold > 0, cadence.threshold > 0
    return (
        not (s_ready or d_ready),  # learning
        s_ready and 2 * shift.total >= shift.threshold,  # watching
        s_ready and shift.crossed,  # shifted
        d_ready and cadence.crossed,  # declining
        fold.silence.lost(week, policy),  # silent
    )


def _leader(fold: Fold, series: Series, week: int) -> LedBy:
    """Who decides: purchasing's shrunk share of the last 26 weeks, or of the shift under watch if younger."""
    first = week - LED_WINDOW + 1
    if fold.shift.cusum.half_way:
        first = max(first, fold.shift.cusum.onset)
    begin, end = max(0, first - series.start), week + 1 - series.start
    votes = sum(series.counts[DECIDERS][begin:end])
    if votes <= 0:  # nobody spoke: silence changes no leader
        return fold.led_by
    y = _LED_PRIOR[0] * VOTE + sum(series.counts[PURCHASING][begin:end])
    n = _LED_PRIOR[1] * VOTE + votes
    to_purchasing, to_shared = (5, 3) if fold.led_by == "development" else (5, 2)
    if fold.led_by == "purchasing":
        to_purchasing = 4
    if 10 * y >= to_purchasing * n:
        return "purchasing"
    return "shared" if 10 * y >= to_shared * n else "development"


def _enter(fold: Fold, stage: Stage, week: int, policy: Policy, *, heeded: bool) -> None:
    """Note the change of stage, end the alerts that no longer hold and begin the one that now does."""
    previous, fold.stage = fold.stage, stage
    fold.transitions = [*fold.transitions, StageChange(week, previous, stage)]
    for mark in fold.marks:
        if mark.until < 0 and mark.kind in STAGED and not holds(mark.kind, stage):
            mark.until = week
    kind = alert_kind(previous, stage)
    if kind is None or (heeded and kind == "recovered"):  # nothing has receded: a person has said so
        return
    onset = _onset(fold, kind, week)
    for mark in fold.marks:
        if (mark.kind, mark.onset) == (kind, onset):  # the same excursion came back: the same alert
            mark.until = -1
            return
    fold.marks = [*fold.marks, _mark(fold, kind, onset, week, previous, policy)]
    fold.shift.remember(week + 1, policy)
    fold.cadence.remember(week + 1, policy)


def _onset(fold: Fold, kind: Kind, week: int) -> int:
    shift, cadence = fold.shift.cusum.onset, fold.cadence.cusum.onset
    onsets: dict[Kind, int] = {
        "buying_centre_shift": shift,
        "decline": cadence,
        "at_risk": min(shift, cadence),
        "lost": fold.silence.since,
    }
    return onsets.get(kind, week)


def _mark(fold: Fold, kind: Kind, onset: int, week: int, previous: Stage, policy: Policy) -> Mark:
    shift, cadence = fold.shift.cusum, fold.cadence.cusum
    return Mark(
        kind=kind,
        onset=onset,
        week=week,
        stage=fold.stage,
        previous_stage=previous,
        led_by=fold.led_by,
        previously_led_by=led_by_at(fold, onset - 1),
        shift_onset=shift.onset,
        shift_parts=shift.parts,
        shift_clipped=shift.clipped,
        shift_by_line=fold.shift.by_line,
        cadence_onset=cadence.onset,
        cadence_parts=cadence.parts,
        cadence_clipped=cadence.clipped,
        alive=round(fold.silence.alive(policy), 6) if fold.silence.orders else 1.0,
        weeks_between=fold.silence.weeks_between,
    )


def led_by_at(fold: Fold, week: int) -> LedBy:
    """Who led the account at the end of a week, as its history tells."""
    earlier = [change for change in fold.leaders if change.week <= week]
    if earlier:
        return earlier[-1].after
    return fold.leaders[0].before if fold.leaders else fold.led_by


def led_since(fold: Fold, week: int) -> int | None:
    """The week from whose end on the leader of `week` has led; None where it led from the start."""
    return max((change.week for change in fold.leaders if change.week <= week), default=None)
