"""`turnsignal deliveries`: what was given up is seen and tried again, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from typer.testing import CliRunner

import migrations
from alerts.config import NotifierConfig
from alerts.notifier import Notifier
from service.cli import app
from service.failures import Failure
from storage.engine import create_engine
from tests.integration.notification_parts import Plane, email_config, rows, slack_config
from tests.parts.smtp import Answer
from tests.parts.web import Reply
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    from tests.parts.slack import SlackServer
    from tests.parts.smtp import SmtpServer

GONE = "SMTP 550: the recipient is refused: 5.1.1 gone"


@pytest.fixture
def plane(
    database_url: str, slack_server: SlackServer, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plane]:
    """An alert for each of two accounts, whose messages have failed in both channels."""
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", database_url)
    monkeypatch.delenv("TURNSIGNAL_CONFIG", raising=False)
    config = NotifierConfig(
        slack=slack_config(slack_server.webhook), email=email_config(smtp_server.host, smtp_server.port)
    )
    made = Plane(engine, config)
    slack_server.reply(*[Reply(410, "channel_is_archived")] * 2)
    smtp_server.answer(*[Answer(recipients={"owner@vendor.example": "550 5.1.1 gone"})] * 2)
    for number in (1, 2):
        made.take(msgspec.structs.replace(SHIFT, id=f"alert_{number}", account_id=f"C-\x1b[2J{number}"))
    send_all(made)
    assert {row.status for row in rows(engine)} == {"failed"}
    yield made
    engine.dispose()


@pytest.fixture
def command() -> Callable[..., Result]:
    """`command("list")` in this process."""
    runner = CliRunner(env={"COLUMNS": "250"})
    return lambda *words: runner.invoke(app, ["deliveries", *words], catch_exceptions=True)


def send_all(plane: Plane) -> None:
    for worker in Notifier(plane.engine, plane.config, now=plane.clock).workers:
        while worker.deliver_one():
            pass


def test_failed_deliveries_are_listed_with_their_reason(plane: Plane, command: Callable[..., Result]) -> None:
    """Id, receiver and reason; by channel; and nothing that moves a terminal's cursor."""
    listed = command("list", "--channel", "email")
    assert listed.exit_code == 0
    assert listed.stdout.count(GONE) == 2
    assert "channel_is_archived" not in listed.stdout
    assert "\x1b" not in listed.stdout
    assert all(row.delivery_id in listed.stdout for row in rows(plane.engine) if row.channel == "email")
    assert listed.stderr == "2 failed deliveries\n"
    assert command("list", "--limit", "3").stderr == "3 failed deliveries\n"


def test_all_of_a_channel_are_tried_again_with_the_same_message_id(
    plane: Plane, command: Callable[..., Result], smtp_server: SmtpServer, slack_server: SlackServer
) -> None:
    """Mended, they go out as they would have: to the owner as the owner, and Slack is left alone."""
    done = command("retry", "--all", "--channel", "email")
    assert (done.exit_code, done.stdout) == (0, "2 tried again\n")
    opened = [row for row in rows(plane.engine) if row.channel == "email"]
    assert {(row.status, row.reason, row.attempts, row.finished_at) for row in opened} == {
        ("pending", None, 0, None)
    }
    plane.clock.now = max(row.due_at for row in opened)
    send_all(plane)
    assert len(smtp_server.messages) == 2
    assert {m.message["Message-ID"].strip("<>").partition("@")[0] for m in smtp_server.messages} == {
        row.delivery_id for row in opened
    }
    assert "as the owner of the account" in smtp_server.messages[0].message.as_string().replace("=\n", "")
    statuses = {row.channel: (row.status, row.reason) for row in rows(plane.engine)}
    assert statuses == {"email": ("delivered", None), "slack": ("failed", "HTTP 410: channel_is_archived")}
    assert len(slack_server.requests) == 2
    assert command("retry", "--all", "--channel", "email").stdout == "0 tried again\n"


def test_one_is_tried_again_with_a_whole_schedule(
    plane: Plane, command: Callable[..., Result], slack_server: SlackServer
) -> None:
    """A second failure that may pass waits as the first attempt's would; the others stay as they are."""
    chosen = next(row.delivery_id for row in rows(plane.engine) if row.channel == "slack")
    assert command("retry", chosen).exit_code == 0
    slack_server.reply(Reply(500))
    plane.clock.now = next(row.due_at for row in rows(plane.engine) if row.delivery_id == chosen)
    send_all(plane)
    found = {row.delivery_id: (row.status, row.attempts, row.last_error) for row in rows(plane.engine)}
    assert found.pop(chosen) == ("pending", 1, "HTTP 500")
    assert {status for status, _, _ in found.values()} == {"failed"}


def test_what_was_retracted_meanwhile_is_not_sent(
    plane: Plane, command: Callable[..., Result], slack_server: SlackServer
) -> None:
    """A second chance is no reason to tell what is known to be wrong."""
    for number in (1, 2):
        alert = msgspec.structs.replace(SHIFT, id=f"alert_{number}", account_id=f"C-{number}")
        plane.take(msgspec.structs.replace(alert, status="resolved", retracted=True))
    command("retry", "--all")
    plane.clock.now = max(row.due_at for row in rows(plane.engine) if row.due_at)
    send_all(plane)
    assert len(slack_server.requests) == 2
    raised = {(row.status, row.reason) for row in rows(plane.engine) if row.notice == "raised"}
    assert raised == {("suppressed", "retracted_before_delivery")}


@pytest.mark.parametrize(
    "words", [(), ("dlv_1", "--all"), ("dlv_1", "--channel", "email"), ("--all", "--channel", "fax")]
)
def test_retry_says_what_does_not_go(
    plane: Plane, command: Callable[..., Result], words: tuple[str, ...]
) -> None:
    """A mistyped option must not send anything."""
    refused = command("retry", *words)
    assert isinstance(refused.exception, Failure)
    assert refused.exception.code == 2
    assert {row.status for row in rows(plane.engine)} == {"failed"}


def test_an_id_that_is_none_is_told(plane: Plane, command: Callable[..., Result]) -> None:
    """The others are tried again all the same."""
    known = rows(plane.engine)[0].delivery_id
    done = command("retry", known, "dlv_none")
    assert (done.exit_code, done.stdout) == (1, "1 tried again\n")
    assert done.stderr == "dlv_none: there is no failed delivery of this id\n"


@pytest.mark.parametrize("word", ["list", "retry"])
def test_help_teaches_by_an_example(command: Callable[..., Result], word: str) -> None:
    """Nobody learns a command from its list of options."""
    assert "Example: turnsignal deliveries" in command(word, "--help").stdout
