"""Alerts decided but not yet accepted by the webhook: written with the decision, sent afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from accounts.alert import Alert, to_json
from storage.tables import alerts as received
from storage.tables import outbox


class Message(NamedTuple):
    """One alert on its way; `message_id` is the same at every attempt."""

    id: int
    message_id: str
    alert_id: str
    body: str
    created_at: datetime
    attempts: int  # those made, this one included


class GivenUp(NamedTuple):
    """An alert that the webhook has refused, or not answered for too long."""

    id: int
    alert_id: str
    body: str
    created_at: datetime
    attempts: int
    last_error: str | None
    overtaken: bool  # the webhook has taken a later message of the same alert


class Depth(NamedTuple):
    """How much waits, since when, and how much was given up."""

    waiting: int
    oldest: datetime | None
    given_up: int


def put(connection: sa.Connection, alerts: Sequence[Alert], now: datetime) -> None:
    """Add alerts, in this order, to what is to be sent."""
    rows = [
        {
            "message_id": f"msg_{uuid4().hex}",
            "alert_id": alert.id,
            "body": to_json(alert).decode(),
            "created_at": now,
            "due_at": now,
        }
        for alert in alerts
    ]
    if rows:
        connection.execute(sa.insert(outbox), rows)


def claim(connection: sa.Connection, now: datetime, lease: timedelta, limit: int) -> list[Message]:
    """Take messages that are due; one whose sender dies comes back after the lease.

    Of each alert only the oldest waiting message is taken, so that its updates arrive in order.
    """
    older = outbox.alias("older")
    first = ~sa.exists().where(
        older.c.alert_id == outbox.c.alert_id, older.c.id < outbox.c.id, older.c.due_at.is_not(None)
    )
    query = (
        sa.select(
            outbox.c.id,
            outbox.c.message_id,
            outbox.c.alert_id,
            outbox.c.body,
            outbox.c.created_at,
            outbox.c.attempts + 1,
        )
        .where(outbox.c.due_at <= now, first)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    messages = [Message(*row) for row in connection.execute(query)]
    if messages:
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.id.in_([message.id for message in messages]))
            .values(attempts=outbox.c.attempts + 1, due_at=now + lease)
        )
    return messages


def remove(connection: sa.Connection, message: Message) -> None:
    """The webhook has accepted this message."""
    connection.execute(sa.delete(outbox).where(outbox.c.id == message.id))


def postpone(connection: sa.Connection, message: Message, due_at: datetime | None, error: str) -> None:
    """Try again at `due_at`; None gives the message up, and keeps it where a person can see it."""
    connection.execute(
        sa.update(outbox).where(outbox.c.id == message.id).values(due_at=due_at, last_error=error)
    )


def given_up(
    connection: sa.Connection, *, ids: Sequence[int] | None = None, after: int = 0, limit: int = 100
) -> list[GivenUp]:
    """Messages that were given up, by number, from `after` on; all that match where `ids` is None."""
    later = sa.and_(received.c.alert_id == outbox.c.alert_id, received.c.updated_at > outbox.c.created_at)
    query = (
        sa.select(
            outbox.c.id,
            outbox.c.alert_id,
            outbox.c.body,
            outbox.c.created_at,
            outbox.c.attempts,
            outbox.c.last_error,
            sa.exists().where(later),
        )
        .where(outbox.c.due_at.is_(None), outbox.c.id > after)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(outbox.c.id.in_(ids))
    return [GivenUp(*row) for row in connection.execute(query)]


def reopen(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """Try messages that were given up again, with a whole schedule of attempts."""
    mine = sa.and_(outbox.c.id.in_(ids), outbox.c.due_at.is_(None))
    connection.execute(sa.update(outbox).where(mine).values(attempts=0, due_at=now))


def depth(connection: sa.Connection) -> Depth:
    """What an operator wants to know of the outbox."""
    waiting = outbox.c.due_at.is_not(None)
    query = sa.select(
        sa.func.count().filter(waiting),
        sa.func.min(outbox.c.created_at).filter(waiting),
        sa.func.count().filter(~waiting),
    )
    return Depth(*connection.execute(query).one())
