"""POST /webhooks/slack on a running server: what people press in Slack is stored, and the message says so."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from slack_sdk.signature import SignatureVerifier

from alerts.config import NotifierConfig, SlackConfig
from alerts.message import message_of
from alerts.parcel import Parcel, Picture
from alerts.slack import SlackSender
from service.problems import install
from service.slack import slack_router
from storage import answers, feedback
from storage.answers import NONE, Answers
from storage.engine import create_engine, reading
from storage.tables import alert_history, metadata
from tests.integration.notification_parts import Clock, Plane, bot_config, database
from tests.parts.process import wait_until
from tests.parts.slack import block_problems
from tests.parts.slack_workspace import BOT, TEAM
from tests.parts.web import Reply
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.postgres import PostgresServer
    from tests.parts.slack_workspace import SlackWorkspace

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ROW = f"answers:en:0:{SHIFT.id}"
PERSON = {"id": "U0OWNER01", "username": "owner", "name": "owner", "team_id": TEAM}


@dataclass
class Desk:
    """The running endpoint, and what is behind it."""

    url: str
    engine: sa.Engine
    workspace: SlackWorkspace
    clock: Clock = field(default_factory=Clock)

    def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        stamp = str(int(datetime.now(UTC).timestamp()))
        signature = SignatureVerifier(SECRET).generate_signature(
            timestamp=stamp, body=content.decode(errors="ignore")
        )
        signed = {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": str(signature),
        }
        return httpx.post(self.url, content=content, headers={**signed, **headers}, timeout=10)

    def send(self, payload: Any) -> httpx.Response:
        return self.post(urlencode({"payload": payload if isinstance(payload, str) else json.dumps(payload)}))

    def press(self, action: str, choice: str | None = None, **options: Any) -> httpx.Response:
        return self.send(self.pressed(action, choice, **options))

    def pressed(self, action: str, choice: str | None = None, **options: Any) -> dict[str, Any]:
        message = self.workspace.messages[-1]
        pressed: dict[str, Any] = {"action_id": action, "block_id": ROW, "type": "button", "value": action}
        if choice is not None:
            pressed["selected_option"] = {"value": choice}
        return {
            "type": "block_actions",
            "user": PERSON,
            "team": {"id": TEAM},
            "api_app_id": "A0",
            "actions": [pressed],
            "trigger_id": "12345.98765.abcd",
            "response_url": self.workspace.response_url,
            "container": {
                "type": "message",
                "channel_id": message.channel,
                "message_ts": message.ts,
                "thread_ts": message.thread_ts or "",
            },
            "message": message.as_json(metadata=True),
            **options,
        }

    def submitted(self, reason: str | None = "Their budget year ends in June") -> dict[str, Any]:
        view = self.workspace.views[-1]
        values = {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}
        return {
            "type": "view_submission",
            "user": PERSON,
            "team": {"id": TEAM},
            "view": {**view, "state": {"values": values}},
        }

    @property
    def answered(self) -> Answers:
        with reading(self.engine) as connection:
            return answers.of(connection, [SHIFT.id]).get(SHIFT.id, NONE)

    @property
    def given(self) -> list[Any]:
        with reading(self.engine) as connection:
            return feedback.find(connection, alert_id=SHIFT.id)

    def happened(self) -> list[str]:
        with reading(self.engine) as connection:
            return list(
                connection.execute(sa.select(alert_history.c.what).order_by(alert_history.c.id)).scalars()
            )

    def response(self, *, replaces: bool = True) -> dict[str, Any]:
        """The one new message, or the one remark, that was posted to the response URL."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.workspace.responses if one["replace_original"] is replaces]

        wait_until(lambda: bool(found()), 10, "an answer to the response URL")
        (answer,) = found()
        assert not list(block_problems(answer.get("blocks", [])))
        return answer

    def words(self) -> str:
        return json.dumps(self.response(), ensure_ascii=False)


@contextlib.contextmanager
def running(engine: sa.Engine, config: SlackConfig) -> Iterator[str]:
    app = FastAPI()
    install(app)
    app.include_router(slack_router(engine, config))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/webhooks/slack"
    finally:
        server.should_exit = True
        thread.join(10)


def tell(workspace: SlackWorkspace, config: SlackConfig, **options: Any) -> None:
    """The alert's message, as the bot posts it."""
    parcel = Parcel(
        **{
            "message_id": f"dlv_{len(workspace.messages)}",
            "receiver": "U0OWNER01",
            "role": "owner",
            "content": message_of(SHIFT, "raised", "https://turnsignal.example.com"),
            "created_at": SHIFT.raised_at,
            "alert": SHIFT,
            **options,
        }
    )
    SlackSender(config).send(parcel, datetime.now(UTC))


@contextlib.contextmanager
def desk_on(url: str, workspace: SlackWorkspace, **options: Any) -> Iterator[Desk]:
    config = bot_config(workspace.api_url, signing_secret=SECRET, **options)
    with database(url) as engine, running(engine, config) as endpoint:
        Plane(engine, NotifierConfig(slack=config)).take(SHIFT)
        tell(workspace, config)
        yield Desk(endpoint, engine, workspace)


@pytest.fixture
def desk(database_url: str, slack_workspace: SlackWorkspace) -> Iterator[Desk]:
    with desk_on(database_url, slack_workspace) as found:
        yield found


@pytest.fixture
def on_sqlite(sqlite_url: str, slack_workspace: SlackWorkspace) -> Iterator[Desk]:
    with desk_on(sqlite_url, slack_workspace) as found:
        yield found


def test_an_acknowledgement_is_stored_and_shown(desk: Desk) -> None:
    """Once, however often it is pressed; the message says who, and keeps all else."""
    assert desk.press("acknowledge").status_code == 200
    assert desk.answered.acknowledged_by == "owner (U0OWNER01)"
    response = desk.response()
    assert response["replace_original"] is True
    assert "✅ Acknowledged by <@U0OWNER01> on " in desk.words()
    kinds = [
        element["action_id"]
        for block in response["blocks"]
        for element in block.get("elements", ())
        if "action_id" in element
    ]
    assert kinds == ["snooze", "feedback", "open"]
    before = desk.workspace.messages[0].blocks
    kept = [
        block
        for block in response["blocks"]
        if not str(block.get("block_id")).startswith(("said", "answers"))
    ]
    assert kept == [block for block in before if not str(block.get("block_id")).startswith("answers")]
    desk.workspace.responses.clear()
    other = {"id": "U0OTHER01", "username": "other"}
    assert desk.press("acknowledge", user=other).status_code == 200
    assert "Acknowledged by <@U0OWNER01>" in desk.words()
    assert desk.happened().count("acknowledged") == 1


@pytest.mark.parametrize(("choice", "days"), [("1d", 1), ("1w", 7), ("4w", 28)])
def test_a_snooze_is_stored_and_shown(desk: Desk, choice: str, days: int) -> None:
    """Until a moment that far from now."""
    assert desk.press("snooze", choice).status_code == 200
    until = desk.answered.snoozed_until
    assert until is not None
    assert abs(until - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=5)
    assert "💤 Snoozed until" in desk.words()


def test_feedback_asks_for_a_reason(desk: Desk) -> None:
    """A form opens, what is typed is stored with the verdict, and the message says so, read afresh."""
    assert desk.press("feedback", "not_a_risk").status_code == 200
    assert desk.given == []
    (view,) = desk.workspace.views
    assert view["blocks"][1]["element"]["max_length"] == 2000
    answer = desk.send(desk.submitted())
    assert answer.json() == {"response_action": "clear"}
    (said,) = desk.given
    assert (said.verdict, said.author, said.reason) == (
        "not_a_risk",
        "owner (U0OWNER01)",
        "Their budget year ends in June",
    )
    message = desk.workspace.messages[0]
    wait_until(lambda: message.edits == 1, 10, "the edit")
    assert "💬 <@U0OWNER01> on " in message.words
    assert "Not a risk: this is normal for them" in message.words
    assert desk.send(desk.submitted("another reason")).json() == {"response_action": "clear"}
    assert len(desk.given) == 1


@pytest.mark.parametrize("reason", [None, "", "x" * 2000, "因为预算"])
def test_a_reason_is_optional_and_of_any_script(on_sqlite: Desk, reason: str | None) -> None:
    """Up to 2,000 characters."""
    on_sqlite.press("feedback", "lost")
    assert on_sqlite.send(on_sqlite.submitted(reason)).json() == {"response_action": "clear"}
    assert on_sqlite.given[0].reason == (reason or "")


@pytest.mark.parametrize("reason", ["x" * 2001, "a\0b", "\ud800"])
def test_a_reason_that_does_not_fit_keeps_the_form_open(on_sqlite: Desk, reason: str) -> None:
    """What was typed is not lost, and nothing is stored."""
    on_sqlite.press("feedback", "lost")
    said = on_sqlite.send(on_sqlite.submitted(reason))
    assert said.status_code in {200, 400}
    if said.status_code == 200:
        assert said.json()["response_action"] == "errors"
    assert on_sqlite.given == []


def test_without_a_bot_feedback_is_stored_at_once(sqlite_url: str, slack_workspace: SlackWorkspace) -> None:
    """A webhook's app can open no form."""
    with desk_on(sqlite_url, slack_workspace) as found:
        config = SlackConfig(
            webhook_url=slack_workspace.url("/hook"), signing_secret=SECRET, allow_private_addresses=True
        )
        with running(found.engine, config) as url:
            desk = Desk(url, found.engine, slack_workspace)
            assert desk.press("feedback", "they_stay").status_code == 200
            assert [said.verdict for said in desk.given] == ["they_stay"]
            assert "They are staying" in desk.words()


def test_an_answer_to_a_reply_shows_in_the_first_message_too(on_sqlite: Desk) -> None:
    """Whoever scrolls up sees the same."""
    root, config = (
        on_sqlite.workspace.messages[0],
        bot_config(on_sqlite.workspace.api_url, signing_secret=SECRET),
    )
    content = message_of(SHIFT, "reminder", "https://turnsignal.example.com")
    tell(on_sqlite.workspace, config, content=content, earlier={"channel": root.channel, "ts": root.ts})
    on_sqlite.press("acknowledge")
    assert "Acknowledged by" in on_sqlite.words()
    wait_until(lambda: root.edits == 1, 10, "the edit of the first message")
    assert "✅ Acknowledged by <@U0OWNER01>" in root.words


def test_the_same_can_be_chosen_again(on_sqlite: Desk) -> None:
    """Slack tells no second time of a choice while its list has the same name: it gets another one."""
    on_sqlite.press("feedback", "lost")
    again = on_sqlite.response()["blocks"]
    before = on_sqlite.workspace.messages[0].blocks
    rows = [block for block in again if block["type"] == "actions"]
    assert [row["block_id"] for row in rows] == [f"answers:en:1:{SHIFT.id}"]
    assert rows[0]["elements"] == before[-2]["elements"]
    assert [block for block in again if block["type"] != "actions"] == [*before[:-2], before[-1]]


def test_a_picture_stays_in_an_answered_message(on_sqlite: Desk) -> None:
    """Slack sends an image along with more than it takes back."""
    workspace = on_sqlite.workspace
    config = bot_config(workspace.api_url, signing_secret=SECRET)
    tell(workspace, config, picture=lambda: Picture(b"png", "Its timeline"))
    on_sqlite.press("acknowledge")
    (image,) = [block for block in on_sqlite.response()["blocks"] if block["type"] == "image"]
    assert image in workspace.messages[-1].blocks


def test_a_response_url_that_fails_is_replaced_by_an_edit(on_sqlite: Desk) -> None:
    """It may be used five times and for half an hour."""
    on_sqlite.workspace.reply(*[_gone()] * 3, path="/actions/T0/1/secret")
    on_sqlite.press("acknowledge")
    message = on_sqlite.workspace.messages[0]
    wait_until(lambda: message.edits == 1, 10, "the edit")
    assert "✅ Acknowledged by" in message.words


def _gone() -> Reply:
    return Reply(404, "used_url")


def test_an_alert_that_is_gone_is_said_to_be(on_sqlite: Desk) -> None:
    """To whoever pressed alone, and the message stays."""
    pressed = on_sqlite.pressed("acknowledge")
    pressed["actions"][0]["block_id"] = "answers:en:0:alert_unknown"
    assert on_sqlite.send(pressed).status_code == 200
    assert on_sqlite.response(replaces=False) == {
        "replace_original": False,
        "response_type": "ephemeral",
        "text": "Turnsignal does not know this alert any more.",
    }


def test_the_language_is_that_of_the_message(on_sqlite: Desk) -> None:
    """It stands beside the alert's id; one that is not known is English."""
    pressed = on_sqlite.pressed("acknowledge")
    pressed["actions"][0]["block_id"] = f"answers:xx-nonsense:0:{SHIFT.id}"
    on_sqlite.send(pressed)
    assert "Acknowledged by" in on_sqlite.words()


def test_a_form_that_cannot_be_opened_is_said_to_be(on_sqlite: Desk) -> None:
    """The choice is not lost in silence."""
    on_sqlite.workspace.fail("views.open", "expired_trigger_id")
    assert on_sqlite.press("feedback", "lost").status_code == 200
    assert (
        on_sqlite.response(replaces=False)["text"] == "The form could not be opened. Please choose once more."
    )


def test_the_button_that_opens_the_account_needs_nothing(on_sqlite: Desk) -> None:
    """Slack posts it all the same."""
    assert on_sqlite.press("open").status_code == 200
    assert on_sqlite.workspace.responses == []


def test_another_workspaces_press_is_refused(on_sqlite: Desk) -> None:
    """An app may be installed in several; the bot is of one."""
    assert on_sqlite.press("acknowledge", team={"id": "T0OTHER"}).status_code == 403
    assert on_sqlite.answered == NONE


def test_while_the_database_is_away_whoever_presses_is_told(
    postgres: PostgresServer, postgres_url: str, slack_workspace: SlackWorkspace
) -> None:
    """In time, in words; a form stays open with what was typed. Afterwards all works."""
    with desk_on(postgres_url, slack_workspace) as desk:
        desk.press("feedback", "lost")
        postgres.stop()
        began = time.monotonic()
        assert desk.press("acknowledge").status_code == 200
        answer = desk.send(desk.submitted()).json()
        assert time.monotonic() - began < 8
        assert answer["response_action"] == "errors"
        assert "Please" in answer["errors"]["reason"]
        assert "Please try again in a few minutes" in desk.response(replaces=False)["text"]
        postgres.restart()
        assert desk.send(desk.submitted()).json() == {"response_action": "clear"}
        assert desk.given[0].reason == "Their budget year ends in June"


def test_a_slow_database_does_not_keep_slack_waiting(
    postgres_url: str, slack_workspace: SlackWorkspace
) -> None:
    """Slack is answered within three seconds; what was pressed is stored and shown when its turn comes."""
    with desk_on(postgres_url, slack_workspace) as desk:
        locker = create_engine(postgres_url)
        with locker.connect() as other:
            other.execute(sa.text(f"LOCK TABLE {metadata.tables['answers'].name} IN EXCLUSIVE MODE"))
            began = time.monotonic()
            assert desk.press("acknowledge").status_code == 200
            assert time.monotonic() - began < 3
            assert slack_workspace.responses == []
            other.rollback()
        locker.dispose()
        assert "✅ Acknowledged by <@U0OWNER01>" in desk.words()


def test_a_challenge_is_answered(on_sqlite: Desk) -> None:
    """As when the address is entered in the app's settings; and the check of the certificate."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
    answer = on_sqlite.post(body, **{"content-type": "application/json"})
    assert answer.json() == {"challenge": "3eZbrw1a"}
    assert on_sqlite.post("ssl_check=1&token=x").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v0=é"},
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": "yesterday"},
        {"x-slack-request-timestamp": "9" * 400},
        {"x-slack-request-timestamp": str(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()))},
    ],
    ids=["wrong", "not ASCII", "empty", "no number", "huge", "old"],
)
def test_a_bad_signature_is_refused(on_sqlite: Desk, headers: dict[str, str]) -> None:
    """Wrong, unreadable, missing, old: nothing happens."""
    body = urlencode({"payload": json.dumps(on_sqlite.pressed("acknowledge"))})
    encoded = {name: value.encode() for name, value in headers.items()}
    assert on_sqlite.post(body, **encoded).status_code == 401  # type: ignore[arg-type]
    assert on_sqlite.answered == NONE


def test_an_old_request_with_a_good_signature_is_refused(on_sqlite: Desk) -> None:
    """Who has recorded one cannot play it again."""
    body = urlencode({"payload": json.dumps(on_sqlite.pressed("acknowledge"))})
    stamp = str(int(datetime.now(UTC).timestamp()) - 301)
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": str(signature)}
    assert on_sqlite.post(body, **headers).status_code == 401


def test_a_body_of_any_size_is_cut_off(on_sqlite: Desk) -> None:
    """Before its signature is looked at."""
    assert on_sqlite.post("payload=" + "x" * 600_000).status_code == 413


DEEP = "[" * 100_000


def pressed_by_hand(action: str, block_id: str = ROW, **options: Any) -> dict[str, Any]:
    action_of = {"action_id": action, "block_id": block_id, "value": action, **options}
    return {"type": "block_actions", "user": {"id": "U1"}, "actions": [action_of]}


def sent_by_hand(metadata: str) -> dict[str, Any]:
    view = {"callback_id": "turnsignal_feedback", "private_metadata": metadata}
    return {"type": "view_submission", "user": {"id": "U1"}, "view": view}


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        DEEP,
        '{"type": "block_actions", "user": {"id": "U1"}, "message": {"blocks": ' + DEEP,
        {"type": "block_actions"},
        {"type": 1},
        pressed_by_hand("acknowledge", ""),
        pressed_by_hand("acknowledge", "answers:en"),
        pressed_by_hand("acknowledge", "answers:en:0:" + "a" * 300),
        pressed_by_hand("sudo"),
        pressed_by_hand("snooze", selected_option={"value": "99y"}),
        pressed_by_hand("snooze", selected_option=["1d"]),
        sent_by_hand(""),
        sent_by_hand('{"alert_id": 1}'),
        sent_by_hand(DEEP),
    ],
    ids=map(str, itertools.count()),
)
def test_hostile_payloads_are_named(on_sqlite: Desk, payload: Any) -> None:
    """Whoever has the secret is told what is wrong, and nothing breaks."""
    answer = on_sqlite.send(payload)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", ["payload", "", "a=1", "payload=a&payload=b", "&" * 1000])
def test_bodies_that_are_no_form_are_named(on_sqlite: Desk, body: str) -> None:
    """Also an empty one."""
    assert on_sqlite.post(body).status_code == 400


def test_a_body_that_is_no_text_has_no_signature(on_sqlite: Desk) -> None:
    """Slack signs text."""
    assert on_sqlite.post(b"payload=\xff").status_code == 401


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "shortcut", "user": {"id": "U1"}},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "another"}},
        {"type": "view_closed", "user": {"id": "U1"}},
    ],
)
def test_what_is_not_ours_is_taken_and_left(on_sqlite: Desk, payload: dict[str, Any]) -> None:
    """An app may have more than our buttons."""
    assert on_sqlite.send(payload).status_code == 200


@pytest.mark.parametrize("name", ["", "a\u202eb\u200d", "<!channel>", "x" * 500, "evil (U0OTHER01)"])
def test_a_members_name_does_no_harm(on_sqlite: Desk, name: str) -> None:
    """It is stored readable and of bounded length, and shown as the member's own mention."""
    on_sqlite.press("acknowledge", user={"id": "U0OWNER01", "name": name})
    assert "Acknowledged by <@U0OWNER01>" in on_sqlite.words()
    stored = on_sqlite.answered.acknowledged_by
    assert stored is not None
    assert stored.isprintable()


def test_another_message_of_the_same_place_is_not_edited(on_sqlite: Desk) -> None:
    """Only a message with the alert's own buttons is; the bot's id gives nothing away."""
    on_sqlite.press("feedback", "lost")
    view = on_sqlite.workspace.views[-1]
    carried = json.loads(view["private_metadata"])
    carried["spot"][1] = "1.2"
    view["private_metadata"] = json.dumps(carried)
    assert on_sqlite.send(on_sqlite.submitted()).json() == {"response_action": "clear"}
    wait_until(lambda: "conversations.history" in on_sqlite.workspace.methods(), 10, "the look-up")
    assert on_sqlite.workspace.messages[0].edits == 0
    assert BOT not in view["private_metadata"]


def test_a_secret_is_needed(sqlite_url: str) -> None:
    """Without one anybody could press."""
    with database(sqlite_url) as engine, pytest.raises(ValueError, match="signing secret"):
        slack_router(engine, SlackConfig(webhook_url="https://hooks.slack.com/x"))
