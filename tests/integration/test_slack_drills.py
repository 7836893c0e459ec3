"""Drills of the whole way to Slack by a bot: one message in the reader's eyes, whatever breaks on the way."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from alerts import actions
from alerts.config import NotifierConfig
from alerts.notifier import Notifier
from tests.integration.notification_parts import Plane, bot_config, database, rows
from tests.parts.process import wait_until
from tests.parts.web import Reply
from tests.unit.alerts.samples import AT_RISK, OWNER, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.slack_workspace import SlackWorkspace

ROOT = Path(__file__).parents[2]
DIRECT = "D0OWNER01"
HANGS = Reply(delay=float("inf"))
change = msgspec.structs.replace

PROCESS = """
import sys, threading
from datetime import timedelta
from tests.integration.notification_parts import bot_config
from alerts.config import NotifierConfig
from alerts.notifier import Notifier
from storage.engine import create_engine
config = NotifierConfig(slack=bot_config(sys.argv[2], deadline_seconds=60.0), max_age=None, poll_seconds=0.05)
Notifier(create_engine(sys.argv[1]), config).run(threading.Event())
"""


@pytest.fixture
def plane(database_url: str, slack_workspace: SlackWorkspace) -> Iterator[Plane]:
    slack = bot_config(slack_workspace.api_url, signing_secret="s3cret", deadline_seconds=2.0)
    with database(database_url) as engine:
        yield Plane(engine, NotifierConfig(slack=slack, public_url="https://turnsignal.example.com"))


def work(plane: Plane) -> None:
    """Everything that is due, by a process that has just begun."""
    worker = Notifier(plane.engine, plane.config, now=plane.clock).workers[0]
    while worker.deliver_one():
        pass


def test_a_kill_between_send_and_record_leaves_one_message(
    database_url: str, plane: Plane, slack_workspace: SlackWorkspace
) -> None:
    """SIGKILL once Slack has posted and before it has answered: the next process finds it."""
    slack_workspace.lose("chat.postMessage", HANGS)
    plane.take(SHIFT)
    program = subprocess.Popen(
        [sys.executable, "-c", PROCESS, database_url, slack_workspace.api_url], cwd=ROOT
    )
    with program:
        wait_until(lambda: len(slack_workspace.messages) == 1, 60, "the message")
        program.kill()
    (row,) = rows(plane.engine)
    assert (row.status, row.attempts, row.last_error) == ("pending", 1, None)
    plane.clock.now = row.due_at + timedelta(seconds=1)
    work(plane)
    (message,) = slack_workspace.shown(DIRECT)
    (row,) = rows(plane.engine)
    assert row.status == "delivered"
    assert row.reference == {"channel": DIRECT, "ts": message.ts}


@pytest.mark.parametrize("reply", [HANGS, Reply(reset=True), Reply(500), Reply(body="x" * 999, drip=0.05)])
def test_an_answer_that_never_comes_leaves_one_message(
    plane: Plane, slack_workspace: SlackWorkspace, reply: Reply
) -> None:
    """Slack has posted, and hangs, resets, fails or drips: the next attempt looks first."""
    slack_workspace.lose("chat.postMessage", reply)
    plane.take(SHIFT)
    work(plane)
    assert rows(plane.engine)[0].status == "pending"
    plane.clock.pass_by(minutes=1)
    work(plane)
    assert [row.status for row in rows(plane.engine)] == ["delivered"]
    assert len(slack_workspace.messages) == 1


def test_who_asks_to_wait_is_left_in_peace(plane: Plane, slack_workspace: SlackWorkspace) -> None:
    """429 with Retry-After: not one call before, and none is lost."""
    limited = Reply(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "30"})
    slack_workspace.reply(limited, path="/api/chat.postMessage")
    plane.take(SHIFT)
    plane.take(change(AT_RISK, account=change(AT_RISK.account, owner=OWNER)))
    made = Notifier(plane.engine, plane.config, now=plane.clock)
    worker = made.workers[0]
    while worker.deliver_one():
        pass
    asked = len(slack_workspace.requests)
    plane.clock.pass_by(seconds=25)
    assert not worker.deliver_one()
    assert len(slack_workspace.requests) == asked
    plane.clock.pass_by(seconds=20)
    while worker.deliver_one():
        pass
    assert len(slack_workspace.shown(DIRECT)) == 2


def test_the_course_of_an_alert_in_one_thread(plane: Plane, slack_workspace: SlackWorkspace) -> None:
    """Raised, new figures, graver, over: one message that is edited, and a reply for what must be heard."""
    plane.take(SHIFT)
    work(plane)
    plane.take(change(SHIFT, value=change(SHIFT.value, at_risk=1_234_000.0)))
    work(plane)
    (message,) = slack_workspace.messages
    assert "EUR 1.2 million" in message.words
    plane.take(change(SHIFT, severity="critical"))
    work(plane)
    message, reply = slack_workspace.messages
    assert (reply.thread_ts, reply.broadcast) == (message.ts, True)
    plane.take(change(SHIFT, severity="critical", status="resolved", resolved_at=plane.clock.now))
    work(plane)
    assert len(slack_workspace.messages) == 2
    assert "Ended on " in message.words
    assert slack_workspace.rejections == []


def test_an_edit_keeps_what_was_answered(plane: Plane, slack_workspace: SlackWorkspace) -> None:
    """New figures do not bring the button back."""
    plane.take(SHIFT)
    work(plane)
    actions.acknowledge(plane.engine, SHIFT.id, "owner (U0OWNER01)", "slack", plane.clock.now)
    plane.take(change(SHIFT, value=change(SHIFT.value, at_risk=1_234_000.0)))
    work(plane)
    (message,) = slack_workspace.messages
    assert "✅ Acknowledged by <@U0OWNER01>" in message.words
    assert "EUR 1.2 million" in message.words


def test_a_deleted_message_comes_back_once(plane: Plane, slack_workspace: SlackWorkspace) -> None:
    """The edit posts it anew; the next edit is an edit of that one."""
    plane.take(SHIFT)
    work(plane)
    slack_workspace.messages.clear()
    for at_risk in (2e6, 3e6):
        plane.take(change(SHIFT, value=change(SHIFT.value, at_risk=at_risk)))
        work(plane)
    (message,) = slack_workspace.messages
    assert message.edits == 1
    assert "EUR 3 million" in message.words


def test_what_is_only_a_webhook_stays_one(plane: Plane, slack_workspace: SlackWorkspace) -> None:
    """With both, whoever is found gets a message of the bot's; the webhook serves where nobody is."""
    assert plane.config.slack is not None
    both = replace(plane.config.slack, webhook_url=slack_workspace.url("/actions/hook"))
    plane = replace(plane, config=replace(plane.config, slack=both))
    plane.take(SHIFT)
    plane.take(AT_RISK)  # nobody is known for it
    work(plane)
    assert len(slack_workspace.shown(DIRECT)) == 1
    assert len(slack_workspace.responses) == 1
