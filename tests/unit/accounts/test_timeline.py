"""The account's past as its picture shows it: the state's own figures, week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given

from accounts.account import AccountState, course, from_bytes
from accounts.evidence import DECIDERS, PURCHASING, VOTE
from accounts.feedback import Word
from accounts.timeline import BAR_WEEKS, WINDOW, Timeline, timeline
from accounts.weeks import week_of
from tests.unit.accounts.builders import (
    BUYER,
    ENGINEER,
    EVER,
    FIRST,
    QUICK,
    STEADY,
    at,
    fold,
    histories,
    history,
    opportunity,
    order,
    talk,
)

if TYPE_CHECKING:
    from accounts.policy import Policy


def of(state: AccountState, policy: Policy = QUICK, most_weeks: int = 156) -> Timeline:
    told = timeline(state, policy, most_weeks=most_weeks)
    assert told is not None
    return told


@STEADY
@given(histories)
def test_the_sums_end_where_the_state_stands(events: list[object]) -> None:
    """A picture must not tell another figure than the account's page; and drawing changes no state."""
    state = fold(events, 70)  # type: ignore[arg-type]
    before = state.to_bytes()
    told = of(state)
    assert state.to_bytes() == before
    assert told.as_judged
    for row, cusum in ((told.shift, state.fold.shift.cusum), (told.slowing, state.fold.cadence.cusum)):
        assert row[-1] == (cusum.total / cusum.threshold if cusum.ready else None)


def test_the_course_ends_in_the_state_s_own_fold_byte_for_byte() -> None:
    """All of it, also of a state whose oldest evidence has aged out, and with what people settled."""
    words = [Word(FIRST + 50, "not_a_risk", "buying_centre_shift", FIRST + 45)]
    for weeks, told in ((78, words), (420, []), (420, words)):
        state = fold(history(3, weeks), weeks, words=told)
        assert (state.early is not None) == (weeks > 400)
        last = [fold for _, fold in course(state, QUICK, told)][-1]
        assert msgspec.msgpack.encode(last) == msgspec.msgpack.encode(state.fold)


def test_other_numbers_are_owned_up_to() -> None:
    """After a new calibration the sums of the past are not those that the alerts were raised by."""
    state = fold(history(3), 70)
    assert state.fold.shift.cusum.total
    assert of(state).as_judged
    assert not of(state, msgspec.structs.replace(QUICK, false_alarms=1.0)).as_judged
    words = [Word(FIRST + 60, "not_a_risk", "buying_centre_shift", FIRST + 60)]
    settled = fold(history(3), 70, words=words)
    assert settled.to_bytes() != state.to_bytes()
    without, within = timeline(settled, QUICK), timeline(settled, QUICK, words)
    assert without is not None
    assert within is not None
    assert (without.as_judged, within.as_judged) == (False, True)


def test_each_week_s_sum_is_what_was_known_then() -> None:
    """The line of the past is not drawn by what came later."""
    events = history(3)
    told = of(fold(events, 70))
    for weeks in (30, 45, 60):
        then = of(fold(events, weeks))
        assert then.shift == told.shift[: len(then.shift)]
        assert then.seats == told.seats[: len(then.seats)]


def test_seats_are_of_the_last_quarter() -> None:
    """Purchasing beside the others and the talks with executives, as votes of thirteen weeks."""
    events = [talk(at(week), ENGINEER) for week in range(20)]
    events += [talk(at(week, 12), ENGINEER, BUYER) for week in range(20, 40)]
    state = fold(events, 40)
    told = of(state)
    assert told.seats[19]._asdict() == {"purchasing": 0.0, "others": 13.0, "executives": 0.0}
    assert told.seats[-1].purchasing == pytest.approx(6.5)
    assert told.share == 0.5
    assert told.seats[1].others == pytest.approx(2 * WINDOW / 4)  # a short time is told as a quarter's
    rows = state.series.counts
    whole = sum(rows[DECIDERS][-WINDOW:])
    assert told.share == pytest.approx(sum(rows[PURCHASING][-WINDOW:]) / whole)
    assert whole == WINDOW * VOTE


def test_orders_are_of_four_weeks_in_the_main_currency() -> None:
    """The last bar ends with the last week; without money orders are counted."""
    events = [order(at(week), currency="EUR") for week in (0, 8, 9, 10, 11)]
    events.append(order(at(10), currency="USD"))
    told = of(fold(events, 12))
    assert (told.currency, told.orders) == ("EUR", [1100.0, 0.0, 4400.0])
    assert len(told.orders) * BAR_WEEKS == 12
    assert of(fold([talk(at(0), ENGINEER)], 12)).currency is None


def test_bands_cover_every_week_once() -> None:
    """And the last one is the stage of now, however young."""
    for seed in range(30):
        state = fold(history(seed), 70)
        told = of(state, most_weeks=40)
        assert (told.first, told.end) == (FIRST + 30, FIRST + 70)
        assert told.stages[0].first == told.first
        assert told.stages[-1].end == told.end
        assert told.stages[-1].stage == told.stage == state.fold.stage
        assert all(a.end == b.first for a, b in zip(told.stages, told.stages[1:], strict=False))
        leads = [told.led_first, *(lead.led_by for lead in told.leads)]
        assert leads[-1] == told.led_by == state.fold.led_by


def test_events_that_matter_stand_in_their_week() -> None:
    """Alerts when they were raised; tenders and competitors, of several in a quarter the first."""
    events = [*history(3)]
    asked = [opportunity(at(week), f"o-{week}", BUYER, tender=True) for week in (5, 9, 30)]
    state = fold([*(talk(at(week), ENGINEER) for week in range(40)), *asked], 40)
    assert [(m.week - FIRST, m.kind) for m in of(state).moments] == [(5, "tender"), (30, "tender")]
    state = fold(events, 70)
    raised = {(mark.week + 1, mark.kind) for mark in state.fold.marks}
    assert raised
    assert raised <= set(of(state).moments)
    assert of(state).moments == sorted(of(state).moments)


def test_no_week_no_timeline() -> None:
    """An account whose first week has not closed."""
    assert timeline(AccountState(), QUICK) is None


def test_an_aged_state_tells_no_sums_of_weeks_that_it_cannot_judge_again() -> None:
    """What the early fold has learnt stays, how it came to be has gone."""
    state = from_bytes(fold(history(3, 420), 420).to_bytes())
    told = of(state, most_weeks=1000)
    assert state.reach is not None
    known = state.reach - told.first
    assert set(told.shift[:known]) == {None}
    assert None not in told.shift[known:]
    assert EVER < week_of(at(0)) < told.first
