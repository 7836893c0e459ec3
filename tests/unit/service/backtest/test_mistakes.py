"""What is wrong with data is told in words that lead to it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from accounts.events import CanonicalEvent
from accounts.policy import Policy
from accounts.replay import Replay
from service.backtest.mistakes import mistakes, unmatched
from service.past import Tally
from tests.unit.service.coverage.parts import made, order, talk

NOW = datetime(2024, 2, 1, tzinfo=UTC)


def wrong(events: Iterable[CanonicalEvent], read: Tally | None = None, now: datetime | None = None) -> str:
    story = Replay()
    for event in events:
        story.add(event)
    return "\n".join(mistakes(story, read or Tally(), now, Policy()))


def test_good_data_have_no_mistakes() -> None:
    """Or nobody would read them."""
    assert wrong(made()) == ""


def test_accounts_that_do_not_meet_are_told() -> None:
    """The most common mistake: the CRM's ids are not the ERP's."""
    events = [*(order(f"e{each}", each) for each in range(60)), *(talk(f"c{each}") for each in range(60))]
    assert "of 60 with orders the CRM knows 0" in wrong(events)


def test_a_past_without_orders_and_an_old_one_are_told() -> None:
    """Neither shows in a figure."""
    said = wrong([talk("a", "2023-11-01T10:00:00Z")], now=NOW)
    assert "There is not one order" in said
    assert "91 days ago: reviewed today" in said
    assert "days ago" not in wrong([talk("a", "2024-01-20T10:00:00Z")], now=NOW)


def test_dead_letters_and_waits_are_told_with_an_example() -> None:
    """The topic, the first cause, and both ways in which an id is written."""
    read = Tally()
    read.letter("erp.auftrag", "does_not_map", "erp.auftrag[0]@1: rule order: no such field")
    read.waiting["customer"], read.awaited["customer"] = 40, "4711"
    read.kinds["customer"] = "0000839676"
    read.lacking["position"], read.lacking["case_reply"] = 9, 1
    said = wrong((order(number=each) for each in range(60)), read)
    assert "1 of erp.auftrag. Mostly does_not_map, the first: erp.auftrag[0]@1: rule order: no such" in said
    assert "wait for customer: 40 (the first for 4711; known are such as 0000839676)" in said
    assert "No record read tells of any position, asked for by 9 events" in said
    assert "case_reply" not in said  # what few events ask for may well not be there


def test_unmatched_losses_are_told_with_ids_of_both_sides() -> None:
    """Salesforce writes 15 characters, or 18."""
    said = unmatched(["001A00000000001AAA"], 3, {"001A00000000001", "b"})
    assert said.startswith("Lost accounts without events here: 1 of 3 (001A00000000001AAA).")
    assert "first 15 characters" in said
