"""What people do with an alert, from a button, a link or the API: acknowledge, snooze, hear no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from accounts.alert import Alert
from alerts import metrics
from storage import alerts as store
from storage import answers, history, queries
from storage.answers import NONE, Answers
from storage.engine import Connection, Engine, transaction
from storage.history import Entry

Via = Literal["slack", "email", "link", "api", "command"]

LONGEST_SNOOZE = timedelta(days=366)
LONGEST_AUTHOR = 200


class UnknownAlertError(Exception):
    """There is no alert of this id."""


class InvalidActionError(Exception):
    """The action cannot be taken; the message says why and what is allowed."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The alert, what is known of it now, and whether this changed anything."""

    alert: Alert
    answers: Answers
    new: bool


def acknowledge(engine: Engine, alert_id: str, author: str, via: Via, now: datetime) -> Acted:
    """Somebody is on it: no reminder, no escalation. The first one counts.

    Raises UnknownAlertError, or InvalidActionError for an author without a name.
    """
    with transaction(engine) as connection:
        alert = _alert(connection, alert_id)
        new = answers.acknowledge(connection, alert_id, _author(author), now)
        if new:
            _tell(connection, alert_id, now, "acknowledged", author=author, via=via)
        return _acted(connection, alert, new=new)


def snooze(engine: Engine, alert_id: str, until: datetime, author: str, via: Via, now: datetime) -> Acted:
    """Nothing of it until a moment; what still holds then is said again.

    Raises UnknownAlertError, or InvalidActionError for a moment that is past or more than a year ahead.
    """
    if not now < until <= now + LONGEST_SNOOZE:
        raise InvalidActionError("an alert is snoozed until a moment within a year from now")
    with transaction(engine) as connection:
        alert = _alert(connection, alert_id)
        answers.snooze(connection, alert_id, _author(author), until)
        store.follow_up(connection, alert_id, until)
        _tell(connection, alert_id, now, "snoozed", author=author, via=via, until=until.isoformat())
        return _acted(connection, alert, new=True)


def unsubscribe(engine: Engine, channel: str, receiver: str, now: datetime) -> bool:
    """Nothing more to a receiver by a channel; whether that is new. Their alerts say so."""
    with transaction(engine) as connection:
        return answers.unsubscribe(connection, channel, receiver, now)


def subscribe(engine: Engine, channel: str, receiver: str) -> bool:
    """Take that back; whether there was something to take back."""
    with transaction(engine) as connection:
        return answers.subscribe(connection, channel, receiver)


def _alert(connection: Connection, alert_id: str) -> Alert:
    body = queries.alert(connection, alert_id)
    if body is None:
        raise UnknownAlertError
    return msgspec.convert(body, Alert)


def _author(author: str) -> str:
    if not author.strip() or len(author) > LONGEST_AUTHOR or not author.isprintable():
        raise InvalidActionError(f"an author has from 1 to {LONGEST_AUTHOR} printable characters")
    return author


def _acted(connection: Connection, alert: Alert, *, new: bool) -> Acted:
    return Acted(alert, answers.of(connection, [alert.id]).get(alert.id, NONE), new)


def _tell(connection: Connection, alert_id: str, now: datetime, what: str, **detail: Any) -> None:
    history.add(connection, [Entry(alert_id, now, what, detail)])
    metrics.actions.labels(action=what).inc()
