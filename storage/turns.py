"""The deliveries whose turn has come: gathered by receiver, formed into messages, or sent to wait."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.engine import is_sqlite
from storage.tables import alerts, deliveries

MOST_IN_A_MESSAGE = 1000
_MOST_RECEIVERS_TRIED = 50


class Waiting(NamedTuple):
    """A delivery whose turn has come."""

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
    reason: str | None
    body: dict[str, Any]
    message_id: str | None
    attempts: int  # those made before
    created_at: datetime
    due_at: datetime
    last_error: str | None
    alert_now: dict[str, Any] | None  # the alert as last received

    @property
    def maybe_sent(self) -> bool:
        """Whether an attempt was made whose end nobody recorded."""
        return self.attempts > 0 and self.last_error is None


class Past(NamedTuple):
    """What a receiver got by a channel of late."""

    messages: int
    last_gathered: datetime | None  # the last message that told of several alerts


class Told(NamedTuple):
    """A notice that reached a receiver."""

    alert_id: str
    receiver: str
    reference: dict[str, Any] | None
    finished_at: datetime


_WAITING = (
    *(deliveries.c[name] for name in Waiting._fields if name != "alert_now"),
    alerts.c.body.label("alert_now"),
)


def formed(
    connection: sa.Connection, channel: str, now: datetime, resting: Collection[str] = ()
) -> list[Waiting]:
    """The deliveries of the message that has been due longest, locked; nothing where none is due.

    Receivers in `resting` are left in peace for now.
    """
    first = sa.select(deliveries.c.message_id).where(
        deliveries.c.channel == channel,
        deliveries.c.status == "pending",
        deliveries.c.message_id.is_not(None),
        deliveries.c.due_at <= now,
    )
    if resting:
        first = first.where(deliveries.c.receiver.not_in(resting))
    first = first.order_by(deliveries.c.due_at, deliveries.c.delivery_id).limit(1)
    message_id = connection.execute(first.with_for_update(skip_locked=True)).scalar_one_or_none()
    if message_id is None:
        return []
    return _locked(connection, deliveries.c.message_id == message_id)


def gather(
    connection: sa.Connection, channel: str, now: datetime, resting: Collection[str] = ()
) -> list[Waiting]:
    """All that is due to one receiver and in no message yet, locked: at most MOST_IN_A_MESSAGE, oldest first.

    A notice that waits for a moment of its own comes along where a later one of the same alert is due. What
    has an earlier notice of its alert on the way waits for its end, so that a correction never overtakes.
    Only one transaction at a time gathers for a receiver.
    """
    for receiver in _receivers_due(connection, channel, now, resting):
        if _alone(connection, channel, receiver):
            due = sa.and_(
                deliveries.c.channel == channel,
                deliveries.c.receiver == receiver,
                deliveries.c.message_id.is_(None),
                ~_one_on_the_way(),
                sa.or_(deliveries.c.due_at <= now, _later_one_due(now)),
            )
            if found := _locked(connection, due, MOST_IN_A_MESSAGE):
                return found
    return []


def _receivers_due(
    connection: sa.Connection, channel: str, now: datetime, resting: Collection[str]
) -> list[str]:
    query = sa.select(deliveries.c.receiver).where(
        deliveries.c.channel == channel,
        deliveries.c.status == "pending",
        deliveries.c.message_id.is_(None),
        deliveries.c.due_at <= now,
        ~_one_on_the_way(),
    )
    if resting:
        query = query.where(deliveries.c.receiver.not_in(resting))
    first = sa.func.min(deliveries.c.due_at)
    query = query.group_by(deliveries.c.receiver).order_by(first, deliveries.c.receiver)
    return list(connection.execute(query.limit(_MOST_RECEIVERS_TRIED)).scalars())


def _alone(connection: sa.Connection, channel: str, receiver: str) -> bool:
    """Whether no other transaction gathers for this receiver; SQLite has but one writer anyway."""
    if is_sqlite(connection):
        return True
    key = sa.func.hashtextextended(f"{channel}\x1f{receiver}", 0)
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(key))).scalar_one())


def _of_the_same(other: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        other.c.alert_id == deliveries.c.alert_id,
        other.c.channel == deliveries.c.channel,
        other.c.receiver == deliveries.c.receiver,
        other.c.status == "pending",
    )


def _one_on_the_way() -> sa.ColumnElement[bool]:
    other = deliveries.alias("on_the_way")
    return sa.exists().where(_of_the_same(other), other.c.message_id.is_not(None))


def _later_one_due(now: datetime) -> sa.ColumnElement[bool]:
    other = deliveries.alias("later")
    return sa.exists().where(
        _of_the_same(other),
        other.c.message_id.is_(None),
        other.c.due_at <= now,
        other.c.created_at >= deliveries.c.created_at,
    )


def _locked(
    connection: sa.Connection, which: sa.ColumnElement[bool], most: int | None = None
) -> list[Waiting]:
    query = (
        sa.select(*_WAITING)
        .outerjoin(alerts, alerts.c.alert_id == deliveries.c.alert_id)
        .where(which, deliveries.c.status == "pending")
        .order_by(deliveries.c.created_at, deliveries.c.delivery_id)
        .limit(most)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def form(connection: sa.Connection, delivery_ids: Sequence[str], message_id: str, now: datetime) -> None:
    """Let deliveries travel in one message, due now."""
    _update(connection, delivery_ids, {"message_id": message_id, "due_at": now, "reason": None})


def begin(connection: sa.Connection, delivery_ids: Sequence[str], until: datetime) -> None:
    """Count an attempt, before it is made: a worker that dies in it has made it, and its lease ends."""
    _update(
        connection, delivery_ids, {"attempts": deliveries.c.attempts + 1, "due_at": until, "last_error": None}
    )


def turn_into(connection: sa.Connection, delivery_id: str, notice: str) -> None:
    """Let a delivery tell an alert as something else than was decided: nobody has read what came before."""
    _update(connection, [delivery_id], {"notice": notice, "quiet": False})


def hurry(connection: sa.Connection, reason: str, now: datetime) -> None:
    """Let all that waits for a reason be looked at again now."""
    waiting = sa.and_(
        deliveries.c.status == "pending", deliveries.c.message_id.is_(None), deliveries.c.reason == reason
    )
    connection.execute(sa.update(deliveries).where(waiting).values(due_at=now))


def wait(connection: sa.Connection, delivery_id: str, reason: str, until: datetime) -> None:
    """Let a delivery wait, out of any message; its attempts so far are forgotten."""
    values = {"reason": reason, "due_at": until, "message_id": None, "attempts": 0, "last_error": None}
    _update(connection, [delivery_id], values)


def suppress(connection: sa.Connection, delivery_id: str, reason: str, now: datetime) -> None:
    """Record that a delivery is not sent, and why."""
    values = {"status": "suppressed", "reason": reason, "finished_at": now, "due_at": None}
    _update(connection, [delivery_id], values)


def _update(connection: sa.Connection, delivery_ids: Sequence[str], values: dict[str, Any]) -> None:
    ids = list(delivery_ids)
    mine = sa.and_(deliveries.c.delivery_id.in_(ids), deliveries.c.status == "pending")
    connection.execute(sa.update(deliveries).where(mine).values(**values))


def past(connection: sa.Connection, channel: str, receiver: str, since: datetime) -> Past:
    """What a receiver got since a moment; edits of earlier messages do not count."""
    mine = sa.and_(
        deliveries.c.channel == channel,
        deliveries.c.receiver == receiver,
        deliveries.c.status == "delivered",
        deliveries.c.quiet.is_(False),
        deliveries.c.finished_at > since,
    )
    messages = (
        sa.select(sa.func.count().label("alerts"), sa.func.max(deliveries.c.finished_at).label("at"))
        .where(mine)
        .group_by(deliveries.c.message_id)
        .subquery()
    )
    gathered = sa.select(sa.func.max(messages.c.at)).where(messages.c.alerts > 1).scalar_subquery()
    count, last = connection.execute(sa.select(sa.func.count(), gathered).select_from(messages)).one()
    return Past(count, last)


def told(
    connection: sa.Connection, channel: str, receiver: str, alert_ids: Collection[str]
) -> dict[str, Told]:
    """The last notice of each of these alerts that reached a receiver, and where its message stands.

    The last place counts: a message that somebody has deleted is posted anew.
    """
    query = (
        sa.select(
            deliveries.c.alert_id, deliveries.c.receiver, deliveries.c.reference, deliveries.c.finished_at
        )
        .where(
            deliveries.c.channel == channel,
            deliveries.c.receiver == receiver,
            deliveries.c.alert_id.in_(list(alert_ids)),
            deliveries.c.status == "delivered",
        )
        .order_by(deliveries.c.finished_at)
    )
    found: dict[str, Told] = {}
    for row in connection.execute(query):
        new = Told(*row)
        earlier = found.get(new.alert_id)
        kept = new.reference if earlier is None else new.reference or earlier.reference
        found[new.alert_id] = new._replace(reference=kept)
    return found
