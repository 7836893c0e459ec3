"""What goes to whom by which channel: claimed by workers, tried again, recorded."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa

from storage.tables import alerts, deliveries


class Row(TypedDict):
    """A delivery as it is decided; `due_at` is empty for one that is not to be sent."""

    delivery_id: str
    alert_id: str
    channel: str
    receiver: str
    notice: str
    status: str
    reason: str | None
    body: dict[str, Any]
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None


class Claim(NamedTuple):
    """A delivery in the hands of one worker, until its lease ends."""

    delivery_id: str
    alert_id: str
    receiver: str
    notice: str
    reason: str | None
    body: dict[str, Any]
    created_at: datetime
    attempts: int  # those made, this one included
    last_error: str | None
    alert_now: dict[str, Any]  # the alert as last received
    told_before: bool  # an earlier notice of this alert reached the same receiver


class Failed(NamedTuple):
    """A delivery that was given up."""

    delivery_id: str
    alert_id: str
    channel: str
    receiver: str
    notice: str
    body: dict[str, Any]
    attempts: int
    finished_at: datetime
    last_error: str


class Backlog(NamedTuple):
    """How much waits in a channel, and since when."""

    channel: str
    waiting: int
    oldest: datetime


def put(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Record what was decided."""
    if rows:
        connection.execute(sa.insert(deliveries), rows)


def statuses(connection: sa.Connection, alert_id: str) -> dict[str, set[str]]:
    """How the notices of an alert stand, by channel."""
    query = sa.select(deliveries.c.channel, deliveries.c.status).where(deliveries.c.alert_id == alert_id)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for channel, status in connection.execute(query.distinct()):
        found[channel].add(status)
    return dict(found)


def claim(connection: sa.Connection, channel: str, now: datetime, lease: timedelta) -> Claim | None:
    """Take the delivery that has been due longest; it comes back after the lease unless it is recorded.

    Of one alert and receiver only the oldest waiting notice is taken, so that a correction never overtakes
    what it corrects. The attempt is counted before it is made: a worker that dies in it has made it.
    """
    row = connection.execute(_due(channel, now)).one_or_none()
    if row is None:
        return None
    taken = sa.update(deliveries).where(deliveries.c.delivery_id == row.delivery_id)
    connection.execute(taken.values(attempts=deliveries.c.attempts + 1, due_at=now + lease))
    return Claim(*row)


def _due(channel: str, now: datetime) -> sa.Select[Any]:
    other = deliveries.alias("other")
    same = sa.and_(
        other.c.alert_id == deliveries.c.alert_id,
        other.c.channel == deliveries.c.channel,
        other.c.receiver == deliveries.c.receiver,
        other.c.created_at < deliveries.c.created_at,
    )
    return (
        sa.select(
            deliveries.c.delivery_id,
            deliveries.c.alert_id,
            deliveries.c.receiver,
            deliveries.c.notice,
            deliveries.c.reason,
            deliveries.c.body,
            deliveries.c.created_at,
            (deliveries.c.attempts + 1).label("attempts"),
            deliveries.c.last_error,
            alerts.c.body.label("alert_now"),
            sa.exists().where(same, other.c.status == "delivered").label("told_before"),
        )
        .join(alerts, alerts.c.alert_id == deliveries.c.alert_id)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.status == "pending",
            deliveries.c.due_at <= now,
            ~sa.exists().where(same, other.c.status == "pending"),
        )
        .order_by(deliveries.c.due_at, deliveries.c.delivery_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=deliveries)
    )


def finish(
    connection: sa.Connection, claimed: Claim, status: str, now: datetime, *, reason: str | None
) -> bool:
    """Record how a delivery ended; whether it was still open, which a lease overrun may have changed."""
    values = {"status": status, "finished_at": now, "due_at": None}
    if status == "failed":
        values["last_error"] = reason
    if reason is not None:
        values["reason"] = reason
    return _record(connection, claimed, values)


def postpone(connection: sa.Connection, claimed: Claim, due_at: datetime, error: str) -> bool:
    """Try again at `due_at`; False where another worker has recorded its end meanwhile."""
    return _record(connection, claimed, {"due_at": due_at, "last_error": error})


def _record(connection: sa.Connection, claimed: Claim, values: dict[str, Any]) -> bool:
    open_ = sa.and_(deliveries.c.delivery_id == claimed.delivery_id, deliveries.c.status == "pending")
    return connection.execute(sa.update(deliveries).where(open_).values(values)).rowcount == 1


def failed(
    connection: sa.Connection,
    *,
    ids: Sequence[str] | None = None,
    channel: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Failed]:
    """Deliveries that were given up, by id, from `after` on; all that match where `ids` is None."""
    query = (
        sa.select(*(deliveries.c[name] for name in Failed._fields))
        .where(deliveries.c.status == "failed", deliveries.c.delivery_id > after)
        .order_by(deliveries.c.delivery_id)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(deliveries.c.delivery_id.in_(ids))
    if channel is not None:
        query = query.where(deliveries.c.channel == channel)
    return [Failed(*row) for row in connection.execute(query)]


def reopen(connection: sa.Connection, delivery_id: str, reason: str, now: datetime) -> bool:
    """Let a delivery that was given up be tried from the start; whether it still was one.

    Its id stays, and with it the idempotency key: a receiver that had it after all sees no second one.
    """
    mine = sa.and_(deliveries.c.delivery_id == delivery_id, deliveries.c.status == "failed")
    values = {"status": "pending", "reason": reason, "attempts": 0, "due_at": now, "finished_at": None}
    return connection.execute(sa.update(deliveries).where(mine).values(values)).rowcount == 1


def backlog(connection: sa.Connection) -> list[Backlog]:
    """What an operator wants to know of the channels."""
    query = (
        sa.select(deliveries.c.channel, sa.func.count(), sa.func.min(deliveries.c.created_at))
        .where(deliveries.c.status == "pending")
        .group_by(deliveries.c.channel)
        .order_by(deliveries.c.channel)
    )
    return [Backlog(*row) for row in connection.execute(query)]
