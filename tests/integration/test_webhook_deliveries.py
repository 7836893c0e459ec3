"""From a received alert to what other programs' endpoints got: order, retries, ends, replays."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY

from alerts.config import Channel, Limits, WebhooksConfig
from alerts.digest import Digest
from alerts.endpoint_admin import (
    AskedChange,
    AskedReplay,
    DisabledEndpointError,
    UnknownEndpointError,
    change,
    remove,
    replay,
    send_test,
)
from alerts.notifier import MOST_TO_ONE, WORKERS, Notifier
from alerts.outcome import Accepted, Outcome
from alerts.second_chance import retry
from storage import history
from storage.engine import reading
from storage.retry import JITTER, SCHEDULE
from tests.integration.notification_parts import Plane, database, email_config, rows, slack_config
from tests.integration.test_notifier import running
from tests.integration.webhook_parts import (
    RETRACTED,
    Webhooks,
    numbered,
    webhooks_config,
    with_config,
)
from tests.integration.webhook_parts import change as changed
from tests.parts.process import wait_until
from tests.parts.web import Reply
from tests.parts.webhooks import WebhookReceiver
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.parcel import Parcel
    from tests.parts.slack import SlackServer
    from tests.parts.smtp import SmtpServer

DAY = timedelta(days=1)


class Believing(WebhookReceiver):
    """Takes what is signed at any time: these tests let days pass."""

    def default(self, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self.times[request.headers["webhook-id"]] += 1
        self.events.append((request.headers["webhook-id"], request.json))
        return Reply(204, "")


@pytest.fixture
def receiver() -> Iterator[Believing]:
    with Believing() as server:
        yield server


@pytest.fixture
def webhooks(database_url: str, receiver: Believing) -> Iterator[Webhooks]:
    with database(database_url) as engine:
        yield Webhooks(Plane(engine, webhooks_config()), receiver)


def types(receiver: WebhookReceiver) -> list[str]:
    return [event["type"] for _, event in receiver.events]


def fail_for_good(webhooks: Webhooks) -> None:
    """Let a whole schedule of attempts pass."""
    made = webhooks.notifier()
    for wait in (timedelta(0), *SCHEDULE):
        webhooks.plane.clock.now += wait * (1 + JITTER)
        webhooks.send_all(made)


def test_endpoints_get_what_they_asked_for(webhooks: Webhooks, receiver: Believing) -> None:
    """By patterns of event types; without any all there is, updates as well, which no person is sent."""
    webhooks.add("/all")
    webhooks.add("/ends", event_types=["alert.ret*", "alert.resolved"])
    for alert in (SHIFT, SHIFT, RETRACTED):
        webhooks.plane.take(alert)
        webhooks.send_all()
    by_path = Counter((request.path, request.json["type"]) for request in receiver.requests)
    assert by_path == {
        ("/all", "alert.raised"): 1,
        ("/all", "alert.updated"): 1,
        ("/all", "alert.retracted"): 1,
        ("/ends", "alert.retracted"): 1,
    }


def test_each_event_tells_the_alert_as_it_was(webhooks: Webhooks, receiver: Believing) -> None:
    """A program gets every notice of an alert, in order, each with its own figures; none replaces another."""
    webhooks.add()
    receiver.reply(Reply(503))
    made = webhooks.notifier()
    webhooks.plane.take(SHIFT)
    webhooks.send_all(made)
    for number in range(2):
        webhooks.plane.take(changed(SHIFT, evidence=SHIFT.evidence[:number]))
    webhooks.plane.take(RETRACTED)
    webhooks.send_all(made)
    assert receiver.events == [], "the first waits for its second attempt, and the others behind it"
    webhooks.plane.clock.pass_by(minutes=1)
    webhooks.send_all(made)
    assert types(receiver) == ["alert.raised", *["alert.updated"] * 2, "alert.retracted"]
    assert [len(one["evidence"]) for one in receiver.of(SHIFT.account_id)] == [6, 0, 1, 6]


def test_eight_workers_keep_the_order_of_each_alert(webhooks: Webhooks, receiver: Believing) -> None:
    """Thirty alerts with five notices each, all due at once: nothing twice, nothing out of turn."""
    webhooks.add()
    receiver.reply(*[Reply(503)] * 10)
    for step in range(5):
        for number in range(30):
            webhooks.plane.take(changed(numbered(number), evidence=SHIFT.evidence[:step]))
    workers = webhooks.notifier().workers
    assert len(workers) == WORKERS["webhook"]

    def work(index: int) -> None:
        while workers[index].deliver_one():
            pass

    for _ in range(400):
        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(workers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        webhooks.plane.clock.pass_by(seconds=6)
        if {row.status for row in webhooks.rows()} == {"delivered"}:
            break
    assert set(receiver.times.values()) == {1}
    assert len(receiver.times) == 150
    for number in range(30):
        assert [len(one["evidence"]) for one in receiver.of(f"C-{number}")] == [0, 1, 2, 3, 4]


def test_failures_follow_the_published_schedule(webhooks: Webhooks, receiver: Believing) -> None:
    """A 404 like any other; after the last attempt it is visible, and may be replayed with the same id."""
    endpoint_id = webhooks.add()
    webhooks.plane.take(SHIFT)
    receiver.reply(*[Reply(404)] * 8)
    made = webhooks.notifier()
    for wait in SCHEDULE:
        webhooks.send_all(made)
        (row,) = webhooks.rows()
        assert row.status == "pending"
        assert row.last_error.startswith("HTTP 404")
        now = webhooks.plane.clock.now
        assert now + wait <= row.due_at <= now + wait * (1 + JITTER)
        webhooks.plane.clock.now = row.due_at
    webhooks.send_all(made)
    (row,) = webhooks.rows()
    assert (row.status, row.attempts) == ("failed", 8)
    assert (
        replay(webhooks.engine, endpoint_id, AskedReplay(delivery_id=row.delivery_id), row.finished_at) == 1
    )
    webhooks.plane.clock.pass_by(minutes=1)
    webhooks.send_all(made)
    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert ids == {row.delivery_id}
    assert len({request.body for request in receiver.requests}) == 1
    assert [row.status for row in webhooks.rows()] == ["delivered"]


def test_retry_after_leaves_the_endpoint_alone_and_no_other(webhooks: Webhooks, receiver: Believing) -> None:
    """Until the moment it named nothing is sent to it, while another endpoint gets everything."""
    webhooks.add("/busy")
    webhooks.add("/other")
    receiver.reply(Reply(429, headers={"Retry-After": "30"}), path="/busy")
    for number in range(4):
        webhooks.plane.take(numbered(number))
    made = webhooks.notifier()
    webhooks.send_all(made)
    webhooks.plane.clock.pass_by(seconds=29)
    webhooks.send_all(made)
    assert Counter(request.path for request in receiver.requests) == {"/busy": 1, "/other": 4}
    webhooks.plane.clock.pass_by(seconds=1)
    webhooks.send_all(made)
    assert Counter(request.path for request in receiver.requests) == {"/busy": 5, "/other": 4}


def test_an_endpoint_that_hangs_holds_up_no_other(webhooks: Webhooks, receiver: Believing) -> None:
    """While it hangs on as many messages as it may, all other endpoints' messages go out."""
    webhooks = with_config(
        webhooks, webhooks=WebhooksConfig(allow_private_addresses=True, deadline_seconds=60)
    )
    webhooks.add("/hangs")
    webhooks.add("/works")
    receiver.reply(*[Reply(delay=float("inf"))] * 20, path="/hangs")
    for number in range(20):
        webhooks.plane.take(numbered(number))
    with running(webhooks.notifier()):
        wait_until(lambda: len(receiver.events) >= 20, 45, "all of the other's messages")
        hanging = [request for request in receiver.requests if request.path == "/hangs"]
        assert len(hanging) == MOST_TO_ONE["webhook"]
        receiver.close()  # so that the messages that hang need not be waited for


def test_410_disables_at_once_and_tells(
    webhooks: Webhooks, receiver: Believing, slack_server: SlackServer, smtp_server: SmtpServer,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The endpoint gets nothing more; what waits for it is dropped by name; its operators are told once."""
    email = email_config(smtp_server.host, smtp_server.port)
    slack = slack_config(slack_server.webhook)
    webhooks = with_config(webhooks, email=email, slack=slack, default_email="sales@vendor.example")
    endpoint_id = webhooks.add("/secret-path", description="The data lake")
    for number in range(3):
        webhooks.plane.take(numbered(number))
    receiver.reply(Reply(410))
    made = webhooks.notifier()
    for worker in made.workers:
        while worker.channel == "webhook" and worker.deliver_one():
            pass
    assert len(receiver.requests) == 1
    assert webhooks.endpoint(endpoint_id).disabled_reason == "HTTP 410: it asked for no more"
    assert Counter((row.status, row.reason) for row in webhooks.rows()) == {
        ("failed", "HTTP 410: it asked for no more"): 1,
        ("suppressed", "endpoint_gone"): 2,
    }
    told = [row for row in rows(webhooks.engine) if row.notice == "endpoint_disabled"]
    assert {(row.channel, row.receiver, row.status) for row in told} == {
        ("email", "sales@vendor.example", "pending"),
        ("slack", "channel", "pending"),
    }
    assert all(row.body["host"] == "127.0.0.1" and "secret-path" not in str(row.body) for row in told)
    output = capsys.readouterr().out
    assert "receiver_disabled" in output
    assert "secret-path" not in output
    webhooks.plane.take(numbered(9))
    assert len(webhooks.rows()) == 3, "nothing is planned for it"
    for worker in made.workers:
        while worker.channel != "webhook" and worker.deliver_one():
            pass
    (mail,) = (m.message for m in smtp_server.messages if "disabled" in str(m.message["Subject"]))
    assert mail["Subject"] == "Webhook endpoint disabled: The data lake"
    assert sum("Webhook endpoint disabled: The data lake" in str(one) for one in slack_server.messages) == 1
    assert slack_server.rejections == []
    text = mail.get_body(("plain",))
    assert text is not None
    assert "because you look after Turnsignal" in text.get_content()


class Recording:
    """An email channel that keeps what it is handed."""

    channel: Channel = "email"
    shared = True
    pause = None

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        del now
        self.parcels.append(parcel)
        return Accepted()


def test_the_notice_of_an_end_travels_alone(webhooks: Webhooks, receiver: Believing) -> None:
    """Beside a burst of alerts to the same mailbox, of which a list is made, it is a message of its own."""
    email = email_config("127.0.0.1", 25)
    webhooks = with_config(webhooks, email=email, default_email="sales@vendor.example", limits=Limits())
    nobody = changed(SHIFT.account, owner=None)
    endpoint_id = webhooks.add(description="The <b>data</b> lake")
    receiver.reply(Reply(410))
    for number in range(8):
        webhooks.plane.take(changed(numbered(number), account=nobody))
    made = webhooks.notifier()
    assert next(w for w in made.workers if w.channel == "webhook").deliver_one()
    recording = Recording()
    made = Notifier(webhooks.engine, webhooks.plane.config, senders=[recording], now=webhooks.plane.clock)
    for worker in made.workers:
        while worker.deliver_one():
            pass
    assert sorted(len(parcel.content.entries) for parcel in recording.parcels) == [0, 5]  # type: ignore[union-attr]
    (told,) = (
        p.content for p in recording.parcels if isinstance(p.content, Digest) and not p.content.entries
    )
    assert told.subject == "Webhook endpoint disabled: The <b>data</b> lake"
    assert endpoint_id in told.sentence
    assert "HTTP 410" in told.sentence
    assert {row.status for row in webhooks.rows("email")} == {"delivered"}


def test_days_of_failures_disable_and_a_success_forgives(webhooks: Webhooks, receiver: Believing) -> None:
    """Five days without a success, and a message that had all its attempts; not sooner, not for less."""
    endpoint_id = webhooks.add()
    receiver.reply(*[Reply(500)] * 8)
    webhooks.plane.take(numbered(1))
    fail_for_good(webhooks)
    failing_since = webhooks.endpoint(endpoint_id).failing_since
    assert failing_since is not None
    webhooks.plane.clock.now = failing_since + 6 * DAY
    receiver.reply(Reply(500))
    webhooks.plane.take(numbered(2))
    webhooks.send_all()
    assert webhooks.endpoint(endpoint_id).disabled_at is None, "its next message has all its attempts, too"
    webhooks.plane.clock.pass_by(minutes=1)
    webhooks.send_all()
    assert webhooks.endpoint(endpoint_id).failing_since is None
    receiver.reply(*[Reply(500)] * 100)
    for number in range(3, 9):
        webhooks.plane.take(numbered(number))
        fail_for_good(webhooks)
    endpoint = webhooks.endpoint(endpoint_id)
    assert endpoint.disabled_at is not None
    assert endpoint.failing_since is not None
    assert 5 * DAY <= endpoint.disabled_at - endpoint.failing_since < 7 * DAY
    assert "nothing was accepted for" in str(endpoint.disabled_reason)


def test_an_endpoint_that_is_enabled_again_gets_what_it_missed(
    webhooks: Webhooks, receiver: Believing
) -> None:
    """Disabled by hand while two wait; enabled, they are replayed with all that failed, in order."""
    endpoint_id = webhooks.add()
    clock = webhooks.plane.clock
    webhooks.plane.take(SHIFT)
    webhooks.plane.take(changed(SHIFT, evidence=[]))
    change(webhooks.engine, webhooks.config(), endpoint_id, AskedChange(enabled=False), clock())
    webhooks.send_all()
    assert [row.reason for row in webhooks.rows()] == ["endpoint_gone"] * 2
    since = AskedReplay(since=clock() - DAY)
    with pytest.raises(DisabledEndpointError):
        replay(webhooks.engine, endpoint_id, since, clock())
    with pytest.raises(DisabledEndpointError):
        send_test(webhooks.engine, endpoint_id, clock())
    change(webhooks.engine, webhooks.config(), endpoint_id, AskedChange(enabled=True), clock())
    assert replay(webhooks.engine, endpoint_id, since, clock()) == 2
    webhooks.send_all()
    assert types(receiver) == ["alert.raised", "alert.updated"]
    with reading(webhooks.engine) as connection:
        what = [entry.what for entry in history.of(connection, SHIFT.id)]
    assert what[-4:] == ["replayed", "replayed", "delivered", "delivered"]


def test_a_range_is_replayed_by_its_ends(webhooks: Webhooks, receiver: Believing) -> None:
    """What came to be from since up to, not including, until; what was delivered only on request."""
    endpoint_id, other = webhooks.add(), webhooks.add("/other")
    clock = webhooks.plane.clock
    moments = []
    for number in range(4):
        moments.append(clock())
        webhooks.plane.take(numbered(number))
    webhooks.send_all()
    middle = AskedReplay(since=moments[1], until=moments[3])
    assert replay(webhooks.engine, endpoint_id, middle, clock()) == 0
    assert replay(webhooks.engine, endpoint_id, changed(middle, delivered_too=True), clock()) == 2
    receiver.events.clear()
    webhooks.send_all()
    assert sorted(event["data"]["account_id"] for _, event in receiver.events) == ["C-1", "C-2"]
    theirs = next(row.delivery_id for row in webhooks.rows() if row.receiver == other)
    with pytest.raises(UnknownEndpointError):
        replay(webhooks.engine, endpoint_id, AskedReplay(delivery_id=theirs), clock())


def test_old_events_may_be_replayed(webhooks: Webhooks, receiver: Believing) -> None:
    """What was too old to be told when it came is history; what was told and is old by now may come again."""
    webhooks = with_config(webhooks, max_age=timedelta(days=35))
    endpoint_id = webhooks.add()
    webhooks.plane.take(SHIFT)
    webhooks.send_all()
    webhooks.plane.clock.now += 60 * DAY
    webhooks.plane.take(numbered(2))
    assert [row.reason for row in webhooks.rows()] == [None, "history"]
    asked = AskedReplay(since=SHIFT.raised_at, delivered_too=True)
    assert replay(webhooks.engine, endpoint_id, asked, webhooks.plane.clock()) == 1
    webhooks.send_all()
    assert types(receiver) == ["alert.raised"] * 2


def test_the_second_chance_keeps_the_order_too(webhooks: Webhooks, receiver: Believing) -> None:
    """`turnsignal deliveries retry` on two notices of an alert that were given up, one after the other."""
    webhooks.add()
    webhooks.plane.take(SHIFT)
    webhooks.plane.take(RETRACTED)
    receiver.reply(*[Reply(500)] * 16)
    fail_for_good(webhooks)
    fail_for_good(webhooks)
    assert [row.status for row in webhooks.rows()] == ["failed", "failed"]
    assert len(retry(webhooks.engine, webhooks.plane.clock(), channel="webhook")) == 2
    webhooks.plane.clock.pass_by(minutes=1)
    webhooks.send_all()
    assert types(receiver) == ["alert.raised", "alert.retracted"]


def test_a_deleted_endpoint_leaves_its_log(webhooks: Webhooks, receiver: Believing) -> None:
    """What waited for it is dropped by name, what was sent stays recorded."""
    endpoint_id = webhooks.add()
    webhooks.plane.take(numbered(1))
    webhooks.send_all()
    webhooks.plane.take(numbered(2))
    send_test(webhooks.engine, endpoint_id, webhooks.plane.clock())
    remove(webhooks.engine, endpoint_id)
    webhooks.send_all()
    assert len(receiver.requests) == 1
    assert [(row.status, row.reason) for row in webhooks.rows()] == [
        ("delivered", None),
        ("suppressed", "endpoint_gone"),
        ("suppressed", "endpoint_gone"),
    ]


def test_a_test_event_is_sent_like_any_other(webhooks: Webhooks, receiver: Believing) -> None:
    """Whatever the endpoint has asked for, with its attempts in the log."""
    endpoint_id = webhooks.add(event_types=["alert.resolved"])
    receiver.reply(Reply(500))
    delivery_id = send_test(webhooks.engine, endpoint_id, webhooks.plane.clock())
    made = webhooks.notifier()
    webhooks.send_all(made)
    webhooks.plane.clock.pass_by(seconds=7)
    webhooks.send_all(made)
    ((identity, event),) = receiver.events
    assert identity == delivery_id
    assert event["type"] == "endpoint.test"
    assert event["data"]["endpoint_id"] == endpoint_id
    assert [(row.status, row.attempts) for row in webhooks.rows()] == [("delivered", 2)]


def test_deliveries_are_counted(webhooks: Webhooks) -> None:
    """Under the channel's name, like all others."""
    labels = {"channel": "webhook", "outcome": "delivered"}
    before = REGISTRY.get_sample_value("turnsignal_deliveries_total", labels) or 0
    webhooks.add()
    webhooks.plane.take(SHIFT)
    webhooks.send_all()
    assert REGISTRY.get_sample_value("turnsignal_deliveries_total", labels) == before + 1


def test_no_log_record_shows_address_or_secret(
    webhooks: Webhooks, receiver: Believing, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accepted, retried, refused: an endpoint is known by its id."""
    endpoint_id = webhooks.add("/secret-path?token=s3cr3t")
    secret = webhooks.endpoint(endpoint_id).secrets[0]["secret"]
    for number, reply in enumerate((Reply(), Reply(500), Reply(302), Reply(reset=True))):
        receiver.reply(reply)
        webhooks.plane.take(numbered(number))
        webhooks.send_all()
        webhooks.plane.clock.pass_by(minutes=2)
    webhooks = with_config(webhooks, webhooks=WebhooksConfig())
    webhooks.plane.take(numbered(9))
    webhooks.send_all()
    output = capsys.readouterr().out
    assert "delivery_retried" in output
    assert "delivery_failed" in output
    assert "secret-path" not in output
    assert secret not in output
    assert all("secret-path" not in str(row.last_error) for row in webhooks.rows())
