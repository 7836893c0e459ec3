"""What the tests of the HTTP side share: a migrated database with rows, and a client of an app on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa

import migrations
from accounts.advice import Advice
from accounts.alert import Alert, as_builtins, from_json
from accounts.events import decode
from accounts.policy import Policy
from consumers.records import row_of
from consumers.reviewer import ReviewConfig, Reviewer
from service.app import create_app
from service.playbook import built_in
from service.simulation import STORY_ACCOUNT, portfolio
from storage import intake
from storage.engine import create_engine, transaction
from storage.tables import accounts, alerts, dead_letters, deliveries, outbox, transitions
from tests.unit.alerts.samples import RAISED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi import FastAPI

TOKEN = "a token that is long enough"
HOSTILE = '<script>alert("1")</script> & <b>Söhne</b>'


class Client:
    """Calls an app as a server would, without a socket."""

    def __init__(self, app: FastAPI, **headers: str) -> None:
        self._app = app
        self._headers = headers

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self.request("GET", url, **headers)

    def post(self, url: str, content: bytes, **headers: str) -> httpx.Response:
        return self._send("POST", url, {"content-type": "application/json"} | headers, content)

    def request(self, method: str, url: str, **headers: str) -> httpx.Response:
        return self._send(method, url, headers)

    def _send(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None = None
    ) -> httpx.Response:
        async def call() -> httpx.Response:
            sent = httpx.Headers(self._headers | headers, encoding="latin-1")
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://turnsignal") as client:
                return await client.request(method, url, content=content, headers=sent)

        return asyncio.run(call())


def open_client(engine: sa.Engine) -> Client:
    """A client of an app that asks for no token."""
    return Client(create_app(engine, checks={}, open_access=True))


@contextlib.contextmanager
def migrated(url: str) -> Iterator[sa.Engine]:
    """An engine on a database with the schema."""
    migrations.upgrade(url)
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def put_account(engine: sa.Engine, account_id: str, at_risk: str | None = None, /, **columns: Any) -> None:
    """An account's row as a review leaves it."""
    row = {
        "account_id": account_id,
        "due_week": 2900,
        "stage": "stable",
        "led_by": "development",
        "annual_value": Decimal("1000.50") if at_risk else None,
        "value_at_risk": Decimal(at_risk) if at_risk else None,
        "currency": "EUR" if at_risk else None,
        "card": {"name": f"Account {account_id}"},
        **columns,
    }
    with transaction(engine) as connection:
        connection.execute(sa.insert(accounts), row)


def put_alert(engine: sa.Engine, alert: Alert) -> None:
    """An alert as the webhook stores it."""
    row = {
        "alert_id": alert.id,
        "account_id": alert.account_id,
        "kind": alert.kind,
        "severity": alert.severity,
        "status": alert.status,
        "raised_at": alert.raised_at,
        "received_at": RAISED,
        "updated_at": RAISED,
        "body": as_builtins(alert),
    }
    with transaction(engine) as connection:
        connection.execute(sa.insert(alerts), row)


def put_delivery(engine: sa.Engine, alert_id: str) -> None:
    """A message that waits to be sent."""
    row = {
        "delivery_id": f"to {alert_id}",
        "alert_id": alert_id,
        "channel": "email",
        "receiver": "owner@vendor.example",
        "role": "owner",
        "route": "everything",
        "pace": "at_once",
        "always": False,
        "notice": "raised",
        "quiet": False,
        "status": "pending",
        "body": {},
        "created_at": RAISED,
        "due_at": RAISED,
    }
    with transaction(engine) as connection:
        connection.execute(sa.insert(deliveries), row)


def put_transitions(engine: sa.Engine, account_id: str, stages: Sequence[str]) -> None:
    """A change of stage each week, up to the moment the sample alerts were raised."""
    with transaction(engine) as connection:
        for number, (before, after) in enumerate(pairwise(stages)):
            at = RAISED - timedelta(weeks=len(stages) - 2 - number)
            row = {"account_id": account_id, "at": at, "from_stage": before, "to_stage": after}
            connection.execute(sa.insert(transitions), row)


def put_dead_letter(engine: sa.Engine, offset: int, **columns: Any) -> None:
    """A record that could not be read."""
    row = {
        "topic": "crm.events",
        "partition": 0,
        "offset": offset,
        "key": b"C-1",
        "value": b"\xff\x00",
        "headers": [["ce_type", "eA=="]],
        "reason": "not_json",
        "detail": "byte 0 is not JSON",
        "recorded_at": datetime(2026, 5, 1, tzinfo=UTC),
        **columns,
    }
    with transaction(engine) as connection:
        connection.execute(sa.insert(dead_letters), row)


def put_story(engine: sa.Engine) -> datetime:
    """The simulator's story of one account, consumed, reviewed and alerted; returns where it ends."""
    end = datetime(2026, 6, 1, tzinfo=UTC)
    made, _ = portfolio(1, 156, 7, end - timedelta(weeks=156), story=True)
    bodies = [json.dumps(event).encode() for event in made if event["subject"] == STORY_ACCOUNT]
    rows = [row_of(decode(body), body) for body in bodies]
    with transaction(engine) as connection:
        intake.accept(connection, {row.event_key: row for row in rows})
    Reviewer(engine, Policy(), ReviewConfig(), advice=Advice(built_in())).review(end)
    with transaction(engine) as connection:
        sent = connection.execute(sa.select(outbox.c.body).order_by(outbox.c.id)).scalars()
        found = {alert.id: alert for alert in map(from_json, sent)}
        connection.execute(sa.delete(outbox))
    for alert in found.values():
        put_alert(engine, alert)
    return end
