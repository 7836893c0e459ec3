"""Mistakes of a mapping that no share shows, each told where it is and not where it is not."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest

from accounts.events import CanonicalEvent, InteractionLogged, OrderChanged, OrderPlaced
from accounts.policy import Policy
from service.coverage.findings import findings
from service.coverage.matching import Finding
from service.coverage.pieces import missing
from tests.unit.service.coverage.parts import event, made, order, talk, tally_of


def found(events: Iterable[CanonicalEvent]) -> dict[str, Finding]:
    """What is found, by name."""
    return {finding.name: finding for finding in findings(tally_of(events), Policy())}


def test_nothing_is_loud_of_a_portfolio_without_mistakes() -> None:
    """Who is warned of everything heeds nothing."""
    assert not [finding for finding in found(made()).values() if finding.loud]


@pytest.mark.parametrize(
    ("crm", "erp", "hint"),
    [
        ("001A0000012abcDEF{:03}", "{:06}", "by their digits alone"),
        ("acme-{}", "000ACME-{}", "without case and leading zeros"),
        ("001A000001{:05}AAQ", "001A000001{:05}", "15 characters"),
    ],
)
def test_ids_of_two_systems_that_do_not_match_are_loud(crm: str, erp: str, hint: str) -> None:
    """The most common mistake is told at once, with both kinds of ids and how they would match."""
    if "digits" in hint:
        crm = "customer {}"
    numbers = range(101, 131)
    events = [*(talk(crm.format(n)) for n in numbers), *(order(erp.format(n), n) for n in numbers)]
    finding = found(events)["ids_differ"]
    assert finding.loud
    assert erp.format(101) in finding.text
    assert crm.format(101) in finding.text
    assert hint in finding.text
    assert "ids_differ" not in found([*events, *(talk(erp.format(n)) for n in numbers)])


def test_a_few_strays_are_no_alarm() -> None:
    """Prospects have no orders yet, and some customers nobody talks to: told, quietly, by name."""
    events = [*(talk(f"c{n}") for n in range(30)), *(order(f"c{n}", n) for n in range(10, 33))]
    told = found(events)
    assert "c30, c31, c32" in told["orders_only"].text
    assert not told["orders_only"].loud
    assert "10 accounts of the CRM have no orders" in told["crm_only"].text


def test_the_day_of_an_import_is_no_time_of_events() -> None:
    """Orders that all happened at once would be judged as a single week."""
    orders = [order("a", n, at=f"2024-05-06T10:{n:02}:00Z") for n in range(60)]
    assert "60 of 60 orders are of one day, 2024-05-06" in found(orders)["one_day"].text
    assert "one_day" not in found([order("a", n) for n in range(60)])


def test_an_export_that_has_stopped_is_loud() -> None:
    """It would look as if every customer had fallen silent."""
    half = made()[len(made()) // 2].time
    kept = [one for one in made() if not isinstance(one, OrderPlaced | OrderChanged) or one.time < half]
    assert found(kept)["stopped"].text.startswith("No orders since ")


def test_all_lines_of_one_kind_are_loud() -> None:
    """That is what a code list makes of product types that it does not know."""
    finding = found(order("a", n) for n in range(60))["one_kind"]
    assert "of kind component" in finding.text
    assert finding.loud


def test_a_share_that_changed_is_told_with_its_day() -> None:
    """A mapping that came late looks like a shift of the customers."""
    half = made()[len(made()) // 2].time
    events = [
        msgspec.structs.replace(one, data=msgspec.structs.replace(one.data, topics=[]))
        if isinstance(one, InteractionLogged) and one.time < half
        else one
        for one in made()
    ]
    assert "Talks with topics went from 0% at first to 100% since" in found(events)["share_changed"].text
    assert "share_changed" not in found(made())


def test_orders_that_were_never_placed_are_loud() -> None:
    """A cancellation under another order id, or another account, cancels nothing."""
    placed = [order("a", n) for n in range(5)]
    other = [event("order.cancelled", "a", order_id=f"0000o{n}") for n in range(5)]
    assert "5 of 5 cancelled or delivered" in found([*placed, *other])["unknown_orders"].text
    right = [event("order.cancelled", "a", order_id=f"o{n}") for n in range(5)]
    assert "unknown_orders" not in found([*placed, *right])


def test_an_alert_with_nobody_to_tell_is_told_before() -> None:
    """An owner without an address gets no alert; where most lack one it is loud."""
    owner = {"name": "A", "email": "a@example.com"}
    cards = [event("crm.account.changed", f"c{n}", owner=owner) for n in range(3)]
    orders = [order(f"c{n}", n) for n in range(10)]
    assert "7 of 10 accounts have no owner" in found([*orders, *cards])["no_owner"].text
    assert found([*orders, *cards])["no_owner"].loud


def test_two_ids_with_one_mailbox_are_one_person() -> None:
    """A buyer whom the ERP calls otherwise counts twice among distinct people."""
    people = [{"id": f"{where}{n}", "email": f"P{n}@x.example"} for n in range(9) for where in ("crm", "erp")]
    assert "9 of 18 people" in found([talk(participants=people)])["doubled_people"].text


def test_one_sided_talks_and_sides_are_told() -> None:
    """Directions and sides that a constant has filled in tell nothing."""
    talks = [talk(at=f"2024-0{1 + n // 20}-{1 + n % 20:02}T10:00:00Z") for n in range(60)]
    assert {"one_direction", "no_vendor"} <= found(talks).keys()
    assert not {"one_direction", "no_vendor", "no_customer"} & found(made()).keys()


def test_orders_without_lines_are_loud_and_nothing_else_is_blamed() -> None:
    """Buyers, product lines and kinds are told by lines: without these their mapping may well be right."""
    bare = [order("a", n, lines=[], buyer={"id": "p", "title": "Buyer"}) for n in range(60)]
    told = found(bare)
    assert "60 of 60 orders have no lines: is the topic of order lines read" in told["no_lines"].text
    assert told["no_lines"].loud
    assert not {"kinds", "one_kind"} & told.keys()
    lacking = {piece.name for piece in missing(tally_of(bare))}
    assert "lines" in lacking
    assert not {"buyer", "product_line", "kinds"} & lacking
    assert "no_lines" not in found(made())


def test_a_code_list_that_cancels_orders_is_the_first_cause() -> None:
    """Many cancelled orders that were never placed are rather a wrong status than a wrong id."""
    placed = [order("a", n) for n in range(20)]
    gone = [event("order.cancelled", "a", order_id=f"x{n}") for n in range(10)]
    text = found([*placed, *gone])["unknown_orders"].text
    assert "10 of 10 cancelled or delivered orders were never placed here, such as x0 of a" in text
    assert text.index("10 of 30 orders are cancelled") < text.index("a code list") < text.index("`order_id`")
    delivered = [event("order.delivered", "a", order_id=f"x{n}") for n in range(10)]
    assert "cancelled: if" not in found([*placed, *delivered])["unknown_orders"].text


def test_the_order_that_is_named_is_one_that_was_never_placed() -> None:
    """Among very many that were, and whichever comes first."""
    placed = [order("a", n) for n in range(600)]
    ends = [event("order.delivered", "a", order_id=f"o{n}") for n in range(600)]
    strays = [event("order.delivered", "a", order_id=f"z{n}") for n in range(60)]
    texts = {
        found(events)["unknown_orders"].text for events in (placed + ends + strays, strays + ends + placed)
    }
    assert len(texts) == 1
    assert ", such as z" in texts.pop()


def test_meetings_of_one_person_each_are_told_quietly() -> None:
    """That is what meetings look like whose other participants stand in a topic that nobody reads."""
    days = [f"2024-0{1 + n // 20}-{1 + n % 20:02}T10:00:00Z" for n in range(60)]
    alone = [talk(at=at, channel="meeting") for at in days]
    assert not found(alone)["lone_meetings"].loud
    two = talk(channel="visit", participants=[{"id": "p1"}, {"id": "p2"}])
    assert "lone_meetings" not in found([*alone, two])
    assert "lone_meetings" not in found(talk(at=at) for at in days)  # calls are of two people


def test_data_that_ended_long_ago_is_loud() -> None:
    """Reviewed today it would be the silence of every customer."""
    tally = tally_of([order("a", n) for n in range(3)])
    assert tally.end is not None

    def told(days: int) -> list[str]:
        now = tally.end + timedelta(days=days) if tally.end else None
        return [one.text for one in findings(tally, Policy(), now) if one.name == "old" and one.loud]

    assert "of 3 January 2024, 36 days ago" in told(36)[0]
    assert not told(35)
