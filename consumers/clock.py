"""The review clock: up to which moment everything that happened has been consumed.

Silence is evidence only where it is the customer's. While a consumer is down or behind, a topic stands still
or a cluster is away, the clock stands still with it, and no account is judged by events that nobody has read
yet.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from consumers.subscription import Subscription
from storage.partitions import Progress

Mode = Literal["wall", "records"]


def consumed(progress: Iterable[Progress], subscriptions: Sequence[Subscription]) -> list[Progress]:
    """The partitions of what is consumed now; the table also has those of earlier settings."""
    wanted = {subscription.cluster: subscription for subscription in subscriptions}
    return [row for row in progress if row.cluster in wanted and wanted[row.cluster].covers(row.topic)]


def never_reached(progress: Iterable[Progress], subscriptions: Sequence[Subscription]) -> list[str]:
    """The topics and patterns of which no partition has ever been held."""
    rows = list(progress)
    missing = []
    for subscription in subscriptions:
        names, patterns = subscription.unmet(row.topic for row in rows if row.cluster == subscription.cluster)
        of = f"{subscription.cluster}:" if subscription.cluster else ""
        missing += [of + topic for topic in [*names, *patterns]]
    return missing


def review_clock(
    progress: Iterable[Progress], now: datetime, mode: Mode, subscriptions: Sequence[Subscription] = ()
) -> datetime | None:
    """The least advanced partition's moment; None while something has not been consumed at all.

    `wall`: a partition read to its end counts as read up to that moment of the wall clock.
    `records`: only record timestamps count, for a history that is played; empty partitions say nothing.
    """
    rows = consumed(progress, subscriptions) if subscriptions else list(progress)
    if mode == "records":
        told = [row.record_time for row in rows if row.record_time is not None]
        return min(now, *told) if told else None
    moments = [row.moment for row in rows]
    known = [moment for moment in moments if moment is not None]
    if not known or len(known) < len(moments) or never_reached(rows, subscriptions):
        return None
    return min(now, *known)
