"""The review clock: nobody is judged by events that nobody has read."""

from datetime import UTC, datetime, timedelta

import pytest

from consumers.clock import Mode, review_clock
from consumers.subscription import Subscription
from storage.partitions import Progress

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def progress(record: datetime | None, caught_up: datetime | None = None, partition: int = 0) -> Progress:
    return Progress("crm.events", partition, 7, record, caught_up)


@pytest.mark.parametrize("mode", ["wall", "records"])
def test_nothing_consumed_is_no_time(mode: Mode) -> None:
    """Before the first record no account can be called silent."""
    assert review_clock([], NOW, mode) is None
    assert review_clock([progress(None)], NOW, mode) is None


@pytest.mark.parametrize("mode", ["wall", "records"])
def test_the_slowest_partition_holds_the_clock(mode: Mode) -> None:
    """A member that lags must not make its accounts look silent."""
    rows = [progress(NOW - DAY), progress(NOW - 9 * DAY, partition=1)]
    assert review_clock(rows, NOW, mode) == NOW - 9 * DAY
    assert review_clock(reversed(rows), NOW, mode) == NOW - 9 * DAY


def test_a_partition_at_its_end_moves_with_the_wall_clock() -> None:
    """Silence on a partition that is read to its end is the customers' own."""
    rows = [progress(NOW - 90 * DAY, NOW - timedelta(seconds=5)), progress(None, NOW, partition=1)]
    assert review_clock(rows, NOW, "wall") == NOW - timedelta(seconds=5)


def test_a_history_that_is_played_knows_only_its_records() -> None:
    """A demo's three years pass as its records do; an empty partition says nothing."""
    rows = [progress(NOW - 90 * DAY, NOW), progress(None, NOW, partition=1)]
    assert review_clock(rows, NOW, "records") == NOW - 90 * DAY
    assert review_clock([progress(None, NOW)], NOW, "records") is None


def test_a_partition_of_which_nothing_was_read_holds_the_clock() -> None:
    """It has begun and may hold anything; only a played history cannot wait for empty ones."""
    rows = [progress(NOW - DAY, NOW), progress(None, partition=1)]
    assert review_clock(rows, NOW, "wall") is None
    assert review_clock(rows, NOW, "records") == NOW - DAY


def test_a_topic_or_cluster_that_was_never_reached_holds_the_clock() -> None:
    """Else orders that nobody may read would look like a customer that has stopped."""
    rows = [progress(NOW - DAY, NOW), progress(None, NOW)._replace(cluster="eu", topic="eu.orders")]
    assert review_clock(rows, NOW, "wall", [Subscription(["crm.events"])]) == NOW
    for more in (["order.events"], ["order.*"]):
        assert review_clock(rows, NOW, "wall", [Subscription(["crm.events", *more])]) is None
        assert review_clock(rows, NOW, "records", [Subscription(["crm.events", *more])]) == NOW - DAY
    eu = Subscription(["^eu.*"], "eu")
    assert review_clock(rows, NOW, "wall", [Subscription(["crm.*"]), eu]) == NOW
    assert review_clock(rows, NOW, "wall", [Subscription(["crm.*"]), eu, Subscription(["a"], "us")]) is None


def test_a_topic_that_is_not_consumed_any_more_holds_nothing() -> None:
    """Its row stays where it was left, for ever."""
    rows = [progress(NOW - DAY, NOW), progress(NOW - 90 * DAY, NOW - 90 * DAY)._replace(topic="old.events")]
    assert review_clock(rows, NOW, "wall", [Subscription(["crm.events"])]) == NOW


@pytest.mark.parametrize("mode", ["wall", "records"])
def test_the_clock_never_runs_ahead(mode: Mode) -> None:
    """A record stamped tomorrow closes no week today."""
    assert review_clock([progress(NOW + 400 * DAY, NOW + DAY)], NOW, mode) == NOW
