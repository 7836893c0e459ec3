"""What became of accounts, what the simple rules say of them, and what an alarm was worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from accounts.evidence import CONTACTS, COUNTS, ORDERS
from accounts.series import Series
from accounts.weeks import week_of
from service.backtest import outcomes, rules
from service.backtest.outcomes import Outcome
from service.backtest.scores import IN_TIME_WEEKS, LONGEST_LEAD, Score, alarms_of, score, thresholds
from service.failures import Failure
from tests.unit.accounts.builders import at

if TYPE_CHECKING:
    from pathlib import Path


def orders_in(*weeks: int, length: int, start: int = 0, contacts: int = 0) -> Series:
    """A series with an order in each of these weeks, and contacts in every one."""
    series = Series(start=start, length=length, counts=[[0] * length for _ in range(COUNTS)])
    for week in weeks:
        series.counts[ORDERS][week - start] = 1
    series.counts[CONTACTS] = [contacts] * length
    return series


def judged(raised: list[int], outcome: Outcome, length: int = 200, start: int = 0) -> Score:
    return score({"a": raised}, {"a": orders_in(length=length, start=start)}, {"a": outcome})


# -- outcomes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weeks", "length", "lost"),
    [
        ((0, 4, 8, 12), 39, 16),  # 26 weeks of silence, gaps of four: lost when the fifth was due
        ((0, 4, 8, 12), 38, None),  # a week less
        ((0, 4, 8), 100, None),  # three orders are no rhythm
        ((0, 20, 40, 60), 120, None),  # 59 weeks, but less than three of its own gaps
        ((0, 20, 40, 60), 121, 80),
        ((), 100, None),
    ],
)
def test_the_derived_rule_follows_the_account_s_own_gaps(
    weeks: tuple[int, ...], length: int, lost: int | None
) -> None:
    """Who orders twice a year is not lost after half a year."""
    assert outcomes.derived({"a": orders_in(*weeks, length=length)}) == {"a": Outcome(lost)}


def test_a_csv_tells_the_losses(tmp_path: Path) -> None:
    """As a spreadsheet saves it: a byte order mark, further columns, dates or moments."""
    file = tmp_path / "lost.csv"
    file.write_text("name,account_id,lost_on\nAcme,a,2022-01-05\n\nB,b,2022-01-12T09:00:00Z\n", "utf-8-sig")
    assert outcomes.read(file) == {"a": Outcome(week_of(at(0))), "b": Outcome(week_of(at(1)))}


def test_a_truth_file_tells_turns_too(tmp_path: Path) -> None:
    """What the simulator writes is read as it is."""
    file = tmp_path / "truth.jsonl"
    file.write_text('\n{"account_id": "a", "shift_at": "2022-01-03T00:00:00Z", "collapse_at": null}\n')
    assert outcomes.read(file) == {"a": Outcome(None, week_of(at(0)))}


def test_a_csv_with_semicolons_is_read_too(tmp_path: Path) -> None:
    """As spreadsheets save it where a comma is the decimal point."""
    file = tmp_path / "lost.csv"
    file.write_text("account_id;lost_on;name\na;2022-01-05;Acme, Ltd.\n")
    assert outcomes.read(file) == {"a": Outcome(week_of(at(0)))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,date\na,2022-01-01", "must name the columns account_id and lost_on"),
        ("", "must name the columns"),
        ("account,date\na,2022-01-01", "it reads 'account,date'"),
        ("account_id,lost_on\na", "2: '' is no date"),
        ("account_id,lost_on\na,spring", "2: 'spring' is no date; write 2024-05-31"),
        ("account_id,lost_on\n,2022-01-01", "2: account_id is empty"),
        ('{"account": 1}', "1: not a line of"),
        ("{]", "1: not a line of"),
    ],
)
def test_a_wrong_file_of_losses_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """Revenue operations must find the cell."""
    file = tmp_path / "lost.csv"
    file.write_text(text)
    with pytest.raises(Failure, match=said):
        outcomes.read(file)


def test_a_file_of_losses_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Missing, or not text."""
    with pytest.raises(Failure, match=r"cannot read .*lost\.csv: No such file"):
        outcomes.read(tmp_path / "lost.csv")
    (tmp_path / "lost.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match="not UTF-8"):
        outcomes.read(tmp_path / "lost.csv")


# -- rules ----------------------------------------------------------------------------------------------


def test_recency_is_silence_in_usual_gaps() -> None:
    """Nothing before the third order; then weeks since the last, by the median gap known so far."""
    said = rules.recency(orders_in(0, 4, 8, 18, length=30))
    assert np.isnan(said[:8]).all()
    assert said[[8, 10, 12, 17]].tolist() == [0, 0.5, 1, 2.25]
    assert said[[18, 22, 29]].tolist() == [0, 1, 2.75]


def test_activity_is_the_lack_against_the_year_before() -> None:
    """A quarter of silence after a steady year, in standard deviations of a Poisson count."""
    series = orders_in(length=100, contacts=2)
    series.counts[CONTACTS] = [2] * 80 + [0] * 20
    said = rules.activity(series)
    assert np.isnan(said[:64]).all()
    assert said[79] == pytest.approx(0)
    assert said[92] == pytest.approx(26 / math.sqrt(26))
    assert np.isnan(rules.activity(orders_in(length=100))).all()


def test_purchases_are_counted_as_the_model_has_them() -> None:
    """Repeat weeks, recency and age at the end of each week since the first order."""
    assert rules.purchases(orders_in(3, 5, length=8)) == [
        (0, 0, 0),
        (0, 0, 1),
        (1, 2, 2),
        (1, 2, 3),
        (1, 2, 4),
    ]
    assert rules.purchases(orders_in(length=8)) == []


def test_p_alive_falls_with_silence_and_says_nothing_before_the_first_order() -> None:
    """The score lies in each week where it belongs."""
    histories = {
        "steady": orders_in(*range(5, 60, 4), length=60),
        "gone": orders_in(*range(5, 30, 4), length=60),
        "silent": orders_in(length=60),
    }
    said = rules.unlikely_alive(histories)
    assert np.isnan(said["steady"][:5]).all()
    assert np.isnan(said["silent"]).all()
    assert said["gone"][59] > said["gone"][35] > said["steady"][59]
    assert np.isnan(rules.unlikely_alive({"silent": histories["silent"]})["silent"]).all()
    assert np.isnan(rules.unlikely_alive({"once": orders_in(3, length=9)})["once"]).all()


# -- scores ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "leads", "in_time", "after", "false"),
    [
        ([], [], 0, [], 0),
        ([100], [49], 1, [], 0),
        ([150 - IN_TIME_WEEKS - 1], [8], 1, [], 0),
        ([150 - IN_TIME_WEEKS], [7], 0, [], 0),
        ([149], [0], 0, [], 0),
        ([150], [], 0, [1], 0),
        ([100, 120, 160], [49], 1, [], 0),
        ([150 - LONGEST_LEAD - 1], [], 0, [], 1),
        ([150 - LONGEST_LEAD], [103], 1, [], 0),
        ([10, 155], [], 0, [6], 1),
    ],
)
def test_an_alarm_before_a_loss(
    raised: list[int], leads: list[int], in_time: int, after: list[int], false: int
) -> None:
    """In time, late, after, or so long before that it was about something else."""
    found = judged(raised, Outcome(lost=150))
    assert (found.leads, found.in_time, found.after, found.false_alarms) == (leads, in_time, after, false)
    assert found.losses == 1


def test_alarms_where_nothing_happened_are_false_and_after_a_turn_they_are_not() -> None:
    """A real shift that stays is no false alarm where the file tells of it."""
    assert judged([10, 90], Outcome()).false_alarms == 2
    found = judged([10, 90], Outcome(turned=50))
    assert found.false_alarms == 1
    assert found.quiet_years == pytest.approx(50 * 7 / 365.25)
    assert found.false_rate == pytest.approx(100 / found.quiet_years)
    assert judged([140], Outcome(lost=150, turned=145)).leads == []


def test_a_loss_after_the_end_of_the_data_is_no_loss_of_it() -> None:
    """A list that goes on makes no losses that nothing could have warned of, and no false alarms."""
    found = judged([10, 190], Outcome(lost=200))
    assert (found.losses, found.leads, found.false_alarms) == (0, [], 1)
    assert judged([190], Outcome(lost=199)).losses == 1


def test_the_median_lead_counts_those_never_warned_of_as_the_shortest() -> None:
    """A rule that warns of one account a year before must not look better than one that warns of all."""

    def leads(*found: int, losses: int) -> float | None:
        return Score(losses, 0, list(found), [], 0, 1.0, 0, 1.0).median_lead

    assert leads(30, 20, 10, losses=3) == 20
    assert leads(30, 20, losses=4) is None
    assert leads(30, 20, losses=3) == 20
    assert leads(losses=0) is None


def test_an_alarm_is_raised_once_until_the_score_has_fallen() -> None:
    """Weeks in a row above the threshold are one alarm; NaN is below it."""
    said = {"a": np.array([np.nan, 2, 3, 1, np.nan, 2, 2])}
    assert alarms_of(said, 2, {"a": 10}) == {"a": [11, 15]}
    assert thresholds({"a": np.array([np.nan])}) == []
    assert thresholds(said) == sorted(thresholds(said), reverse=True)
