"""What records have not become comes first, with its cause, and silences what it may be the cause of."""

from collections.abc import Iterable

import pytest

from accounts.events import CanonicalEvent
from accounts.policy import Policy
from service.coverage.report import Report, report
from service.coverage.unmade import Letters, Unmade, unmade
from tests.unit.service.coverage.parts import event, made, order, tally_of

CAUSE = "t[0]@3: rule order: " + "x" * 400 + " Invalid enum value 'sytem'"


def told(left: Unmade, events: Iterable[CanonicalEvent] = ()) -> Report:
    """The report of these events, beside which records became none."""
    tally = tally_of(events)
    return report(tally, Policy(), None, list(unmade(left, tally.events)))


def test_dead_letters_are_the_first_mistake() -> None:
    """By topic and reason, those of the most first, with the end of a long cause, where it is named."""
    letters = [Letters("b", "not_json", 2, "t[0]@1: no"), Letters("erp.orders", "does_not_map", 60, CAUSE)]
    first = told(Unmade(letters), [order("a", n) for n in range(60)]).findings[0]
    assert (first.name, first.loud) == ("dead_letters", True)
    assert first.text.startswith("62 dead letters")
    assert first.text.index("60 does_not_map of erp.orders") < first.text.index("2 not_json of b")
    assert "Invalid enum value 'sytem'" in first.text
    assert len(first.text) < 600


def test_a_wait_names_what_is_waited_for_and_what_is_known() -> None:
    """A number that is written otherwise is seen by putting the two side by side."""
    left = Unmade(waiting={"customer": 4343}, told={"customer": "0000839676"}, awaited={"customer": "750324"})
    text = next(unmade(left, 10)).text
    assert "4,343 events wait for a `customer`, such as 750324" in text
    assert "known are 0000839676 …: is the number written otherwise" in text
    never = next(unmade(Unmade(waiting={"product": 5}, awaited={"product": "7"}), 10)).text
    assert "no record tells of any: is its topic read?" in never


def test_what_most_events_lack_is_loud_and_what_few_lack_is_not_told() -> None:
    """A forgotten topic of products is a mistake; replies to cases, which few companies keep, are none."""
    names = [one.name for one in unmade(Unmade(lacking={"product": 60, "reply": 4}), 100)]
    assert names == ["never_told"]
    assert not list(unmade(Unmade(lacking={"product": 60}, told={"product": "1"}), 100))


@pytest.mark.parametrize(
    ("number", "loud"),
    [(1, False), (60, True)],
)
def test_a_stray_record_is_no_alarm(number: int, *, loud: bool) -> None:
    """Where one of thousands is wrong it is told, quietly."""
    of_database = next(unmade(Unmade(waiting_of={"erp.orders": number}), 5000))
    assert of_database.loud == loud
    assert f"{number} records of erp.orders wait" in of_database.text


def test_wrong_causes_are_silent_where_records_became_no_event() -> None:
    """Kinds may be mapped and orders be placed, though none came: that is not advised then."""
    some = [order("a", n) for n in range(60)]
    gone = [event("order.cancelled", "a", order_id=f"x{n}") for n in range(60)]
    names = {finding.name for finding in told(Unmade(), [*some, *gone]).findings}
    assert {"one_kind", "unknown_orders"} <= names
    wait = Unmade(waiting={"customer": 60})
    names = {finding.name for finding in told(wait, [*some, *gone]).findings}
    assert not {"one_kind", "unknown_orders"} & names
    talks = [one for one in made() if not type(one).__name__.startswith("Order")]
    for left, advised in ((Unmade(), True), (wait._replace(waiting={"customer": 9000}), False)):
        gap = next(gap for gap in told(left, talks).gaps if gap.piece.name == "orders")
        assert ("map order.placed" in gap.mend) is advised


def test_data_is_only_whole_without_mistakes() -> None:
    """That nothing is missing is not said beside a mistake, a wait or a dead letter, however few."""
    assert told(Unmade(), made()).whole
    assert not told(Unmade(waiting={"customer": 1}), made()).whole
    assert not told(Unmade([Letters("t", "not_json", 1, "no")]), made()).whole
    assert not told(Unmade(), [order("a", n) for n in range(60)]).whole
