"""What a review has to tell: new, changed, over, or no longer true."""

from hypothesis import given

from accounts.events import CanonicalEvent
from accounts.fold import Mark
from consumers.reviewer import changed_marks
from tests.unit.accounts.builders import (
    ENGINEER,
    EVER,
    FIRST,
    HISTORY_WEEKS,
    STEADY,
    at,
    fold,
    histories,
    order,
    talk,
)


def marks(events: list[CanonicalEvent], weeks: int) -> list[Mark]:
    return fold(events, weeks).fold.marks


SILENT: list[CanonicalEvent] = [order(at(week)) for week in range(40)]
BACK: list[CanonicalEvent] = [order(at(week)) for week in range(52, 70)]


def test_the_same_marks_say_nothing() -> None:
    """A review that finds nothing new sends nothing."""
    assert changed_marks(marks(SILENT, 60), marks(SILENT, 60), EVER) == ([], [])
    assert changed_marks([], [], EVER) == ([], [])


def test_a_new_mark_is_told_once() -> None:
    """The week that raises it, and not the weeks after."""
    told = []
    before: list[Mark] = []
    for week in range(30, 61):
        after = marks(SILENT, week)
        new, gone = changed_marks(before, after, EVER)
        assert not gone
        told += [mark.kind for mark in new]
        before = after
    assert told == ["decline", "lost"]


def test_a_mark_that_ended_is_told_again_as_over() -> None:
    """Resolved is news; the alert keeps its name."""
    open_, over = marks(SILENT, 52), marks(SILENT + BACK, 70)
    new, gone = changed_marks(open_, over, EVER)
    assert not gone
    assert {mark.kind for mark in new if mark.until >= 0} >= {mark.kind for mark in open_}
    assert {(mark.kind, mark.onset) for mark in open_} <= {(mark.kind, mark.onset) for mark in new}


def test_a_mark_that_late_evidence_undoes_is_taken_back() -> None:
    """The orders were only late: nothing of the alarm stays."""
    late: list[CanonicalEvent] = [order(at(week)) for week in range(40, 60)]
    new, gone = changed_marks(marks(SILENT, 60), marks(SILENT + late, 60), EVER)
    assert new == []
    assert [mark.kind for mark in gone] == ["decline", "lost"]


@STEADY
@given(histories)
def test_what_is_told_leads_from_the_old_marks_to_the_new(events: list[CanonicalEvent]) -> None:
    """Whoever follows the messages ends with the marks of the state."""
    before = marks(events[::2], HISTORY_WEEKS)
    after = marks([*events, talk(at(30), ENGINEER, id="late")], HISTORY_WEEKS)
    new, gone = changed_marks(before, after, EVER)
    told = {(mark.kind, mark.onset): mark for mark in before}
    for mark in gone:
        del told[mark.kind, mark.onset]
    told |= {(mark.kind, mark.onset): mark for mark in new}
    assert told == {(mark.kind, mark.onset): mark for mark in after}


def test_a_mark_that_has_aged_out_is_not_taken_back() -> None:
    """It ended before what is kept, and is as true as ever; what still holds or ended later is not."""
    whole = marks(SILENT + BACK, 70)
    assert len(whole) > 1
    ended = max(mark.until for mark in whole)
    over = [mark for mark in whole if mark.until >= 0]
    assert changed_marks(over, [], ended + 1) == ([], [])
    assert changed_marks(over, [], ended) == ([], [mark for mark in over if mark.until == ended])
    holding = marks(SILENT, 60)
    assert changed_marks(holding, [], FIRST + 1000) == ([], holding)
