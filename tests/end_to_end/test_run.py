"""The main job as an operator runs it: `turnsignal run` on Kafka, PostgreSQL, SMTP and Slack's likeness."""

import json
import subprocess
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import migrations
from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.weeks import start_of, week_of
from service.simulation import STORY_ACCOUNT, portfolio
from tests.conftest import TopicFactory
from tests.end_to_end.turnsignal import PROGRAM, environment, running, send, terminate
from tests.parts.broker import Broker
from tests.parts.process import free_port, wait_until
from tests.parts.slack import SlackServer
from tests.parts.smtp import SmtpServer

TOKEN = "a-token-of-the-test-only"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdA" * 2


@pytest.mark.parametrize(
    "commands", [("run --migrate",), ("serve", "notify", "consume")], ids=["one", "three"]
)
def test_a_record_becomes_the_owners_slack_message_and_email(
    kafka: Broker,
    topic: TopicFactory,
    postgres_url: str,
    slack_server: SlackServer,
    smtp_server: SmtpServer,
    tmp_path: Path,
    commands: Sequence[str],
) -> None:
    """The main job, in one process and in three: what the pure core expects is stored, what holds is told."""
    name = topic(partitions=2, **{"retention.ms": "-1"})
    made, _ = portfolio(6, 156, 5, datetime(2023, 1, 2, tzinfo=UTC), story=True)
    events = list(made)
    story = Replay()
    for event in events:
        story.add(decode(json.dumps(event).encode()))
    assert story.latest is not None
    ports = {command: free_port() for command in commands}
    port = ports[commands[0]]  # which has the pages
    settings = {
        "DATABASE__URL": postgres_url,
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA__TOPICS": name,
        "KAFKA__GROUP_ID": name,
        "REVIEW__CLOCK": "records",
        "REVIEW__INTERVAL_SECONDS": "0.1",
        "SLACK__WEBHOOK_URL": slack_server.webhook,
        "SLACK__ALLOW_PRIVATE_ADDRESSES": "true",
        "EMAIL__HOST": "127.0.0.1",
        "EMAIL__PORT": str(smtp_server.port),
        "NOTIFY__MAX_AGE_DAYS": "null",
        "NOTIFY__HOURS": "mon-sun 00:00-24:00",  # the test may run at night, and waits for nobody
        "NOTIFY__GATHER_SECONDS": "0",
        "NOTIFY__MOST_AT_ONCE": "1000",
        "NOTIFY__MOST_A_DAY": "1000",
        "NOTIFY__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HTTP__TOKENS": TOKEN,
        "WEBHOOK__URL": f"http://127.0.0.1:{port}/webhooks/alerts",
        "WEBHOOK__SECRETS": SECRET,
    }
    if len(commands) > 1:  # none of these migrates
        migrations.upgrade(postgres_url)
    logs = {command: tmp_path / f"{command}.log" for command in commands}
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                running(*command.split(), "--port", str(ports[command]), settings=settings, log=logs[command])
            )
            for command in commands
        ]
        for each in ports.values():
            wait_until(partial(_ready, each), 60, f"port {each}", every=0.2)
        send(kafka.bootstrap, name, ((e["subject"], _time(e), json.dumps(e).encode()) for e in events))
        # Two partitions: the last week that is sure to be reviewed is the one before the slower one's last.
        expected = {a.id for a in story.alerts(start_of(week_of(story.latest) - 4), Policy())}
        wait_until(lambda: expected <= _alerts(port).keys(), 60, "the alerts", every=0.5)
        # History is played in a few reviews: an alert that is over when it first arrives is told to nobody,
        # and of an account that is at risk or lost the lesser alerts may not be.
        told = len({alert["account_id"] for alert in _alerts(port).values() if alert["status"] == "firing"})
        assert told
        wait_until(lambda: len(slack_server.messages) >= told, 60, "Slack", every=0.2)
        wait_until(lambda: len(smtp_server.messages) >= told, 60, "the mails", every=0.2)
        for process in reversed(processes):
            assert terminate(process) == 0, [log.read_text() for log in logs.values()]
    assert not slack_server.rejections
    _check_the_story(slack_server, smtp_server, port)
    for log in logs.values():
        _check_the_log(log)


def _check_the_story(slack_server: SlackServer, smtp_server: SmtpServer, port: int) -> None:
    mails = [received.message for received in smtp_server.messages]
    story = [mail for mail in mails if "Tarnhollow" in str(mail["Subject"])]
    assert story
    assert "dana.okafield@" in str(story[0]["To"])
    body = story[0].get_body(("plain",))
    assert body is not None
    assert f"http://127.0.0.1:{port}/accounts/{STORY_ACCOUNT}" in body.get_content()
    assert any("Tarnhollow" in json.dumps(message) for message in slack_server.messages)


def _check_the_log(log: Path) -> None:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all("action" in line for line in lines)
    assert not any(secret in json.dumps(line) for line in lines for secret in (TOKEN, SECRET))
    assert not any(line["level"] == "error" for line in lines), log.read_text()


def test_a_wrong_setting_stops_the_start_and_is_named(tmp_path: Path) -> None:
    """An operator learns in one message what to mend, and no half-configured service runs."""
    (tmp_path / "turnsignal.toml").write_text('[kafka]\ntopic = "crm"\nbatch_records = 0\n')
    done = subprocess.run(
        [PROGRAM, "run"], env=environment({}), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "kafka.topic: there is no such setting; did you mean topics?" in done.stderr
    assert "kafka.batch_records = 0" in done.stderr
    assert "Traceback" not in done.stderr


def _time(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _alerts(port: int) -> dict[str, Any]:
    """Each alert by its id."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/alerts?limit=200", headers={"authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return {alert["id"]: alert for alert in json.load(answer)["alerts"]}
