"""Health, metrics, access, errors and headers of the app itself."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry

import migrations
from service.app import create_app
from service.metrics import DatabaseCollector
from storage import outbox, paused_topics
from storage.engine import create_engine, transaction
from storage.paused_topics import PausedTopic
from tests.integration.serving import (
    TOKEN,
    Client,
    migrated,
    open_client,
    put_account,
    put_alert,
    put_dead_letter,
    put_delivery,
)
from tests.unit.alerts.samples import RAISED, SHIFT

if TYPE_CHECKING:
    from pathlib import Path

CLOSED = ["/", "/accounts/a", "/api/v1/accounts", "/api/v1/accounts/a/timeline", "/api/v1/alerts"]
CLOSED += ["/api/v1/dead-letters", "/docs", "/docs/swagger-ui.css", "/openapi.json"]


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


def test_ready_when_the_schema_and_every_part_are(database_url: str) -> None:
    """A database that was not migrated is named, and what to do about it."""
    engine = create_engine(database_url)
    client = Client(create_app(engine, checks={"consumer": lambda: None}))
    before = client.get("/readyz")
    migrations.upgrade(database_url)
    after = client.get("/readyz")
    engine.dispose()
    assert before.status_code == 503
    (missing,) = before.json()["not_ready"]
    assert missing["part"] == "database"
    assert "turnsignal migrate" in missing["reason"]
    assert (after.status_code, after.json()["parts"]) == (200, ["database", "consumer"])


def test_a_part_that_is_not_ready_is_named(sqlite_url: str) -> None:
    """So that whoever is paged knows where to look; the process is alive all the same."""
    with migrated(sqlite_url) as engine:
        client = Client(
            create_app(engine, checks={"relay": lambda: None, "consumer": lambda: "no partitions"})
        )
        ready, alive = client.get("/readyz"), client.get("/healthz")
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert ready.json()["not_ready"] == [{"part": "consumer", "reason": "no partitions"}]


def test_what_is_to_be_known_of_a_part_that_works_is_told(sqlite_url: str) -> None:
    """A topic that was paused on purpose takes nothing out of service, and is not forgotten either."""
    with migrated(sqlite_url) as engine:
        notes = {"consumer": lambda: "paused: crm.events", "relay": lambda: None}
        client = Client(create_app(engine, checks={"consumer": lambda: None}, notes=notes))
        ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["notes"] == [{"part": "consumer", "note": "paused: crm.events"}]


def test_a_database_that_is_away_is_said_without_its_address(tmp_path: Path) -> None:
    """A reason, and nothing of hosts, users or paths; the API answers 503."""
    engine = create_engine(f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")
    registry = CollectorRegistry()
    registry.register(DatabaseCollector(engine, lambda: None))
    client = Client(create_app(engine, checks={}, open_access=True, registry=registry))
    ready, listed, metrics = client.get("/readyz"), client.get("/api/v1/accounts"), client.get("/metrics")
    engine.dispose()
    assert "does not answer" in ready.json()["not_ready"][0]["reason"]
    assert (listed.status_code, listed.headers["retry-after"]) == (503, "5")
    assert str(tmp_path) not in ready.text + listed.text
    assert metrics.status_code == 200


def test_gauges_come_from_the_database(database_url: str) -> None:
    """Accounts by stage, and what waits where."""
    with migrated(database_url) as engine:
        put_account(engine, "a", stage="at_risk")
        put_alert(engine, SHIFT)
        put_delivery(engine, SHIFT.id)
        put_dead_letter(engine, 1)
        with transaction(engine) as connection:
            outbox.put(connection, [SHIFT], RAISED)
            paused_topics.pause(connection, PausedTopic("eu", "crm.events", RAISED, "a move"))
        registry = CollectorRegistry()
        registry.register(DatabaseCollector(engine, lambda: datetime.now().astimezone()))
        text = Client(create_app(engine, checks={}, registry=registry)).get("/metrics").text
    lines = text.splitlines()
    for line in (
        'turnsignal_accounts{stage="at_risk"} 1.0',
        'turnsignal_accounts{stage="lost"} 0.0',
        "turnsignal_review_backlog_accounts 1.0",
        "turnsignal_outbox_messages 1.0",
        "turnsignal_outbox_given_up 0.0",
        'turnsignal_dead_letters_waiting{reason="not_json"} 1.0',
        'turnsignal_deliveries_waiting{channel="email"} 1.0',
        'turnsignal_topics_paused{cluster="eu",topic="crm.events"} 1.0',
    ):
        assert line in lines
    (oldest,) = (line for line in lines if line.startswith("turnsignal_outbox_oldest_seconds "))
    assert float(oldest.split()[1]) > timedelta(days=1).total_seconds()


def test_gauges_are_read_once_in_ten_seconds(sqlite_url: str) -> None:
    """Many scrapers cost the database no more than one."""
    now = [0.0]
    with migrated(sqlite_url) as engine:
        collector = DatabaseCollector(engine, lambda: None, lambda: now[0])

        def learning() -> float:
            return next(
                s.value for s in next(iter(collector.collect())).samples if s.labels["stage"] == "learning"
            )

        assert learning() == 0
        put_account(engine, "a", stage="learning")
        now[0] = 9.9
        assert learning() == 0
        now[0] = 10.0
        assert learning() == 1


@pytest.mark.parametrize("url", CLOSED)
def test_nothing_is_shown_without_a_token(sqlite_url: str, url: str) -> None:
    """No token, a wrong one, or the right one in the wrong place: 401; with it, an answer."""
    with migrated(sqlite_url) as engine:
        put_account(engine, "a")
        client = Client(create_app(engine, checks={}, tokens=["another", TOKEN]))
        wrong = [
            "",
            "Bearer",
            "Bearer wrong",
            f"Bearer {TOKEN}x",
            TOKEN,
            "Basic ???",
            "Basic /w==",
            basic(""),
        ]
        wrong += ["Bearer \xfc", basic("wrong"), "Basic " + base64.b64encode(TOKEN.encode()).decode()]
        for header in wrong:
            refused = client.get(url, **({"authorization": header} if header else {}))
            assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
            assert "Basic" in refused.headers["www-authenticate"]
        for header in (f"Bearer {TOKEN}", "bearer another", basic(TOKEN), basic("another")):
            assert client.get(url, authorization=header).status_code == 200


@pytest.mark.parametrize("tokens", [[], [""]])
def test_without_tokens_nobody_may_look(sqlite_url: str, tokens: list[str]) -> None:
    """A token that was forgotten, or is empty, opens nothing."""
    with migrated(sqlite_url) as engine:
        client = Client(create_app(engine, checks={}, tokens=tokens))
        assert client.get("/api/v1/accounts").status_code == 401
        assert client.get("/", authorization=basic("")).status_code == 401


def test_operations_and_signed_webhooks_need_no_token(sqlite_url: str) -> None:
    """Probes and scrapers know none, and a webhook brings its signature."""
    webhook = APIRouter()
    webhook.post("/webhooks/alerts")(lambda: {"outcome": "accepted"})
    with migrated(sqlite_url) as engine:
        client = Client(create_app(engine, checks={}, routers=[webhook], tokens=[TOKEN]))
        assert [client.get(url).status_code for url in ("/healthz", "/readyz", "/metrics")] == [200] * 3
        assert client.request("POST", "/webhooks/alerts").status_code == 200


def test_a_process_that_is_not_public_shows_health_alone(sqlite_url: str) -> None:
    """A consumer has no pages, whoever asks."""
    with migrated(sqlite_url) as engine:
        client = Client(create_app(engine, checks={}, tokens=[TOKEN], public=False))
        answers = {client.get(url, authorization=f"Bearer {TOKEN}").status_code for url in CLOSED}
        assert answers == {404}
        assert client.get("/healthz").status_code == 200


def test_errors_are_problems_and_tell_nothing_of_the_inside(sqlite_url: str) -> None:
    """404, 405, 422 and 500 alike; a traceback stays in the log."""
    broken = APIRouter()

    def fail() -> None:
        raise RuntimeError("a secret of the house")

    broken.get("/broken")(fail)
    with migrated(sqlite_url) as engine:
        app = create_app(engine, checks={}, routers=[broken], open_access=True)
        client = Client(app)
        calls = [("GET", "/none", 404), ("POST", "/healthz", 405), ("GET", "/?stage=none", 422)]
        for method, url, status in [*calls, ("GET", "/broken", 500)]:
            answer = client.request(method, url)
            assert (answer.status_code, answer.json()["status"]) == (status, status)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "secret" not in answer.text


def test_the_api_describes_itself(sqlite_url: str) -> None:
    """OpenAPI names each path, and a page shows it."""
    with migrated(sqlite_url) as engine:
        client = open_client(engine)
        described, page = client.get("/openapi.json").json(), client.get("/docs")
    assert {"/api/v1/accounts", "/api/v1/alerts/{alert_id}", "/readyz"} <= set(described["paths"])
    assert "/" not in described["paths"]
    assert 'url: "openapi.json"' in page.text


def test_the_page_of_the_api_needs_nobody_else(sqlite_url: str) -> None:
    """On a machine without the internet it shows the same; what it allows itself is only what it holds."""
    with migrated(sqlite_url) as engine:
        client = open_client(engine)
        page = client.get("/docs")
        parts = {url: client.get(f"/{url}") for url in re.findall(r'(?:src|href)="([^"]+)"', page.text)}
    assert set(parts) == {"docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "openapi.json"}
    assert {answer.status_code for answer in parts.values()} == {200}
    assert parts["docs/swagger-ui.css"].headers["content-type"].startswith("text/css")
    assert parts["docs/swagger-ui-bundle.js"].headers["content-type"].startswith("text/javascript")
    assert "SwaggerUIBundle" in parts["docs/swagger-ui-bundle.js"].text
    policy = page.headers["content-security-policy"]
    assert "http" not in policy
    assert "unsafe" not in policy
    (start,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(start.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
