"""From a received alert to what the receivers' servers saw, on both databases."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from alerts.config import Channel, NotifierConfig
from alerts.notifier import WORKERS, Notifier
from alerts.outcome import Accepted, Outcome
from storage import deliveries
from storage.engine import reading, transaction
from storage.retry import JITTER, SCHEDULE
from tests.integration.notification_parts import (
    Clock,
    Plane,
    database,
    email_config,
    rows,
    slack_config,
)
from tests.parts.process import wait_until
from tests.parts.smtp import Answer
from tests.parts.web import Reply
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from accounts.alert import Alert
    from alerts.parcel import Parcel
    from tests.parts.postgres import PostgresServer
    from tests.parts.slack import SlackServer
    from tests.parts.smtp import SmtpServer

ROOT = Path(__file__).parents[2]
change = msgspec.structs.replace
RETRACTED = change(SHIFT, status="resolved", retracted=True)


@pytest.fixture
def plane(database_url: str, slack_server: SlackServer, smtp_server: SmtpServer) -> Iterator[Plane]:
    with database(database_url) as engine:
        config = NotifierConfig(
            slack=slack_config(slack_server.webhook),
            email=email_config(smtp_server.host, smtp_server.port),
            default_email="sales@vendor.example",
            public_url="https://turnsignal.example.com",
            poll_seconds=0.05,
        )
        yield Plane(engine, config)


def notifier(plane: Plane) -> Notifier:
    return Notifier(plane.engine, plane.config, now=plane.clock)


def send_all(plane: Plane, made: Notifier | None = None) -> None:
    """One pass over everything that is due, in all channels."""
    for worker in (made or notifier(plane)).workers:
        while worker.deliver_one():
            pass


def by_channel(plane: Plane) -> dict[str, tuple[str, str | None]]:
    return {row.channel: (row.status, row.reason or row.role) for row in rows(plane.engine)}


def numbered(number: int) -> Alert:
    return change(SHIFT, id=f"alert_{number}", account_id=f"C-{number}")


class running:  # noqa: N801  # reads as a word in `with running(...)`
    """A notifier in its thread, until the block ends."""

    def __init__(self, made: Notifier) -> None:
        self.notifier = made
        self.stop = threading.Event()
        self.thread = threading.Thread(target=made.run, args=(self.stop,))

    def __enter__(self) -> Notifier:
        self.thread.start()
        return self.notifier

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_an_alert_reaches_both_channels(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """Received once, sent once by Slack and once by email, and recorded with its figures."""
    plane.take(SHIFT)
    with running(notifier(plane)) as made:
        slack_server.wait_for(1)
        smtp_server.wait_for(1)
        wait_until(lambda: {s for s, _ in by_channel(plane).values()} == {"delivered"}, 20, "both recorded")
        wait_until(lambda: made.unready() is None, 20, "a round of each worker")
    assert slack_server.rejections == []
    assert "Hartwig Automation" in slack_server.messages[0]["text"]
    assert smtp_server.messages[0].recipients == ("owner@vendor.example",)
    assert by_channel(plane) == {"slack": ("delivered", "owner"), "email": ("delivered", "owner")}
    assert all(row.attempts == 1 and row.finished_at and row.due_at is None for row in rows(plane.engine))
    seconds = REGISTRY.get_sample_value("turnsignal_event_to_delivery_seconds_count", {"channel": "email"})
    assert seconds


def test_a_wake_up_sends_at_once(plane: Plane, slack_server: SlackServer) -> None:
    """An intake in the same process does not wait for the next poll."""
    patient = Plane(plane.engine, replace(plane.config, poll_seconds=60), plane.clock)
    with running(notifier(patient)) as made:
        wait_until(lambda: made.unready() is None, 20, "a first round")
        patient.take(SHIFT)
        made.wake()
        slack_server.wait_for(1, timeout=20)


def test_slack_down_holds_up_no_email(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """While all of Slack's workers hang on a message each, twenty mails go out."""
    slack_server.reply(*[Reply(delay=float("inf"))] * WORKERS["slack"])
    slack = slack_config(slack_server.webhook, deadline_seconds=60)
    plane = Plane(plane.engine, replace(plane.config, slack=slack), plane.clock)
    for number in range(20):
        plane.take(numbered(number))
    with running(notifier(plane)):
        slack_server.wait_for(WORKERS["slack"])
        smtp_server.wait_for(20, timeout=45)
        assert len(slack_server.requests) == WORKERS["slack"]
        slack_server.close()  # so that the message that hangs need not be waited for
    assert Counter(row.status for row in rows(plane.engine) if row.channel == "email") == {"delivered": 20}


def test_failures_follow_the_schedule_until_they_are_given_up(
    plane: Plane, slack_server: SlackServer
) -> None:
    """Every wait is the published one with its jitter; after the last the failure is final and visible."""
    plane = Plane(plane.engine, replace(plane.config, email=None), plane.clock)
    plane.take(SHIFT)
    slack_server.reply(*[Reply(500)] * 8)
    made = notifier(plane)
    for wait in SCHEDULE:
        send_all(plane, made)
        (row,) = rows(plane.engine)
        assert (row.status, row.last_error) == ("pending", "HTTP 500")
        assert plane.clock.now + wait <= row.due_at <= plane.clock.now + wait * (1 + JITTER)
        plane.clock.now = row.due_at
    send_all(plane, made)
    (row,) = rows(plane.engine)
    assert (row.status, row.attempts) == ("failed", 8)
    assert row.reason == "gave up after 8 attempts: HTTP 500"
    assert len(slack_server.requests) == 8


def test_retry_after_is_waited_for_by_the_whole_channel(plane: Plane, slack_server: SlackServer) -> None:
    """After 429 nothing more is sent before the moment that Slack named; then everything is."""
    plane = Plane(plane.engine, replace(plane.config, email=None), plane.clock)
    for number in range(3):
        plane.take(numbered(number))
    slack_server.reply(Reply(429, headers={"Retry-After": "30"}))
    made = notifier(plane)
    send_all(plane, made)
    assert len(slack_server.requests) == 1
    plane.clock.pass_by(seconds=29)
    send_all(plane, made)
    assert len(slack_server.requests) == 1
    plane.clock.pass_by(seconds=1)
    send_all(plane, made)
    assert len(slack_server.requests) == 4
    assert {row.status for row in rows(plane.engine)} == {"delivered"}


def test_servers_that_recover_get_everything(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """An hour of 500s and 451s delays messages and loses none."""
    for number in range(5):
        plane.take(numbered(number))
    slack_server.reply(*[Reply(500)] * 15)
    smtp_server.answer(*[Answer(data="451 4.3.0 later")] * 15)
    made = notifier(plane)
    for _ in range(70):
        send_all(plane, made)
        plane.clock.pass_by(minutes=1)
    assert {row.status for row in rows(plane.engine)} == {"delivered"}
    assert len(smtp_server.messages) == 5
    assert len({received.message["Message-ID"] for received in smtp_server.messages}) == 5


def test_permanent_failures_are_visible(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """In the table with their reason, and in the metric; they are not tried again."""
    labels = {"channel": "slack", "outcome": "failed"}
    before = REGISTRY.get_sample_value("turnsignal_deliveries_total", labels) or 0
    plane.take(SHIFT)
    slack_server.reply(Reply(410, "channel_is_archived"))
    smtp_server.answer(Answer(recipients={"owner@vendor.example": "550 5.1.1 gone"}))
    send_all(plane)
    plane.clock.pass_by(days=2)
    send_all(plane)
    assert by_channel(plane) == {
        "slack": ("failed", "HTTP 410: channel_is_archived"),
        "email": ("failed", "SMTP 550: the recipient is refused: 5.1.1 gone"),
    }
    assert len(slack_server.requests) == 1
    assert (REGISTRY.get_sample_value("turnsignal_deliveries_total", labels) or 0) == before + 1


class Dying:
    """A sender whose process ends after the server has accepted and before that is recorded."""

    channel: Channel = "email"
    shared = True
    pause = None

    def __init__(self, sender: Callable[[Parcel, datetime], Outcome]) -> None:
        self._send = sender

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        assert self._send(parcel, now) == Accepted()
        raise SystemExit


def test_a_kill_between_send_and_record_sends_the_same_message_again(
    plane: Plane, smtp_server: SmtpServer
) -> None:
    """At least once, and once in the eyes of the reader: the Message-ID is the same."""
    plane = Plane(plane.engine, replace(plane.config, slack=None), plane.clock)
    plane.take(SHIFT)
    worker = notifier(plane).workers[0]
    worker._sender = Dying(worker._sender.send)
    with pytest.raises(SystemExit):
        worker.deliver_one()
    send_all(plane)
    assert len(smtp_server.messages) == 1, "claimed until the lease ends"
    plane.clock.now += plane.config.lease
    send_all(plane)
    first, second = (received.message["Message-ID"] for received in smtp_server.messages)
    assert first == second
    assert by_channel(plane) == {"email": ("delivered", "owner")}


def test_a_message_that_kills_its_workers_is_given_up(plane: Plane, smtp_server: SmtpServer) -> None:
    """A delivery nobody ever finishes does not come back for ever."""
    plane = Plane(plane.engine, replace(plane.config, slack=None), plane.clock)
    plane.take(SHIFT)
    worker = notifier(plane).workers[0]
    send, worker._sender = worker._sender.send, Dying(worker._sender.send)
    for _ in range(8):
        with pytest.raises(SystemExit):
            worker.deliver_one()
        plane.clock.now += plane.config.lease
    assert worker.deliver_one()
    assert by_channel(plane) == {"email": ("failed", "gave up after 8 attempts without an end")}
    assert len(smtp_server.messages) == 8
    del send


def test_workers_side_by_side_send_nothing_twice(plane: Plane, slack_server: SlackServer) -> None:
    """Four workers on one channel and a hundred deliveries: each goes out once."""
    plane = Plane(plane.engine, replace(plane.config, email=None), plane.clock)
    for number in range(100):
        plane.take(numbered(number))
    workers = [notifier(plane).workers[0] for _ in range(4)]

    def work(index: int) -> None:
        while workers[index].deliver_one():
            pass

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    send_all(plane)  # a worker that found all rows locked left early
    ids = Counter(request.headers["Idempotency-Key"] for request in slack_server.requests)
    assert len(ids) == 100
    assert set(ids.values()) == {1}


def test_a_retraction_corrects_who_was_told(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """Raised in Slack, refused by mail, then retracted: Slack gets a correction, the mailbox nothing."""
    plane.take(SHIFT)
    smtp_server.answer(Answer(data="550 5.7.1 no"))
    send_all(plane)
    plane.take(RETRACTED)
    send_all(plane)
    assert len(slack_server.messages) == 2
    assert "no longer holds" in slack_server.messages[1]["text"]
    assert smtp_server.messages == []
    assert by_channel(plane) == {
        "slack": ("delivered", "owner"),
        "email": ("suppressed", "nothing_to_correct"),
    }


def test_an_alert_retracted_before_it_was_sent_is_not_sent(
    plane: Plane, slack_server: SlackServer, smtp_server: SmtpServer
) -> None:
    """Nobody reads an alert and its correction when both wait; a failed attempt does not count as told."""
    plane.take(SHIFT)
    slack_server.reply(Reply(500))
    made = notifier(plane)
    made.workers[0].deliver_one()
    plane.take(RETRACTED)
    plane.clock.pass_by(minutes=10)
    send_all(plane, made)
    assert len(slack_server.requests) == 1
    assert smtp_server.messages == []
    assert Counter((row.notice, row.reason) for row in rows(plane.engine)) == {
        ("raised", "retracted_before_delivery"): 2,
        ("retracted", "nothing_to_correct"): 2,
    }


def test_a_correction_never_overtakes(plane: Plane, smtp_server: SmtpServer) -> None:
    """While the first notice may still be on its way, the correction waits for its end."""
    plane = Plane(plane.engine, replace(plane.config, slack=None), plane.clock)
    plane.take(SHIFT)
    worker = notifier(plane).workers[0]
    alive, worker._sender = worker._sender, Dying(worker._sender.send)
    with pytest.raises(SystemExit):
        worker.deliver_one()
    worker._sender = alive
    plane.take(RETRACTED)
    assert not worker.deliver_one()
    plane.clock.now += plane.config.lease
    send_all(plane)
    subjects = [str(received.message["Subject"]) for received in smtp_server.messages]
    assert [subject.startswith("Correction") for subject in subjects] == [False, False, True]


def test_what_is_suppressed_is_counted_and_never_sent(plane: Plane, slack_server: SlackServer) -> None:
    """History and updates stay in the table."""
    plane.take(SHIFT)
    plane.take(SHIFT)
    plane.clock.pass_by(days=60)
    plane.take(change(SHIFT, id="alert_old"))
    send_all(plane)
    assert len(slack_server.requests) == 1
    reasons = Counter(row.reason for row in rows(plane.engine) if row.status == "suppressed")
    assert reasons == {"unchanged_for_reader": 2, "history": 2}


def test_a_stored_alert_that_cannot_be_read_fails_alone(plane: Plane, slack_server: SlackServer) -> None:
    """A body from another version is a visible failure; the next delivery goes out."""
    plane.take(numbered(1))
    with transaction(plane.engine) as connection:
        connection.execute(sa.text("UPDATE deliveries SET body = '{}'"))
    plane.take(numbered(2))
    send_all(plane)
    assert len(slack_server.requests) == 1
    failed = [row for row in rows(plane.engine) if row.status == "failed"]
    assert {row.alert_id for row in failed} == {"alert_1"}
    assert "cannot be read" in failed[0].reason


class Broken:
    """A sender with a mistake in it."""

    channel: Channel = "slack"
    shared = True
    pause = None

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        del parcel, now
        raise RuntimeError("https://hooks.slack.example/services/verysecret")


def test_a_mistake_in_a_sender_is_tried_again_and_tells_no_secret(
    plane: Plane, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unforeseen error ends neither the message nor the channel, and its words are not logged."""
    plane = Plane(plane.engine, replace(plane.config, email=None), plane.clock)
    plane.take(SHIFT)
    send_all(plane, Notifier(plane.engine, plane.config, senders=[Broken()], now=plane.clock))
    (row,) = rows(plane.engine)
    assert row.status == "pending"
    assert row.last_error.startswith("RuntimeError at test_notifier.py")
    output = capsys.readouterr()
    assert "sender_error" in output.out + output.err
    assert "verysecret" not in output.out + output.err


def test_no_log_record_shows_the_webhook_s_address(
    plane: Plane, slack_server: SlackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accepted, retried and failed: the address is a secret in each."""
    for number, reply in enumerate((Reply(), Reply(500), Reply(404, "no_service"), Reply(reset=True))):
        slack_server.reply(reply)
        plane.take(numbered(number))
        send_all(plane)
    slack_server.close()
    plane.take(numbered(9))
    send_all(plane)
    output = capsys.readouterr()
    assert "delivery_failed" in output.out + output.err
    assert "/services/" not in output.out + output.err
    assert all("/services/" not in str(row.last_error) for row in rows(plane.engine))


def test_the_backlog_shows_what_waits(plane: Plane, slack_server: SlackServer) -> None:
    """An operator sees how much waits in which channel, and since when."""
    slack_server.reply(Reply(500))
    since = plane.clock.now
    plane.take(SHIFT)
    send_all(plane)
    with reading(plane.engine) as connection:
        assert deliveries.backlog(connection) == [deliveries.Backlog("slack", 1, since)]


def test_a_database_without_tables_does_not_end_the_notifier(
    sqlite_url: str, slack_server: SlackServer
) -> None:
    """The channel's thread goes on, and sends once the tables are there."""
    from storage.engine import create_engine  # noqa: PLC0415
    from storage.tables import metadata  # noqa: PLC0415

    engine = create_engine(sqlite_url)
    config = NotifierConfig(slack=slack_config(slack_server.webhook), poll_seconds=0.05)
    plane = Plane(engine, config, Clock())
    with running(Notifier(engine, config, now=plane.clock)):
        time.sleep(0.3)
        metadata.create_all(engine)
        plane.take(SHIFT)
        slack_server.wait_for(1)
    engine.dispose()


def test_a_database_that_stops_mid_flight_loses_nothing(
    postgres_url: str, postgres: PostgresServer, slack_server: SlackServer
) -> None:
    """PostgreSQL is stopped while messages go out, and started again: each arrives."""
    with database(postgres_url) as engine:
        slack = slack_config(slack_server.webhook, deadline_seconds=0.5)
        config = NotifierConfig(slack=slack, poll_seconds=0.05, lease=timedelta(seconds=1), max_age=None)
        plane = Plane(engine, config)
        for number in range(20):
            plane.take(numbered(number))
        slack_server.reply(*[Reply(delay=0.05)] * 40)
        with running(Notifier(engine, config)):
            slack_server.wait_for(5)
            postgres.stop()
            time.sleep(0.5)
            postgres.restart()
            wait_until(lambda: {row.status for row in rows(engine)} == {"delivered"}, 30, "all delivered")
        keys = Counter(request.headers["Idempotency-Key"] for request in slack_server.requests)
        assert set(keys) == {row.delivery_id for row in rows(engine)}


KILLED = """
import sys, threading
from tests.integration.notification_parts import slack_config
from alerts.config import NotifierConfig
from alerts.notifier import WORKERS, Notifier
from storage.engine import create_engine
from datetime import timedelta
config = NotifierConfig(slack=slack_config(sys.argv[2], deadline_seconds=1.0), lease=timedelta(seconds=2),
                        poll_seconds=0.05)
print("started", flush=True)
Notifier(create_engine(sys.argv[1]), config).run(threading.Event())
"""


def test_nothing_is_lost_when_the_process_is_killed(database_url: str, slack_server: SlackServer) -> None:
    """SIGKILL at random moments while forty messages go out: each arrives, repeats carry the same key."""
    with database(database_url) as engine:
        config = NotifierConfig(slack=slack_config(slack_server.webhook), max_age=None)
        plane = Plane(engine, config)
        made = {d for n in range(40) for d in [plane.take(numbered(n)).alert_id]}
        slack_server.reply(*[Reply(delay=0.05)] * 200)
        deadline = time.monotonic() + 150
        while time.monotonic() < deadline and {row.status for row in rows(engine)} != {"delivered"}:
            program = subprocess.Popen(
                [sys.executable, "-c", KILLED, database_url, slack_server.webhook],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            )
            with program:
                assert program.stdout is not None
                program.stdout.readline()
                time.sleep(0.3 + SystemRandom().random())
                program.kill()
        assert {row.status for row in rows(engine)} == {"delivered"}
        keys = {request.headers["Idempotency-Key"] for request in slack_server.requests}
        assert keys == {row.delivery_id for row in rows(engine)}
        assert len(made) == len(keys) == 40
