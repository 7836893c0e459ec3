"""`turnsignal webhooks`: endpoints by hand, and a receiver for trying them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from alerts.endpoint_admin import AskedEndpoint, create
from alerts.endpoint_secrets import is_secret, new_secret
from service.cli import app
from storage import webhook_endpoints
from storage.engine import reading
from tests.integration.notification_parts import Plane, signed
from tests.integration.serving import migrated
from tests.integration.test_notifier import running
from tests.integration.webhook_parts import WallClock, Webhooks, numbered, webhooks_config
from tests.parts.web import Reply
from tests.parts.webhooks import WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

    from storage.webhook_endpoints import Endpoint

ADDRESS = "https://hooks.example/in"


def call(url: str, *words: object, code: int = 0) -> Result:
    settings = {"TURNSIGNAL_DATABASE__URL": url, "COLUMNS": "200"}
    done = CliRunner(env=settings).invoke(app, ["webhooks", *(str(word) for word in words)])
    assert done.exit_code == code or (code and done.exception), (done.stdout, done.stderr, done.exception)
    return done


def failed(url: str, *words: object) -> str:
    """What a command says that cannot do its work."""
    return str(call(url, *words, code=1).exception)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def webhooks(database_url: str, receiver: WebhookReceiver) -> Iterator[Webhooks]:
    with migrated(database_url) as engine:
        yield Webhooks(Plane(engine, webhooks_config(), WallClock()), receiver)


def only(webhooks: Webhooks) -> Endpoint:
    with reading(webhooks.engine) as connection:
        (found,) = webhook_endpoints.find(connection)
    return found


def test_an_endpoint_s_life(webhooks: Webhooks, database_url: str) -> None:
    """Added with its secret shown once, listed without, changed, rotated, removed."""
    added = call(database_url, "add", ADDRESS, "--event", "alert.raised", "--description", "CRM").stdout
    endpoint_id, secret = added.split()
    assert is_secret(secret)
    listed = call(database_url, "list").stdout
    assert all(word in listed for word in (endpoint_id, "active", ADDRESS, "alert.raised", "CRM"))
    assert "whsec_" not in listed
    assert "disabled" in call(database_url, "change", endpoint_id, "--disable").stdout
    assert "by hand" in call(database_url, "list").stdout
    call(database_url, "change", endpoint_id, "--enable", "--url", "https://other.example/", "--all-events")
    assert (only(webhooks).state, only(webhooks).url, only(webhooks).event_types) == (
        "active",
        "https://other.example/",
        [],
    )
    new = call(database_url, "rotate", endpoint_id).stdout.strip()
    assert [one["secret"] for one in only(webhooks).secrets] == [new, secret]
    call(database_url, "remove", endpoint_id)
    assert call(database_url, "list").stdout == ""


def test_mistakes_are_told(webhooks: Webhooks, database_url: str) -> None:
    """What is no address, no event, no endpoint, and what is asked for twice or not at all."""
    assert "not public" in failed(database_url, "add", "https://127.0.0.1/")
    assert "plain http" in failed(database_url, "add", "http://hooks.example/")
    assert "alert.sent" in failed(database_url, "add", ADDRESS, "--event", "alert.sent")
    assert "500" in failed(database_url, "add", ADDRESS, "--description", "x" * 501)
    assert "whsec_" in failed(database_url, "add", ADDRESS, "--secret", "mine")
    for command in ("change", "rotate", "remove", "test"):
        more = ["--enable"] if command == "change" else []
        assert "no such endpoint" in failed(database_url, command, "ep_none", *more)
    assert "what is to be changed" in failed(database_url, "change", "ep_none")
    assert "since" in failed(database_url, "replay", "ep_none")
    assert "there are pending" in failed(database_url, "deliveries", "ep_none", "--status", "lost")
    endpoint_id = webhooks.add()
    call(database_url, "change", endpoint_id, "--disable")
    assert "--enable" in failed(database_url, "replay", endpoint_id, "--since", "2026-01-01")


def test_deliveries_are_listed_and_replayed(
    webhooks: Webhooks, receiver: WebhookReceiver, database_url: str
) -> None:
    """With their errors, by status; one by its id, or a range."""
    endpoint_id = webhooks.add()
    receiver.reply(Reply(), Reply(500))
    for number in range(2):
        webhooks.plane.take(numbered(number))
        webhooks.send_all()
    listed = call(database_url, "deliveries", endpoint_id).stdout
    assert all(word in listed for word in ("C-0", "C-1", "alert.raised", "delivered", "pending", "HTTP 500"))
    assert "C-1" not in call(database_url, "deliveries", endpoint_id, "--status", "delivered").stdout
    done = next(row for row in webhooks.rows() if row.status == "delivered")
    assert "1 posted" in call(database_url, "replay", endpoint_id, "--delivery", done.delivery_id).stdout
    webhooks.send_all()
    assert "0 posted" in call(database_url, "replay", endpoint_id, "--since", "2026-01-01").stdout
    again = call(database_url, "replay", endpoint_id, "--since", "2026-01-01", "--delivered-too").stdout
    assert "1 posted" in again


def test_a_test_tells_how_it_went(webhooks: Webhooks, receiver: WebhookReceiver, database_url: str) -> None:
    """Delivered; refused, with the answer; and nobody there to post it."""
    endpoint_id = webhooks.add()
    nobody = call(database_url, "test", endpoint_id, "--wait", "0.3", code=1)
    assert "is `turnsignal notify` or `run` at work?" in nobody.stderr
    with running(webhooks.notifier()):
        assert "delivered" in call(database_url, "test", endpoint_id).stdout
        receiver.reply(Reply(503))
        assert "HTTP 503" in call(database_url, "test", endpoint_id, code=1).stderr


class Listening:
    """`turnsignal webhooks listen` in a process of its own, and the lines it prints."""

    def __init__(self, *words: str) -> None:
        code = "from service.cli import main; main()"
        command = [sys.executable, "-c", code, "webhooks", "listen", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.url = self.process.stderr.readline().split()[2].rstrip(",")

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip()

    def event(self) -> Any:
        return json.loads(self.line())


@contextmanager
def listening(*words: str) -> Iterator[Listening]:
    made = Listening(*words)
    try:
        yield made
    finally:
        made.process.send_signal(signal.SIGINT)
        made.process.communicate(timeout=20)
        assert made.process.returncode == 0, "Ctrl-C is how it ends"


def test_listen_shows_what_is_posted(webhooks: Webhooks) -> None:
    """From an alert to the lines in the terminal: verified, in words for people."""
    secret = new_secret()
    with listening("--secret", secret) as heard:
        asked = AskedEndpoint(url=heard.url, secret=secret)
        create(webhooks.engine, webhooks.config(), asked, webhooks.plane.clock())
        webhooks.plane.take(numbered(1))
        with running(webhooks.notifier()):
            assert heard.line().endswith(": alert.raised")
            assert "C-1" in heard.line()
    assert [row.status for row in webhooks.rows()] == ["delivered"]


def test_listen_answers_as_it_is_told(webhooks: Webhooks) -> None:
    """With --status 500 a sender tries again, which is shown; what is not signed is not believed."""
    secret = new_secret()
    with listening("--secret", secret, "--status", "500", "--json") as heard:
        asked = AskedEndpoint(url=heard.url, secret=secret)
        create(webhooks.engine, webhooks.config(), asked, webhooks.plane.clock())
        webhooks.plane.take(numbered(1))
        webhooks.send_all()
        first = heard.event()
        assert (first["answered"], first["repeated"]) == (500, False)
        assert first["event"]["data"]["account_id"] == "C-1"
        headers = signed(b'{"type": "x"}', first["webhook_id"], secret)
        assert httpx.post(heard.url, content=b'{"type": "x"}', headers=headers).status_code == 500
        assert heard.event()["repeated"]
        assert httpx.post(heard.url, content=b"{}", headers=headers).status_code == 401
        assert "no known secret" in heard.event()["problem"]
        with socket.create_connection(("127.0.0.1", httpx.URL(heard.url).port or 0), timeout=10) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n")
            assert b" 413 " in raw.recv(100)


def test_listen_says_how_to_add_itself() -> None:
    """Without a secret it makes one; the line that adds the endpoint has both."""
    with listening() as heard:
        assert heard.process.stderr is not None
        words = heard.process.stderr.readline().split()
        assert words[words.index("add") + 1] == heard.url
        secret = words[words.index("--secret") + 1]
        body = b'{"type":"alert.raised","data":{"account_id":"C\\u001b[2J","evidence":[{"text":"seen"},1]}}'
        assert httpx.post(heard.url, content=body, headers=signed(body, "m1", secret)).status_code == 204
        shown = [heard.line() for _ in range(3)]
        assert "\x1b" not in "".join(shown), "nothing from outside moves the terminal's cursor"
        assert shown[2].strip() == "- seen"
