"""The tally: the same in any order, true of what was taken away, and what the detector itself sees."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.policy import Policy
from service.coverage.findings import findings
from service.coverage.gaps import ALL_KINDS
from service.coverage.pieces import BY_NAME, PIECES, amount_of, missing
from service.coverage.report import figures, report
from service.coverage.signals import rows, signals
from service.coverage.signs import ORDER
from service.coverage.tally import Tally
from tests.unit.service.coverage.parts import event, made, order, talk, tally_of, with_gaps

BUYER = {"id": "p", "title": "Buyer"}
LINES = [{"sku": "S", "kind": "system", "quantity": 1, "unit_price": 10}]
SHARED = [piece.name for piece in PIECES if piece.of is not None]


def told(tally: Tally) -> dict[str, object]:
    """All that is told of a tally."""
    return figures(report(tally, Policy(), None))


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(100, 2000))
def test_order_does_not_matter(seed: int, size: int) -> None:
    """Events come from several topics and partitions: what is told of them must not depend on that."""
    some = list(made()[:size])
    shuffled = random.Random(seed).sample(some, len(some))
    assert told(tally_of(shuffled)) == told(tally_of(some))


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(SHARED), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])),
    st.sets(st.sampled_from(sorted(ALL_KINDS))),
)
def test_shares_lie_between_nothing_and_all(kept: dict[str, float], kinds: set[str]) -> None:
    """Whatever is missing, no share is below 0 or above 1, and no verdict fails for want of data."""
    tally = with_gaps(kept, kinds=frozenset(kinds))
    for row in rows(tally, Policy()):
        assert 0 <= row.share <= 1
        assert 0 <= row.share_of_accounts <= 1
    for piece in PIECES:
        amount = amount_of(piece, tally)
        assert 0 <= amount.having <= amount.of
        assert 0 <= amount.accounts_without <= amount.accounts


@pytest.mark.parametrize("piece", SHARED)
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7])
def test_what_is_taken_away_is_what_is_found(piece: str, kept: float) -> None:
    """The made portfolio with a share of a piece is measured to have that share: so the cost is of it."""
    usual, found = (amount_of(BY_NAME[piece], tally) for tally in (with_gaps({}), with_gaps({piece: kept})))
    assert usual.share
    if found.share is None:  # without any, nothing could have it: the accounts of the CRM are gone
        assert piece == "crm"
        return
    # People, opportunities and accounts are few, and what a few say comes in clusters.
    least = {"roles": 400, "deciders": 150, "basis": 150, "tender": 150, "closed_at": 150}.get(
        piece, found.of
    )
    error = 3.5 * (kept * (1 - kept) / min(found.of, least)) ** 0.5
    assert found.share / usual.share == pytest.approx(kept, abs=error + 1e-9)


@pytest.mark.parametrize("piece", [piece.name for piece in PIECES if piece.of is None])
def test_what_a_portfolio_lacks_altogether_is_missing(piece: str) -> None:
    """Competitors, orders and kinds are there or not; a portfolio without is told so."""
    assert missing(with_gaps({})) == []
    kinds = frozenset({"component"}) if piece == "kinds" else ALL_KINDS
    gone = missing(with_gaps({} if piece == "kinds" else {piece: 0.0}, kinds=kinds))
    assert piece in {each.name for each in gone}


def test_what_is_usual_is_what_made_portfolios_have() -> None:
    """The figures of the detection stand on that: less than it is a gap, whatever a simulator may become."""
    tally = tally_of(made(120, 182, 3))
    for piece in PIECES:
        assert amount_of(piece, tally).share == pytest.approx(piece.usual, abs=0.05), piece.name


def test_signals_are_called_as_alerts_call_them() -> None:
    """Every signal that a sum is made of has its row, under the name that an alert's evidence has."""
    policy = Policy()
    streams = {stream.signal for stream in policy.shift_streams}
    streams |= {stream.signal for stream in (*policy.engagement_streams, *policy.cadence_streams)}
    assert streams <= {signal.name for signal in signals(policy)}
    assert {name for signal in signals(policy) for name in signal.pieces} <= BY_NAME.keys()


def test_a_document_counts_once_and_by_all_its_versions() -> None:
    """An order that is changed twice is one order, and has the buyer that any of its versions names."""
    versions = [
        order(number=1),
        event("order.changed", order_id="o1", currency="EUR", lines=LINES, buyer=BUYER),
        event("order.delivered", order_id="o1"),
    ]
    tally = tally_of(versions)
    assert tally.count(ORDER) == 1
    assert amount_of(BY_NAME["buyer"], tally)[:2] == (1, 1)
    assert not any(finding.name == "unknown_orders" for finding in findings(tally, Policy()))


def test_an_average_does_not_hide_accounts_without_any() -> None:
    """Half of the orders have a buyer, but one account has all of these: the other has no baseline."""
    tally = tally_of(
        [
            *(order("a", n, buyer=BUYER) for n in range(0, 600, 20)),
            *(order("b", n) for n in range(0, 600, 20)),
        ]
    )
    amount = amount_of(BY_NAME["buyer"], tally)
    assert (amount.share, amount.accounts_without, amount.accounts) == (0.5, 1, 2)
    row = next(row for row in rows(tally, Policy()) if row.signal.name == "purchasing_share")
    assert (row.judged, row.accounts) == (1, 2)


def test_a_share_is_only_judged_after_its_baseline() -> None:
    """What has been fed for some weeks only cannot have been learnt: the account is not judged by it yet."""
    late = [talk(at=f"2025-06-{day:02}T10:00:00Z") for day in range(1, 20)]
    row = next(
        row
        for row in rows(tally_of([*(order(number=n) for n in range(0, 500, 20)), *late]), Policy())
        if row.signal.name == "price_talk"
    )
    assert row.share == 1
    assert (row.judged, row.verdict) == (0, "not at all")


def test_a_history_begins_with_its_first_week_whenever_that_comes() -> None:
    """Two years of talks that arrive the latest first are two years all the same."""
    talks = [talk(at=f"202{4 + n // 12}-{1 + n % 12:02}-08T10:00:00Z") for n in range(24)]
    for some in (talks, talks[::-1]):
        row = next(row for row in rows(tally_of(some), Policy()) if row.signal.name == "contacts_slowing")
        assert (row.judged, row.accounts, row.verdict) == (1, 1, "feeds it")


@pytest.mark.parametrize(
    ("given_", "loud"),
    [
        ({"topics": ["technical"]}, "no talk is about price"),
        ({"participants": [{"id": "p", "title": "Design Engineer"}]}, "nobody is from purchasing"),
    ],
)
def test_a_sign_that_is_never_seen_is_not_fed(given_: dict[str, Any], loud: str) -> None:
    """All talks have topics, but none is about price: a code list that forgets it, no silent market."""
    days = [f"202{4 + n // 12}-{1 + n % 12:02}-{day:02}T10:00:00Z" for n in range(20) for day in (3, 8, 15)]
    tally = tally_of([talk(at=at, **given_) for at in days])
    reasons = {row.reason: row.verdict for row in rows(tally, Policy())}
    assert reasons[loud] == "not at all"


def test_the_end_is_the_last_event_that_has_happened() -> None:
    """A mistyped year moves no clock, as in a replay; a portfolio made for years to come has its own."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    some = [talk(at=f"2025-06-{day:02}T10:{minute:02}:00Z") for day in range(1, 29) for minute in range(10)]
    tally = tally_of([*some, talk(at="2062-01-01T00:00:00Z")], now)
    assert tally.end == datetime(2025, 6, 28, 10, 9, tzinfo=UTC)
    assert tally.ahead == 1
    ahead = tally_of(some, datetime(2025, 1, 1, tzinfo=UTC))
    assert ahead.end == tally.end
