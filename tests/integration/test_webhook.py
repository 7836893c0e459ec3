"""POST /webhooks/alerts on a real server and both databases."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from prometheus_client import REGISTRY

from accounts.alert import Contact
from alerts.config import NotifierConfig
from alerts.notifier import Notifier
from consumers.relay import Relay
from storage import outbox
from storage.engine import create_engine, reading, transaction
from storage.tables import alerts, webhook_messages
from tests.integration.notification_parts import (
    SECRET,
    Clock,
    Endpoint,
    as_body,
    count,
    database,
    email_config,
    rows,
    serving,
    signed,
    slack_config,
)
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

CONFIG = NotifierConfig(
    slack=slack_config("http://127.0.0.1:1/secret"),
    email=email_config("127.0.0.1", 1),
    default_email="sales@vendor.example",
)
BODY = as_body(SHIFT)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    with database(database_url) as engine:
        yield engine


@pytest.fixture
def endpoint(engine: sa.Engine) -> Iterator[Endpoint]:
    with serving(engine, CONFIG) as endpoint:
        yield endpoint


def outcomes(outcome: str) -> float:
    return REGISTRY.get_sample_value("turnsignal_webhook_messages_total", {"outcome": outcome}) or 0


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """The problem details of an answer, which never repeat the secret."""
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    assert SECRET not in response.text
    details: dict[str, object] = response.json()
    assert details["status"] == status
    return details


def test_a_signed_alert_is_stored_and_its_deliveries_decided(engine: sa.Engine, endpoint: Endpoint) -> None:
    """One post: one alert, one delivery a channel, and the notifier woken."""
    response = httpx.post(endpoint.url, content=BODY, headers=signed(BODY))
    assert response.status_code == 202
    assert response.json() == {
        "outcome": "accepted",
        "alert_id": SHIFT.id,
        "notice": "raised",
        "deliveries": [
            {"channel": "slack", "decision": "send", "reason": "owner"},
            {"channel": "email", "decision": "send", "reason": "owner"},
        ],
    }
    made = rows(engine)
    assert [(row.channel, row.receiver, row.status) for row in made] == [
        ("email", "owner@vendor.example", "pending"),
        ("slack", "U0OWNER01", "pending"),
    ]
    assert endpoint.woken.is_set()


def test_a_repeated_message_does_nothing(engine: sa.Engine, endpoint: Endpoint) -> None:
    """The relay posts again when it missed the answer: acknowledged, and no second delivery."""
    for status in (202, 200, 200):
        assert httpx.post(endpoint.url, content=BODY, headers=signed(BODY)).status_code == status
        assert len(rows(engine)) == 2


def test_repeats_at_the_same_moment_do_nothing(engine: sa.Engine, endpoint: Endpoint) -> None:
    """Sixteen posts of one message at once: one is acted on, all are acknowledged."""
    with ThreadPoolExecutor(16) as pool:
        posts = [
            pool.submit(httpx.post, endpoint.url, content=BODY, headers=signed(BODY), timeout=30)
            for _ in range(16)
        ]
        answers = sorted(post.result().status_code for post in posts)
    assert answers == [200] * 15 + [202]
    assert len(rows(engine)) == 2
    assert count(engine, webhook_messages) == 1


def test_messages_of_one_alert_at_the_same_moment_are_decided_one_by_one(
    engine: sa.Engine, endpoint: Endpoint
) -> None:
    """Of many new messages of one alert exactly one raises it; the others update it."""
    with ThreadPoolExecutor(8) as pool:
        posts = [
            pool.submit(httpx.post, endpoint.url, content=BODY, headers=signed(BODY, f"m{n}"), timeout=30)
            for n in range(8)
        ]
        notices = sorted(post.result().json()["notice"] for post in posts)
    assert notices == ["raised"] + ["updated"] * 7
    assert count(engine, alerts) == 1


def test_a_repeat_is_known_by_every_byte(engine: sa.Engine) -> None:
    """Also where no channel took the alert: what is compared is the body, not what was made of it."""
    with serving(engine, NotifierConfig()) as endpoint:
        for body, status in ((BODY, 202), (BODY, 200), (BODY + b" ", 409), (BODY, 200)):
            assert httpx.post(endpoint.url, content=body, headers=signed(body)).status_code == status
        other = as_body(msgspec.structs.replace(SHIFT, severity="critical"))
        before = outcomes("conflicting")
        details = problem(httpx.post(endpoint.url, content=other, headers=signed(other)), 409)
        assert details["title"] == "Message id used before"
        assert outcomes("conflicting") == before + 1
    assert count(engine, alerts) == 1


class Hours(threading.Event):
    """A stop that comes after so many waits of an hour; it notes how much was there at each."""

    def __init__(self, number: int, note: Callable[[], object]) -> None:
        super().__init__()
        self.number, self.note, self.noted = number, note, list[object]()

    def wait(self, timeout: float | None = None) -> bool:
        if timeout != 3600:  # what follows up alerts waits on the same stop
            return super().wait(timeout)
        self.noted.append(self.note())
        if len(self.noted) == self.number:
            self.set()
        return self.is_set()


def test_an_id_is_remembered_for_thirty_days(engine: sa.Engine) -> None:
    """The notifier drops older records hour by hour; the same id is then a new message's."""
    clock = Clock()
    with serving(engine, CONFIG, clock=clock) as endpoint:
        assert httpx.post(endpoint.url, content=BODY, headers=signed(BODY)).status_code == 202
        clock.pass_by(days=30, minutes=-90)

        def an_hour_passes() -> int:
            clock.pass_by(hours=1)
            return count(engine, webhook_messages)

        hours = Hours(3, an_hour_passes)
        Notifier(engine, CONFIG, senders=[], now=clock).run(hours)
        assert hours.noted == [1, 1, 0]
        other = as_body(msgspec.structs.replace(SHIFT, severity="critical"))
        assert httpx.post(endpoint.url, content=other, headers=signed(other)).status_code == 202
    assert len(rows(engine)) == 4


def test_housekeeping_that_fails_stops_no_message(sqlite_url: str) -> None:
    """A database without tables, or none at all, is told; the notifier goes on."""
    for url in (sqlite_url, sqlite_url.replace("turnsignal.sqlite", "no/such/folder/x.sqlite")):
        engine = create_engine(url)
        hours = Hours(2, lambda: None)
        Notifier(engine, CONFIG, senders=[]).run(hours)
        engine.dispose()
        assert len(hours.noted) == 2


def test_the_same_id_with_another_body_is_a_conflict(engine: sa.Engine, endpoint: Endpoint) -> None:
    """A sender that uses an id twice learns of it; nothing is overwritten."""
    httpx.post(endpoint.url, content=BODY, headers=signed(BODY))
    for other in (
        msgspec.structs.replace(SHIFT, severity="critical"),
        msgspec.structs.replace(SHIFT, id="alert_other"),
    ):
        body = as_body(other)
        details = problem(httpx.post(endpoint.url, content=body, headers=signed(body)), 409)
        assert "another body" in str(details["detail"])
    assert len(rows(engine)) == 2
    assert count(engine, alerts) == 1


def test_a_new_message_of_a_known_alert_updates_it(engine: sa.Engine, endpoint: Endpoint) -> None:
    """New figures are recorded, and their delivery with the reason why it is not sent."""
    httpx.post(endpoint.url, content=BODY, headers=signed(BODY))
    body = as_body(msgspec.structs.replace(SHIFT, evidence=SHIFT.evidence[:1]))
    answer = httpx.post(endpoint.url, content=body, headers=signed(body, "msg_2")).json()
    assert answer["notice"] == "updated"
    assert {delivery["reason"] for delivery in answer["deliveries"]} == {"unchanged_for_reader"}
    assert count(engine, alerts) == 1


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_is_refused(engine: sa.Engine, endpoint: Endpoint, minutes: int) -> None:
    """What was overheard cannot be sent again later."""
    before = outcomes("bad_signature")
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    problem(httpx.post(endpoint.url, content=BODY, headers=signed(BODY, at=at)), 401)
    assert rows(engine) == []
    assert outcomes("bad_signature") == before + 1


def test_bad_and_missing_signatures_are_refused(engine: sa.Engine, endpoint: Endpoint) -> None:
    """Another secret, another body, no signature, no headers."""
    stranger = "whsec_c3RyYW5nZXI="
    for headers in (signed(BODY, secret=stranger), signed(b"{}"), {"webhook-id": "msg_1"}, {}):
        problem(httpx.post(endpoint.url, content=BODY, headers=headers), 401)
    assert rows(engine) == []
    assert not endpoint.woken.is_set()


def test_secrets_can_be_changed_without_a_gap(engine: sa.Engine) -> None:
    """While both are configured, messages signed with either are taken."""
    new = "whsec_bmV3IHNlY3JldA=="
    with serving(engine, CONFIG, (new, SECRET)) as endpoint:
        for number, secret in enumerate((SECRET, new)):
            headers = signed(BODY, f"msg_{number}", secret)
            assert httpx.post(endpoint.url, content=BODY, headers=headers).status_code == 202


def test_what_is_no_alert_is_named(engine: sa.Engine, endpoint: Endpoint) -> None:
    """422 with the field, 400 where it is no JSON; the next message is taken."""
    wrong = json.dumps({**json.loads(BODY), "raised_at": "yesterday"}).encode()
    assert (
        problem(httpx.post(endpoint.url, content=wrong, headers=signed(wrong)), 422)["field"] == "raised_at"
    )
    problem(httpx.post(endpoint.url, content=b"{", headers=signed(b"{")), 400)
    problem(httpx.post(endpoint.url, content=BODY, headers=signed(BODY, "m" * 201)), 422)
    assert rows(engine) == []
    assert httpx.post(endpoint.url, content=BODY, headers=signed(BODY)).status_code == 202


def test_a_nul_is_refused_wherever_it_stands(engine: sa.Engine, endpoint: Endpoint) -> None:
    """Kept within JSON it would end every query that reads the owner, such as the report of feedback."""
    owner = Contact("No\0body", "owner@vendor.example")
    card = msgspec.structs.replace(SHIFT.account, owner=owner)
    body = as_body(msgspec.structs.replace(SHIFT, account=card))
    assert "NUL" in str(problem(httpx.post(endpoint.url, content=body, headers=signed(body)), 422)["detail"])
    assert count(engine, alerts) == 0


def test_hostile_but_valid_words_are_stored(engine: sa.Engine, endpoint: Endpoint) -> None:
    """Controls and bidi marks in names come through the database and back."""
    card = msgspec.structs.replace(SHIFT.account, name="Acme\x01\u202e<!channel>")
    body = as_body(msgspec.structs.replace(SHIFT, account=card))
    assert httpx.post(endpoint.url, content=body, headers=signed(body)).status_code == 202
    assert rows(engine)[0].body["account"]["name"] == card.name


def test_a_body_too_large_is_refused_before_it_is_read(endpoint: Endpoint) -> None:
    """Whether its length is announced or not."""
    large = b" " * (1024 * 1024 + 1)
    problem(httpx.post(endpoint.url, content=large, headers=signed(BODY)), 413)
    chunks = iter([large[:600_000], large[600_000:]])
    problem(httpx.post(endpoint.url, content=chunks, headers=signed(BODY)), 413)
    just = BODY + b" " * (1024 * 1024 - len(BODY))
    assert httpx.post(endpoint.url, content=just, headers=signed(just)).status_code == 202


def test_a_database_that_is_away_is_said(sqlite_url: str) -> None:
    """503, so that the relay tries again: nothing is lost."""
    away = sqlite_url.replace("turnsignal.sqlite", "no/such/folder/x.sqlite")
    engine = create_engine(away)
    with serving(engine, CONFIG) as endpoint:
        problem(httpx.post(endpoint.url, content=BODY, headers=signed(BODY)), 503)
    engine.dispose()


def test_history_is_recorded_but_not_sent(engine: sa.Engine) -> None:
    """A first start reads years of events; nobody gets hundreds of mails."""
    with serving(engine, CONFIG, clock=lambda: SHIFT.raised_at + timedelta(days=400)) as endpoint:
        answer = httpx.post(endpoint.url, content=BODY, headers=signed(BODY)).json()
        assert {delivery["reason"] for delivery in answer["deliveries"]} == {"history"}
        assert {row.status for row in rows(engine)} == {"suppressed"}
        assert not endpoint.woken.is_set()


def test_the_relay_s_posts_are_taken_once(engine: sa.Engine, endpoint: Endpoint) -> None:
    """Detection plane to notification plane: signed, accepted, out of the outbox; a repeat does nothing."""
    relay = Relay(engine, endpoint.url, SECRET)
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        outbox.put(connection, [SHIFT], now)
        (message,) = outbox.claim(connection, now, timedelta(0), 1)
    headers = signed(message.body.encode(), message.message_id)
    assert httpx.post(endpoint.url, content=message.body, headers=headers).status_code == 202
    with httpx.Client() as client:  # the answer to the first post was missed: the relay posts again
        assert relay.relay_batch(client) == 1
    with reading(engine) as connection:
        assert outbox.depth(connection).waiting == 0
    assert len(rows(engine)) == 2
