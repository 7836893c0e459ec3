"""The alerts received and the messages that brought them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import accounts, alerts, webhook_messages


def register_message(
    connection: sa.Connection, message_id: str, alert_id: str, digest: bytes, now: datetime
) -> bytes | None:
    """None for a new message; else the digest of the body that came first with this id.

    A second transaction with the same message waits here for the first.
    """
    row = {"message_id": message_id, "alert_id": alert_id, "body_digest": digest, "received_at": now}
    if _insert(connection, webhook_messages, row):
        return None
    mine = webhook_messages.c.message_id == message_id
    first: bytes = connection.execute(sa.select(webhook_messages.c.body_digest).where(mine)).scalar_one()
    return first


def forget_messages(connection: sa.Connection, before: datetime) -> int:
    """Drop the record of messages received before a moment; returns how many."""
    old = sa.delete(webhook_messages).where(webhook_messages.c.received_at < before)
    return connection.execute(old).rowcount


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


def follow_up(connection: sa.Connection, alert_id: str, at: datetime | None) -> None:
    """Record when to look at an alert again."""
    mine = alerts.c.alert_id == alert_id
    connection.execute(sa.update(alerts).where(mine).values(follow_up_at=at))


_WARNINGS = ("buying_centre_shift", "decline", "at_risk")


def raised_since(connection: sa.Connection, since: datetime) -> tuple[int, int]:
    """How many warnings were raised since a moment, and of how many accounts that are reviewed."""
    warnings = sa.select(sa.func.count()).where(alerts.c.raised_at >= since, alerts.c.kind.in_(_WARNINGS))
    reviewed = sa.select(sa.func.count()).where(accounts.c.reviewed_to.is_not(None))
    return connection.execute(warnings).scalar_one(), connection.execute(reviewed).scalar_one()


def _insert(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Whether the row is new. By what comes back: for an INSERT the drivers do not agree on a row count."""
    statement = insert_ignoring_duplicates(table, connection).values(row)
    key = next(iter(table.primary_key))
    return connection.execute(statement.returning(key)).first() is not None
