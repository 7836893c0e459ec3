"""What each event adds to its week, checked against a second, plainer way of counting."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from accounts import evidence
from accounts.events import CanonicalEvent, OrderChanged, OrderPlaced, document_of
from accounts.evidence import (
    BASES,
    BASKETS,
    COMMERCIAL,
    CONTACTS,
    COUNTS,
    DECIDERS,
    DECISIONS,
    MONEY,
    ORDERS,
    PRICE,
    PURCHASING,
    QUICK,
    RIVALLED,
    RIVALS,
    SHARED,
    SPECIFIED,
    SPONSORED,
    TALKS,
    TENDERED,
    TENDERS,
    UNBUNDLED,
    VOTE,
    WON,
    Contribution,
    contributions_of,
    in_money_units,
    person_key,
)
from accounts.sums import MOST_SEATS, Week, in_order, weekly
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
    Line,
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
    return {week - FIRST: (summed(sums), paid(sums)) for week, sums in weekly(events, from_week).items()}


def summed(week: Week) -> list[int]:
    """A week's counts, whatever lines they are of."""
    return [sum(row) for row in zip(*week.lines.values(), strict=True)] or [0] * COUNTS


def paid(week: Week) -> dict[str, int]:
    """A week's money by currency, whatever it was for."""
    found: defaultdict[str, int] = defaultdict(int)
    for (currency, _line), amount in week.money.items():
        found[currency] += amount
    return dict(found)


def counts(**named: Any) -> list[int]:
    """The sums of a week, zero but for those of the rows named."""
    row = {getattr(evidence, name.upper()): number for name, number in named.items()}
    return [row.get(place, 0) for place in range(COUNTS)]


def of(contribution: Contribution, *rows: int) -> tuple[int, ...]:
    return tuple(map(contribution.of, rows))


def whole(event: CanonicalEvent) -> Contribution:
    """What an event of one product line says."""
    [contribution] = contributions_of(event)
    return contribution


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
    assert of(whole(talk(at(0), *people)), PURCHASING, DECIDERS) == vote
    assert of(whole(opportunity(at(0), "d", *people, tender=False)), PURCHASING, DECIDERS) == vote


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
    assert of(whole(talk(at(0), topics=topics)), PRICE, TALKS) == price


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
    assert of(whole(order(at(0), "o", lines)), UNBUNDLED, BASKETS) == (unbundled, VOTE)


@pytest.mark.parametrize("lines", [[], [("component", -3, 10)], [("system", 1, 5), ("service", -1, 5)]])
def test_a_credit_note_is_no_order(lines: list[Any]) -> None:
    """Money given back must not look like a customer who still buys."""
    for counted in contributions_of(order(at(0), "o", lines)):
        assert not counted.counts
        assert counted.money <= 0


def test_contacts_are_talks_and_tickets() -> None:
    """Master data and deliveries are no sign of life of the customer."""
    assert whole(talk(at(0))).of(CONTACTS) == 1
    assert whole(ticket(at(0), "t")).of(CONTACTS) == 1
    for event in (card(at(0)), delivered(at(0), "o"), cancelled(at(0), "o")):
        assert contributions_of(event) == ()
    assert not whole(contact(at(0))).counts


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
        0: (counts(unbundled=VOTE, baskets=VOTE, orders=1), money(100)),
        1: (counts(), money(100)),
        3: (counts(), money(-50)),
    }
    assert said(*reversed(events)) == said(*events)


def test_a_change_in_the_same_week_replaces() -> None:
    """A week holds only what was true at its end."""
    events: list[CanonicalEvent] = [order(at(0, 9), "o", PARTS), changed(at(0, 12), "o", BUNDLE)]
    assert said(*events) == {0: (counts(baskets=VOTE, orders=1), money(1100))}


def test_a_cancelled_order_is_taken_back_when_it_is_cancelled() -> None:
    """No week knows of a cancellation that only a later one told."""
    assert said(order(at(0), "o", PARTS), cancelled(at(2), "o")) == {
        0: (counts(unbundled=VOTE, baskets=VOTE, orders=1), money(1000)),
        2: (counts(unbundled=-VOTE, baskets=-VOTE, orders=-1), money(-1000)),
    }


def test_a_cancellation_before_the_order_takes_nothing_back() -> None:
    """A clerk who cancels and enters anew, in whatever order the clocks tell it."""
    assert said(cancelled(at(0), "o"), order(at(1), "o", PARTS))[1] == (
        counts(unbundled=VOTE, baskets=VOTE, orders=1),
        money(1000),
    )
    assert 0 not in said(cancelled(at(0), "o"), order(at(1), "o", PARTS))


def test_a_change_of_currency_moves_the_money() -> None:
    """Currencies are never mixed, not even within one order."""
    events: list[CanonicalEvent] = [order(at(0), "o", PARTS), changed(at(1), "o", PARTS, currency="usd")]
    assert said(*events)[1] == (counts(), {"EUR": -1000 * MONEY, "USD": 1000 * MONEY})


def test_equal_times_are_ordered_by_identity() -> None:
    """Two versions of one second have one answer, whichever came first."""
    one, two = changed(at(0), "o", PARTS, id="a"), changed(at(0), "o", BUNDLE, id="b")
    assert said(one, two) == said(two, one)
    last = max((one, two), key=in_order)
    assert said(one, two)[0][0][UNBUNDLED] == whole(last).of(UNBUNDLED)


def test_earlier_weeks_serve_as_earlier_versions_only() -> None:
    """A review from its due week on must not count last month's order again."""
    events: list[CanonicalEvent] = [
        order(at(0), "o", PARTS),
        changed(at(4), "o", [("component", 1, 1500)]),
        talk(at(1)),
    ]
    assert said(*events, from_week=FIRST + 2) == {4: (counts(), money(500))}


def test_an_unchanged_version_says_nothing() -> None:
    """A CRM that saves a deal ten times has not met ten times."""
    events: list[CanonicalEvent] = [
        opportunity(at(week), "d", BUYER, competitors=["x"] * (week + 1)) for week in range(3)
    ]
    assert said(*events) == {0: (counts(purchasing=VOTE, deciders=VOTE, rivalled=VOTE, rivals=VOTE), {})}


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
    assert sum(series.counts[ORDERS]) == orders


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
    assert whole(talk(at(0), BUYER, topics=topics)).of(COMMERCIAL) == commercial


@pytest.mark.parametrize(
    ("facts", "specified", "tendered", "rivalled"),
    [
        ({}, (0, 0), (0, 0), (0, 0)),
        ({"competitors": ["x"]}, (0, 0), (0, 0), (VOTE, VOTE)),
        ({"tender": False}, (0, 0), (0, VOTE), (0, VOTE)),
        ({"tender": True}, (0, 0), (VOTE, VOTE), (0, VOTE)),
        ({"basis": "specification", "competitors": ["x"]}, (VOTE, VOTE), (0, 0), (VOTE, VOTE)),
        ({"basis": "solution"}, (0, VOTE), (0, 0), (0, VOTE)),
    ],
)
def test_formal_buying_is_told_by_what_is_known_of_an_opportunity(
    facts: dict[str, Any], specified: Any, tendered: Any, rivalled: Any
) -> None:
    """A CRM whose fields nobody fills in says nothing; an empty list of rivals alone neither."""
    deal = whole(opportunity(at(0), "d", BUYER, **facts))
    assert of(deal, SPECIFIED, BASES) == specified
    assert of(deal, TENDERED, TENDERS) == tendered
    assert of(deal, RIVALLED, RIVALS) == rivalled
    assert of(deal, SHARED, WON) == (0, 0)


@pytest.mark.parametrize(("rivals", "shared"), [([], (0, VOTE)), (["x"], (VOTE, VOTE))])
def test_what_was_won_beside_a_rival_tells_of_a_second_source(rivals: list[str], shared: Any) -> None:
    """Only won opportunities of which it is known whom we stood against."""
    won = whole(opportunity(at(0), "d", BUYER, status="won", tender=False, competitors=rivals))
    assert of(won, SHARED, WON) == shared
    unknown = whole(opportunity(at(0), "d", BUYER, status="won"))
    assert of(unknown, SHARED, WON) == (0, 0)


def test_a_talk_keeps_the_seats_of_developers_and_executives() -> None:
    """Among them a champion is sought; buyers and our own people are none."""
    chief = person("chief", "executive")
    said_of_it = whole(talk(at(0), ENGINEER, chief, BUYER, person("ours", side="vendor")))
    assert said_of_it.seats == (person_key("engineer"), person_key("chief"))
    assert said_of_it.of(SPONSORED) == 1
    assert whole(talk(at(0), ENGINEER)).of(SPONSORED) == 0


def test_a_contact_who_left_is_told_and_one_who_is_active_is_not() -> None:
    """Master data says nothing but that somebody is gone."""
    assert whole(contact(at(0), person("engineer"), "left")).left == person_key("engineer")
    assert contributions_of(contact(at(0), person("engineer"), "active")) == ()


def test_a_week_keeps_few_people() -> None:
    """However many come to a conference: a state stays bounded."""
    events = [talk(at(0), *(person(f"p{n}") for n in range(number))) for number in range(1, 50)]
    [week] = weekly(events, EVER).values()
    assert [seats for _, seats in week.most_seen] == list(range(49, 49 - MOST_SEATS, -1))


@pytest.mark.parametrize(
    ("status", "weeks", "said_of_it"),
    [
        ("open", None, (0, 0)),
        ("won", 5.9, (VOTE, VOTE)),
        ("lost", 6, (0, VOTE)),
        ("withdrawn", 1, (0, 0)),
        ("won", None, (0, 0)),
    ],
)
def test_a_decision_is_quick_below_six_weeks(status: str, weeks: float | None, said_of_it: Any) -> None:
    """Only what was decided, by when it was opened and closed; what was withdrawn was not."""
    closed = None if weeks is None else at(weeks)
    deal = whole(opportunity(at(0), "d", BUYER, status=status, closed_at=closed))
    assert of(deal, QUICK, DECISIONS) == said_of_it


def test_an_order_s_votes_are_split_over_its_product_lines_by_value() -> None:
    """One order is one vote, however many lines it holds; service in it counts for all of them."""
    lines: list[Line] = [
        ("component", 1, 300, "drives"),
        ("system", 1, 600, "vision"),
        ("service", 1, 100, "vision"),
    ]
    drives, vision = contributions_of(order(at(0), "o", lines, buyer=BUYER))
    assert (drives.line, vision.line) == ("drives", "vision")
    assert of(drives, BASKETS, UNBUNDLED, DECIDERS) == (300, 300, 300)
    assert of(vision, BASKETS, UNBUNDLED, DECIDERS) == (700, 0, 700)
    assert drives.of(PURCHASING) + vision.of(PURCHASING) == VOTE
    assert drives.of(ORDERS) + vision.of(ORDERS) == 1
    assert (drives.money, vision.money) == (300 * MONEY, 700 * MONEY)
    thirds: list[Line] = [("system", 1, 1, name) for name in "abc"]
    rounded = contributions_of(order(at(0), "o", thirds))
    assert sum(part.of(BASKETS) for part in rounded) == VOTE


def test_a_line_given_back_takes_its_money_and_no_vote() -> None:
    """An order with a returned line is one of the other lines alone."""
    lines: list[Line] = [("component", -1, 50, "drives"), ("system", 1, 150, "vision")]
    drives, vision = contributions_of(order(at(0), "o", lines))
    assert (drives.of(BASKETS), drives.money) == (0, -50 * MONEY)
    assert (vision.of(BASKETS), vision.money) == (VOTE, 150 * MONEY)


def test_talks_and_opportunities_speak_for_their_product_line() -> None:
    """What names none speaks for none."""
    assert whole(talk(at(0), BUYER, product_line="drives")).line == "drives"
    assert whole(opportunity(at(0), "d", BUYER, product_line="vision")).line == "vision"
    assert whole(talk(at(0), BUYER)).line == ""
