"""From a signed message to recorded deliveries: read, and in one transaction dedupe, store, decide."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import msgspec
import structlog

from accounts.alert import Alert, as_builtins, from_json
from alerts import endpoints, metrics, standing
from alerts.config import NotifierConfig
from alerts.decision import Drop, Wait, notice_of
from alerts.destinations import destinations
from alerts.message import Notice
from alerts.metrics import count_drop, count_wait
from alerts.planning import Planned, plan, row_of
from storage import alerts as store
from storage import answers, deliveries, history
from storage.engine import Connection, Engine, transaction
from storage.history import Entry

log = structlog.get_logger()

# How long a message's id is remembered: far beyond the relay's attempts (28 hours, or the week that a
# Retry-After may ask for). After that the same id counts as a new message.
MESSAGE_RETENTION = timedelta(days=30)
# No narrower than what the events that alerts come from may hold: what passed there must pass here.
_LONGEST_ID = 512
_YEARS = range(1970, 2102)
_MOMENTS = ("onset_at", "raised_at", "resolved_at", "led_by_since", "previously_led_by_since")


class MalformedAlertError(Exception):
    """The body is not JSON."""


class InvalidAlertError(Exception):
    """The body is JSON, but not an alert: `field` names where."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class ConflictingMessageError(Exception):
    """A message with this id was received before, with another body."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message."""

    outcome: Literal["accepted", "repeated"]
    alert_id: str
    notice: Notice | None = None
    deliveries: tuple[Planned, ...] = ()

    @property
    def to_send(self) -> bool:
        """Whether there is work for a notifier."""
        return any(planned.decision is None for planned in self.deliveries)


def read_alert(body: bytes) -> Alert:
    """The alert in a body; raises MalformedAlertError or InvalidAlertError."""
    try:
        alert = from_json(body)
    except msgspec.ValidationError as error:
        raise InvalidAlertError(_field(str(error)), str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAlertError(str(error)) from None
    for name in ("id", "account_id"):
        _check_id(name, getattr(alert, name))
    for name in _MOMENTS:
        _check_moment(name, getattr(alert, name))
    if _holds_nul(as_builtins(alert)):
        raise InvalidAlertError("", "a text holds a NUL, which no database gives back")
    return alert


def receive(
    engine: Engine, config: NotifierConfig, message_id: str, sent: bytes, clock: Callable[[], datetime]
) -> Receipt:
    """Act on a message once, however often and however concurrently it comes.

    Raises ConflictingMessageError where its id was used for another body, MalformedAlertError or
    InvalidAlertError where the body is no alert.
    """
    alert = read_alert(sent)
    body, digest = as_builtins(alert), sha256(sent).digest()
    with transaction(engine) as connection:
        now = clock()
        first = store.register_message(connection, message_id, alert.id, digest, now)
        if first is not None:
            if first != digest:
                raise ConflictingMessageError
            return Receipt("repeated", alert.id)
        before = _store(connection, alert, body, now)
        notice, planned = _plan(connection, before, alert, now, config)
        # With the moment: the message's id may come again, as a new message, once it has been forgotten.
        identity = f"{message_id}\0{now.isoformat()}"
        deliveries.put(connection, [row_of(identity, alert, body, one, now) for one in planned])
        said = {"notice": notice, "decisions": [one.in_words for one in planned]}
        history.add(connection, [Entry(alert.id, now, "received", said)])
    _tell_operations(alert, notice, planned)
    return Receipt("accepted", alert.id, notice, tuple(planned))


def _plan(
    connection: Connection, before: Alert | None, alert: Alert, now: datetime, config: NotifierConfig
) -> tuple[Notice, list[Planned]]:
    told = deliveries.open_or_told(connection, alert.id) if before else set()
    receivers = {one.receiver for one in destinations(alert, config)}
    known = standing.known(connection, [alert], receivers, now)
    subscribed = endpoints.subscribed(connection, notice_of(before, alert)) if config.webhooks else []
    notice, planned = plan(
        before, alert, known=known, told=told, endpoints=subscribed, now=now, config=config
    )
    if notice == "refired":
        answers.forget(connection, alert.id)
    store.follow_up(connection, alert.id, now if alert.status == "firing" else None)
    return notice, planned


def forget_messages(engine: Engine, now: datetime) -> int:
    """Drop the record of messages past their retention; returns how many."""
    with transaction(engine) as connection:
        return store.forget_messages(connection, now - MESSAGE_RETENTION)


def _store(connection: Connection, alert: Alert, body: dict[str, Any], now: datetime) -> Alert | None:
    columns = {
        "account_id": alert.account_id,
        "kind": alert.kind,
        "severity": alert.severity,
        "status": alert.status,
        "raised_at": alert.raised_at,
        "body": body,
    }
    before = store.put(connection, alert.id, columns, now)
    return None if before is None else msgspec.convert(before, Alert)


def _tell_operations(alert: Alert, notice: Notice, planned: list[Planned]) -> None:
    metrics.alerts_received.labels(kind=alert.kind, severity=alert.severity).inc()
    for one in planned:
        match one.decision:
            case Drop(reason):
                count_drop(one.channel, reason)
            case Wait(reason, _):
                count_wait(one.channel, reason)
    log.info(
        "alert received",
        action="alert_received",
        alert_id=alert.id,
        account_id=alert.account_id,
        kind=alert.kind,
        notice=notice,
        decisions=[one.in_words for one in planned],
    )


def _field(message: str) -> str:
    """The path that msgspec names in its message, without the leading `$.`."""
    if found := re.search(r"`\$\.?(.*)`$", message):
        return found[1]
    missing = re.search(r"field `([^`]+)`", message)
    return missing[1] if missing else ""


def _check_id(name: str, value: str) -> None:
    if not 1 <= len(value) <= _LONGEST_ID:
        raise InvalidAlertError(name, f"{name} has from 1 to {_LONGEST_ID} characters")
    if _holds_nul(value):
        raise InvalidAlertError(name, f"{name} holds a NUL")


def _holds_nul(value: object) -> bool:
    """Whether any text in plain data does: PostgreSQL keeps it within JSON, but fails wherever it is read."""
    if isinstance(value, dict):
        return any(map(_holds_nul, value.values()))
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _check_moment(name: str, value: datetime | None) -> None:
    if value is None:
        return
    if value.tzinfo is None:
        raise InvalidAlertError(name, f"{name} has no time zone")
    if value.year not in _YEARS:
        raise InvalidAlertError(name, f"{name} is not between {_YEARS[0]} and {_YEARS[-1]}")
