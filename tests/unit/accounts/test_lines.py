"""Product lines: experience is with a product, so each line is judged by its own past."""

from collections.abc import Callable

import msgspec
import pytest

from accounts.alert import Alert
from accounts.events import CanonicalEvent, Topic
from accounts.policy import Policy
from accounts.shift import STREAMS
from tests.unit.accounts.builders import ACCOUNT, BUYER, ENGINEER, alerts, at, fold, order, person, talk

POLICY = Policy()
WEEKS = 156
Who = Callable[[int], bool]  # whether purchasing speaks in a week
# Of the shares alone: what the account asks, and whom it sends, is of the account as a whole.
_QUESTIONS, _EXECUTIVES = POLICY.engagement_streams
SHARES = msgspec.structs.replace(
    POLICY,
    engagement_streams=(
        msgspec.structs.replace(_QUESTIONS, weight=0.0),
        msgspec.structs.replace(_EXECUTIVES, weight=0.0),
    ),
)


def line(name: str | None, weeks: range, purchasing: Who, worth: int = 100) -> list[CanonicalEvent]:
    """A talk a week about a line and an order a month, with the engineers or with purchasing."""
    events: list[CanonicalEvent] = []
    for week in weeks:
        bought = purchasing(week)
        topic: Topic = "price" if bought else "technical"
        events.append(talk(at(week), BUYER if bought else ENGINEER, topics=[topic], product_line=name))
        if week % 4 == 0:
            events.append(order(at(week, 30), None, [("system", 1, worth, name or "")]))
    return events


def shifts(events: list[CanonicalEvent], policy: Policy = POLICY) -> list[Alert]:
    return [alert for alert in alerts(events, WEEKS, policy) if alert.kind == "buying_centre_shift"]


def never(_week: int) -> bool:
    return False


def always(_week: int) -> bool:
    return True


def from_week(first: int) -> Who:
    return lambda week: week >= first


def test_a_new_line_does_not_hide_the_shift_of_the_old_one() -> None:
    """Engineers who ask about something new keep an account's mean as it was; the old line has turned."""
    old = line("drives", range(WEEKS), from_week(100))
    new = [*line("vision", range(90, WEEKS), never), *line("vision", range(90, WEEKS), never)]
    [alert] = shifts([*old, *new])
    lines = next(piece for piece in alert.evidence if piece.signal == "product_lines")
    assert "drives 100 %, " in lines.text
    assert "vision" not in lines.text


def test_a_new_line_starts_as_new() -> None:
    """Purchasing that buys a new line from its first day has taken nothing over."""
    old = line("drives", range(WEEKS), never)
    assert not shifts([*old, *line("vision", range(80, WEEKS), always)])
    # the same people about the same line would be a shift
    assert shifts([*old, *line("drives", range(80, WEEKS), always)])


def test_a_line_that_is_little_of_the_value_moves_the_account_little() -> None:
    """The account's stage follows the lines by value."""
    main = line("drives", range(WEEKS), never, worth=1000)
    assert not shifts([*main, *line("spares", range(WEEKS), from_week(100), worth=10)], SHARES)
    assert shifts([*main, *line("spares", range(WEEKS), from_week(100), worth=1000)], SHARES)


@pytest.mark.parametrize("worth", [1, 10**6])
def test_a_line_that_the_order_book_does_not_know_counts_whole(worth: int) -> None:
    """CRM and order book may call lines by different names: then no value speaks for or against one."""
    orders = [order(at(week, 30), None, [("system", 1, worth, "SKU-GROUP-7")]) for week in range(0, WEEKS, 4)]
    talks = [event for event in line("drives", range(WEEKS), from_week(100)) if event.subject == ACCOUNT]
    talks = [event for event in talks if not hasattr(event.data, "lines")]
    assert shifts([*orders, *talks])


def test_the_parts_of_the_lines_are_the_parts_of_the_sum() -> None:
    """What the explanation shares out is what raised the alert."""
    events = [
        *line("drives", range(WEEKS), from_week(110)),
        *line("vision", range(WEEKS), from_week(120)),
        *line(None, range(0, WEEKS, 2), from_week(130)),
    ]
    for weeks in range(100, WEEKS):
        test = fold(events, weeks, POLICY).fold.shift
        assert sum(test.by_line) == sum(test.cusum.parts[:STREAMS])


def test_one_line_under_its_name_is_judged_like_one_without() -> None:
    """To name the only line changes nothing."""
    named, unnamed = (
        fold(line(name, range(WEEKS), from_week(100)), WEEKS, POLICY) for name in ("drives", None)
    )
    assert named.fold == unnamed.fold
    assert not named.series.by_line


def test_someone_new_in_a_known_line_is_no_new_line() -> None:
    """Lines are told apart by name, not by who speaks of them."""
    events = line("drives", range(100), never)
    events += [
        talk(at(week), person("b2", "purchasing"), product_line="drives ") for week in range(100, WEEKS)
    ]
    assert shifts(events)
