"""What each event adds to its week, checked against a second, plainer way of counting."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from accounts.events import CanonicalEvent, OrderChanged, OrderPlaced, document_of
from accounts.evidence import MONEY, NOTHING, VOTE, contribution_of, in_money_units, in_order, weekly
from accounts.weeks import start_of, week_of
from tests.unit.accounts.builders import (
    BUNDLE,
    BUYER,
    ENGINEER,
    EVER,
    FIRST,
    HISTORY_WEEKS,
    PARTS,
    STEADY,
    at,
    cancelled,
    card,
    changed,
    contact,
    delivered,
    fold,
    histories,
    opportunity,
    order,
    person,
    talk,
    ticket,
)


def said(*events: CanonicalEvent, from_week: int = EVER) -> dict[int, tuple[list[int], dict[str, int]]]:
    """Each week's counts and money, weeks counted as the tests do."""
    weeks = weekly(events, from_week)
    return {week - FIRST: (sums.counts, sums.money) for week, sums in weeks.items()}


def money(units: int, currency: str = "EUR") -> dict[str, int]:
    return {currency: units * MONEY}


# -- one event ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "vote"),
    [
        ([], (0, 0)),
        ([ENGINEER], (0, VOTE)),
        ([BUYER], (VOTE, VOTE)),
        ([BUYER, ENGINEER], (500, VOTE)),
        ([BUYER, BUYER, ENGINEER], (500, VOTE)),
        ([BUYER, person("b2", "purchasing"), ENGINEER], (667, VOTE)),
        ([BUYER, person("x", "other"), person("y", None)], (VOTE, VOTE)),
        ([person("x", "other")], (0, 0)),
        ([person("ours", "purchasing", side="vendor"), ENGINEER], (0, VOTE)),
        ([BUYER, person("f", "finance"), person("e", "executive"), person("o", "operations")], (250, VOTE)),
    ],
)
def test_one_event_is_one_vote_of_the_customer_s_known_people(people: list[Any], vote: Any) -> None:
    """A meeting with ten guests must not outweigh ten talks, and our own people do not vote."""
    assert contribution_of(talk(at(0), *people))[:2] == vote
    assert contribution_of(opportunity(at(0), "d", *people))[:2] == vote


@pytest.mark.parametrize(
    ("topics", "price"),
    [
        ([], (0, 0)),
        (["price"], (VOTE, VOTE)),
        (["terms"], (0, VOTE)),
        (["price", "technical"], (500, VOTE)),
        (["price", "price", "technical"], (500, VOTE)),
        (["price", "technical", "roadmap"], (333, VOTE)),
    ],
)
def test_price_is_a_share_of_distinct_topics(topics: list[Any], price: tuple[int, int]) -> None:
    """A topic ticked twice is talked about once."""
    assert contribution_of(talk(at(0), topics=topics))[2:4] == price


@pytest.mark.parametrize(
    ("lines", "unbundled"),
    [
        ([("system", 1, 900), ("service", 1, 100)], 0),
        ([("component", 1, 250), ("system", 1, 650), ("service", 1, 100)], 250),
        ([("component", 3, 10)], VOTE),
        ([("system", 1, 10)], VOTE),
        ([("service", 1, 10)], 0),
        ([("component", 1, 100), ("service", -1, 50)], VOTE),
        ([("component", -1, 50), ("service", 1, 100)], 0),
    ],
)
def test_unbundling_is_a_share_of_the_order_s_value(lines: list[Any], unbundled: int) -> None:
    """Components, and systems bought without service, by value and never beyond the whole."""
    assert contribution_of(order(at(0), "o", lines))[4:9] == (unbundled, VOTE, 0, 1, 0)


@pytest.mark.parametrize("lines", [[], [("component", -3, 10)], [("system", 1, 5), ("service", -1, 5)]])
def test_a_credit_note_is_no_order(lines: list[Any]) -> None:
    """Money given back must not look like a customer who still buys."""
    counted = contribution_of(order(at(0), "o", lines))
    assert counted.counts == (0,) * 9
    assert counted.money <= 0


def test_contacts_are_talks_and_tickets() -> None:
    """Master data and deliveries are no sign of life of the customer."""
    assert contribution_of(talk(at(0))).contacts == 1
    assert contribution_of(ticket(at(0), "t")).contacts == 1
    for event in (card(at(0)), contact(at(0)), delivered(at(0), "o"), cancelled(at(0), "o")):
        assert contribution_of(event) == NOTHING


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        ("1", 10_000),
        ("0.00005", 0),
        ("0.00015", 2),
        ("-0.00015", -2),
        ("1e-400", 0),
        ("999999999999", 9999999999990000),
    ],
)
def test_money_is_exact_integers_rounded_half_to_even(amount: str, units: int) -> None:
    """Sums of prices equal the books to the penny."""
    assert in_money_units(Decimal(amount)) == units


# -- versions -------------------------------------------------------------------------------------------


def test_an_order_changed_twice_counts_once() -> None:
    """The last version by event time stands, and the week it was placed in keeps the order."""
    events: list[CanonicalEvent] = [
        order(at(0), "o", [("component", 1, 100)]),
        changed(at(1), "o", [("component", 1, 200)]),
        changed(at(3), "o", [("component", 1, 150)]),
    ]
    assert said(*events) == {
        0: ([0, 0, 0, 0, VOTE, VOTE, 0, 1, 0], money(100)),
        1: ([0] * 9, money(100)),
        3: ([0] * 9, money(-50)),
    }
    assert said(*reversed(events)) == said(*events)


def test_a_change_in_the_same_week_replaces() -> None:
    """A week holds only what was true at its end."""
    events: list[CanonicalEvent] = [order(at(0, 9), "o", PARTS), changed(at(0, 12), "o", BUNDLE)]
    assert said(*events) == {0: ([0, 0, 0, 0, 0, VOTE, 0, 1, 0], money(1100))}


def test_a_cancelled_order_is_taken_back_when_it_is_cancelled() -> None:
    """No week knows of a cancellation that only a later one told."""
    assert said(order(at(0), "o", PARTS), cancelled(at(2), "o")) == {
        0: ([0, 0, 0, 0, VOTE, VOTE, 0, 1, 0], money(1000)),
        2: ([0, 0, 0, 0, -VOTE, -VOTE, 0, -1, 0], money(-1000)),
    }


def test_a_cancellation_before_the_order_takes_nothing_back() -> None:
    """A clerk who cancels and enters anew, in whatever order the clocks tell it."""
    assert said(cancelled(at(0), "o"), order(at(1), "o", PARTS))[1] == (
        [0, 0, 0, 0, VOTE, VOTE, 0, 1, 0],
        money(1000),
    )
    assert 0 not in said(cancelled(at(0), "o"), order(at(1), "o", PARTS))


def test_a_change_of_currency_moves_the_money() -> None:
    """Currencies are never mixed, not even within one order."""
    events: list[CanonicalEvent] = [order(at(0), "o", PARTS), changed(at(1), "o", PARTS, currency="usd")]
    assert said(*events)[1] == ([0] * 9, {"EUR": -1000 * MONEY, "USD": 1000 * MONEY})


def test_equal_times_are_ordered_by_identity() -> None:
    """Two versions of one second have one answer, whichever came first."""
    one, two = changed(at(0), "o", PARTS, id="a"), changed(at(0), "o", BUNDLE, id="b")
    assert said(one, two) == said(two, one)
    last = max((one, two), key=in_order)
    assert said(one, two)[0][0][4] == contribution_of(last).unbundled


def test_earlier_weeks_serve_as_earlier_versions_only() -> None:
    """A review from its due week on must not count last month's order again."""
    events: list[CanonicalEvent] = [
        order(at(0), "o", PARTS),
        changed(at(4), "o", [("component", 1, 1500)]),
        talk(at(1)),
    ]
    assert said(*events, from_week=FIRST + 2) == {4: ([0] * 9, money(500))}


def test_an_unchanged_version_says_nothing() -> None:
    """A CRM that saves a deal ten times has not met ten times."""
    events: list[CanonicalEvent] = [
        opportunity(at(week), "d", BUYER, competitors=["x"] * week) for week in range(3)
    ]
    assert said(*events) == {0: ([VOTE, VOTE, 0, 0, 0, 0, 0, 0, 0], {})}


def test_weeks_begin_on_monday_utc() -> None:
    """Sunday's last and Monday's first second belong to different weeks, in UTC."""
    assert start_of(FIRST).isoformat() == "2022-01-03T00:00:00+00:00"
    assert week_of(at(0, 0)) == FIRST
    assert week_of(at(0, 167.999)) == FIRST
    assert week_of(at(1, 0)) == FIRST + 1
    assert start_of(0).isoformat() == "1970-01-05T00:00:00+00:00"
    assert week_of(start_of(-3)) == -3


# -- whole histories ------------------------------------------------------------------------------------


@STEADY
@given(histories)
def test_sums_equal_a_plain_count_of_latest_versions(events: list[CanonicalEvent]) -> None:
    """However often orders changed: in the end the books hold the latest versions, to the penny."""
    until = FIRST + HISTORY_WEEKS + 20
    latest: dict[str, CanonicalEvent] = {}
    for event in sorted(events, key=in_order):
        if (document := document_of(event)) and document.startswith("order:"):
            latest[document] = event
    books: defaultdict[str, Decimal] = defaultdict(Decimal)
    orders = 0
    for event in latest.values():
        if isinstance(event, OrderPlaced | OrderChanged):
            total = sum((line.quantity * line.unit_price for line in event.data.lines), Decimal(0))
            books[event.data.currency.upper()] += total
            orders += total > 0
    series = fold(events, until - FIRST).series
    assert {currency: Decimal(sum(row)) / MONEY for currency, row in series.money.items() if sum(row)} == {
        currency: amount for currency, amount in books.items() if amount
    }
    assert sum(series.counts[7]) == orders


@pytest.mark.parametrize(
    ("topics", "commercial"),
    [
        ([], 0),
        (["price"], VOTE),
        (["terms", "delivery"], VOTE),
        (["price", "technical"], 0),
        (["application"], 0),
    ],
)
def test_a_talk_that_asks_nothing_technical_is_commercial(topics: list[Any], commercial: int) -> None:
    """The engineers' silence is told by the talks without them; a talk about nothing tells none."""
    assert contribution_of(talk(at(0), BUYER, topics=topics)).commercial == commercial
