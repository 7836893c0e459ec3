"""Gathers an account's dossier from its state and its events."""

from collections.abc import Iterable

from accounts import cadence, outlook, shift
from accounts.account import AccountState
from accounts.advice import NO_ADVICE, Advice
from accounts.alert import Evidence, Play
from accounts.card import card_of
from accounts.cusum import Cusum
from accounts.dossier import (
    Dossier,
    LeaderFrom,
    LineReading,
    Raised,
    Rate,
    RhythmReading,
    Share,
    ShareReading,
    SilenceReading,
    StageFrom,
    TestReading,
)
from accounts.engagement import ENGAGEMENT_ROWS
from accounts.events import AccountChanged, CanonicalEvent
from accounts.evidence import VOTE
from accounts.explanation import explain
from accounts.fold import Mark, led_since
from accounts.plays import choose
from accounts.policy import MICRO, Policy
from accounts.series import REACH_WEEKS
from accounts.value import value_at
from accounts.weeks import start_of, week_of

LATELY = 26  # weeks that "now" covers where a sum is zero; else those since it left zero


def inquire(
    account_id: str,
    state: AccountState,
    events: Iterable[CanonicalEvent],
    policy: Policy,
    advice: Advice = NO_ADVICE,
) -> Dossier:
    """What decided the stage of a state; `events` are the account's, each once. The state has weeks."""
    fold, series = state.fold, state.series
    week = series.end - 1
    known = [event for event in events if week_of(event.time) <= week]
    evidence = explain(_as_of_now(state, policy), state, known, policy)
    said = {piece.signal: piece for piece in evidence}
    changes = fold.transitions
    since = led_since(fold, week)
    rhythms = (*policy.engagement_streams, *policy.cadence_streams)
    streams = {s.signal for s in policy.shift_streams} | {s.signal for s in rhythms}
    return Dossier(
        account_id=account_id,
        account=card_of(event for event in known if isinstance(event, AccountChanged)),
        known_to=start_of(series.end),
        stage=fold.stage,
        stage_since=start_of(changes[-1].week + 1 if changes else series.start),
        because=outlook.BECAUSE[fold.stage],
        led_by=fold.led_by,
        led_by_since=None if since is None else start_of(since + 1),
        tests=[_test("shift", fold.shift.cusum), _test("cadence", fold.cadence.cusum)],
        shares=_shares(state, said, policy),
        lines=_lines(state),
        rhythms=[*_engagement(state, said, policy), *_rhythms(state, said, policy)],
        silence=_silence(state, policy),
        besides=[piece for piece in evidence if piece.signal not in {*streams, "clipped", "product_lines"}],
        value=value_at(series, week, fold.stage, advice.valuation),
        alerts=[_raised(mark) for mark in fold.marks],
        play=_play(state, known, policy, advice),
        transitions=[StageFrom(start_of(c.week + 1), c.before, c.after) for c in changes],
        leaders=[LeaderFrom(start_of(c.week + 1), c.before, c.after) for c in fold.leaders],
        would_change=outlook.would_change(fold, week, policy),
    )


def _as_of_now(state: AccountState, policy: Policy) -> Mark:
    """The sums as they stand, in the form in which alerts explain theirs."""
    fold, week = state.fold, state.series.end - 1
    s, d = fold.shift.cusum, fold.cadence.cusum
    onsets = [cusum.onset for cusum in (s, d) if cusum.total]
    return Mark(
        kind="at_risk",
        onset=min([*onsets, week + 1 - LATELY]),
        week=week,
        stage=fold.stage,
        previous_stage=fold.stage,
        led_by=fold.led_by,
        previously_led_by=fold.led_by,
        shift=fold.shift.reading(),
        cadence=fold.cadence.reading(),
        alive=round(fold.silence.alive(policy), 6) if fold.silence.orders else 1.0,
        weeks_between=fold.silence.weeks_between,
    )


def _test(name: str, cusum: Cusum) -> TestReading:
    threshold = cusum.threshold / MICRO if cusum.ready else None
    return TestReading(
        test=name,
        sum=cusum.total / MICRO,
        threshold=threshold,
        clears_below=None if threshold is None else threshold / 2,
        crossed=cusum.ready and cusum.crossed,
        since=start_of(cusum.onset) if cusum.total else None,
        clipped=cusum.clipped / MICRO,
    )


def _now(state: AccountState, cusum: Cusum) -> int:
    """The first week of "now"."""
    since = cusum.onset if cusum.total else state.series.end - LATELY
    return max(since, state.series.start, state.series.end - 1 - REACH_WEEKS)


def _shares(state: AccountState, said: dict[str, Evidence], policy: Policy) -> list[ShareReading]:
    test, series = state.fold.shift, state.series
    first = _now(state, test.cusum)
    found = []
    for index, (y_row, n_row) in enumerate(shift.STREAM_ROWS):
        signal, judged = policy.shift_streams[index].signal, test.judged(index)
        usual_for, usual, usual_weeks = test.usual(index)
        piece = said.get(signal)
        y, n = (max(0, series.total(row, first, series.end - 1, judged)) for row in (y_row, n_row))
        found.append(
            ShareReading(
                signal=signal,
                nats=test.cusum.parts[index] / MICRO,
                before=_share(usual_for, usual, usual_weeks),
                now=_share(y, n, series.end - first),
                since=start_of(first),
                learning=not any(line[index].ready for line in test.lines),
                text=piece.text if piece else "",
                distinct_people=int(piece.numbers["people"]) if piece else 0,
                people=piece.people if piece else [],
                event_ids=piece.event_ids if piece else [],
            )
        )
    return found


def _lines(state: AccountState) -> list[LineReading]:
    """Nothing where the account is of one line."""
    test, series = state.fold.shift, state.series
    if not series.by_line:
        return []
    week, found = series.end - 1, []
    worths = series.worths(week - shift.WORTH_WEEKS + 1, week)
    for place, name in enumerate(series.lines):
        baselines = test.lines[place] if place < len(test.lines) else []
        first = min((b.first for b in baselines if b.first >= 0), default=None)
        found.append(
            LineReading(
                line=name,
                since=None if first is None else start_of(first),
                learning=not any(b.ready for b in baselines),
                nats=(test.by_line[place] if place < len(test.by_line) else 0) / MICRO,
                worth=worths[place] / sum(worths) if any(worths) else None,
            )
        )
    return found


def _share(y: int, n: int, weeks: int) -> Share:
    return Share(min(1.0, max(0, y) / n) if n > 0 else None, max(0, n) / VOTE, weeks)


def _engagement(state: AccountState, said: dict[str, Evidence], policy: Policy) -> list[RhythmReading]:
    test, series = state.fold.shift, state.series
    first = _now(state, test.cusum)
    weeks = series.end - first
    found = []
    for stream, rhythm in enumerate(test.engagement.rhythms):
        signal = policy.engagement_streams[stream].signal
        piece = said.get(signal)
        came = max(0, series.total(ENGAGEMENT_ROWS[stream], first, series.end - 1))
        found.append(
            RhythmReading(
                signal=signal,
                nats=test.cusum.parts[shift.STREAMS + stream] / MICRO,
                before=Rate(rhythm.rate if rhythm.weeks else None, rhythm.weeks),
                now=Rate(came / max(1, weeks), weeks),
                since=start_of(first),
                learning=not rhythm.ready,
                text=piece.text if piece else "",
            )
        )
    return found


def _rhythms(state: AccountState, said: dict[str, Evidence], policy: Policy) -> list[RhythmReading]:
    test, series = state.fold.cadence, state.series
    first = _now(state, test.cusum)
    weeks = series.end - first
    found = []
    for index, row in enumerate(cadence.STREAM_ROWS):
        rhythm, signal = test.rhythms[index], policy.cadence_streams[index].signal
        piece = said.get(signal)
        found.append(
            RhythmReading(
                signal=signal,
                nats=test.cusum.parts[index] / MICRO,
                before=Rate(rhythm.rate if rhythm.weeks else None, rhythm.weeks),
                now=Rate(max(0, series.total(row, first, series.end - 1)) / max(1, weeks), weeks),
                since=start_of(first),
                learning=not rhythm.ready,
                text=piece.text if piece else "",
            )
        )
    return found


def _silence(state: AccountState, policy: Policy) -> SilenceReading:
    silence, week = state.fold.silence, state.series.end - 1
    if not silence.orders:
        return SilenceReading(None, None, None, None, policy.alive_below)
    between = silence.weeks_between if silence.orders > 1 else None
    return SilenceReading(
        start_of(silence.last), week - silence.last, between, silence.alive(policy), policy.alive_below
    )


def _play(state: AccountState, known: list[CanonicalEvent], policy: Policy, advice: Advice) -> Play | None:
    holding = [mark for mark in state.fold.marks if mark.until < 0 and mark.kind != "recovered"]
    if not holding:
        return None
    mark = holding[-1]
    evidence = explain(mark, state, known, policy)
    return choose(advice.plays, mark.kind, mark.stage, evidence[0].signal if evidence else "")


def _raised(mark: Mark) -> Raised:
    until = None if mark.until < 0 else start_of(mark.until + 1)
    return Raised(mark.kind, start_of(mark.onset), start_of(mark.week + 1), until)
