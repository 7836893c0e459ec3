"""Alerts for other programs: Standard Webhooks, posted to the endpoints that were asked for."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from alerts import endpoint_health
from alerts.config import Channel, NotifierConfig, WebhooksConfig
from alerts.endpoint_secrets import signatures
from alerts.outbound import Outbound, RefusedError, Response, UnreachableError
from alerts.outcome import Accepted, Gone, Outcome, Permanent, RetryAt
from alerts.parcel import Event, Parcel
from storage import webhook_endpoints
from storage.engine import Connection, Engine, reading
from storage.retry import SCHEDULE, retry_after

_GONE = 410
_CLOCKS_MAY_DIFFER = timedelta(minutes=5)  # as far as receivers of Standard Webhooks put up with
_REST = SCHEDULE[0]  # after a failure the endpoint is left in peace for as long as the failed message


class WebhookSender:
    """Posts to each endpoint what it is sent, signed with all its secrets that hold."""

    channel: Channel = "webhook"
    shared = False
    pause: timedelta | None = None

    def __init__(self, engine: Engine, config: NotifierConfig, outbound: Outbound | None = None) -> None:
        chosen = config.webhooks or WebhooksConfig()
        self._engine = engine
        self._config = config
        self._outbound = outbound or Outbound(
            allow_private_addresses=chosen.allow_private_addresses,
            deadline_seconds=chosen.deadline_seconds,
            ca_file=chosen.ca_file,
        )

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
        if parcel.event is None:
            raise TypeError("a program is told events")
        with reading(self._engine) as connection:
            endpoint = webhook_endpoints.one(connection, parcel.receiver)
        if endpoint is None or endpoint.disabled_at is not None:
            return Permanent("endpoint_gone")
        body = body_of(parcel.event)
        headers = {
            "content-type": "application/json",
            "user-agent": "turnsignal",
            "webhook-id": parcel.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures(endpoint.secrets, parcel.message_id, now, body),
        }
        try:
            response = self._outbound.post(endpoint.url, body, headers)
        except RefusedError as error:
            return Permanent(f"refused to post: {error}")
        except UnreachableError as error:
            return RetryAt(str(error), now + _REST)
        return outcome_of(response, now)

    def note(
        self, connection: Connection, receiver: str, outcome: Outcome, now: datetime, *, final: bool
    ) -> str | None:
        """How the endpoint fares; why it is disabled, if it is now."""
        match outcome:
            case Accepted():
                endpoint_health.succeeded(connection, receiver)
                return None
            case Gone(reason):
                gone = endpoint_health.disable(connection, receiver, reason, self._config, now)
                return reason if gone else None
            case RetryAt(reason) | Permanent(reason):
                return endpoint_health.failed(connection, receiver, reason, self._config, now, final=final)


def body_of(event: Event) -> bytes:
    """The bytes that are signed, the same for the same event."""
    return msgspec.json.encode({"type": event.type, "timestamp": event.at, "data": event.data})


def outcome_of(response: Response, now: datetime) -> Outcome:
    """What an endpoint's answer means.

    All but 2xx and 410 is tried again, as Standard Webhooks has it: while it is set up or replaced, a server
    answers anything.
    """
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004
        return Accepted()
    if status == _GONE:
        return Gone("HTTP 410: it asked for no more")
    redirected = ": a redirect, which is not followed" if 300 <= status < 400 else ""  # noqa: PLR2004
    asked = retry_after(response.headers.get("retry-after"), now)
    reason = f"HTTP {status}{redirected}{_clocks(response.headers.get('date'), now)}"
    return RetryAt(reason, max(asked, now + _REST) if asked else now + _REST)


def _clocks(date: str | None, now: datetime) -> str:
    """A receiver refuses what was signed at another time than its own; nothing else of its answer says so."""
    try:
        theirs = parsedate_to_datetime(date or "")
        apart = abs(theirs - now)
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return ""
    if apart <= _CLOCKS_MAY_DIFFER:
        return ""
    return (
        f"; its clock is {apart / timedelta(hours=1):.1f} h {'behind' if theirs < now else 'ahead of'} ours"
    )
