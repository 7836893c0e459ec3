"""Alerts that it is time to look at again, and what their receivers have heard of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.deliveries import Row
from storage.engine import insert_ignoring_duplicates
from storage.tables import alerts, deliveries


class Heard(NamedTuple):
    """A notice that a receiver got."""

    alert_id: str
    channel: str
    receiver: str
    role: str
    route: str
    notice: str
    finished_at: datetime


def due(connection: sa.Connection, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The alerts to look at, as last received, locked: nobody else looks at them meanwhile."""
    query = (
        sa.select(alerts.c.body)
        .where(alerts.c.follow_up_at <= now)
        .order_by(alerts.c.follow_up_at, alerts.c.alert_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(query).scalars())


def heard(connection: sa.Connection, alert_ids: Collection[str]) -> list[Heard]:
    """What was said of some alerts, the oldest first; edits say nothing."""
    query = (
        sa.select(*(deliveries.c[name] for name in Heard._fields))
        .where(
            deliveries.c.alert_id.in_(list(alert_ids)),
            deliveries.c.status == "delivered",
            deliveries.c.quiet.is_(False),
        )
        .order_by(deliveries.c.finished_at)
    )
    return [Heard(*row) for row in connection.execute(query)]


def open_alerts(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every alert that warns and still holds."""
    query = sa.select(alerts.c.body).where(alerts.c.status == "firing", alerts.c.kind != "recovered")
    return list(connection.execute(query.order_by(alerts.c.alert_id)).scalars())


def still_open(connection: sa.Connection, alert_ids: Collection[str]) -> list[dict[str, Any]]:
    """Of some alerts those that still hold."""
    query = sa.select(alerts.c.body).where(
        alerts.c.alert_id.in_(list(alert_ids)), alerts.c.status == "firing"
    )
    return list(connection.execute(query.order_by(alerts.c.alert_id)).scalars())


def put_digests(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Record digests that will be due; one that waits already learns what is open by now."""
    if not rows:
        return
    statement = insert_ignoring_duplicates(deliveries, connection).returning(deliveries.c.delivery_id)
    new = set(connection.execute(statement, list(rows)).scalars())
    for row in rows:
        if row["delivery_id"] not in new:
            mine = sa.and_(
                deliveries.c.delivery_id == row["delivery_id"],
                deliveries.c.status == "pending",
                deliveries.c.message_id.is_(None),
            )
            connection.execute(sa.update(deliveries).where(mine).values(body=row["body"]))
