"""What must not happen to outgoing webhooks: a herd, a second copy, a lost message, whatever breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from accounts.alert import to_json
from alerts.intake import receive
from alerts.notifier import Notifier
from storage.retry import JITTER, SCHEDULE
from tests.integration.notification_parts import Plane, database
from tests.integration.webhook_parts import WallClock, Webhooks, numbered, webhooks_config
from tests.parts.process import wait_until
from tests.parts.web import Reply, Request
from tests.parts.webhooks import WebhookReceiver
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.postgres import PostgresServer

ROOT = Path(__file__).parents[2]

NOTIFIER = """
import sys, threading
from datetime import timedelta
from alerts.config import NotifierConfig, WebhooksConfig
from alerts.notifier import Notifier
from storage.engine import create_engine

webhooks = WebhooksConfig(allow_private_addresses=True, deadline_seconds=1.0)
config = NotifierConfig(webhooks=webhooks, max_age=None, poll_seconds=0.05, lease=timedelta(seconds=2))
print("up", flush=True)
Notifier(create_engine(sys.argv[1]), config).run(threading.Event())
"""


class Killing(WebhookReceiver):
    """Ends the sender after it has received a message and before it answers, so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0
        self.sender: int | None = None
        self.killed = threading.Event()

    def default(self, request: Request) -> Reply:
        reply = super().default(request)
        if self.left and self.sender is not None:
            self.left -= 1
            os.kill(self.sender, signal.SIGKILL)
            self.killed.set()
            return Reply(reset=True)
        return reply


@pytest.fixture
def receiver() -> Iterator[Killing]:
    with Killing() as server:
        yield server


@pytest.fixture
def webhooks(database_url: str, receiver: Killing) -> Iterator[Webhooks]:
    with database(database_url) as engine:
        yield Webhooks(Plane(engine, webhooks_config(), WallClock()), receiver)


def notifying(url: str) -> subprocess.Popen[bytes]:
    """A notifier in a process of its own, up."""
    program = subprocess.Popen([sys.executable, "-c", NOTIFIER, url], cwd=ROOT, stdout=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stdout.readline() == b"up\n"
    return program


def test_a_kill_between_send_and_record_repeats_the_id(
    webhooks: Webhooks, receiver: Killing, database_url: str
) -> None:
    """SIGKILL once the receiver has it, three times over: it sees one id, and acts once."""
    webhooks.add()
    webhooks.plane.take(SHIFT)
    receiver.left = 3
    for _ in range(3):
        receiver.killed.clear()
        with notifying(database_url) as program:
            receiver.sender = program.pid
            assert receiver.killed.wait(30)
    with notifying(database_url) as program:
        receiver.sender = program.pid
        wait_until(lambda: webhooks.rows()[0].status == "delivered", 30, "the delivery's record")
        program.kill()
    (row,) = webhooks.rows()
    assert receiver.times == {row.delivery_id: 4}
    assert len(receiver.events) == 1
    assert row.attempts == 4


def test_processes_side_by_side_send_nothing_twice(
    postgres_server: PostgresServer, postgres_url: str, receiver: Killing
) -> None:
    """Three notifiers on one database, two hundred messages to four endpoints: each id once."""
    del postgres_server
    with database(postgres_url) as engine:
        webhooks = Webhooks(Plane(engine, webhooks_config(), WallClock()), receiver)
        for number in range(4):
            webhooks.add(f"/{number}")
        programs = [notifying(postgres_url) for _ in range(3)]
        for number in range(50):
            webhooks.plane.take(numbered(number))
        wait_until(lambda: {row.status for row in webhooks.rows()} == {"delivered"}, 60, "all delivered")
        for program in programs:
            with program:
                program.kill()
        assert len(receiver.times) == 200
        assert set(receiver.times.values()) == {1}


def test_a_clock_a_day_ahead_delays_and_loses_nothing(webhooks: Webhooks, receiver: Killing) -> None:
    """Signed in tomorrow's name it is refused; once the clock is right again, it is taken, by the same id."""
    clock = webhooks.plane.clock
    assert isinstance(clock, WallClock)
    webhooks.add()
    clock.ahead = timedelta(days=1)
    receive(webhooks.engine, webhooks.plane.config, "msg_1", to_json(SHIFT), clock)
    webhooks.send_all()
    (row,) = webhooks.rows()
    assert row.last_error == "HTTP 401; its clock is 24.0 h behind ours"
    clock.ahead = timedelta(0)
    webhooks.send_all()
    assert receiver.events == [], "its next moment was set by the wrong clock, and is waited for"
    clock.ahead = timedelta(days=1, seconds=10)
    webhooks.send_all()
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert [row.status for row in webhooks.rows()] == ["pending"]


class Recovering(WebhookReceiver):
    """Answers 500 until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.mended = False

    def default(self, request: Request) -> Reply:
        self.times[request.headers["webhook-id"]] += 1
        return Reply(204, "") if self.mended else Reply(500)


@pytest.mark.parametrize("endpoints", [150, pytest.param(1000, marks=pytest.mark.full)])
@pytest.mark.timeout(1200)  # five thousand attempts, each with its record
def test_endpoints_come_back_without_a_herd(
    postgres_server: PostgresServer, postgres_url: str, endpoints: int
) -> None:
    """An hour of 500s: the moments of the next attempts are spread over the whole jitter, minute by minute.

    Once the server is mended every endpoint gets its message, with one further attempt each.
    """
    del postgres_server
    with database(postgres_url) as engine, Recovering() as receiver:
        plane = Plane(engine, webhooks_config())
        webhooks = Webhooks(plane, receiver)
        for number in range(endpoints):
            webhooks.add(f"/{number}")
        plane.take(SHIFT)
        began = plane.clock.now
        made = Notifier(engine, plane.config, now=plane.clock, random=Random(4))
        while plane.clock.now < began + timedelta(hours=1):
            webhooks.send_all(made)
            plane.clock.now = max(row.due_at for row in webhooks.rows())
        rows = webhooks.rows()
        assert {row.attempts for row in rows} == {4}
        moments = Counter(int((row.due_at - began) / timedelta(minutes=1)) for row in rows)
        spread = SCHEDULE[3] * JITTER / timedelta(minutes=1)
        assert spread - 1 <= len(moments) <= spread + 1
        assert max(moments.values()) < 3 * endpoints / spread
        receiver.mended = True
        receiver.times.clear()
        webhooks.send_all(made)
        assert {row.status for row in webhooks.rows()} == {"delivered"}
        assert len(receiver.times) == endpoints
        assert set(receiver.times.values()) == {1}


def test_the_database_is_away_between_send_and_record(postgres: PostgresServer, postgres_url: str) -> None:
    """The record fails, the lease brings the message back, the id is the same."""
    with database(postgres_url) as engine, WebhookReceiver() as receiver:
        webhooks = Webhooks(Plane(engine, webhooks_config(), WallClock()), receiver)
        webhooks.add()
        receive(engine, webhooks.plane.config, "msg_1", to_json(SHIFT), lambda: datetime.now(UTC))
        worker = webhooks.notifier().workers[0]
        send = worker._sender.send

        def send_and_lose(parcel, now):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            outcome = send(parcel, now)
            postgres.stop()
            return outcome

        worker._sender.send = send_and_lose  # type: ignore[method-assign]
        assert not worker._round(threading.Event())
        postgres.restart()
        worker._sender.send = send  # type: ignore[method-assign]
        clock = webhooks.plane.clock
        assert isinstance(clock, WallClock)
        clock.ahead = webhooks.plane.config.lease
        (row,) = webhooks.rows()
        assert row.status == "pending"
        assert worker.deliver_one() or worker.deliver_one()
        assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
        assert len(receiver.requests) == 2
