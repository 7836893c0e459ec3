"""Moments and days, as systems write them, on one clock and in one spelling."""

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MILLISECONDS_FROM = 10**11  # as seconds this would lie in the year 5138, as milliseconds in 1973


def moment(count: int, unit: str) -> datetime | None:
    """The moment so many units after 1970; None for one that no calendar has."""
    seconds, rest = divmod(count, _PER_SECOND[unit])
    try:
        return _EPOCH + timedelta(0, seconds, rest * 10**6 // _PER_SECOND[unit])
    except OverflowError:
        return None


def moment_of(value: Any) -> datetime | None:
    """A moment of ISO 8601 text with a zone, or of seconds or milliseconds since 1970; else None."""
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return moment(int(value), _unit(int(value))) if value.isascii() and _is_count(value) else None
        return None if read.tzinfo is None else read
    if isinstance(value, int) and not isinstance(value, bool):
        return moment(value, _unit(value))
    return None


def day(count: Any) -> Any:
    """The day so many days after 1970; what no calendar has stays as it is."""
    try:
        return (_EPOCH + timedelta(days=count)).date().isoformat()
    except OverflowError:
        return count


def written(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()[:-6] + "Z"


def _unit(count: int) -> str:
    return "ms" if abs(count) >= _MILLISECONDS_FROM else "s"


def _is_count(text: str) -> bool:
    return text.isdigit() and len(text) <= 18  # noqa: PLR2004  (a signed 64-bit number)
