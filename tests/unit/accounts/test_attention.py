"""The service gap: the customer still asks, and our side has fallen silent or leaves questions open."""

from math import exp

import pytest

from accounts.alert import Alert
from accounts.attention import poisson_below
from accounts.events import CanonicalEvent, TicketChanged
from accounts.evidence import ANSWERS, CONTACTS, ORDERS, REQUESTS, TOUCHES
from accounts.policy import Policy
from tests.unit.accounts.builders import BUYER, ENGINEER, alerts, at, fold, order, talk, ticket

POLICY = Policy()
WEEKS = 130


def year(first: int, last: int, *, touched: bool = True, answered: bool = True) -> list[CanonicalEvent]:
    """Each week a question and a talk that we begin, an answer to each question, an order each eighth."""
    events: list[CanonicalEvent] = []
    for week in range(first, last):
        asked = talk(at(week), ENGINEER, topics=["application"], id=f"q{week}")
        events.append(asked)
        if touched:
            events.append(talk(at(week, 20), ENGINEER, topics=["roadmap"], direction="outbound"))
        if answered:
            said = talk(at(week, 30), ENGINEER, topics=["technical"], direction="outbound", answers=asked.id)
            events.append(said)
        if week % 8 == 0:
            events.append(order(at(week, 40)))
    return events


def gaps(events: list[CanonicalEvent], weeks: int = WEEKS) -> list[Alert]:
    return [alert for alert in alerts(events, weeks, POLICY) if alert.kind == "service_gap"]


def test_who_is_looked_after_as_ever_has_no_gap() -> None:
    """Nothing to say where nothing changed, nor in the first year."""
    assert not gaps(year(0, WEEKS))
    assert not gaps(year(0, 60, touched=False, answered=False), 60)


def test_questions_left_open_raise_an_alert_that_ends_when_they_are_answered_again() -> None:
    """With the figures, the people who asked, and what to do."""
    events = [*year(0, 80), *year(80, 110, answered=False), *year(110, WEEKS)]
    [alert] = gaps(events)
    asked = next(piece for piece in alert.evidence if piece.signal == "unanswered_requests")
    assert "requests since" in asked.text
    assert "usual are 100 %" in asked.text
    assert asked.people == ["Engineer"]
    assert asked.event_ids
    assert alert.play.id == "close-the-gap"
    assert alert.play.why == "the usual first steps when an account is waiting for answers"
    [mark] = [m for m in fold(events, WEEKS, POLICY).fold.marks if m.kind == "service_gap"]
    assert mark.until > mark.week
    assert alert.stage == alert.previous_stage


def test_our_own_silence_raises_an_alert() -> None:
    """The customer goes on asking; nobody of ours begins a talk any more."""
    [alert] = gaps([*year(0, 80), *year(80, WEEKS, touched=False, answered=False)])
    assert {piece.signal for piece in alert.evidence} == {"unanswered_requests", "fewer_touches"}
    ours = next(piece for piece in alert.evidence if piece.signal == "fewer_touches")
    assert "usual are about 26" in ours.text
    assert float(ours.numbers["touches"]) < 13


def test_silence_of_both_sides_is_no_service_gap() -> None:
    """An account that asks nothing is slowing down: another alert says so."""
    assert not gaps(year(0, 80))


def test_who_buys_nothing_any_more_has_no_service_gap() -> None:
    """A former customer's questions are not what this is about."""
    events = [*year(0, 60), *year(60, 130)]
    bought = [event for event in events if not hasattr(event.data, "lines") or event.time < at(60)]
    late = [*bought, *year(130, 180, touched=False, answered=False)]
    assert not gaps([event for event in late if not hasattr(event.data, "lines") or event.time < at(60)], 180)


def test_a_ticket_is_a_request_and_its_answer_an_answer() -> None:
    """Whether a talk or a ticket: both are asked once and answered once."""
    opened, again = ticket(at(0), "t"), ticket(at(1), "t")
    answered = TicketChanged(
        id="x", source="crm", subject="acme", time=at(2), data=type(opened.data)("t", "resolved")
    )
    counts = fold([opened, again, answered], 4, POLICY).series.counts
    assert [sum(counts[row]) for row in (CONTACTS, ORDERS, REQUESTS, ANSWERS, TOUCHES)] == [1, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("count", "mean", "chance"), [(0, 3.0, exp(-3)), (1, 2.0, 3 * exp(-2)), (9, 0.0, 1.0)]
)
def test_poisson_below(count: int, mean: float, chance: float) -> None:
    """P(X ≤ n) by hand."""
    assert poisson_below(count, mean) == pytest.approx(chance)


def test_a_shift_leaves_a_gap_s_alert_alone() -> None:
    """The stage may come and go; the questions still wait."""
    events = [*year(0, 80), *year(80, WEEKS, answered=False)]
    events += [talk(at(week, 50), BUYER, topics=["price"]) for week in range(90, WEEKS) for _ in range(2)]
    state = fold(events, WEEKS, POLICY)
    assert state.fold.stage == "shifted"
    assert [mark.until for mark in state.fold.marks if mark.kind == "service_gap"] == [-1]
