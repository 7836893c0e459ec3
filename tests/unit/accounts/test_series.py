"""The rows of evidence: dense, bounded, and the same however they were grown."""

from hypothesis import given
from hypothesis import strategies as st

from accounts.evidence import CONTACTS, TALKS, VOTE_ROWS, Contribution
from accounts.series import MOST_LINES, WORTH, Series
from accounts.sums import Week
from tests.unit.accounts.builders import STEADY


def week_with(contacts: int = 0, talks: dict[str, int] | None = None, line: str = "", **money: int) -> Week:
    week = Week()
    week.add(Contribution(((CONTACTS, contacts),)))
    for product_line, votes in (talks or {}).items():
        week.add(Contribution(((TALKS, votes),), product_line))
    for currency, amount in money.items():
        week.add(Contribution(money=amount, currency=currency, line=line))
    return week


LINE = st.sampled_from(["", *"abcdefghij"])
WEEKS = st.dictionaries(
    st.integers(0, 30),
    st.builds(
        week_with,
        st.integers(0, 3),
        st.dictionaries(LINE, st.integers(-1, 2), max_size=3),
        LINE,
        EUR=st.integers(-2, 2),
        USD=st.integers(-2, 2),
    ),
    max_size=12,
)


@STEADY
@given(WEEKS, st.lists(st.integers(0, 31), max_size=5), st.integers(0, 31))
def test_growing_and_cutting_leaves_no_trace(weeks: dict[int, Week], stops: list[int], cut: int) -> None:
    """Rows that were cut back for a late event and grown again are the rows grown at once."""
    at_once = Series()
    at_once.extend(weeks, 31)
    grown = Series()
    for stop in sorted(stops):
        grown.extend({week: sums for week, sums in weeks.items() if week >= grown.end}, stop)
    grown.extend({week: sums for week, sums in weeks.items() if week >= grown.end}, 31)
    assert grown == at_once
    assert len(grown.lines) <= MOST_LINES
    if grown.by_line:
        for row, whole in enumerate(grown.counts[:VOTE_ROWS]):
            assert [sum(week) for week in zip(*(line[row] for line in grown.by_line), strict=True)] == whole
    grown.truncate(cut)
    grown.extend({week: sums for week, sums in weeks.items() if week >= min(cut, grown.end)}, 31)
    assert grown == at_once


def test_rows_begin_with_the_first_evidence_and_hold_silence_as_zeros() -> None:
    """A silent week is evidence too."""
    series = Series()
    series.extend({5: week_with(1), 8: week_with(2)}, 10)
    assert (series.start, series.length, series.end) == (5, 5, 10)
    assert series.counts[CONTACTS] == [1, 0, 0, 2, 0]
    assert series.total(CONTACTS, 0, 7) == 1
    assert series.total(CONTACTS, 6, 99) == 2
    assert series.total(CONTACTS, 0, 4) == 0


def test_absurd_sums_stay_small_integers() -> None:
    """One absurd claim must not overflow a column and stop the review of everyone else."""
    series = Series()
    series.extend({0: week_with(10**30, EUR=10**30), 1: week_with(1, EUR=-(10**30))}, 2)
    assert series.counts[CONTACTS] == [10**17, 1]
    assert series.money["EUR"] == [10**17, -(10**17)]


def test_the_main_currency_is_the_largest_of_the_window_and_never_a_sum_of_several() -> None:
    """Dollars and yen are not added."""
    series = Series()
    series.extend({0: week_with(USD=900), 4: week_with(EUR=500, JPY=400), 6: week_with(CHF=5)}, 8)
    assert series.main_currency(0, 7) == ("USD", 900)
    assert series.main_currency(3, 7) == ("EUR", 500)
    assert series.main_currency(5, 5) == ("USD", 0)
    assert Series().main_currency(0, 5) is None


def test_the_main_currency_of_a_week_knows_no_later_one() -> None:
    """The figure under an old alert must not change when the customer begins to pay in another currency."""
    series = Series()
    series.extend({0: week_with(1), 3: week_with(USD=-5), 6: week_with(AUD=7)}, 8)
    assert series.main_currency(0, 2) is None
    assert series.main_currency(0, 5) == ("USD", -5)
    assert series.main_currency(0, 7) == ("AUD", 7)


def test_a_line_s_worth_is_of_the_first_currency() -> None:
    """Two currencies of one line are not added."""
    series = Series()
    weeks = {
        0: week_with(line="a", EUR=7),
        1: week_with(line="b", EUR=2, USD=50),
        2: week_with(line="a", EUR=1),
    }
    series.extend(weeks, 3)
    assert [line[WORTH] for line in series.by_line] == [[7, 0, 1], [0, 2, 0]]
    assert series.worths(0, 9) == [8, 2]
    assert series.worths(2, 2) == [1, 0]


def test_further_lines_count_with_what_names_none() -> None:
    """However many product lines events name, an account has eight rows of them at most."""
    series = Series()
    series.extend({week: week_with(talks={f"line {week:02}": 1}) for week in range(12)}, 12)
    assert series.lines == [*(f"line {week:02}" for week in range(7)), ""]
    assert series.by_line[7][TALKS] == [0] * 7 + [1] * 5


def test_money_that_comes_to_nothing_leaves_no_trace() -> None:
    """What one line pays and another gives back in the same week: the same bytes, folded once or twice."""
    weeks = {0: week_with(1), 1: Week(), 3: week_with(2)}
    weeks[1].money = {("XTS", "a"): 5, ("XTS", "b"): -5}
    once, twice = Series(), Series()
    once.extend(weeks, 5)
    twice.extend(weeks, 5)
    twice.truncate(3)
    twice.extend({3: weeks[3]}, 5)
    assert once == twice
    assert once.money == {}
