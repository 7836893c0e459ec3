"""What people say of alerts, on both databases: stored once, shown, heeded and counted."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from accounts.alert import Alert, as_builtins, from_json, to_json
from accounts.events import decode
from accounts.feedback import VERDICTS
from accounts.policy import Policy
from accounts.replay import Replay
from alerts import intake as webhook
from alerts.config import NotifierConfig, SlackConfig
from alerts.feedback import Answer, UnknownAlertError, give
from consumers.records import row_of
from consumers.reviewer import ReviewConfig, Reviewer
from service.app import create_app
from service.simulation import portfolio
from storage import alerts as alert_store
from storage import feedback, intake, reviews
from storage.engine import reading, transaction
from storage.tables import outbox
from tests.integration.consuming import START, rows
from tests.integration.serving import (
    HOSTILE,
    TOKEN,
    Client,
    migrated,
    open_client,
    put_account,
    put_alert,
)
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine import Engine

URL = f"/api/v1/alerts/{SHIFT.id}/feedback"
WEEK = timedelta(weeks=1)


def body(**said: Any) -> bytes:
    return json.dumps(said).encode()


def counted(verdict: str) -> float:
    return REGISTRY.get_sample_value("turnsignal_feedback_total", {"verdict": verdict}) or 0.0


# -- over HTTP ------------------------------------------------------------------------------------------


def test_an_answer_is_stored_once_and_shown_with_its_alert(database_url: str) -> None:
    """201, then 200 with what was stored first; in the alert, in the timeline and in the metric."""
    before = counted("not_a_risk")
    with migrated(database_url) as engine:
        put_account(engine, SHIFT.account_id, reviewed_to=RAISED + 2 * WEEK)
        put_alert(engine, SHIFT)
        client = open_client(engine)
        first = client.post(URL, body(verdict="not_a_risk", author="dana", reason="a new contract"))
        again = client.post(URL, body(verdict="not_a_risk", author="dana", reason="as I said"))
        other = client.post(URL, body(verdict="lost", author="dana"))
        nobody = client.post(URL, body(verdict="not_a_risk"))
        shown = client.get(f"/api/v1/alerts/{SHIFT.id}").json()
        timeline = client.get(f"/api/v1/accounts/{SHIFT.account_id}/timeline").json()
    assert [answer.status_code for answer in (first, again, other, nobody)] == [201, 200, 201, 201]
    assert again.json() == first.json()
    assert (first.json()["reason"], nobody.json()["author"]) == ("a new contract", "api")
    assert first.json()["applies_from"] == (RAISED + 2 * WEEK).isoformat().replace("+00:00", "Z")
    assert [said["verdict"] for said in shown["feedback"]] == ["not_a_risk", "lost", "not_a_risk"]
    assert timeline["feedback"] == shown["feedback"]
    assert counted("not_a_risk") == before + 2


def test_every_verdict_is_counted_from_zero() -> None:
    """Prometheus sees no increase in what begins at its first value."""
    for verdict in VERDICTS:
        assert REGISTRY.get_sample_value("turnsignal_feedback_total", {"verdict": verdict}) is not None, (
            verdict
        )


def test_an_account_reviewed_never_or_not_at_all_can_be_spoken_of(database_url: str) -> None:
    """Then a word holds from where its alert was raised; of an alert by another detector it is a label."""
    foreign = msgspec.structs.replace(SHIFT, id="a/b of theirs", account_id="theirs")
    with migrated(database_url) as engine:
        put_account(engine, SHIFT.account_id)
        put_account(engine, "theirs", reviewed_to=RAISED)
        for alert in (SHIFT, AT_RISK, foreign):
            put_alert(engine, alert)
        client = open_client(engine)
        said = [
            client.post(f"/api/v1/alerts/{alert.id}/feedback", body(verdict="they_stay")).json()
            for alert in (SHIFT, AT_RISK, foreign)
        ]
        with reading(engine) as connection:
            heeded = feedback.words(connection, [SHIFT.account_id, AT_RISK.account_id, "theirs"])
    assert heeded.keys() == {SHIFT.account_id}
    raised = RAISED.isoformat().replace("+00:00", "Z")
    assert [one["applies_from"] for one in said] == [raised, None, None]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (body(verdict="happy"), 422),
        (body(), 422),
        (body(verdict="lost", author=""), 422),
        (body(verdict="lost", author="x" * 201), 422),
        (body(verdict="lost", reason="x" * 2001), 422),
        (body(verdict="lost", reason="a\0b"), 422),
        (body(verdict="lost", because="typo"), 422),
        (b'{"verdict": "lost", "reason": 1}', 422),
        (b"[]", 422),
        (b'{"verdict": "lost", "author": "\\ud800 x"}', 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (b" " * 70_000, 413),
    ],
)
def test_what_is_no_answer_is_a_problem(database_url: str, sent: bytes, status: int) -> None:
    """Named, and nothing is stored."""
    with migrated(database_url) as engine:
        put_alert(engine, SHIFT)
        answer = open_client(engine).post(URL, sent)
        assert rows(engine, "SELECT * FROM feedback") == []
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_a_wrong_verdict_is_told_the_right_ones(sqlite_url: str) -> None:
    """Whoever writes the client should not have to look for them."""
    with migrated(sqlite_url) as engine:
        put_alert(engine, SHIFT)
        answer = open_client(engine).post(URL, body(verdict="happy"))
    assert all(verdict in answer.json()["detail"] for verdict in VERDICTS)


@pytest.mark.parametrize("alert_id", ["alert_none", "a%00b", f"{SHIFT.id}x"])
def test_an_alert_that_is_none_is_a_problem(database_url: str, alert_id: str) -> None:
    """A mistyped id must not pass for an answer."""
    with migrated(database_url) as engine:
        put_alert(engine, SHIFT)
        answer = open_client(engine).post(f"/api/v1/alerts/{alert_id}/feedback", body(verdict="lost"))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_writing_wants_a_bearer_token_and_json(sqlite_url: str) -> None:
    """A browser adds a password to a form of another site; it adds neither of these."""
    password = base64.b64encode(f"me:{TOKEN}".encode()).decode()
    said = body(verdict="lost")
    with migrated(sqlite_url) as engine:
        put_alert(engine, SHIFT)
        client = Client(create_app(engine, checks={}, tokens=[TOKEN]))
        assert client.post(URL, said).status_code == 401
        assert client.post(URL, said, authorization=f"Basic {password}").status_code == 401
        assert client.post(URL, said, authorization="Bearer wrong").status_code == 401
        bearer = {"authorization": f"Bearer {TOKEN}"}
        form = bearer | {"content-type": "application/x-www-form-urlencoded"}
        assert client.post(URL, said, **form).status_code == 415
        assert open_client(engine).post(URL, said, **form).status_code == 415
        assert client.post(URL, said, **bearer).status_code == 201


class Text(HTMLParser):
    """The text and the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.names = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.names.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_accounts_page_tells_what_was_said(database_url: str) -> None:
    """Who, what and why; words of people stay text."""
    with migrated(database_url) as engine:
        put_account(engine, SHIFT.account_id)
        put_alert(engine, SHIFT)
        client = open_client(engine)
        assert "What was said" not in client.get(f"/accounts/{SHIFT.account_id}").text
        client.post(URL, body(verdict="not_a_risk", author=HOSTILE, reason=f"because {HOSTILE}"))
        page = Text(client.get(f"/accounts/{SHIFT.account_id}").text)
    text = " ".join(page.text.split())
    assert "What was said" in text
    assert "Not a risk" in text
    assert f"because {HOSTILE}" in text
    assert not page.names & {"script", "b", "form"}


def test_answers_at_once_are_one(database_url: str) -> None:
    """A double click, or a client that tries again while the first is under way."""
    with migrated(database_url) as engine:
        put_account(engine, SHIFT.account_id)
        put_alert(engine, SHIFT)
        with ThreadPoolExecutor(4) as pool:
            given = list(pool.map(lambda _: give(engine, SHIFT.id, Answer("lost"), RAISED), range(8)))
        assert len(rows(engine, "SELECT * FROM feedback")) == 1
        with pytest.raises(UnknownAlertError):
            give(engine, "alert_none", Answer("lost"), RAISED)
    assert [one.new for one in given].count(True) == 1


# -- heeded ---------------------------------------------------------------------------------------------


def accept(engine: Engine, bodies: list[bytes]) -> None:
    found = [row_of(decode(value), value) for value in bodies]
    with transaction(engine) as connection:
        intake.accept(connection, {row.event_key: row for row in found})


def take_in_alerts(engine: Engine, now: datetime) -> list[Alert]:
    """What the reviewer decided, as the webhook would store it."""
    with transaction(engine) as connection:
        sent = [from_json(told) for told in connection.execute(sa.select(outbox.c.body)).scalars()]
        connection.execute(sa.delete(outbox))
        for alert in sent:
            columns = {
                name: getattr(alert, name)
                for name in ("account_id", "kind", "severity", "status", "raised_at")
            }
            alert_store.put(connection, alert.id, columns | {"body": as_builtins(alert)}, now)
    return sent


def states(engine: Engine) -> dict[str, bytes]:
    with reading(engine) as connection:
        return {account: bytes(state) for account, state in reviews.states(connection)}


def test_a_replay_with_the_stored_feedback_ends_in_the_live_states(database_url: str) -> None:
    """Answers between reviews, some events late: byte for byte, and once more when all is judged again."""
    made, _ = portfolio(25, 156, 11, START, mix={"stable": 0.2, "shift_stays": 0.5, "shift_then_loss": 0.3})
    bodies = [json.dumps(event).encode() for event in made]
    late = bodies[::7]
    timely = [value for number, value in enumerate(bodies) if number % 7]
    end = START + 156 * WEEK
    with migrated(database_url) as engine:
        accept(engine, timely)
        reviewer = Reviewer(engine, Policy(), ReviewConfig(batch_accounts=7))
        for number, stop in enumerate([60, 75, 90, 100, 120, 140]):
            now = START + stop * WEEK
            reviewer.review(now)
            for alert in take_in_alerts(engine, now):
                verdict = VERDICTS[(number + len(alert.account_id)) % 4]
                give(engine, alert.id, Answer(verdict), now)
            if stop == 90:
                accept(engine, late)
        reviewer.review(end)
        with reading(engine) as connection:
            told = feedback.find(connection)
        live = states(engine)
        with transaction(engine) as connection:
            reviews.restart(connection)
        reviewer.review(end)
        again = states(engine)
    story, silent = Replay(), Replay()
    for value in bodies:
        story.add(decode(value))
        silent.add(decode(value))
    for said in reversed(told):
        story.tell(said)
    assert {said.verdict for said in told} == set(VERDICTS)
    assert live == {account: state.to_bytes() for account, state in story.states(end, Policy())}
    assert again == live
    assert live != {account: state.to_bytes() for account, state in silent.states(end, Policy())}


def test_what_fires_again_while_it_is_handled_is_recorded_in_silence(database_url: str) -> None:
    """The last word counts: once it is another one, the alert is told again."""
    config = NotifierConfig(slack=SlackConfig(webhook_url="https://hooks.slack.example/services/T/B/s"))
    resolved = msgspec.structs.replace(SHIFT, status="resolved", resolved_at=RAISED)
    with migrated(database_url) as engine:

        def receive(number: int, alert: Alert) -> list[str | None]:
            receipt = webhook.receive(engine, config, f"m{number}", to_json(alert), lambda: RAISED)
            return [planned.held for planned in receipt.deliveries]

        assert receive(1, SHIFT) == [None]
        give(engine, SHIFT.id, Answer("being_handled"), RAISED)
        receive(2, resolved)
        assert receive(3, SHIFT) == ["being_handled"]
        give(engine, SHIFT.id, Answer("lost"), RAISED + WEEK)
        receive(4, resolved)
        assert receive(5, SHIFT) == [None]
