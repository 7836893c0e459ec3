"""What the report says in words, and how its axes are marked, for people who know no formula."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.fold import StageChange
from accounts.policy import Policy
from service.backtest import wording
from service.backtest.figures import _marks, curves, leads
from service.backtest.report import _receded
from service.backtest.run import Backtest, Curve, LostAccount, Point, Seen, _equal
from service.backtest.scores import Score

EVERYTHING = Seen(people=True, topics=True, contacts=True, lost_learning=0, lost_later=0)


def scored(losses: int, leads: list[int], after: list[int], *, false_alarms: int = 0) -> Score:
    in_time = sum(lead >= 8 for lead in leads)
    return Score(losses, in_time, leads, after, false_alarms, 100.0, false_alarms, 120.0)


def told(score: Score, **changes: Any) -> Backtest:
    found = Backtest(
        begin=datetime(2022, 1, 3, tzinfo=UTC),
        end=datetime(2025, 1, 6, tzinfo=UTC),
        events=1000,
        accounts=50,
        derived=False,
        turns=True,
        seen=EVERYTHING,
        unknown=[],
        budget=5.0,
        policy=Policy(),
        chosen=score,
        budgets=[Point(1.0, score), Point(5.0, score)],
        curves=[Curve("recency", "silence", [], None)],
        lost=[],
        allowed=5.0,
    )
    return found._replace(**changes)


def test_every_lost_account_is_accounted_for() -> None:
    """In time, late, after and never: the sentences leave nobody out."""
    first, others, price = wording.answer(
        told(scored(30, [20] * 12 + [3], [4, 6, 8] + [9] * 3, false_alarms=4))
    )
    assert "Of 30 accounts lost" in first
    assert "warned of 12 (40 %) at least 8 weeks before" in first
    assert others == (
        "Of the others, 1 was warned of later than that, 6 were noticed only after the loss, half of them "
        "within 8 weeks, and 11 were neither warned of nor noticed."
    )
    assert "4.0 false alarms a year per 100 accounts: about 2 a year in a portfolio of 50" in price


def test_nothing_warned_of_is_said_plainly() -> None:
    """No “0 (0 %)” and no “others” of none."""
    first, others, _ = wording.answer(told(scored(29, [], [])))
    assert "would have warned of none at least 8 weeks before" in first
    assert others == "29 were neither warned of nor noticed."
    assert wording.answer(told(scored(0, [], [])))[0].startswith("No account was lost")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"end": datetime(2023, 1, 2, tzinfo=UTC)}, "These are 52 weeks."),
        (
            {"seen": EVERYTHING._replace(lost_learning=30)},
            "All 30 lost accounts were lost within their first",
        ),
        ({"seen": EVERYTHING._replace(lost_learning=2)}, "2 of the 30 lost accounts were lost within"),
        ({"seen": EVERYTHING._replace(lost_later=1)}, "1 account was lost after the end of this data"),
        ({"seen": EVERYTHING._replace(people=False)}, "Nobody's function is known"),
        ({"seen": EVERYTHING._replace(topics=False)}, "No talk has a topic"),
        ({"seen": EVERYTHING._replace(contacts=False)}, "no talks and no tickets"),
        ({"chosen": scored(3, [9], [])}, "3 losses only"),
    ],
)
def test_what_the_data_cannot_show_is_said(changes: dict[str, Any], said: str) -> None:
    """Each lack by itself; a good past has none."""
    assert wording.cautions(told(scored(30, [], []))) == []
    (caution,) = wording.cautions(told(scored(30, [], []), **changes))
    assert said in caution


def test_a_rule_may_use_the_budget_up() -> None:
    """Where Turnsignal is silent, a rule that notices losses within the budget must not be hidden."""
    silent, noticing = Point(9, scored(30, [], [])), Point(5, scored(30, [], [1] * 20, false_alarms=4))
    crying = Point(1, scored(30, [], [1] * 30, false_alarms=9))
    assert _equal([silent, noticing, crying], 5.0) == noticing
    assert _equal([crying], 5.0) is None
    ours, rule = wording.rows(told(scored(30, [20] * 12, [4])))
    assert (ours.in_time, ours.late, ours.after) == ("12 of 30 (40 %)", "0", "1")
    assert rule.in_time == "says nothing here"


def test_a_warning_that_had_ended_before_the_loss_is_told_so() -> None:
    """A year-old warning that receded is worth less, and the reader must see it."""
    changes = [StageChange(100, "stable", "shifted"), StageChange(120, "shifted", "watch")]
    state: Any = SimpleNamespace(fold=SimpleNamespace(transitions=changes))
    lost = LostAccount("a", "A", 150, 49, None, None, state)
    assert _receded(lost, 101).startswith(" The signs had receded by ")
    assert _receded(lost._replace(lost=119), 101) == ""
    assert _receded(lost, 130) == ""


@pytest.mark.parametrize(
    ("most", "least", "marks"),
    [
        (112, 1, [0, 50, 100, 150]),
        (5, 1, [0, 1, 2, 3, 4, 5]),
        (1, 1, [0, 1]),
        (25.8, 1, [0, 10, 20, 30]),
        (0.72, 0.01, [0, 0.2, 0.4, 0.6, 0.8]),
    ],
)
def test_axes_are_marked_by_round_figures(most: float, least: float, marks: list[float]) -> None:
    """18 %, 35 %, 52 % would make a reader look for a meaning."""
    assert _marks(most, least) == pytest.approx(marks)


def test_figures_count_every_loss() -> None:
    """Bars for never and after, too; Turnsignal's budgets are named where they lie."""
    score = scored(30, [60, 20, 3], [4] * 7, false_alarms=4)
    bars = str(leads(told(score)))
    assert [f">{count}<" in bars for count in (20, 7, 1)] == [True] * 3
    drawn = str(curves(told(score)))
    assert drawn.count("<circle") == 2
    assert ">5</text>" in drawn


def test_why_false_alarms_are_not_the_budget_is_said() -> None:
    """Who sets five and gets nine asks why; chance needs no reason, and each reason has its case."""
    nine, six = scored(30, [], [], false_alarms=18), scored(30, [], [], false_alarms=7)
    assert wording.overrun(told(six)) is None
    known = wording.overrun(told(nine))
    assert known is not None
    assert known.startswith(
        "The budget is 5, and the false alarms were 18.0. The detector's thresholds come from"
    )
    assert "turned and stayed" in str(wording.overrun(told(nine, turns=False)))
    assert "ids are unknown" in str(wording.overrun(told(nine, unknown=["x"])))
    assert "another past" in str(wording.overrun(told(nine, policy=Policy(baseline_weeks=40))))
    none = scored(30, [], [])
    assert "turned and stayed" not in str(wording.overrun(told(none, turns=False)))


def test_the_rules_allowance_is_told_as_it_is() -> None:
    """The budget, or what Turnsignal itself raised where that is more."""
    assert wording.allowance(told(scored(30, [], []))) == (
        "Each rule is set to at most 5.0 false alarms, the budget."
    )
    nine = told(scored(30, [], [], false_alarms=9), allowed=9.0)
    assert wording.allowance(nine) == (
        "Each rule is set to at most 9.0 false alarms, as many as Turnsignal raised."
    )


def test_one_week_is_one_week() -> None:
    """Not “1 weeks”."""
    assert (wording.weeks(1.0), wording.weeks(0.6), wording.weeks(12.0)) == ("1 week", "1 week", "12 weeks")
