"""The Slack channel against a server that answers as Slack does, and as networks do."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.message import message_of
from alerts.outbound import LARGEST_BODY, Outbound, UnreachableError
from alerts.outcome import Accepted, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.slack import SlackSender
from tests.integration.notification_parts import ca_of, slack_config
from tests.parts.smtp import SmtpServer
from tests.parts.web import Reply, WebServer
from tests.unit.alerts.samples import RAISED, SHIFT
from tests.unit.alerts.test_layouts import HOSTILE_ALERT
from tests.unit.alerts.test_message import huge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.alert import Alert
    from tests.parts.slack import SlackServer

NOW = RAISED + timedelta(hours=9)


def parcel(alert: Alert = SHIFT) -> Parcel:
    message = message_of(alert, "raised", "https://turnsignal.example.com")
    return Parcel(
        message_id="dlv_1",
        receiver="U0OWNER01",
        role="owner",
        content=message,
        created_at=datetime(2026, 5, 18, tzinfo=UTC),
        alert=alert,
    )


@pytest.fixture
def sender(slack_server: SlackServer) -> SlackSender:
    return SlackSender(slack_config(slack_server.webhook, deadline_seconds=1.0))


@pytest.mark.parametrize("alert", [SHIFT, HOSTILE_ALERT, huge()], ids=["shift", "hostile", "huge"])
def test_slack_takes_the_message(slack_server: SlackServer, sender: SlackSender, alert: Alert) -> None:
    """As valid JSON within Slack's limits, to the webhook's own host and path."""
    assert sender.send(parcel(alert), NOW) == Accepted()
    assert slack_server.rejections == []
    (request,) = slack_server.requests
    assert request.headers["Host"] == f"127.0.0.1:{slack_server.port}"
    assert request.headers["Idempotency-Key"] == "dlv_1"
    assert request.json["blocks"][0]["block_id"] == "dlv_1"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(slack_server: SlackServer, sender: SlackSender, status: int) -> None:
    """Rate limits and server errors are not final."""
    slack_server.reply(Reply(status))
    assert sender.send(parcel(), NOW) == RetryAt(f"HTTP {status}")


def test_retry_after_is_read(slack_server: SlackServer, sender: SlackSender) -> None:
    """In seconds and as a date, on 429 and on 503."""
    slack_server.reply(
        Reply(429, headers={"Retry-After": "30"}),
        Reply(503, headers={"Retry-After": "Mon, 18 May 2026 10:00:00 GMT"}),
    )
    assert sender.send(parcel(), NOW) == RetryAt("HTTP 429", NOW + timedelta(seconds=30))
    assert sender.send(parcel(), NOW) == RetryAt("HTTP 503", datetime(2026, 5, 18, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, "invalid_blocks", "HTTP 400: invalid_blocks"),
        (403, "action_prohibited", "HTTP 403: action_prohibited"),
        (404, "no_service", "HTTP 404: no_service"),
        (410, "channel_is_archived", "HTTP 410: channel_is_archived"),
        (404, "<html>Not found, secret path /services/T/B/X</html>", "HTTP 404"),
    ],
)
def test_what_is_final_says_why(
    slack_server: SlackServer, sender: SlackSender, status: int, body: str, reason: str
) -> None:
    """Slack's own error word is shown; nothing else of an answer is."""
    slack_server.reply(Reply(status, body))
    assert sender.send(parcel(), NOW) == Permanent(reason)


def test_redirects_are_not_followed(
    slack_server: SlackServer, web_server: WebServer, sender: SlackSender
) -> None:
    """A redirect could lead inside, and would take the message along."""
    slack_server.reply(Reply(302, headers={"Location": web_server.url()}))
    assert isinstance(sender.send(parcel(), NOW), Permanent)
    assert web_server.requests == []


@pytest.mark.parametrize(
    "reply",
    [Reply(delay=float("inf")), Reply(body="x" * 1000, drip=0.05), Reply(reset=True)],
    ids=["hangs", "drips", "resets"],
)
def test_a_bad_connection_ends_in_time(slack_server: SlackServer, sender: SlackSender, reply: Reply) -> None:
    """Silence, a byte now and then, a reset: the worker is free again within the deadline."""
    slack_server.reply(reply)
    began = time.monotonic()
    outcome = sender.send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert time.monotonic() - began < 10
    assert sender.send(parcel(), NOW) == Accepted()


def test_dripping_headers_end_in_time() -> None:
    """The deadline holds before the answer's head is complete, too."""
    with _dripping_head() as port:
        sender = SlackSender(slack_config(f"http://127.0.0.1:{port}/", deadline_seconds=0.5))
        began = time.monotonic()
        assert sender.send(parcel(), NOW) == RetryAt("no answer within 0.5 s")
        assert time.monotonic() - began < 10


def test_a_huge_answer_is_cut(slack_server: SlackServer) -> None:
    """A receiver cannot fill our memory."""
    slack_server.reply(Reply(200, "x" * 10_000_000))
    outbound = Outbound(allow_private_addresses=True, deadline_seconds=5)
    assert len(outbound.post(slack_server.webhook, b"{}", {}).body) == LARGEST_BODY


def test_nobody_listening_is_tried_again(slack_server: SlackServer, sender: SlackSender) -> None:
    """A refused connection may pass; its reason does not show the address."""
    slack_server.close()
    outcome = sender.send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert "services" not in outcome.reason


def test_addresses_inside_are_refused_unless_allowed(slack_server: SlackServer) -> None:
    """The same server, without the setting: not one byte reaches it."""
    url = slack_server.webhook.replace("http://", "https://")
    sender = SlackSender(slack_config(url, allow_private_addresses=False))
    outcome = sender.send(parcel(), NOW)
    assert outcome == Permanent("refused to post: the host stands for an address that is not public")
    assert slack_server.requests == []


def test_the_checked_address_is_the_one_connected_to(slack_server: SlackServer) -> None:
    """A name whose address changes after the check leads to the checked one, under its own Host."""
    answers = [["127.0.0.1"], ["192.0.2.1"]]
    outbound = Outbound(
        allow_private_addresses=True, deadline_seconds=2, resolver=lambda _host, _port: answers.pop(0)
    )
    url = slack_server.webhook.replace("127.0.0.1", "hooks.slack.example")
    outcome = SlackSender(slack_config(url), outbound).send(parcel(), NOW)
    assert outcome == Accepted()
    assert slack_server.requests[0].headers["Host"] == f"hooks.slack.example:{slack_server.port}"
    assert answers == [["192.0.2.1"]]


@pytest.fixture
def tls_server() -> Iterator[tuple[WebServer, SmtpServer]]:
    """An HTTPS server with a certificate for localhost that only `ca_file` vouches for."""
    with SmtpServer(starttls=True) as certified, WebServer() as server:
        tls = certified._tls
        assert tls is not None
        server._server.socket = tls.wrap_socket(
            server._server.socket, server_side=True, do_handshake_on_connect=False
        )
        yield server, certified


def test_tls_is_verified_for_the_name_not_the_address(tls_server: tuple[WebServer, SmtpServer]) -> None:
    """A good certificate is accepted; an unknown one, or one for another name, is tried again later."""
    server, certified = tls_server
    ca_file = ca_of(certified.ca_file)
    url = f"https://localhost:{server.port}/"
    assert SlackSender(slack_config(url, ca_file=ca_file)).send(parcel(), NOW) == Accepted()
    unknown = SlackSender(slack_config(url)).send(parcel(), NOW)
    assert isinstance(unknown, RetryAt)
    assert "certificate is not accepted" in unknown.reason
    outbound = Outbound(
        allow_private_addresses=True,
        deadline_seconds=2,
        ca_file=ca_file,
        resolver=lambda _host, _port: ["127.0.0.1"],
    )
    with pytest.raises(UnreachableError, match="certificate is not accepted"):
        outbound.post(f"https://other.example:{server.port}/", b"", {})


def test_plain_http_where_tls_is_expected_is_tried_again(slack_server: SlackServer) -> None:
    """A failed handshake may pass."""
    url = slack_server.webhook.replace("http://", "https://")
    assert SlackSender(slack_config(url)).send(parcel(), NOW) == RetryAt("the TLS handshake failed")


@contextlib.contextmanager
def _dripping_head() -> Iterator[int]:
    """A server that sends one byte of a header line every tenth of a second, for ever."""
    stopping = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stopping.wait(0.1):
                connection.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        thread.join(5)
        listener.close()
