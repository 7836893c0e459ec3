"""What the tests of outgoing webhooks share: a plane with endpoints on a real server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from alerts.config import NotifierConfig, WebhooksConfig
from alerts.endpoint_admin import AskedEndpoint, create
from alerts.notifier import Notifier
from storage import webhook_endpoints
from storage.engine import reading
from tests.integration.notification_parts import Clock, Plane, rows
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    import sqlalchemy as sa

    from accounts.alert import Alert
    from storage.webhook_endpoints import Endpoint
    from tests.parts.webhooks import WebhookReceiver

change = msgspec.structs.replace
RETRACTED = change(SHIFT, status="resolved", retracted=True)


class WallClock(Clock):
    """The true time, which receivers hold signatures against, and so much more as was let pass."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **time: float) -> None:
        del time


@dataclass
class Webhooks:
    """The plane with endpoints for other programs."""

    plane: Plane
    receiver: WebhookReceiver

    @property
    def engine(self) -> sa.Engine:
        return self.plane.engine

    def config(self) -> WebhooksConfig:
        assert self.plane.config.webhooks is not None
        return self.plane.config.webhooks

    def add(self, path: str = "/hook", **asked: Any) -> str:
        """An endpoint at a path of the receiver, which gets to know its secret."""
        wanted = AskedEndpoint(url=self.receiver.url(path), **asked)
        made = create(self.engine, self.config(), wanted, self.plane.clock())
        self.receiver.secrets[path] = made.secrets[0]["secret"]
        return made.endpoint_id

    def notifier(self) -> Notifier:
        return Notifier(self.engine, self.plane.config, now=self.plane.clock)

    def send_all(self, made: Notifier | None = None) -> None:
        """One pass over all that is due; what an endpoint is left in peace for is not."""
        for worker in (made or self.notifier()).workers:
            while worker.deliver_one():
                pass

    def endpoint(self, endpoint_id: str) -> Endpoint:
        with reading(self.engine) as connection:
            found = webhook_endpoints.one(connection, endpoint_id)
        assert found is not None
        return found

    def rows(self, channel: str = "webhook") -> list[Any]:
        return [row for row in rows(self.engine) if row.channel == channel]


def webhooks_config(**options: Any) -> NotifierConfig:
    chosen = WebhooksConfig(**{"allow_private_addresses": True, "deadline_seconds": 2.0, **options})
    return NotifierConfig(webhooks=chosen, max_age=None, poll_seconds=0.05)


def with_config(before: Webhooks, **options: Any) -> Webhooks:
    """The same with another configuration."""
    plane = replace(before.plane, config=replace(before.plane.config, **options))
    return Webhooks(plane, before.receiver)


def numbered(number: int) -> Alert:
    return change(SHIFT, id=f"alert_{number}", account_id=f"C-{number}")
