"""The chain of lifetime value: its closed form, and what a portfolio teaches it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.chain import MADE, STATES, Chain, lifetime_years, solve
from accounts.chain_counts import PRIOR_QUARTERS, Counts, counts_of
from accounts.evidence import COUNTS
from accounts.fold import Fold, StageChange
from accounts.series import Series
from accounts.stages import Stage
from tests.unit.accounts.builders import STEADY

HALF = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def simple(stay: float, discount_shares: tuple[float, ...] = (1.0, 0, 0, 0, 0, 0)) -> Chain:
    """Stable stays with `stay`, else it is lost; all others are lost at once."""
    return Chain(((stay, 0.0, 0.0, 0.0, 0.0, 1 - stay), HALF, HALF, HALF, HALF, HALF), discount_shares)


def summed(transitions: list[list[float]], reward: list[float], keep: float, terms: int) -> list[float]:
    """Σ keepᵗ Pᵗ R, term by term."""
    value = [0.0] * len(reward)
    for _ in range(terms):
        value = [
            gain + keep * sum(p * worth for p, worth in zip(row, value, strict=True))
            for gain, row in zip(reward, transitions, strict=True)
        ]
    return value


def test_two_states_by_hand() -> None:
    """A quarter's orders now, and with 0.9 again and again: 1 / (1 − 0.9·v) quarters, v = 1.1^(−1/4)."""
    by_hand = 1 / (1 - 0.9 * 0.97645421) / 4
    stable, *others = lifetime_years(simple(0.9), 0.1)
    assert stable == pytest.approx(by_hand, rel=1e-6)
    assert others == [0.0] * 5


def test_the_catalogue_of_pfeifer_and_carraway() -> None:
    """Their example: recency 1 to 4 and former, NC = 40, M = 4, d = 20 %; against its own series."""
    again = [0.3, 0.2, 0.15, 0.05]
    transitions = [[0.0] * 5 for _ in range(5)]
    for recency, p in enumerate(again):
        transitions[recency][0] = p
        transitions[recency][recency + 1] = 1 - p
    transitions[4][4] = 1.0
    reward = [36.0, -4.0, -4.0, -4.0, 0.0]
    matrix = [[float(i == j) - transitions[i][j] / 1.2 for j in range(5)] for i in range(5)]
    value = solve(matrix, reward)
    assert value == pytest.approx(summed(transitions, reward, 1 / 1.2, 500))
    assert value == pytest.approx([52.32, 5.55, 1.25, -1.82, 0.0], abs=0.005)


def test_a_pivot_of_nothing_is_no_obstacle() -> None:
    """Rows change places where they must."""
    assert solve([[0.0, 1.0], [2.0, 1.0]], [3.0, 5.0]) == pytest.approx([1.0, 3.0])


def test_the_graver_the_state_the_less_it_is_worth() -> None:
    """The built-in chain puts accounts in the order in which owners should call."""
    years = lifetime_years(MADE, 0.1)
    assert list(years) == sorted(years, reverse=True)
    assert years[-1] == 0


@STEADY
@given(st.floats(0.01, 0.5), st.floats(0.5, 1.0))
def test_more_discount_or_less_ordering_is_worth_less(rate: float, part: float) -> None:
    """In every state."""
    less = Chain(MADE.transitions, tuple(part * share for share in MADE.shares))
    for one, other in (
        (lifetime_years(MADE, rate), lifetime_years(MADE, rate + 0.1)),
        (lifetime_years(MADE, rate), lifetime_years(less, rate)),
    ):
        assert all(a >= b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        ({"transitions": [[1.0]], "shares": [1.0]}, "6 rows"),
        ({"transitions": [[0.5, 0, 0, 0, 0, 0.4], *[HALF] * 5], "shares": [1] * 6}, "together 1"),
        ({"transitions": [[1.5, 0, 0, 0, 0, -0.5], *[HALF] * 5], "shares": [1] * 6}, "at least 0"),
        ({"transitions": [*[HALF] * 5, (1.0, 0, 0, 0, 0, 0)], "shares": [1] * 6}, "lost is never left"),
        ({"transitions": [HALF] * 6, "shares": [-1, *[0] * 5]}, "a share of orders"),
    ],
)
def test_what_is_no_chain_is_refused(chain: dict[str, object], said: str) -> None:
    """A calibration that somebody edited must not value a portfolio."""
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(chain, Chain)


def history(quarters: list[int], *changes: tuple[int, Stage], currency: str = "EUR") -> tuple[Series, Fold]:
    """An account with so much a quarter, all in its first week, and stages from weeks on."""
    row = [amount if week == 0 else 0 for amount in quarters for week in range(13)]
    before: Stage = "stable"
    told = []
    for week, stage in changes:
        told.append(StageChange(week, before, stage))
        before = stage
    counts = [[0] * len(row) for _ in range(COUNTS)]
    series = Series(length=len(row), counts=counts, money={currency: row}, met={currency: 0})
    return series, Fold(stage=before, transitions=told)


def test_moves_and_orders_are_counted_a_quarter_at_a_time() -> None:
    """Six stable quarters, then shifted with half the orders, then lost."""
    counts = counts_of([history([100] * 6 + [50, 50, 0, 0], (70, "shifted"), (100, "lost"))])
    names = dict(enumerate(STATES))
    moves = {(names[i], names[j]): n for i, row in enumerate(counts.moves) for j, n in enumerate(row) if n}
    assert moves == {
        ("stable", "stable"): 4,
        ("stable", "shifted"): 1,
        ("shifted", "shifted"): 1,
        ("shifted", "lost"): 1,
        ("lost", "lost"): 2,
    }
    assert counts.quarters == [5, 0, 2, 0, 0, 2]
    assert counts.shares == pytest.approx([5.0, 0, 2 * 0.5, 0, 0, 0])


def test_a_lost_account_that_came_back_was_not_lost() -> None:
    """The chain never leaves lost: a silence that ended is counted as what it was before."""
    passing = history([100] * 8, (20, "declining"), (40, "lost"), (60, "stable"))
    counts = counts_of([passing])
    assert sum(counts.moves[-1]) == sum(row[-1] for row in counts.moves) == 0
    assert counts.moves[3][3] >= 1


def test_few_quarters_move_the_prior_a_little_and_many_replace_it() -> None:
    """What a small portfolio has not seen stays as it was made."""
    assert Counts().chain() == Chain(MADE.transitions, MADE.shares)
    stays = history([100] * 40)
    few, many = counts_of([stays]), counts_of([stays] * 100)
    prior = MADE.transitions[0][0]
    expected = (39 + PRIOR_QUARTERS * prior) / (39 + PRIOR_QUARTERS)
    assert few.chain().transitions[0][0] == pytest.approx(expected, abs=1e-3)
    assert many.chain().transitions[0][0] > 0.999
    assert many.chain().transitions[2] == MADE.transitions[2]


def test_size_and_currency_of_an_account_do_not_matter() -> None:
    """Each account is compared with itself."""
    small = history([100] * 6 + [50, 50, 0, 0], (70, "shifted"), (100, "lost"))
    large = history([10**6] * 6 + [5 * 10**5] * 2 + [0, 0], (70, "shifted"), (100, "lost"), currency="JPY")
    assert counts_of([small]).chain() == counts_of([large]).chain()
