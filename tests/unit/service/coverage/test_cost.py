"""What gaps cost: nothing without gaps, the same each time, and more for what the detector stands on."""

from io import StringIO

import pytest
from rich.console import Console

from accounts.policy import Policy
from service.coverage.cost import Cost, cost
from service.coverage.pieces import missing
from service.coverage.report import report
from service.coverage.screen import show
from tests.unit.service.coverage.parts import with_gaps

ACCOUNTS = 120


def cost_of(kept: dict[str, float], seed: int = 1) -> Cost:
    """What lacking so much costs, on few accounts."""
    return cost(with_gaps(kept), Policy(), ACCOUNTS, seed=seed)


@pytest.fixture(scope="module")
def nobody_named() -> Cost:
    """Talks name nobody, orders no product line."""
    return cost_of({"participants": 0.0, "product_line": 0.0})


def test_no_gaps_cost_nothing() -> None:
    """Data as good as the made portfolio's own is judged alike, account by account."""
    assert not missing(with_gaps({}))
    found = cost_of({})
    assert found.found == found.whole
    assert (found.loss.points, found.loss.seen, found.mended) == (0, False, [])


def test_who_takes_part_is_worth_more_than_product_lines(nobody_named: Cost) -> None:
    """The large gap costs, is told first, and is what mending it wins back; the small one is chance."""
    assert nobody_named.loss.seen
    assert nobody_named.loss.points > 5
    first, second = nobody_named.mended
    assert (first.piece, second.piece) == ("participants", "product_line")
    assert first.gain.seen
    assert first.gain.low <= first.gain.points <= first.gain.high
    assert not second.gain.seen
    warned = nobody_named.found.in_time + round(first.gain.points * first.score.losses / 100)
    assert first.score.in_time == warned
    assert first.score.losses == nobody_named.whole.losses


def test_the_same_seed_gives_the_same_cost(nobody_named: Cost) -> None:
    """A number that changes from run to run would be taken for a change of the data."""
    again = cost_of({"participants": 0.0, "product_line": 0.0})
    assert again == nobody_named


def test_the_large_effect_holds_for_other_seeds() -> None:
    """Which made accounts there happen to be must not turn the ranking round."""
    for seed in (2, 3):
        first, *others = cost_of({"talks": 0.0, "tender": 0.0}, seed).mended
        assert first.piece == "talks"
        assert first.gain.seen
        assert first.gain.low > max(other.gain.points for other in others)


def test_a_portfolio_without_crm_is_given_its_gap() -> None:
    """Where no account could have talks, all made accounts lose their CRM: that is the whole cost."""
    found = cost_of({"crm": 0.0})
    assert found.loss.seen
    assert found.found.in_time < found.whole.in_time


def test_no_difference_seen_is_not_said_to_be_harmless(nobody_named: Cost) -> None:
    """What other signals make up for on a made portfolio may be all that somebody's data has."""
    tally = with_gaps({"participants": 0.0, "product_line": 0.0})
    console = Console(file=StringIO(), width=80, record=True)
    show(report(tally, Policy(), nobody_named), console)
    told = " ".join(console.export_text().split())
    assert "no difference seen beyond chance" in told
    assert told.count("on a made portfolio other signals tell of the same losses") == 1
