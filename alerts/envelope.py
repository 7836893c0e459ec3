"""A message in the hands of a worker, and the record of what became of its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.alert import Alert
from alerts.config import Channel
from alerts.decision import Drop, Wait
from alerts.metrics import count_drop, count_wait
from storage import deliveries, history, turns
from storage.engine import Connection
from storage.history import Entry
from storage.turns import Told, Waiting

DIGEST = "digest"  # the notice of a delivery that tells what is open, and of no single alert


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery in a message."""

    row: Waiting
    alert: Alert | None  # as it was when this was decided; None for a digest's own
    told: Told | None  # the last notice of the alert that reached the receiver

    @property
    def alone(self) -> bool:
        """Whether it travels with no other: it is for a program, or about Turnsignal itself."""
        return self.row.channel == "webhook" or (self.alert is None and self.row.notice != DIGEST)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message claimed by one worker until its lease ends."""

    message_id: str
    channel: Channel
    receiver: str
    items: tuple[Item, ...]

    @property
    def attempts(self) -> int:
        """Those made before this one."""
        return self.items[0].row.attempts

    @property
    def role(self) -> str:
        """Why this receiver."""
        return self.items[0].row.role

    @property
    def created_at(self) -> datetime:
        """When the first of its notices came to be."""
        return min(item.row.created_at for item in self.items)

    @property
    def alone(self) -> Item | None:
        """The one alert it tells of, unless it is a digest."""
        first = self.items[0]
        digest = len(self.items) > 1 or first.alert is None or first.row.pace != "at_once"
        return None if digest else first


def hold(connection: Connection, row: Waiting, decision: Drop | Wait, now: datetime) -> None:
    """Record that a notice waits, or is not sent."""
    if isinstance(decision, Wait):
        _wait(connection, row, decision, now)
        return
    turns.suppress(connection, row.delivery_id, decision.reason, now)
    count_drop(row.channel, decision.reason)
    _tell(connection, row, now, "not_sent", reason=decision.reason)


def _wait(connection: Connection, row: Waiting, wait: Wait, now: datetime) -> None:
    turns.wait(connection, row.delivery_id, wait.reason, wait.until)
    if row.reason != wait.reason:
        count_wait(row.channel, wait.reason)
        _tell(connection, row, now, "waits", reason=wait.reason, until=wait.until.isoformat())


def fail(
    connection: Connection, message_id: str, rows: Sequence[Waiting], reason: str, now: datetime
) -> None:
    """Give a message up."""
    ended = set(deliveries.fail(connection, message_id, reason, now))
    for row in (row for row in rows if row.delivery_id in ended):
        _tell(connection, row, now, "failed", reason=reason)


def postpone(connection: Connection, envelope: Envelope, at: datetime, error: str) -> None:
    """Let a message be tried again at a moment."""
    deliveries.postpone(connection, envelope.message_id, at, error)


def deliver(
    connection: Connection, envelope: Envelope, reference: dict[str, Any] | None, now: datetime
) -> None:
    """Record that a message was accepted; one that tells of several alerts is none's to edit."""
    kept = reference if envelope.alone else None
    ended = set(deliveries.deliver(connection, envelope.message_id, kept, now))
    for item in (item for item in envelope.items if item.row.delivery_id in ended):
        _tell(connection, item.row, now, "delivered", together_with=len(envelope.items) - 1)


def _tell(connection: Connection, row: Waiting, now: datetime, what: str, **detail: object) -> None:
    """Add to the alert's history."""
    if row.alert_id is not None:
        about = {"channel": row.channel, "receiver": row.receiver, "role": row.role, "notice": row.notice}
        history.add(connection, [Entry(row.alert_id, now, what, {**about, **detail})])
