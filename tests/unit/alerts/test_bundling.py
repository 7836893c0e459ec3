"""What is due to one receiver, as messages."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.bundling import Due, Past, bundle
from alerts.config import Limits
from alerts.decision import Wait
from tests.unit.alerts.samples import RAISED

NOW = RAISED
MORNING = NOW + timedelta(hours=15)
LIMITS = Limits(most_at_once=3, most_a_day=10, pause=timedelta(hours=4))


def plain(count: int) -> list[Due]:
    return [Due(f"d{number}") for number in range(count)]


def test_a_few_alerts_travel_alone_and_many_together() -> None:
    """Three rich messages are read; the fourth makes it a list."""
    assert bundle(plain(3), Past(), NOW, LIMITS, MORNING).messages == [["d0"], ["d1"], ["d2"]]
    assert bundle(plain(4), Past(), NOW, LIMITS, MORNING).messages == [["d0", "d1", "d2", "d3"]]


def test_a_digest_takes_the_others_along() -> None:
    """Who gets a list this morning gets one message, not a list and more."""
    due = [Due("weekly", digest=True), Due("alert")]
    assert bundle(due, Past(), NOW, LIMITS, MORNING).messages == [["weekly", "alert"]]


def test_after_a_gathered_message_only_the_critical_speaks() -> None:
    """A burst that goes on is told every few hours, what is critical at once."""
    past = Past(messages=1, last_gathered=NOW - timedelta(hours=1))
    made = bundle([Due("a"), Due("b", critical=True)], past, NOW, LIMITS, MORNING)
    assert made.messages == [["b"]]
    assert made.waits == [("a", Wait("paused", NOW + timedelta(hours=3)))]


def test_too_many_messages_a_day_wait_for_the_morning() -> None:
    """A receiver is not flooded, and nothing is lost."""
    made = bundle(plain(2), Past(messages=10), NOW, LIMITS, MORNING)
    assert made.messages == []
    assert made.waits == [(f"d{number}", Wait("rate_limited", MORNING)) for number in range(2)]
    assert bundle(plain(2), Past(messages=9), NOW, LIMITS, MORNING).messages == [["d0", "d1"]]


def test_edits_disturb_nobody_and_wait_for_nothing() -> None:
    """They count for no limit, and travel alone: each changes a message of its own."""
    past = Past(messages=99, last_gathered=NOW)
    assert bundle([Due("e", quiet=True)], past, NOW, LIMITS, MORNING).messages == [["e"]]


@given(
    st.lists(st.builds(Due, st.uuids().map(str), st.booleans(), st.booleans(), st.booleans()), max_size=30),
    st.integers(0, 12),
    st.none() | st.just(NOW) | st.just(NOW - timedelta(hours=5)),
    st.none() | st.just(LIMITS),
)
def test_nothing_is_lost_and_nothing_twice(
    due: list[Due], messages: int, last: object, limits: Limits | None
) -> None:
    """Whatever the past, each notice is in one message or waits for a moment ahead, once."""
    made = bundle(due, Past(messages, last), NOW, limits, MORNING)  # type: ignore[arg-type]
    went = [one for message in made.messages for one in message]
    waits = [one for one, _ in made.waits]
    assert sorted(went + waits) == sorted(one.delivery_id for one in due)
    assert all(wait.until > NOW for _, wait in made.waits)
    loud = [message for message in made.messages if not {d.delivery_id for d in due if d.quiet} & {*message}]
    if limits is not None:
        assert len(loud) <= max(1, min(limits.most_at_once, limits.most_a_day - messages))
