"""How endpoints fare: one that has accepted nothing for days is disabled, and its operators are told."""

from datetime import datetime, timedelta
from uuid import uuid4

from alerts import destinations
from alerts.config import Channel, NotifierConfig
from alerts.receivers import DEFAULT
from alerts.routing import ROOT
from storage import deliveries, webhook_endpoints
from storage.deliveries import Row
from storage.engine import Connection
from storage.webhook_endpoints import Endpoint

ENDPOINT_DISABLED = "endpoint_disabled"  # the notice of a delivery that tells so, and of no alert
_TOLD_BY: tuple[Channel, ...] = ("slack", "email")


def succeeded(connection: Connection, endpoint_id: str) -> None:
    """It has accepted a message."""
    webhook_endpoints.succeeded(connection, endpoint_id)


def failed(
    connection: Connection,
    endpoint_id: str,
    reason: str,
    config: NotifierConfig,
    now: datetime,
    *,
    final: bool,
) -> str | None:
    """It has not accepted one, `final` if that was given up; why the endpoint is disabled, if it is now.

    A single message has all its attempts before the endpoint is judged: one that hears of little, and was
    away when it last did, is not disabled by its next message's first attempt.
    """
    since = webhook_endpoints.failed(connection, endpoint_id, now)
    patience = config.webhooks.disable_after if config.webhooks else timedelta.max
    if since is None or not final or now - since < patience:
        return None
    days = (now - since) / timedelta(days=1)
    why = f"nothing was accepted for {days:.1f} days; last: {reason}"
    return why if disable(connection, endpoint_id, why, config, now) else None


def disable(
    connection: Connection, endpoint_id: str, reason: str, config: NotifierConfig, now: datetime
) -> bool:
    """Post nothing to it any more, and tell the default receivers; False where another was faster."""
    endpoint = webhook_endpoints.disable(connection, endpoint_id, reason, now)
    if endpoint is not None:
        deliveries.put(connection, [_notice(endpoint, to, now) for to in _told(config)])
    return endpoint is not None


def _told(config: NotifierConfig) -> list[tuple[Channel, str]]:
    found = (
        (channel, destinations.default(channel, config)) for channel in _TOLD_BY if channel in config.channels
    )
    return [(channel, receiver) for channel, receiver in found if receiver]


def _notice(endpoint: Endpoint, to: tuple[Channel, str], now: datetime) -> Row:
    """With what a person knows it by; its address may hold a secret in its path."""
    told = {
        "endpoint_id": endpoint.endpoint_id,
        "host": endpoint.host,
        "description": endpoint.description,
        "reason": endpoint.disabled_reason,
    }
    return Row(
        delivery_id=f"dlv_{uuid4().hex[:24]}",
        alert_id=None,
        channel=to[0],
        receiver=to[1],
        role=DEFAULT,
        route=ROOT.name,
        pace="at_once",
        always=True,
        notice=ENDPOINT_DISABLED,
        quiet=False,
        status="pending",
        reason=None,
        body=told,
        created_at=now,
        due_at=now,
        finished_at=None,
    )
