"""The review clock: up to which moment everything that happened has been consumed.

Silence is evidence only where it is the customer's. While a consumer is down or behind, the clock stands
still with it, and no account is judged by events that nobody has read yet.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from storage.partitions import Progress

Mode = Literal["wall", "records"]


def review_clock(progress: Iterable[Progress], now: datetime, mode: Mode) -> datetime | None:
    """The least advanced partition's moment; None while nothing has been consumed.

    `wall`: a partition read to its end counts as read up to that moment of the wall clock.
    `records`: only record timestamps count, for a history that is played; empty partitions say nothing.
    """
    moments = [moment for row in progress if (moment := _moment(row, mode)) is not None]
    return min(now, *moments) if moments else None


def _moment(row: Progress, mode: Mode) -> datetime | None:
    known = [at for at in (row.record_time, row.caught_up_at if mode == "wall" else None) if at is not None]
    return max(known, default=None)
