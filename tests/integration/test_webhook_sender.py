"""One attempt to post to another program's endpoint, on a real server that verifies with both libraries."""

from __future__ import annotations

import _socket
import json
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from accounts.alert import as_builtins
from alerts.config import WebhooksConfig
from alerts.digest import digest_of
from alerts.endpoint_admin import AskedChange, AskedEndpoint, InvalidEndpointError, change, create, rotate
from alerts.endpoint_secrets import OVERLAP
from alerts.language import ENGLISH
from alerts.outbound import Outbound
from alerts.outcome import Accepted, Gone, Outcome, Permanent, RetryAt
from alerts.parcel import Event, Parcel
from alerts.webhook_sender import WebhookSender
from storage import webhook_endpoints
from storage.engine import transaction
from storage.retry import SCHEDULE
from tests.integration.notification_parts import Plane, ca_of, database
from tests.integration.webhook_parts import WallClock, Webhooks, webhooks_config
from tests.parts.smtp import SmtpServer
from tests.parts.web import Reply, WebServer
from tests.parts.webhooks import WebhookReceiver
from tests.unit.alerts.samples import RAISED, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "whsec_" + "c2VjcmV0" * 4
EVENT = Event("alert.raised", RAISED, as_builtins(SHIFT))


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def webhooks(sqlite_url: str, receiver: WebhookReceiver) -> Iterator[Webhooks]:
    with database(sqlite_url) as engine:
        yield Webhooks(Plane(engine, webhooks_config(), WallClock()), receiver)


def parcel(endpoint_id: str, event: Event = EVENT) -> Parcel:
    return Parcel(
        message_id="dlv_1",
        receiver=endpoint_id,
        role="endpoint",
        content=digest_of([], [], None, ENGLISH),
        created_at=RAISED,
        event=event,
    )


def send(webhooks: Webhooks, endpoint_id: str, now: datetime | None = None, **options: Any) -> Outcome:
    sender = WebhookSender(webhooks.engine, webhooks_config(**options))
    return sender.send(parcel(endpoint_id), now or datetime.now(UTC))


def test_both_libraries_verify_what_is_posted(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """Signed as Standard Webhooks and Svix have it; the body is the event and its alert."""
    assert send(webhooks, webhooks.add()) == Accepted()
    ((identity, event),) = receiver.events
    assert identity == "dlv_1"
    assert event == {
        "type": "alert.raised",
        "timestamp": RAISED.isoformat().replace("+00:00", "Z"),
        "data": as_builtins(SHIFT),
    }
    assert receiver.requests[0].headers.get_content_type() == "application/json"


def test_attempts_differ_in_nothing_but_their_moment(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """The same bytes and the same id, signed anew for each attempt: it is the id that receivers dedupe by."""
    endpoint_id = webhooks.add()
    receiver.reply(Reply(500))
    assert isinstance(send(webhooks, endpoint_id), RetryAt)
    assert send(webhooks, endpoint_id, datetime.now(UTC) + timedelta(seconds=100)) == Accepted()
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) in range(
        99, 103
    )
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_for_a_day_the_secret_before_verifies_too(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """A receiver that learns of a new secret late misses nothing; afterwards the old one is worth nothing."""
    endpoint_id = webhooks.add()
    now = datetime.now(UTC)
    rotated = rotate(webhooks.engine, endpoint_id, now - OVERLAP + timedelta(minutes=1))
    assert send(webhooks, endpoint_id, now) == Accepted(), "by the old secret, which the receiver still has"
    receiver.secrets["/hook"] = rotated.secrets[0]["secret"]
    assert send(webhooks, endpoint_id, now) == Accepted(), "and by the new one"
    signed = receiver.requests[-1].headers["webhook-signature"].split(" ")
    assert [one[:3] for one in signed] == ["v1,", "v1,"]
    assert isinstance(send(webhooks, endpoint_id, now + timedelta(minutes=2)), Accepted)
    assert len(receiver.requests[-1].headers["webhook-signature"].split(" ")) == 1


def test_a_leaked_secret_ends_a_day_after_it_was_replaced_however_often(webhooks: Webhooks) -> None:
    """Rotating again lengthens no secret's life, and signatures stay few."""
    endpoint_id = webhooks.add(secret=SECRET)
    now = datetime.now(UTC)
    for hour in range(8):
        made = rotate(webhooks.engine, endpoint_id, now + timedelta(hours=hour))
    assert len(made.secrets) == 5
    again = rotate(webhooks.engine, endpoint_id, now + timedelta(hours=28, minutes=30))
    ends = [datetime.fromisoformat(one["expires_at"]) - now for one in again.secrets[1:]]
    assert ends == [timedelta(hours=52, minutes=30), *(timedelta(hours=24 + n) for n in (7, 6, 5))]


@pytest.mark.parametrize(
    "status", [301, 302, 307, 400, 401, 403, 404, 408, 413, 422, 425, 429, 500, 502, 503]
)
def test_all_but_success_and_410_is_tried_again(
    webhooks: Webhooks, receiver: WebhookReceiver, web_server: WebServer, status: int
) -> None:
    """A server being replaced answers 404 or a login page for a while; no redirect is followed."""
    receiver.reply(Reply(status, headers={"Location": web_server.url()}))
    outcome = send(webhooks, webhooks.add())
    assert isinstance(outcome, RetryAt)
    assert outcome.reason.startswith(f"HTTP {status}")
    assert web_server.requests == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_success_will_do(webhooks: Webhooks, receiver: WebhookReceiver, status: int) -> None:
    """Receivers answer what their frameworks do."""
    receiver.reply(Reply(status, ""))
    assert send(webhooks, webhooks.add()) == Accepted()


def test_410_is_the_end(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """The one answer that says so."""
    receiver.reply(Reply(410))
    assert send(webhooks, webhooks.add()) == Gone("HTTP 410: it asked for no more")


def test_retry_after_is_honoured(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """In seconds, and never sooner than the schedule's first wait."""
    endpoint_id, now = webhooks.add(), datetime.now(UTC)
    receiver.reply(Reply(429, headers={"Retry-After": "120"}), Reply(503, headers={"Retry-After": "0"}))
    assert send(webhooks, endpoint_id, now) == RetryAt("HTTP 429", now + timedelta(seconds=120))
    assert send(webhooks, endpoint_id, now) == RetryAt("HTTP 503", now + SCHEDULE[0])


@pytest.mark.parametrize(
    "reply",
    [Reply(delay=float("inf")), Reply(body="x" * 1000, drip=0.05), Reply(reset=True)],
    ids=["hangs", "drips", "resets"],
)
def test_a_bad_connection_ends_in_time(webhooks: Webhooks, receiver: WebhookReceiver, reply: Reply) -> None:
    """Whatever the other side does, the worker is free again, and the reason names no address."""
    endpoint_id = webhooks.add("/secret-path")
    receiver.reply(reply)
    began = time.monotonic()
    outcome = send(webhooks, endpoint_id, deadline_seconds=1.0)
    assert time.monotonic() - began < 10
    assert isinstance(outcome, RetryAt)
    assert "secret-path" not in outcome.reason


def test_a_response_bomb_is_not_read(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """Fifty megabytes of answer are an answer of which only the status counts."""
    receiver.reply(Reply(200, "x" * 50_000_000))
    assert send(webhooks, webhooks.add()) == Accepted()


def test_nobody_listening_is_tried_again(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """A refused connection may pass."""
    endpoint_id = webhooks.add()
    receiver.close()
    assert isinstance(send(webhooks, endpoint_id), RetryAt)


@pytest.fixture
def tls_receiver(receiver: WebhookReceiver) -> Iterator[SmtpServer]:
    """The receiver behind a certificate for localhost that only `ca_file` vouches for."""
    with SmtpServer(starttls=True) as certified:
        assert certified._tls is not None
        receiver._server.socket = certified._tls.wrap_socket(
            receiver._server.socket, server_side=True, do_handshake_on_connect=False
        )
        yield certified


def secured(webhooks: Webhooks, host: str = "localhost") -> str:
    """The endpoint by https and a name."""
    endpoint_id = webhooks.add()
    url = f"https://{host}:{webhooks.receiver.port}/hook"
    change(webhooks.engine, webhooks.config(), endpoint_id, AskedChange(url=url), datetime.now(UTC))
    return endpoint_id


def test_certificates_are_verified(webhooks: Webhooks, tls_receiver: SmtpServer) -> None:
    """One that signs itself or is for another name is tried again, with the reason; a good one is used."""
    ca_file = ca_of(tls_receiver.ca_file)
    endpoint_id = secured(webhooks)
    assert send(webhooks, endpoint_id, ca_file=ca_file) == Accepted()
    unknown = send(webhooks, endpoint_id)
    assert isinstance(unknown, RetryAt)
    assert "its certificate is not accepted: self-signed certificate" in unknown.reason
    outbound = Outbound(
        allow_private_addresses=True,
        deadline_seconds=2,
        ca_file=ca_file,
        resolver=lambda _host, _port: ["127.0.0.1"],
    )
    sender = WebhookSender(webhooks.engine, webhooks_config(), outbound)
    other = sender.send(parcel(secured(webhooks, "other.example")), datetime.now(UTC))
    assert isinstance(other, RetryAt)
    assert "certificate is not accepted: Hostname mismatch" in other.reason
    assert len(webhooks.receiver.requests) == 1


AUTHORITY = """
[ca]
default_ca = one
[one]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def expired_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 2020 for localhost, and its key."""
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(AUTHORITY)
    ask = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost "
    ask += "-addext subjectAltName=DNS:localhost -keyout key.pem -out request.pem"
    sign = "openssl ca -batch -selfsign -config ca.cnf -keyfile key.pem -in request.pem -notext "
    sign += "-startdate 20200101000000Z -enddate 20200102000000Z -out certificate.pem"
    for command in (ask, sign):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


def test_a_certificate_that_has_run_out_is_refused(
    webhooks: Webhooks, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    """Even of an authority that is trusted."""
    certificate, key = expired_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    receiver._server.socket = tls.wrap_socket(
        receiver._server.socket, server_side=True, do_handshake_on_connect=False
    )
    outcome = send(webhooks, secured(webhooks), ca_file=certificate)
    assert isinstance(outcome, RetryAt)
    assert "certificate has expired" in outcome.reason


INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "10.0.0.1",  # noqa: S104
    "172.16.5.4", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166",
    "0251.0376.0251.0376", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[2002:7f00:1::]", "[fd00::1]", "[fe80::1]", "[fec0::1]",
    "[::127.0.0.1]", "[ff02::1]", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_addresses_inside_are_refused_in_every_notation(
    webhooks: Webhooks, receiver: WebhookReceiver, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the endpoint is made; and again at each attempt, for one that was stored before."""
    # The guard against look-ups in tests knows only plain notation; the C library itself asks nobody here.
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    url, now = f"https://{host}:{receiver.port}/hook", datetime.now(UTC)
    with pytest.raises(InvalidEndpointError, match=r"not public|cannot be read"):
        create(webhooks.engine, WebhooksConfig(), AskedEndpoint(url=url), now)
    endpoint_id = webhooks.add()
    with transaction(webhooks.engine) as connection:
        webhook_endpoints.change(connection, endpoint_id, {"url": url})
    outcome = send(webhooks, endpoint_id, allow_private_addresses=False)
    assert isinstance(outcome, Permanent)
    assert "refused to post" in outcome.reason
    assert receiver.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "https://user:pw@hooks.example/", "https://user@hooks.example/",
        "ftp://a.example/", "https://", "hooks.example", "https://①②⑦.⓪.⓪.①/", "https://hooks.example/#part",
        "https://a b.example/", "https://hooks.example/\r\nHost: x", "https:///path", "//hooks.example/",
        "https://[::1/", "javascript:1",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_endpoints(webhooks: Webhooks, url: str) -> None:
    """No other scheme, no password, no digits of other scripts, nothing that splits a header."""
    with pytest.raises(InvalidEndpointError):
        create(webhooks.engine, WebhooksConfig(), AskedEndpoint(url=url), datetime.now(UTC))


def test_a_name_that_leads_inside_later_is_refused_later(
    webhooks: Webhooks, receiver: WebhookReceiver
) -> None:
    """DNS rebinding: public at the check when it was made, private at the attempt; no byte goes there."""
    endpoint_id = webhooks.add()
    with transaction(webhooks.engine) as connection:
        url = f"https://rebinding.example:{receiver.port}/hook"
        webhook_endpoints.change(connection, endpoint_id, {"url": url})
    answers = [["93.184.215.14"], ["127.0.0.1"]]
    outbound = Outbound(
        allow_private_addresses=False, deadline_seconds=2, resolver=lambda _host, _port: answers.pop(0)
    )
    outbound.check(url)
    outcome = WebhookSender(webhooks.engine, webhooks_config(), outbound).send(
        parcel(endpoint_id), datetime.now(UTC)
    )
    assert outcome == Permanent("refused to post: the host stands for an address that is not public")
    assert receiver.requests == []


def test_a_clock_that_is_a_day_ahead_is_told(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """Receivers refuse such signatures; the reason says that it is the clock, since their answer does not."""
    endpoint_id = webhooks.add()
    outcome = send(webhooks, endpoint_id, datetime.now(UTC) + timedelta(days=1))
    assert isinstance(outcome, RetryAt)
    assert outcome.reason == "HTTP 401; its clock is 24.0 h behind ours"
    assert send(webhooks, endpoint_id) == Accepted()
    assert [identity for identity, _ in receiver.events] == ["dlv_1"]


def test_an_event_s_bytes_survive_any_text(webhooks: Webhooks, receiver: WebhookReceiver) -> None:
    """Names in every script, and half characters, as JSON that both libraries read."""
    data = {"account_id": "C-1", "name": "华东 \u202e\u0000 <b> \U0001f600", "money": 1.5}
    sender = WebhookSender(webhooks.engine, webhooks_config())
    sent = parcel(webhooks.add(), Event("alert.raised", RAISED, data))
    assert sender.send(sent, datetime.now(UTC)) == Accepted()
    assert receiver.events[0][1]["data"] == data
    assert json.loads(receiver.requests[0].body)["data"] == data
