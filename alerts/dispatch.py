"""The next message of a channel: what is due to one receiver is decided once more, and put together."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

import msgspec

from accounts.alert import Alert
from alerts import destinations, standing
from alerts.bundling import Due, Past, bundle
from alerts.config import Channel, NotifierConfig
from alerts.decision import Case, Drop, Standing, at_turn
from alerts.destinations import Destination
from alerts.envelope import DIGEST, Envelope, Item, fail, hold
from alerts.routing import Handling
from storage import turns
from storage.engine import Connection
from storage.turns import Told, Waiting

if TYPE_CHECKING:
    from alerts.hours import Pace
    from alerts.message import Notice

_DAY = timedelta(days=1)
_ABOUT_EARLIER = frozenset({"refired", "updated", "reminder"})
_ENDS = ("retracted", "resolved")
_BY_GRAVITY = ("raised", "refired", "updated", "escalated", "reminder", *_ENDS)


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
        hold(connection, rows[delivery_id], wait, now)


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
        elif row.notice == DIGEST and not standing.speaking(connection, row.body.get("alerts", []), now):
            decision = Drop("nothing_open")
        if decision is None:
            body = msgspec.convert(row.body, Alert) if alert else None
            kept.append(Item(row, body, told.get(alert.id) if alert else None))
        else:
            hold(connection, row, decision, now)
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
    """Of several notices of an alert that are due only the last, told as the gravest of them would be."""
    last = {alert.id: row for row, alert in read if alert is not None}
    gravest: dict[str, str] = {}
    for row, alert in read:
        if alert is None:
            yield row, alert
            continue
        newest = last[alert.id]
        said = gravest.setdefault(alert.id, row.notice)
        gravest[alert.id] = min(said, row.notice, key=_BY_GRAVITY.index)
        if newest.notice in _ENDS or row.maybe_sent:
            yield row, alert
        elif row is not newest:
            hold(connection, row, Drop("superseded"), now)
        else:
            unread = alert.id not in told and gravest[alert.id] in _ABOUT_EARLIER
            yield _told_as(connection, row, "raised" if unread else gravest[alert.id]), alert


def _told_as(connection: Connection, row: Waiting, notice: str) -> Waiting:
    if notice == row.notice:
        return row
    turns.turn_into(connection, row.delivery_id, notice)
    return row._replace(notice=notice, quiet=False)


def _unreferenced(row: Waiting, told: Told | None) -> Drop | None:
    """There is nothing to edit where the alert stands in no message of its own."""
    if not row.quiet or (told is not None and told.reference is not None):
        return None
    return Drop("unchanged_for_reader" if told else "ended_before_delivery")
