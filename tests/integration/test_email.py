"""The email channel against a real SMTP server."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
import structlog

from alerts.mail import in_ascii
from alerts.message import message_of
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.smtp import EmailSender
from tests.integration.notification_parts import ca_of, email_config
from tests.parts.smtp import Answer, ScriptedSmtp, SmtpServer
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT
from tests.unit.alerts.test_layouts import HOSTILE_ALERT
from tests.unit.alerts.test_mail import PICTURE
from tests.unit.alerts.test_message import huge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.alert import Alert
    from alerts.parcel import Picture

NOW = RAISED + timedelta(hours=9)


def parcel(alert: Alert = SHIFT, receiver: str = "owner@vendor.example") -> Parcel:
    message = message_of(alert, "raised", "https://turnsignal.example.com")
    return Parcel(
        message_id="dlv_1",
        receiver=receiver,
        role="owner",
        content=message,
        created_at=datetime(2026, 5, 18, tzinfo=UTC),
        alert=alert,
    )


def send(server: SmtpServer, alert: Alert = SHIFT) -> Outcome:
    return EmailSender(email_config(server.host, server.port)).send(parcel(alert), NOW)


@pytest.mark.parametrize(
    "alert", [SHIFT, AT_RISK, HOSTILE_ALERT, huge()], ids=["shift", "risk", "hostile", "huge"]
)
def test_a_message_arrives_whole(smtp_server: SmtpServer, alert: Alert) -> None:
    """Both forms come out of a real server as they went in, in Chinese and with hostile names too."""
    assert send(smtp_server, alert) == Accepted()
    (received,) = smtp_server.messages
    assert received.recipients == ("owner@vendor.example",)
    assert received.sender == "alerts@vendor.example"
    message = received.message
    assert message.defects == []
    account = message_of(alert, "raised", None).account
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert account.split("<")[0].strip() in part.get_content()
    assert str(message["Subject"]) == message_of(alert, "raised", None).subject
    assert message["Bcc"] is None


def test_the_message_id_is_the_same_at_each_attempt(smtp_server: SmtpServer) -> None:
    """A mail program shows a message that came twice once."""
    smtp_server.answer(Answer(data="451 4.3.0 try again"), Answer(), Answer())
    assert [type(send(smtp_server)) for _ in range(3)] == [RetryAt, Accepted, Accepted]
    assert {received.message["Message-ID"] for received in smtp_server.messages} == {"<dlv_1@vendor.example>"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(data="451 4.3.0 try later"), RetryAt("SMTP 451: the message is refused: 4.3.0 try later")),
        (Answer(data="550 5.7.1 no"), Permanent("SMTP 550: the message is refused: 5.7.1 no")),
        (Answer(mail="421 4.3.2 closing"), RetryAt("SMTP 421: our sender is refused: 4.3.2 closing")),
        (Answer(mail="553 5.1.8 who"), RetryAt("SMTP 553: our sender is refused: 5.1.8 who")),
        (Answer(mail="552 5.3.4 too big"), Permanent("SMTP 552: the message is refused: 5.3.4 too big")),
        (
            Answer(recipients={"owner@vendor.example": "550 5.1.1 no such user"}),
            Permanent("SMTP 550: the recipient is refused: 5.1.1 no such user"),
        ),
        (
            Answer(recipients={"owner@vendor.example": "452 4.2.2 mailbox full"}),
            RetryAt("SMTP 452: the recipient is refused: 4.2.2 mailbox full"),
        ),
    ],
)
def test_the_server_s_code_decides(smtp_server: SmtpServer, answer: Answer, outcome: Outcome) -> None:
    """4xx is tried again, 5xx about this message is final, and the server's words are shown."""
    smtp_server.answer(answer)
    assert send(smtp_server) == outcome
    assert smtp_server.messages == []


def test_one_refused_recipient_does_not_touch_another(smtp_server: SmtpServer) -> None:
    """Each receiver has a delivery of their own."""
    refusing = Answer(recipients={"gone@vendor.example": "550 5.1.1 no such user"})
    smtp_server.answer(refusing, refusing)
    sender = EmailSender(email_config(smtp_server.host, smtp_server.port))
    assert isinstance(sender.send(parcel(receiver="gone@vendor.example"), NOW), Permanent)
    assert sender.send(parcel(), NOW) == Accepted()


def test_a_silent_or_broken_server_is_tried_again_in_time(smtp_server: SmtpServer) -> None:
    """No reply to the message, and a connection dropped after it."""
    sender = EmailSender(email_config(smtp_server.host, smtp_server.port, timeout_seconds=0.5))
    smtp_server.answer(Answer(delay=float("inf")), Answer(drop=True))
    began = time.monotonic()
    assert sender.send(parcel(), NOW) == RetryAt("no answer in time")
    assert time.monotonic() - began < 15
    assert isinstance(sender.send(parcel(), NOW), RetryAt)
    assert sender.send(parcel(), NOW) == Accepted()


def test_the_whole_exchange_has_a_deadline(smtp_server: SmtpServer) -> None:
    """However patient the timeout of a single answer is."""
    config = replace(
        email_config(smtp_server.host, smtp_server.port), timeout_seconds=60, deadline_seconds=0.5
    )
    smtp_server.answer(Answer(delay=float("inf")))
    began = time.monotonic()
    assert isinstance(EmailSender(config).send(parcel(), NOW), RetryAt)
    assert time.monotonic() - began < 15


def test_a_server_away_comes_back(smtp_server: SmtpServer) -> None:
    """A refused connection may pass."""
    sender = EmailSender(email_config("127.0.0.1", 1))
    assert sender.send(parcel(), NOW) == RetryAt("the connection failed (ConnectionRefusedError)")
    assert send(smtp_server) == Accepted()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["421 4.3.2 too many connections"], "SMTP 421: 4.3.2 too many connections"),
        (["554 5.7.1 your network is blocked"], "SMTP 554: 5.7.1 your network is blocked"),
        (["SSH-2.0-OpenSSH"], "SMTP -1: 2.0-OpenSSH"),
        (["220 ready", "502 no", "502 no"], "SMTP 502: no"),
        (
            ["220 ready", "250-here\r\n250 STARTTLS", "454 4.7.0 TLS is out of order"],
            "SMTP 454: 4.7.0 TLS is out of order",
        ),
        (["220 ready", "250-here\r\n250 STARTTLS", "554 5.7.3 no TLS"], "SMTP 554: 5.7.3 no TLS"),
    ],
    ids=["busy", "blocked", "other", "no hello", "tls later", "no tls"],
)
def test_what_a_server_says_before_the_message_is_never_final(lines: list[str], reason: str) -> None:
    """It is about the server or about us, not about this message; nothing of the message was said."""
    with ScriptedSmtp(*lines) as server:
        config = email_config(server.host, server.port, security="starttls")
        assert EmailSender(config).send(parcel(), NOW) == RetryAt(reason)
    assert not any(b"MAIL" in heard for heard in server.heard)


@pytest.mark.parametrize("tls", [False, True])
def test_a_tls_handshake_that_fails_is_tried_again(tls: bool) -> None:  # noqa: FBT001
    """STARTTLS is granted, and what follows is no TLS; TLS from the first byte likewise."""
    lines = ["220 ready", "250-here\r\n250 STARTTLS", "220 go on", "this is no TLS, but words"]
    with ScriptedSmtp(*(lines[3:] if tls else lines)) as server:
        config = email_config(server.host, server.port, security="tls" if tls else "starttls")
        outcome = EmailSender(config).send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert not any(b"MAIL" in heard for heard in server.heard)


def test_a_server_that_drips_is_cut_off() -> None:
    """Each byte comes within the timeout of an answer; all of them do not come within the deadline."""
    with ScriptedSmtp("220 " + "x" * 400, pause=0.05) as server:
        config = email_config(server.host, server.port, timeout_seconds=10, deadline_seconds=0.5)
        began = time.monotonic()
        outcome = EmailSender(config).send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert time.monotonic() - began < 10


def test_a_message_that_arrived_unheard_comes_again_as_the_same(smtp_server: SmtpServer) -> None:
    """The connection is reset after DATA: the mail may be there, and its second copy has its Message-ID."""
    smtp_server.answer(Answer(drop=True, keep=True))
    assert [type(send(smtp_server)) for _ in range(2)] == [RetryAt, Accepted]
    first, second = smtp_server.messages
    assert first.message["Message-ID"] == second.message["Message-ID"]
    boundaries = [received.message.get_boundary() or "" for received in (first, second)]
    assert first.raw.replace(boundaries[0].encode(), b"") == second.raw.replace(boundaries[1].encode(), b"")


def test_a_picture_arrives_with_its_message(smtp_server: SmtpServer) -> None:
    """As it was drawn, and where the page points to."""
    sender = EmailSender(email_config(smtp_server.host, smtp_server.port))
    drawn = replace(parcel(), picture=lambda: PICTURE)
    assert sender.send(drawn, NOW) == Accepted()
    (image,) = [p for p in smtp_server.messages[0].message.walk() if p.get_content_type() == "image/png"]
    assert image.get_content() == PICTURE.png


def test_a_picture_that_cannot_be_drawn_holds_nothing_up(smtp_server: SmtpServer) -> None:
    """The message goes without it, and one line of the log says so; one that is not there is no mistake."""
    sender = EmailSender(email_config(smtp_server.host, smtp_server.port))

    def fails() -> Picture | None:
        raise RuntimeError("no font")

    with structlog.testing.capture_logs() as logs:
        assert sender.send(replace(parcel(), picture=fails), NOW) == Accepted()
        assert sender.send(replace(parcel(), picture=lambda: None), NOW) == Accepted()
    assert [entry["action"] for entry in logs] == ["picture_failed"]
    for received in smtp_server.messages:
        assert "image/png" not in {part.get_content_type() for part in received.message.walk()}


def test_a_database_away_while_drawing_waits(smtp_server: SmtpServer) -> None:
    """The end of the attempt could not be recorded either: it is not begun."""

    def away() -> Picture | None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    sender = EmailSender(email_config(smtp_server.host, smtp_server.port))
    with pytest.raises(sa.exc.OperationalError):
        sender.send(replace(parcel(), picture=away), NOW)
    assert smtp_server.attempts == 0


@pytest.mark.parametrize("address", ["zoë@vendor.example", "李@例子.example", "owner@bücher.example"])
def test_addresses_in_other_scripts(smtp_server: SmtpServer, address: str) -> None:
    """They are written to as they are where the server can (SMTPUTF8); their domains always in ASCII."""
    sender = EmailSender(email_config(smtp_server.host, smtp_server.port))
    assert sender.send(parcel(receiver=address), NOW) == Accepted()
    (received,) = smtp_server.messages
    assert received.recipients == (in_ascii(address),)
    assert f"\r\nTo: {in_ascii(address)}\r\n".encode() in received.raw
    assert received.message.get_content_type() == "multipart/alternative"


def test_a_server_of_ascii_alone_gets_what_it_can() -> None:
    """A domain in another script goes through; a local part waits for a server that can."""
    with SmtpServer(smtputf8=False) as server:
        sender = EmailSender(email_config(server.host, server.port))
        assert sender.send(parcel(receiver="owner@bücher.example"), NOW) == Accepted()
        assert server.messages[0].recipients == ("owner@xn--bcher-kva.example",)
        outcome = sender.send(parcel(receiver="zoë@vendor.example"), NOW)
        assert isinstance(outcome, RetryAt)
        assert "SMTPUTF8" in outcome.reason


def test_credentials_go_over_tls_only() -> None:
    """STARTTLS and login with a certificate that is checked."""
    with SmtpServer(credentials=("turnsignal", "secret"), starttls=True) as server:
        config = email_config(
            "localhost", server.port, username="turnsignal", password="secret", ca_file=ca_of(server.ca_file)
        )
        assert EmailSender(config).send(parcel(), NOW) == Accepted()
        assert server.messages[0].encrypted
        assert server.messages[0].user == "turnsignal"
        wrong = replace(config, password="wrong")
        refused = EmailSender(wrong).send(parcel(), NOW)
        assert isinstance(refused, RetryAt)
        assert "credentials are refused" in refused.reason
        assert "wrong" not in refused.reason
        unknown = EmailSender(replace(config, ca_file=None)).send(parcel(), NOW)
        assert isinstance(unknown, RetryAt)
        assert "certificate is not accepted" in unknown.reason


def test_a_server_without_starttls_gets_no_credentials(smtp_server: SmtpServer) -> None:
    """Who strips STARTTLS from the answers learns no password; the message waits."""
    config = email_config(smtp_server.host, smtp_server.port, username="turnsignal", password="secret")
    outcome = EmailSender(config).send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert "STARTTLS" in outcome.reason
    assert smtp_server.attempts == 0


def test_tls_from_the_first_byte(smtp_server: SmtpServer) -> None:
    """Implicit TLS with a certificate for the server's name; one for another name waits."""
    with SmtpServer(starttls=True) as certified, _behind_tls(certified, smtp_server.port) as port:
        config = email_config("localhost", port, security="tls", ca_file=ca_of(certified.ca_file))
        assert EmailSender(config).send(parcel(), NOW) == Accepted()
        assert smtp_server.messages[0].recipients == ("owner@vendor.example",)
        unknown = EmailSender(replace(config, ca_file=None)).send(parcel(), NOW)
        assert isinstance(unknown, RetryAt)
        assert "certificate is not accepted" in unknown.reason


@contextlib.contextmanager
def _behind_tls(certified: SmtpServer, port: int) -> Iterator[int]:
    """A port that takes TLS with another server's certificate off, and passes the rest on."""
    tls = certified._tls
    assert tls is not None
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def talk(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join(5)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with plain, contextlib.suppress(OSError), tls.wrap_socket(plain, server_side=True) as client:
                    talk(client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
