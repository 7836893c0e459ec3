"""The published schedule of attempts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import SystemRandom

import pytest

from storage.retry import JITTER, MOST_ATTEMPTS, SCHEDULE, Again, GiveUp, next_attempt, retry_after

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)


def test_each_wait_is_the_schedule_s_and_jittered() -> None:
    """Many failures of one moment do not come back as one herd."""
    for made, wait in enumerate(SCHEDULE, start=1):
        times = {next_attempt(made, NOW, SystemRandom()) for _ in range(20)}
        assert len(times) > 10  # two of them may be the same by chance
        for again in times:
            assert isinstance(again, Again)
            assert NOW + wait <= again.at <= NOW + wait * (1 + JITTER)
    assert isinstance(next_attempt(MOST_ATTEMPTS, NOW, SystemRandom()), GiveUp)


def test_the_schedule_is_published_as_it_is() -> None:
    """Operators plan with what docs/alerting.md says."""
    units = ((3600, "h"), (60, "min"), (1, "s"))
    waits = [int(wait.total_seconds()) for wait in SCHEDULE]
    *first, last = (
        next(f"{wait // size} {unit}" for size, unit in units if wait % size == 0) for wait in waits
    )
    page = " ".join((Path(__file__).parents[3] / "docs" / "alerting.md").read_text("utf-8").split())
    assert f"after {', '.join(first)} and {last}, each lengthened by up to {JITTER * 100:.0f} % at" in page


def test_retry_after_is_honoured_where_it_is_later() -> None:
    """A receiver may ask for more patience, not for less."""
    later = NOW + timedelta(hours=1)
    assert next_attempt(1, NOW, SystemRandom(), not_before=later) == Again(later)
    again = next_attempt(1, NOW, SystemRandom(), not_before=NOW)
    assert isinstance(again, Again)
    assert again.at >= NOW + SCHEDULE[0]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 7 ", timedelta(seconds=7)),
        ("Mon, 18 May 2026 09:30:00 GMT", timedelta(minutes=30)),
        ("9" * 5000, timedelta(days=7)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=7)),
        ("soon", None),
        ("²", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, wait: timedelta | None) -> None:
    """Seconds or a date; nonsense is as none, and nobody waits longer than a week."""
    assert retry_after(header, NOW) == (None if wait is None else NOW + wait)
