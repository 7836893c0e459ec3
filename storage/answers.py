"""Who is on an alert, until when it is not to be said again, and who wants to hear nothing at all."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import answers, unsubscribed


class Answers(NamedTuple):
    """What was said of one alert, besides feedback."""

    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None


NONE = Answers()
_COLUMNS = tuple(answers.c[name] for name in Answers._fields)


def of(connection: sa.Connection, alert_ids: Collection[str]) -> dict[str, Answers]:
    """What was said of some alerts; those of which nothing was said are not in it."""
    query = sa.select(answers.c.alert_id, *_COLUMNS).where(answers.c.alert_id.in_(list(alert_ids)))
    return {alert_id: Answers(*rest) for alert_id, *rest in connection.execute(query)}


def acknowledge(connection: sa.Connection, alert_id: str, by: str, now: datetime) -> bool:
    """Record who is on it; whether nobody was before."""
    _ensure(connection, alert_id)
    mine = sa.and_(answers.c.alert_id == alert_id, answers.c.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "acknowledged_by": by}
    return connection.execute(sa.update(answers).where(mine).values(**values)).rowcount == 1


def snooze(connection: sa.Connection, alert_id: str, by: str, until: datetime) -> None:
    """Record until when it is not to be said again; the last word counts."""
    _ensure(connection, alert_id)
    values = {"snoozed_until": until, "snoozed_by": by}
    connection.execute(sa.update(answers).where(answers.c.alert_id == alert_id).values(**values))


def forget(connection: sa.Connection, alert_id: str) -> None:
    """The alert has fired anew: what was said of its earlier life says nothing of this one."""
    connection.execute(sa.delete(answers).where(answers.c.alert_id == alert_id))


def _ensure(connection: sa.Connection, alert_id: str) -> None:
    connection.execute(insert_ignoring_duplicates(answers, connection).values(alert_id=alert_id))


def unsubscribe(connection: sa.Connection, channel: str, receiver: str, now: datetime) -> bool:
    """Record that somebody wants nothing by a channel any more; whether that is new."""
    row = {"channel": channel, "receiver": receiver, "at": now}
    statement = insert_ignoring_duplicates(unsubscribed, connection).values(row)
    return connection.execute(statement.returning(unsubscribed.c.receiver)).first() is not None


def subscribe(connection: sa.Connection, channel: str, receiver: str) -> bool:
    """Take that back; whether there was something to take back."""
    mine = sa.and_(unsubscribed.c.channel == channel, unsubscribed.c.receiver == receiver)
    return connection.execute(sa.delete(unsubscribed).where(mine)).rowcount == 1


def all_unsubscribed(connection: sa.Connection) -> list[tuple[str, str, datetime]]:
    """(channel, receiver, since) of everybody who did."""
    query = sa.select(unsubscribed.c.channel, unsubscribed.c.receiver, unsubscribed.c.at)
    order = (unsubscribed.c.channel, unsubscribed.c.receiver)
    return [(channel, receiver, at) for channel, receiver, at in connection.execute(query.order_by(*order))]


def has_unsubscribed(connection: sa.Connection, receivers: Collection[str]) -> set[tuple[str, str]]:
    """Of some receivers, the (channel, receiver) that want nothing."""
    query = sa.select(unsubscribed.c.channel, unsubscribed.c.receiver)
    found = connection.execute(query.where(unsubscribed.c.receiver.in_(list(receivers))))
    return {(channel, receiver) for channel, receiver in found}
