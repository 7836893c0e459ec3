"""The next message of a channel: what is due to one receiver is decided once more, and put together."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from accounts.alert import Alert
from alerts import destinations, standing
from alerts.bundling import Due, Past, bundle
from alerts.config import Channel, NotifierConfig
from alerts.decision import Case, Drop, Standing, Wait, at_turn
from alerts.destinations import Destination
from alerts.metrics import count_drop, count_wait
from alerts.routing import Handling
from storage import deliveries, follow_ups, history, turns
from storage.engine import Connection
from storage.history import Entry
from storage.turns import Told, Waiting

if TYPE_CHECKING:
    from alerts.hours import Pace
    from alerts.message import Notice

DIGEST = "digest"  # the notice of a delivery that tells what is open, and of no single alert
_DAY = timedelta(days=1)


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
    def maybe_sent(self) -> bool:
        """Whether an earlier attempt may have arrived."""
        return any(item.row.maybe_sent for item in self.items)

    @property
    def alone(self) -> Item | None:
        """The one alert it tells of, unless it is a digest."""
        first = self.items[0]
        digest = len(self.items) > 1 or first.alert is None or first.row.pace != "at_once"
        return None if digest else first


def take(
    connection: Connection,
    channel: Channel,
    now: datetime,
    config: NotifierConfig,
    resting: Collection[str] = (),
) -> Envelope | Literal["decided"] | None:
    """Claim the message that has been due longest, or form those of one receiver (`decided`); else None."""
    if rows := turns.formed(connection, channel, now, resting):
        kept = _decided(connection, rows, now, config)
        if not kept:
            return "decided"
        turns.begin(connection, [item.row.delivery_id for item in kept], now + config.lease)
        return Envelope(str(rows[0].message_id), channel, rows[0].receiver, tuple(kept))
    if due := turns.gather(connection, channel, now, resting):
        _form(connection, _decided(connection, due, now, config), now, config)
        return "decided"
    return None


def _form(connection: Connection, items: Sequence[Item], now: datetime, config: NotifierConfig) -> None:
    for item in items:
        if item.alone:
            turns.form(connection, [item.row.delivery_id], item.row.delivery_id, now)
    items = [item for item in items if not item.alone]
    if not items:
        return
    first = items[0]
    role, channel, receiver = first.row.role, first.row.channel, first.row.receiver
    zone = destinations.zone(role, first.alert, config)
    next_digest = destinations.hours_of(role, config).next_digest(now, "daily", zone)
    past = Past(*turns.past(connection, channel, receiver, now - _DAY))
    made = bundle([_due(item) for item in items], past, now, config.limits, next_digest)
    for ids in made.messages:
        turns.form(connection, ids, ids[0], now)
    rows = {item.row.delivery_id: item.row for item in items}
    for delivery_id, wait in made.waits:
        _wait(connection, rows[delivery_id], wait, now)


def _due(item: Item) -> Due:
    return Due(
        item.row.delivery_id,
        critical=item.alert is not None and item.alert.severity == "critical",
        digest=item.row.pace != "at_once",
        quiet=item.row.quiet,
    )


def _decided(
    connection: Connection, rows: Sequence[Waiting], now: datetime, config: NotifierConfig
) -> list[Item]:
    """What of these may go now; the rest is recorded as dropped, failed or waiting."""
    read = list(_read(connection, rows, now))
    current = [alert for _, alert in read if alert is not None]
    channel, receiver = rows[0].channel, rows[0].receiver
    if channel == "webhook":
        known = standing.known_to_programs(connection, [receiver])
        told: dict[str, Told] = {}
        left = _first_of_each(read)
    else:
        known = standing.known(connection, current, [receiver], now)
        told = turns.told(connection, channel, receiver, [alert.id for alert in current])
        left = _newest(connection, read, told, now)
    kept = []
    for row, alert in left:
        decision = None
        if alert is not None:
            facts = known.standing(alert, channel, receiver)
            earlier = told.get(alert.id)
            decision = _unreferenced(row, earlier) or at_turn(_case(row, alert, earlier, now, facts), config)
        elif (channel, receiver) in known.unsubscribed:
            decision = Drop("unsubscribed")
        elif receiver in known.gone:
            decision = Drop("endpoint_gone")
        elif row.notice == DIGEST and not follow_ups.still_open(connection, row.body.get("alerts", [])):
            decision = Drop("nothing_open")
        if decision is None:
            body = msgspec.convert(row.body, Alert) if alert else None
            kept.append(Item(row, body, told.get(alert.id) if alert else None))
        else:
            _record(connection, row, decision, now)
    return kept


def _case(row: Waiting, alert: Alert, told: Told | None, now: datetime, facts: Standing) -> Case:
    handling = Handling(pace=cast("Pace", row.pace), always=row.always)
    destination = Destination(cast("Channel", row.channel), row.receiver, row.role, row.route, handling)
    notice = cast("Notice", row.notice)
    return Case(
        alert,
        notice,
        graver=not row.quiet,
        destination=destination,
        created_at=row.created_at,
        now=now,
        told=told is not None,
        standing=facts,
        maybe_sent=row.maybe_sent,
    )


def _read(
    connection: Connection, rows: Sequence[Waiting], now: datetime
) -> Iterator[tuple[Waiting, Alert | None]]:
    """Each row with its alert as last received; what another version has stored fails alone."""
    for row in rows:
        if row.alert_id is None:
            yield row, None
            continue
        try:
            msgspec.convert(row.body, Alert)
            yield row, msgspec.convert(row.alert_now, Alert)
        except msgspec.ValidationError as error:
            turns.form(connection, [row.delivery_id], row.delivery_id, now)
            fail(connection, row.delivery_id, [row], f"the stored alert cannot be read: {error}", now)


def _first_of_each(read: Sequence[tuple[Waiting, Alert | None]]) -> Iterator[tuple[Waiting, Alert | None]]:
    """A program gets every notice of an alert; those behind the first wait for its end."""
    begun = set()
    for row, alert in read:
        if alert is None or alert.id not in begun:
            yield row, alert
        begun.add(row.alert_id)


def _newest(
    connection: Connection,
    read: Sequence[tuple[Waiting, Alert | None]],
    told: dict[str, Told],
    now: datetime,
) -> Iterator[tuple[Waiting, Alert | None]]:
    """Of several notices of an alert that nobody has read yet only the last, told as the first would be."""
    last = {alert.id: row for row, alert in read if alert is not None}
    for row, alert in read:
        newest = last[alert.id] if alert else row
        corrects = newest.notice in {"retracted", "resolved"}
        if row is not newest and not corrects and not row.maybe_sent:
            _record(connection, row, Drop("superseded"), now)
        elif alert and alert.id not in told and row.notice in {"updated", "refired", "reminder"}:
            turns.turn_into(connection, row.delivery_id, "raised")
            yield row._replace(notice="raised", quiet=False), alert
        else:
            yield row, alert


def _unreferenced(row: Waiting, told: Told | None) -> Drop | None:
    """There is nothing to edit where the alert stands in no message of its own."""
    if not row.quiet or (told is not None and told.reference is not None):
        return None
    return Drop("unchanged_for_reader" if told else "ended_before_delivery")


def _record(connection: Connection, row: Waiting, decision: Drop | Wait, now: datetime) -> None:
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
