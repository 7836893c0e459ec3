"""What the tests of the notification plane share: a clock to set, signed posts, rows to look at."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from standardwebhooks import Webhook

from accounts.alert import Alert, to_json
from alerts.config import EmailConfig, NotifierConfig, SlackConfig
from alerts.intake import Receipt, receive
from service.problems import install
from service.webhooks import alerts_router
from storage.engine import create_engine, reading
from storage.tables import deliveries, metadata
from tests.parts.slack_workspace import TOKEN
from tests.unit.alerts.samples import RAISED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA=="


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = RAISED + timedelta(hours=9)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@contextlib.contextmanager
def database(url: str) -> Iterator[sa.Engine]:
    """The tables on an engine."""
    engine = create_engine(url)
    metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def rows(engine: sa.Engine) -> list[Any]:
    """All deliveries, as they were made."""
    with reading(engine) as connection:
        order = (deliveries.c.created_at, deliveries.c.channel)
        return list(connection.execute(sa.select(deliveries).order_by(*order)))


def count(engine: sa.Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def slack_config(url: str, **options: Any) -> SlackConfig:
    return SlackConfig(
        webhook_url=url,
        **{"allow_private_addresses": True, "deadline_seconds": 2.0, "pause_seconds": 0.0, **options},
    )


def bot_config(api_url: str, **options: Any) -> SlackConfig:
    return SlackConfig(
        bot_token=TOKEN,
        api_url=api_url,
        **{"allow_private_addresses": True, "deadline_seconds": 5.0, "pause_seconds": 0.0, **options},
    )


def email_config(host: str, port: int, **options: Any) -> EmailConfig:
    return EmailConfig(
        host=host,
        port=port,
        **{"sender": "Turnsignal <alerts@vendor.example>", "timeout_seconds": 2.0, **options},
    )


@dataclass
class Plane:
    """The notification plane on one database, by hand."""

    engine: sa.Engine
    config: NotifierConfig
    clock: Clock = field(default_factory=Clock)
    messages: int = 0

    def take(self, alert: Alert) -> Receipt:
        """Receive an alert as the endpoint would; the clock moves on by a second."""
        self.messages += 1
        receipt = receive(self.engine, self.config, f"msg_{self.messages}", to_json(alert), self.clock)
        self.clock.pass_by(seconds=1)
        return receipt


@dataclass
class Endpoint:
    """A running server with POST /webhooks/alerts."""

    url: str
    woken: threading.Event


@contextlib.contextmanager
def serving(
    engine: sa.Engine,
    config: NotifierConfig,
    secrets: tuple[str, ...] = (SECRET,),
    clock: Callable[[], datetime] | None = None,
) -> Iterator[Endpoint]:
    """The endpoint on a real server and a free port."""
    woken = threading.Event()
    app = FastAPI()
    install(app)
    app.include_router(alerts_router(engine, secrets, config, woken.set, clock or Clock()))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, name="webhook-server")
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Endpoint(f"http://127.0.0.1:{port}/webhooks/alerts", woken)
    finally:
        server.should_exit = True
        thread.join(10)


def signed(
    body: bytes, message_id: str = "msg_1", secret: str = SECRET, at: datetime | None = None
) -> dict[str, str]:
    """The headers of a signed message."""
    moment = at or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }


def as_body(alert: Alert) -> bytes:
    return to_json(alert)


def ca_of(path: Path | None) -> Path:
    assert path is not None
    return path
