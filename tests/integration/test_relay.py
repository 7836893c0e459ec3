"""The relay on both databases: what can heal is tried again; what cannot is given up, kept and told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

import migrations
from alerts.config import NotifierConfig
from consumers.relay import Relay
from service.cli import app
from service.failures import Failure
from storage import outbox
from storage.engine import create_engine, reading, transaction
from storage.retry import SCHEDULE
from tests.integration.notification_parts import SECRET, as_body, database, serving, signed
from tests.parts.web import Reply
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa
    from typer.testing import Result

    from tests.parts.web import WebServer

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LARGE = msgspec.structs.replace(
    SHIFT, id="alert_large", account=msgspec.structs.replace(SHIFT.account, name="x" * 2**20)
)


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """A migrated database, also of the commands."""
    migrations.upgrade(database_url)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


def put(engine: sa.Engine, *alerts: object, at: datetime = NOW) -> None:
    with transaction(engine) as connection:
        outbox.put(connection, alerts, at)  # type: ignore[arg-type]


def relay_all(engine: sa.Engine, url: str, at: datetime = NOW) -> None:
    relay = Relay(engine, url, SECRET, now=lambda: at)
    with httpx.Client() as client:
        while relay.relay_batch(client):
            pass


def depth(engine: sa.Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        found = outbox.depth(connection)
    return found.waiting, found.given_up


def posts(outcome: str) -> float:
    return REGISTRY.get_sample_value("turnsignal_webhook_posts_total", {"outcome": outcome}) or 0


def command(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "250"}).invoke(app, ["outbox", *words])


@pytest.mark.parametrize("status", [400, 409, 410, 413, 415, 422])
def test_what_no_attempt_would_heal_is_given_up_at_once(
    engine: sa.Engine, web_server: WebServer, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """One post; then it is counted, logged, kept with the answer, and holds up no other alert."""
    before = posts("given_up")
    put(engine, LARGE, SHIFT)
    web_server.reply(Reply(status, "will not do"))
    relay_all(engine, web_server.url())
    relay_all(engine, web_server.url(), NOW + timedelta(days=3))
    assert len(web_server.requests) == 2
    assert depth(engine) == (0, 1)
    assert posts("given_up") == before + 1
    assert "relay_gave_up" in capsys.readouterr().out
    listed = command("list")
    assert f"HTTP {status}: will not do" in listed.stdout
    assert "alert_large" in listed.stdout
    assert f"{len(as_body(LARGE)):,}" in listed.stdout
    assert listed.stderr == "1 alerts given up\n"


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 503])
def test_what_may_heal_is_tried_again(engine: sa.Engine, web_server: WebServer, status: int) -> None:
    """A secret or an address that is mended within the schedule costs no alert."""
    put(engine, SHIFT)
    web_server.reply(Reply(status))
    relay_all(engine, web_server.url())
    assert depth(engine) == (1, 0)
    relay_all(engine, web_server.url(), NOW + SCHEDULE[0] * 2)
    assert depth(engine) == (0, 0)
    first, second = (request.headers["webhook-id"] for request in web_server.requests)
    assert first == second


def test_our_own_webhook_refuses_what_is_too_large_once(database_url: str) -> None:
    """The two ends together: 413 is final, and the next alert is taken."""
    with database(database_url) as engine, serving(engine, NotifierConfig()) as endpoint:
        put(engine, LARGE, SHIFT)
        before = REGISTRY.get_sample_value("turnsignal_webhook_messages_total", {"outcome": "too_large"}) or 0
        relay_all(engine, endpoint.url, datetime.now(UTC))
        after = REGISTRY.get_sample_value("turnsignal_webhook_messages_total", {"outcome": "too_large"})
        assert after == before + 1
        assert depth(engine) == (0, 1)
        with reading(engine) as connection:
            (refused,) = outbox.given_up(connection)
    assert (refused.alert_id, refused.attempts) == ("alert_large", 1)
    assert "HTTP 413" in str(refused.last_error)


def test_a_second_chance_does_not_bring_back_an_older_state(engine: sa.Engine, web_server: WebServer) -> None:
    """Given up twice, one of them overtaken by a message that was taken: only the other is posted again."""
    other = msgspec.structs.replace(SHIFT, id="alert_other")
    put(engine, SHIFT, other)
    web_server.reply(Reply(422), Reply(422))
    relay_all(engine, web_server.url())
    assert depth(engine) == (0, 2)
    with serving(engine, NotifierConfig(), clock=lambda: NOW + timedelta(hours=1)) as endpoint:
        body = as_body(SHIFT)
        assert httpx.post(endpoint.url, content=body, headers=signed(body)).status_code == 202
    assert command("list").stdout.count("overtaken; HTTP 422") == 1
    done = command("retry", "--all")
    assert (done.exit_code, done.stdout) == (0, "1 tried again, 1 overtaken by later messages\n")
    assert depth(engine) == (1, 1)
    relay_all(engine, web_server.url(), datetime.now(UTC) + timedelta(seconds=1))
    assert depth(engine) == (0, 1)
    assert msgspec.json.decode(web_server.requests[-1].body)["id"] == "alert_other"


def test_a_number_that_is_none_is_told(engine: sa.Engine) -> None:
    """A mistyped number must not pass for a second chance; nor must nothing."""
    put(engine, SHIFT)
    done = command("retry", "1", "99")
    assert done.exit_code == 1
    assert done.stderr == "".join(f"{n}: no alert of this number was given up\n" for n in (1, 99))
    refused = command("retry")
    assert isinstance(refused.exception, Failure)
    assert refused.exception.code == 2


def test_the_relay_runs_until_it_is_stopped(engine: sa.Engine, web_server: WebServer) -> None:
    """Woken, it posts at once; stopped, it ends; and it is ready after its first round."""
    relay = Relay(engine, web_server.url(), SECRET)
    assert relay.unready() == "has not finished a round yet"
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    put(engine, SHIFT, at=datetime.now(UTC))
    relay.wake()
    web_server.wait_for(1, timeout=10)
    stop.set()
    relay.wake()
    thread.join(10)
    assert not thread.is_alive()
    assert relay.unready() is None
    assert depth(engine) == (0, 0)


@pytest.mark.parametrize("word", ["list", "retry"])
def test_help_teaches_by_an_example(word: str) -> None:
    """Nobody learns a command from its list of options."""
    assert "Example: turnsignal outbox" in command(word, "--help").stdout
