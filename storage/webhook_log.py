"""What was posted to the endpoints of other programs, how it went, and a replay of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.tables import deliveries

# Decided against for the endpoint's sake alone: once it is back it may have them.
GONE = "endpoint_gone"


class Posted(NamedTuple):
    """A delivery to an endpoint; `body` is the alert as it was then, or a test's."""

    delivery_id: str
    alert_id: str | None
    receiver: str
    notice: str
    status: str
    reason: str | None
    attempts: int
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    last_error: str | None
    body: dict[str, Any]


class Which(NamedTuple):
    """Deliveries to one endpoint: one of them, or those that came to be in a range of time."""

    endpoint_id: str
    delivery_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    delivered_too: bool = False


_COLUMNS = tuple(deliveries.c[name] for name in Posted._fields)


def find(
    connection: sa.Connection,
    endpoint_id: str,
    *,
    status: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Posted]:
    """An endpoint's, the newest first; `after` is the (created_at, id) of the last one seen."""
    created, identity = deliveries.c.created_at, deliveries.c.delivery_id
    query = sa.select(*_COLUMNS).where(
        deliveries.c.channel == "webhook", deliveries.c.receiver == endpoint_id
    )
    if status is not None:
        query = query.where(deliveries.c.status == status)
    if after is not None:
        at = sa.literal(after[0], created.type)
        query = query.where(sa.or_(created < at, sa.and_(created == at, identity < after[1])))
    query = query.order_by(created.desc(), identity.desc()).limit(limit)
    return [Posted(*row) for row in connection.execute(query)]


def one(connection: sa.Connection, delivery_id: str) -> Posted | None:
    """One delivery."""
    mine = sa.and_(deliveries.c.delivery_id == delivery_id, deliveries.c.channel == "webhook")
    row = connection.execute(sa.select(*_COLUMNS).where(mine)).one_or_none()
    return Posted(*row) if row else None


def replayable(connection: sa.Connection, which: Which, after: str, limit: int) -> list[Posted]:
    """Those that were given up or dropped with their endpoint, on request those delivered too; by id."""
    dropped = sa.and_(deliveries.c.status == "suppressed", deliveries.c.reason == GONE)
    wanted = [deliveries.c.status == "failed", dropped]
    if which.delivered_too or which.delivery_id is not None:
        wanted.append(deliveries.c.status == "delivered")
    query = sa.select(*_COLUMNS).where(
        deliveries.c.channel == "webhook",
        deliveries.c.receiver == which.endpoint_id,
        deliveries.c.delivery_id > after,
        sa.or_(*wanted),
    )
    if which.delivery_id is not None:
        query = query.where(deliveries.c.delivery_id == which.delivery_id)
    if which.since is not None:
        query = query.where(deliveries.c.created_at >= which.since)
    if which.until is not None:
        query = query.where(deliveries.c.created_at < which.until)
    query = query.order_by(deliveries.c.delivery_id).limit(limit)
    return [Posted(*row) for row in connection.execute(query.with_for_update())]


def replay(connection: sa.Connection, delivery_ids: Sequence[str], now: datetime) -> None:
    """Let them be sent again, with a whole schedule of attempts, in the order of their alerts.

    The id stays, and with it the idempotency key: who has had one already can tell.
    """
    values = {
        "status": "pending",
        "reason": None,
        "message_id": None,
        "attempts": 0,
        "due_at": now,
        "finished_at": None,
        "last_error": None,
    }
    mine = deliveries.c.delivery_id.in_(list(delivery_ids))
    connection.execute(sa.update(deliveries).where(mine).values(values))
