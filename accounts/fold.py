"""The fold: what a week of evidence makes of an account, and the alerts that it begins or ends."""

from collections.abc import Iterator, Mapping
from itertools import product

import msgspec

from accounts.alert import LedBy
from accounts.attention import WINDOW, Attention
from accounts.cadence import CadenceReading, CadenceTest, Silence
from accounts.champion import Champion, Departure
from accounts.evidence import DECIDERS, ORDERS, PURCHASING, VOTE
from accounts.feedback import Settled, Test
from accounts.policy import Policy
from accounts.series import REACH_WEEKS, Series
from accounts.shift import ShiftReading, ShiftTest, spoken
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
    shift: ShiftReading
    cadence: CadenceReading
    alive: float
    weeks_between: int  # weeks from order to order, as known then
    departure: Departure | None = None  # of a champion
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
    champion: Champion = msgspec.field(default_factory=Champion)


def fold_weeks(
    fold: Fold, series: Series, first: int, end: int, policy: Policy, said: Mapping[int, Settled]
) -> None:
    """Fold the weeks at `first` up to, not including, `end` of the series."""
    for _ in each_week(fold, series, first, end, policy, said):
        pass


def each_week(
    fold: Fold, series: Series, first: int, end: int, policy: Policy, said: Mapping[int, Settled]
) -> Iterator[int]:
    """The same a week at a time: the week's place in the series, once it is folded."""
    for index, lines in zip(range(first, end), spoken(series, first), strict=False):
        _step(fold, series, index, policy, said.get(series.start + index), lines)
        yield index


def _step(
    fold: Fold, series: Series, index: int, policy: Policy, said: Settled | None, lines: list[int]
) -> None:
    """Fold one week: the tests, who leads, the stage, and the alerts that the stage begins or ends."""
    week = series.start + index
    heeded = said is not None and _heed(fold, series, week, policy, said)
    fold.shift.step(week, index, series, policy, lines)
    season = fold.cadence.step(week, index, series.counts, policy)
    fold.silence.step(week, series.counts[ORDERS][index], season, policy)
    before = fold.led_by
    fold.led_by = _leader(fold, series, week)
    if fold.led_by != before:
        fold.leaders = [*fold.leaders, LeaderChange(week, before, fold.led_by)]
    stage = _STAGE_OF[_reading(fold, week, policy)]
    if stage != fold.stage:
        _enter(fold, stage, week, policy, heeded=heeded)
    _attend(fold, series, index, policy)


def _attend(fold: Fold, series: Series, index: int, policy: Policy) -> None:
    """Begin or end the alerts that stand beside the stage, of which they say nothing."""
    week, gap, gone = series.start + index, fold.attention.gap, fold.champion.departure
    fold.attention.step(week, index, series, policy)
    fold.champion.step(week, index, series, policy)
    now = fold.champion.departure
    if fold.attention.gap != gap:
        _turn(fold, "service_gap", week, week - WINDOW + 1, policy, begins=gap < 0)
    if now is not gone:
        _turn(fold, "champion_left", week, now.since if now else week, policy, begins=now is not None)


def _turn(fold: Fold, kind: Kind, week: int, onset: int, policy: Policy, *, begins: bool) -> None:
    if begins:
        fold.marks = [*fold.marks, _mark(fold, kind, onset, week, fold.stage, policy)]
        return
    for mark in fold.marks:
        if mark.kind == kind and mark.until < 0:
            mark.until = week


def _heed(fold: Fold, series: Series, week: int, policy: Policy, said: Settled) -> bool:
    """Have what people call normal learnt as such; returns whether there was anything to learn.

    A word is of the excursion that its alert was raised in: one that has begun since then is another matter.
    """
    heeded = False
    tests: tuple[tuple[Test, ShiftTest | CadenceTest], ...] = (
        ("shift", fold.shift),
        ("cadence", fold.cadence),
    )
    for name, test in tests:
        cusum = test.cusum
        no_risk = cusum.onset < said.before.get(name, -1)
        if cusum.total and (no_risk or (said.stays and cusum.crossed)):
            test.learn_again(week, series, policy)
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
        if (mark.kind, mark.onset) == (kind, onset) and week - mark.until <= REACH_WEEKS:
            mark.until = -1  # the same excursion came back: the same alert
            return
    onset = max(onset, week - REACH_WEEKS)  # of an older one the memory has aged out
    fold.marks = [*fold.marks, _mark(fold, kind, onset, week, previous, policy)]


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
    return Mark(
        kind=kind,
        onset=onset,
        week=week,
        stage=fold.stage,
        previous_stage=previous,
        led_by=fold.led_by,
        previously_led_by=led_by_at(fold, max(onset - 1, week - REACH_WEEKS)),
        shift=fold.shift.reading(),
        cadence=fold.cadence.reading(),
        alive=round(fold.silence.alive(policy), 6) if fold.silence.orders else 1.0,
        weeks_between=fold.silence.weeks_between,
        departure=fold.champion.departure if kind == "champion_left" else None,
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
