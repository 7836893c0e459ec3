"""What people do with the endpoints of other programs: add, change, rotate, remove, test, replay."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

import msgspec

from alerts.config import WebhooksConfig
from alerts.destinations import webhook_destination
from alerts.endpoint_secrets import is_secret, new_secret, rotated
from alerts.endpoints import EVENT_TYPES, TEST, fits
from alerts.outbound import Outbound, RefusedError
from storage import deliveries, history, webhook_endpoints, webhook_log
from storage.deliveries import Row
from storage.engine import Connection, Engine, transaction
from storage.history import Entry
from storage.webhook_endpoints import Endpoint
from storage.webhook_log import Posted, Which

_BATCH = 500
_CHECK_SECONDS = 5.0

Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Description = Annotated[str, msgspec.Meta(max_length=500)]
EventTypes = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]], msgspec.Meta(max_length=20)
]


class AskedEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new endpoint, as it is asked for; without `secret` one is made."""

    url: Url
    description: Description = ""
    event_types: EventTypes = []
    secret: str | None = None


class AskedChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be otherwise."""

    url: Url | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    event_types: EventTypes | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class AskedReplay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One delivery, or a range of time: of it what failed, with `delivered_too` all that was sent."""

    delivery_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    delivered_too: bool = False


class InvalidEndpointError(Exception):
    """What was asked for cannot be; the message says what is allowed."""


class UnknownEndpointError(Exception):
    """There is no such endpoint, or no such delivery to it."""


class DisabledEndpointError(Exception):
    """Nothing is sent to an endpoint that is disabled."""


def create(engine: Engine, config: WebhooksConfig, asked: AskedEndpoint, now: datetime) -> Endpoint:
    """Store one; raises InvalidEndpointError for what is never posted to, or cannot be signed for."""
    _check_url(asked.url, config)
    _check_texts(asked.description, asked.event_types)
    secret = asked.secret or new_secret()
    if not is_secret(secret):
        raise InvalidEndpointError("a secret is whsec_ and from 24 to 64 bytes in base64")
    made = Endpoint(
        endpoint_id=f"ep_{uuid4().hex[:24]}",
        url=asked.url,
        description=asked.description,
        event_types=list(asked.event_types),
        secrets=[{"secret": secret}],
        created_at=now,
        failing_since=None,
        disabled_at=None,
        disabled_reason=None,
    )
    with transaction(engine) as connection:
        webhook_endpoints.add(connection, made)
    return made


def change(
    engine: Engine, config: WebhooksConfig, endpoint_id: str, asked: AskedChange, now: datetime
) -> Endpoint:
    """Change one; raises UnknownEndpointError or InvalidEndpointError.

    Enabling it again forgives what failed before; what it has missed is replayed on request.
    """
    given = {
        name: value for name, value in msgspec.structs.asdict(asked).items() if value is not msgspec.UNSET
    }
    if "url" in given:
        _check_url(given["url"], config)
    _check_texts(given.get("description", ""), given.get("event_types", []))
    enabled = given.pop("enabled", None)
    with transaction(engine) as connection:
        before = _known(connection, endpoint_id)
        if enabled is True and before.disabled_at is not None:
            given |= {"disabled_at": None, "disabled_reason": None, "failing_since": None}
        if enabled is False and before.disabled_at is None:
            given |= {"disabled_at": now, "disabled_reason": "by hand"}
        if given:
            webhook_endpoints.change(connection, endpoint_id, given)
        return _known(connection, endpoint_id)


def rotate(engine: Engine, endpoint_id: str, now: datetime) -> Endpoint:
    """Sign with a new secret; the one before holds for another day. Raises UnknownEndpointError."""
    with transaction(engine) as connection:
        before = _known(connection, endpoint_id)
        secrets = rotated(before.secrets, new_secret(), now)
        webhook_endpoints.change(connection, endpoint_id, {"secrets": secrets})
        return before._replace(secrets=secrets)


def remove(engine: Engine, endpoint_id: str) -> None:
    """Forget one; what waits for it is dropped when its turn comes. Raises UnknownEndpointError."""
    with transaction(engine) as connection:
        _known(connection, endpoint_id)
        webhook_endpoints.remove(connection, endpoint_id)


def send_test(engine: Engine, endpoint_id: str, now: datetime) -> str:
    """Have a test event sent, whatever it asked for; the delivery's id.

    Raises UnknownEndpointError or DisabledEndpointError.
    """
    to = webhook_destination(endpoint_id)
    row = Row(
        delivery_id=f"dlv_{uuid4().hex[:24]}",
        alert_id=None,
        channel=to.channel,
        receiver=endpoint_id,
        role=to.role,
        route=to.route,
        pace="at_once",
        always=True,
        notice=TEST,
        quiet=False,
        status="pending",
        reason=None,
        body={"endpoint_id": endpoint_id, "text": "A test from Turnsignal: nothing has happened."},
        created_at=now,
        due_at=now,
        finished_at=None,
    )
    with transaction(engine) as connection:
        _enabled(connection, endpoint_id)
        deliveries.put(connection, [row])
    return row["delivery_id"]


def replay(engine: Engine, endpoint_id: str, asked: AskedReplay, now: datetime) -> int:
    """Send again what was given up, in the order of each alert; returns how many.

    Raises InvalidEndpointError, UnknownEndpointError or DisabledEndpointError.
    """
    if (asked.delivery_id is None) == (asked.since is None and asked.until is None):
        raise InvalidEndpointError("give delivery_id, or since, until or both")
    if any(at is not None and at.tzinfo is None for at in (asked.since, asked.until)):
        raise InvalidEndpointError("since and until need a time zone")
    if asked.delivery_id is not None and "\0" in asked.delivery_id:
        raise UnknownEndpointError
    which = Which(endpoint_id, asked.delivery_id, asked.since, asked.until, asked.delivered_too)
    count, after = 0, ""
    while True:
        with transaction(engine) as connection:
            _enabled(connection, endpoint_id)
            found = webhook_log.replayable(connection, which, after, _BATCH)
            webhook_log.replay(connection, [one.delivery_id for one in found], now)
            history.add(connection, [_replayed(one, now) for one in found if one.alert_id is not None])
        count += len(found)
        if len(found) < _BATCH:
            break
        after = found[-1].delivery_id
    if asked.delivery_id is not None and not count:
        raise UnknownEndpointError
    return count


def _replayed(one: Posted, now: datetime) -> Entry:
    about = {
        "channel": "webhook",
        "receiver": one.receiver,
        "notice": one.notice,
        "status_before": one.status,
    }
    return Entry(str(one.alert_id), now, "replayed", about)


def _known(connection: Connection, endpoint_id: str) -> Endpoint:
    found = webhook_endpoints.one(connection, endpoint_id, lock=True)
    if found is None:
        raise UnknownEndpointError
    return found


def _enabled(connection: Connection, endpoint_id: str) -> None:
    if _known(connection, endpoint_id).disabled_at is not None:
        raise DisabledEndpointError


def _check_url(url: str, config: WebhooksConfig) -> None:
    if not url.isascii() or not url.isprintable() or any(mark in url for mark in ' #\\"<>'):
        raise InvalidEndpointError("url: plain letters without blanks or a #fragment; other names as xn--…")
    outbound = Outbound(
        allow_private_addresses=config.allow_private_addresses, deadline_seconds=_CHECK_SECONDS
    )
    try:
        outbound.check(url)
    except RefusedError as error:
        raise InvalidEndpointError(f"url: {error}") from None


def _check_texts(description: str, event_types: list[str]) -> None:
    for name, text in (("description", description), *(("event_types", one) for one in event_types)):
        if not text.isprintable() and text:
            raise InvalidEndpointError(f"{name}: one line of letters that can be read")
    unknown = [one for one in event_types if not any(fits(event, [one]) for event in EVENT_TYPES)]
    if unknown:
        raise InvalidEndpointError(
            f"event_types: {unknown[0]!r} fits none of {', '.join(EVENT_TYPES)}; * stands for any letters"
        )
