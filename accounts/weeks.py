"""Weeks as integers: week 0 starts on Monday 1970-01-05, 00:00 UTC."""

from datetime import UTC, datetime, timedelta

WEEK = timedelta(weeks=1)
WEEK_SECONDS = 7 * 24 * 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY_SECONDS = 4 * 24 * 3600
_FIRST_MONDAY = _EPOCH.toordinal() + 4


def week_of(at: datetime) -> int:
    """The week in which an aware moment lies."""
    if at.tzinfo is UTC:
        return (at.toordinal() - _FIRST_MONDAY) // 7
    elapsed = at - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds - _MONDAY_SECONDS) // WEEK_SECONDS


def start_of(week: int) -> datetime:
    """The first moment of a week, in UTC."""
    return _EPOCH + timedelta(seconds=_MONDAY_SECONDS) + week * WEEK
