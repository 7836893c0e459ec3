"""What goes to whom by which channel, and how it went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import deliveries


class Row(TypedDict):
    """A delivery as it is decided; `due_at` is empty for one that is not to be sent."""

    delivery_id: str
    alert_id: str | None
    channel: str
    receiver: str
    role: str
    route: str
    pace: str
    always: bool
    notice: str
    quiet: bool
    status: str
    reason: str | None
    body: dict[str, Any]
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None


class Failed(NamedTuple):
    """A delivery that was given up."""

    delivery_id: str
    alert_id: str | None
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
    """Record what was decided; what is there already stays as it is."""
    if rows:
        connection.execute(insert_ignoring_duplicates(deliveries, connection), list(rows))


def open_or_told(connection: sa.Connection, alert_id: str) -> set[tuple[str, str]]:
    """(channel, receiver) of every notice of an alert that was delivered or still may be."""
    query = sa.select(deliveries.c.channel, deliveries.c.receiver).where(
        deliveries.c.alert_id == alert_id, deliveries.c.status.in_(("delivered", "pending"))
    )
    return {(channel, receiver) for channel, receiver in connection.execute(query.distinct())}


def deliver(
    connection: sa.Connection, message_id: str, reference: dict[str, Any] | None, now: datetime
) -> list[str]:
    """Record that a message was accepted; returns the deliveries in it that were still open."""
    return _finish(
        connection, message_id, {"status": "delivered", "reason": None, "reference": reference}, now
    )


def fail(connection: sa.Connection, message_id: str, reason: str, now: datetime) -> list[str]:
    """Record that a message was given up; returns the deliveries in it that were still open."""
    return _finish(connection, message_id, {"status": "failed", "reason": reason, "last_error": reason}, now)


def _finish(connection: sa.Connection, message_id: str, values: dict[str, Any], now: datetime) -> list[str]:
    """A lease overrun may have let another worker record the end first."""
    open_ = sa.and_(deliveries.c.message_id == message_id, deliveries.c.status == "pending")
    ended = sa.update(deliveries).where(open_).values(finished_at=now, due_at=None, **values)
    return list(connection.execute(ended.returning(deliveries.c.delivery_id)).scalars())


def postpone(connection: sa.Connection, message_id: str, due_at: datetime, error: str) -> None:
    """Try a message again at `due_at`."""
    open_ = sa.and_(deliveries.c.message_id == message_id, deliveries.c.status == "pending")
    connection.execute(sa.update(deliveries).where(open_).values(due_at=due_at, last_error=error))


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


def reopen(connection: sa.Connection, delivery_id: str, now: datetime) -> bool:
    """Let a delivery that was given up be tried from the start; whether it still was one.

    Its id stays, and with it the idempotency key: a receiver that had it after all sees no second one. What
    goes to programs leaves its message, to be formed again in the order of its alert.
    """
    mine = sa.and_(deliveries.c.delivery_id == delivery_id, deliveries.c.status == "failed")
    message = sa.case((deliveries.c.channel == "webhook", None), else_=deliveries.c.message_id)
    values = {
        "status": "pending",
        "reason": None,
        "attempts": 0,
        "due_at": now,
        "finished_at": None,
        "message_id": message,
    }
    return connection.execute(sa.update(deliveries).where(mine).values(values)).rowcount == 1


def waiting_until(connection: sa.Connection, at: datetime) -> int:
    """How many wait for no longer than until a moment."""
    query = sa.select(sa.func.count()).where(deliveries.c.status == "pending", deliveries.c.due_at <= at)
    return connection.execute(query).scalar_one()


def held_back(connection: sa.Connection, reasons: Sequence[str]) -> set[str]:
    """The alerts of which something was held back for one of these reasons."""
    query = sa.select(deliveries.c.alert_id).where(
        deliveries.c.status.in_(("pending", "suppressed")), deliveries.c.reason.in_(reasons)
    )
    return {alert_id for alert_id in connection.execute(query.distinct()).scalars() if alert_id}


def backlog(connection: sa.Connection) -> list[Backlog]:
    """What an operator wants to know of the channels."""
    query = (
        sa.select(deliveries.c.channel, sa.func.count(), sa.func.min(deliveries.c.created_at))
        .where(deliveries.c.status == "pending")
        .group_by(deliveries.c.channel)
        .order_by(deliveries.c.channel)
    )
    return [Backlog(*row) for row in connection.execute(query)]


def count_failed(connection: sa.Connection) -> int:
    """How many were given up."""
    query = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.status == "failed")
    return int(connection.execute(query).scalar_one())
