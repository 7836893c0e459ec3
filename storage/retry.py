"""When to try again: one published schedule for everything that leaves the house."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

# Waits before each further attempt, as Standard Webhooks recommends; about 28 hours in all.
SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
)
MOST_ATTEMPTS = len(SCHEDULE) + 1
JITTER = 0.2  # each wait is lengthened by up to this share, so that many failures do not return as one herd
LONGEST_RETRY_AFTER = timedelta(days=7)  # a receiver that asks for more has its clock wrong


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at this moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt."""

    reason: str


def next_attempt(
    attempts: int, now: datetime, random: Random, *, not_before: datetime | None = None
) -> Again | GiveUp:
    """What follows a failure that may pass: `attempts` counts those made, the failed one included.

    A receiver's Retry-After (`not_before`) is honoured where it is later than the schedule.
    """
    if attempts >= MOST_ATTEMPTS:
        return GiveUp(f"gave up after {attempts} attempts")
    wait = SCHEDULE[attempts - 1] * (1 + JITTER * random.random())
    return Again(max(now + wait, not_before) if not_before else now + wait)


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """The moment a Retry-After header names, in seconds or as a date; None where it names none."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        # Thousands of digits are no number to Python, and ten are longer than the cap.
        seconds = timedelta(seconds=int(text)) if len(text) < 10 else LONGEST_RETRY_AFTER  # noqa: PLR2004
        return now + min(seconds, LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now + LONGEST_RETRY_AFTER)
