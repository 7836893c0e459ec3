"""The alerts received and the messages that brought them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import alerts, deliveries, webhook_messages


class Received(NamedTuple):
    """A message that was acted on before."""

    alert_id: str
    bodies: list[dict[str, Any]]  # the alert as its deliveries carry it; empty where there was no channel


def register_message(connection: sa.Connection, message_id: str, alert_id: str, now: datetime) -> bool:
    """Whether this message is new; a second transaction with the same one waits here for the first."""
    row = {"message_id": message_id, "alert_id": alert_id, "received_at": now}
    return _insert(connection, webhook_messages, row)


def received(connection: sa.Connection, message_id: str) -> Received:
    """What an earlier message of this id brought."""
    query = sa.select(webhook_messages.c.alert_id, webhook_messages.c.received_at)
    alert_id, at = connection.execute(query.where(webhook_messages.c.message_id == message_id)).one()
    made = sa.select(deliveries.c.body).where(
        deliveries.c.alert_id == alert_id, deliveries.c.created_at == at
    )
    return Received(alert_id, list(connection.execute(made).scalars()))


def put(
    connection: sa.Connection, alert_id: str, columns: Mapping[str, Any], now: datetime
) -> dict[str, Any] | None:
    """Store an alert as last received; returns its body before, None for a new one.

    `columns`: account_id, kind, severity, status, raised_at and body. The row stays locked, so that two
    messages of one alert are decided one after the other.
    """
    row = {"alert_id": alert_id, "received_at": now, "updated_at": now, **columns}
    if _insert(connection, alerts, row):
        return None
    mine = alerts.c.alert_id == alert_id
    before: dict[str, Any] = connection.execute(
        sa.select(alerts.c.body).where(mine).with_for_update()
    ).scalar_one()
    connection.execute(sa.update(alerts).where(mine).values(updated_at=now, **columns))
    return before


def _insert(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Whether the row is new. By what comes back: for an INSERT the drivers do not agree on a row count."""
    statement = insert_ignoring_duplicates(table, connection).values(row)
    key = next(iter(table.primary_key))
    return connection.execute(statement.returning(key)).first() is not None
