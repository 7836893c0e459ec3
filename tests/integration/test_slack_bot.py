"""Slack's bot against a workspace that judges what it is sent, forgets answers, and breaks connections."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from accounts.feedback import Feedback
from alerts.digest import digest_of
from alerts.language import ENGLISH
from alerts.message import Notice, message_of
from alerts.outcome import Accepted, Permanent, RetryAt
from alerts.parcel import Parcel, Picture
from alerts.said import Said
from alerts.slack import SlackSender
from storage.answers import Answers
from tests.integration.notification_parts import bot_config
from tests.parts.slack_workspace import TOKEN, SlackWorkspace
from tests.parts.web import Reply
from tests.unit.alerts.samples import AT_RISK, ONSET, RAISED, SHIFT
from tests.unit.alerts.test_layouts import HOSTILE_ALERT
from tests.unit.alerts.test_message import huge

if TYPE_CHECKING:
    from accounts.alert import Alert

NOW = RAISED + timedelta(hours=9)
DIRECT = "D0OWNER01"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
PICTURE = Picture(PNG, "Purchasing's seats have risen above the threshold since March 2026")


def parcel(notice: Notice = "raised", alert: Alert = SHIFT, **options: Any) -> Parcel:
    return Parcel(
        **{
            "message_id": f"dlv_{notice}",
            "receiver": "U0OWNER01",
            "role": "owner",
            "content": message_of(alert, notice, "https://turnsignal.example.com"),
            "created_at": datetime(2026, 5, 18, tzinfo=UTC),
            "alert": alert,
            **options,
        }
    )


def sender_to(workspace: SlackWorkspace, **options: Any) -> SlackSender:
    return SlackSender(bot_config(workspace.api_url, **options))


@pytest.fixture
def sender(slack_workspace: SlackWorkspace) -> SlackSender:
    return sender_to(slack_workspace, signing_secret="s3cret")


@pytest.mark.parametrize("alert", [SHIFT, AT_RISK, HOSTILE_ALERT, huge()], ids=lambda alert: alert.kind)
def test_a_member_is_written_to_directly(
    slack_workspace: SlackWorkspace, sender: SlackSender, alert: Alert
) -> None:
    """In their own conversation, without a mention, within Slack's limits, and the reference says where."""
    outcome = sender.send(parcel(alert=alert), NOW)
    (message,) = slack_workspace.messages
    assert outcome == Accepted({"channel": DIRECT, "ts": message.ts})
    assert message.channel == DIRECT
    assert slack_workspace.rejections == []
    assert "U0OWNER01" not in message.words


@pytest.mark.parametrize("alert", [SHIFT, HOSTILE_ALERT])
def test_names_neither_notify_nor_format(
    slack_workspace: SlackWorkspace, sender: SlackSender, alert: Alert
) -> None:
    """Not in the blocks, and not in the text of the notification."""
    sender.send(parcel(alert=alert), NOW)
    (message,) = slack_workspace.messages
    assert "<!" not in message.text
    assert not set(message.words) & set("\u202e\u2066\0\r")
    for block in message.blocks:
        if block["type"] == "section":
            assert all("<" not in field["text"] for field in block["fields"])


def test_the_owner_is_found_by_email_once(slack_workspace: SlackWorkspace, sender: SlackSender) -> None:
    """One look-up serves many messages; so does one that found nobody, for a while."""
    for _ in range(2):
        assert isinstance(sender.send(parcel(receiver="owner@vendor.example"), NOW), Accepted)
        assert sender.send(parcel(receiver="x@vendor.example"), NOW) == Permanent("Slack: users_not_found")
    assert {message.channel for message in slack_workspace.messages} == {DIRECT}
    assert slack_workspace.methods().count("users.lookupByEmail") == 2
    assert slack_workspace.methods().count("conversations.open") == 1
    slack_workspace.members["x@vendor.example"] = "U0NEW00001"
    assert isinstance(sender.send(parcel(receiver="x@vendor.example"), NOW + timedelta(hours=1)), Accepted)


def test_who_is_not_in_the_workspace_is_named_in_the_channel(slack_workspace: SlackWorkspace) -> None:
    """The channel learns whom it is for, in words; nobody is mentioned."""
    slack_workspace.members.clear()
    sender = sender_to(slack_workspace, channel="#sales")
    for receiver in ("owner@vendor.example", "U0OWNER01"):
        assert isinstance(sender.send(parcel(receiver=receiver), NOW), Accepted)
    for message in slack_workspace.messages:
        assert message.channel == "C0SALES01"
        assert "For Owner of the account: " in message.words
        assert "U0OWNER01" not in message.words


@pytest.mark.parametrize("receiver", ["C0SALES01", "#sales"])
def test_a_channel_is_written_to(slack_workspace: SlackWorkspace, sender: SlackSender, receiver: str) -> None:
    """By its id or by its name, and nobody is mentioned there."""
    outcome = sender.send(parcel(receiver=receiver, role="sales"), NOW)
    (message,) = slack_workspace.messages
    assert outcome == Accepted({"channel": "C0SALES01", "ts": message.ts})


def told(workspace: SlackWorkspace, sender: SlackSender) -> dict[str, Any]:
    outcome = sender.send(parcel(picture=lambda: PICTURE), NOW)
    assert isinstance(outcome, Accepted)
    assert outcome.reference is not None
    assert len(workspace.messages) == 1
    return outcome.reference


@pytest.mark.parametrize("notice", ["updated", "resolved"])
def test_what_need_not_be_heard_is_an_edit(
    slack_workspace: SlackWorkspace, sender: SlackSender, notice: Notice
) -> None:
    """No new message; the old one says how things stand now."""
    earlier = told(slack_workspace, sender)
    alert = msgspec.structs.replace(SHIFT, resolved_at=RAISED + timedelta(days=30))
    assert sender.send(parcel(notice, alert, quiet=True, earlier=earlier), NOW) == Accepted(earlier)
    (message,) = slack_workspace.messages
    assert message.edits == 1
    assert ("Ended on 17 Jun 2026" in message.words) == (notice == "resolved")
    assert message.metadata == {
        "event_type": "turnsignal_alert",
        "event_payload": {"message_id": "dlv_raised"},
    }


@pytest.mark.parametrize("notice", ["updated", "refired", "retracted", "reminder"])
def test_what_must_be_heard_is_told_in_the_thread(
    slack_workspace: SlackWorkspace, sender: SlackSender, notice: Notice
) -> None:
    """And to the channel; what the first message said is corrected where it no longer holds."""
    earlier = told(slack_workspace, sender)
    said_before = slack_workspace.messages[0].words
    alert = msgspec.structs.replace(SHIFT, severity="critical") if notice != "retracted" else SHIFT
    assert sender.send(parcel(notice, alert, earlier=earlier), NOW) == Accepted(earlier)
    original, reply = slack_workspace.messages
    assert (reply.thread_ts, reply.broadcast) == (original.ts, True)
    assert (original.words == said_before) == (notice == "reminder")
    if notice == "retracted":
        assert "Purchasing held 71" not in original.words
        assert "was not right" in original.words
    assert slack_workspace.rejections == []


def test_a_reminder_says_that_nobody_has_answered(
    slack_workspace: SlackWorkspace, sender: SlackSender
) -> None:
    """The owner reads since when; the manager also who was told."""
    earlier = told(slack_workspace, sender)
    sender.send(parcel("reminder", earlier=earlier), NOW)
    sender.send(parcel("escalated", role="manager", receiver="C0SALES01"), NOW)
    _, reminder, escalated = slack_workspace.messages
    assert "What we reported on 18 May 2026 still holds, and nobody has acknowledged it." in reminder.words
    assert "of 18 May 2026; the account’s owner is Owner of the account." in escalated.words


@pytest.mark.parametrize("quiet", [True, False])
def test_a_deleted_message_is_posted_anew(
    slack_workspace: SlackWorkspace, sender: SlackSender, *, quiet: bool
) -> None:
    """Its new place is the reference from then on."""
    earlier = told(slack_workspace, sender)
    slack_workspace.delete(slack_workspace.messages[0])
    outcome = sender.send(parcel("updated", quiet=quiet, earlier=earlier), NOW)
    (message,) = slack_workspace.messages
    assert outcome == Accepted({"channel": DIRECT, "ts": message.ts})
    assert message.thread_ts is None


@pytest.mark.parametrize("receiver", ["U0OWNER01", "#sales", "C0SALES01"])
def test_a_lost_answer_makes_no_second_message(slack_workspace: SlackWorkspace, receiver: str) -> None:
    """Slack has posted, the connection breaks, another process tries again: one message, its own."""
    slack_workspace.page_size = 2
    slack_workspace.lose("chat.postMessage")
    first = sender_to(slack_workspace).send(parcel(receiver=receiver), NOW)
    assert isinstance(first, RetryAt)
    for number in range(5):
        sender_to(slack_workspace).send(parcel(receiver=receiver, message_id=f"dlv_other{number}"), NOW)
    again = sender_to(slack_workspace).send(parcel(receiver=receiver, maybe_sent=True), NOW)
    posted = [
        m
        for m in slack_workspace.messages
        if (m.metadata or {})["event_payload"]["message_id"] == "dlv_raised"
    ]
    assert len(posted) == 1
    assert again == Accepted({"channel": posted[0].channel, "ts": posted[0].ts})


def test_a_lost_answer_makes_no_second_reply(slack_workspace: SlackWorkspace, sender: SlackSender) -> None:
    """The thread is looked through before its news is told again."""
    earlier = told(slack_workspace, sender)
    slack_workspace.lose("chat.postMessage")
    assert isinstance(sender.send(parcel("refired", earlier=earlier), NOW), RetryAt)
    assert sender.send(parcel("refired", earlier=earlier, maybe_sent=True), NOW) == Accepted(earlier)
    assert len(slack_workspace.messages) == 2


def test_what_was_not_posted_is_posted_after_all(
    slack_workspace: SlackWorkspace, sender: SlackSender
) -> None:
    """A message that may have been sent, and was not."""
    assert isinstance(sender.send(parcel(maybe_sent=True), NOW), Accepted)
    assert len(slack_workspace.messages) == 1


def test_the_picture_stands_in_the_message(slack_workspace: SlackWorkspace, sender: SlackSender) -> None:
    """Uploaded byte for byte, with its words for who does not see it; also while Slack still processes it."""
    slack_workspace.processing = 1
    told(slack_workspace, sender)
    (block,) = [b for b in slack_workspace.messages[0].blocks if b["type"] == "image"]
    assert slack_workspace.files[block["slack_file"]["id"]] == PNG
    assert block["alt_text"] == PICTURE.alt


def _broken() -> Picture:
    raise RuntimeError(TOKEN)


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/api/files.getUploadURLExternal", Reply(500)),
        ("/api/files.getUploadURLExternal", Reply(delay=float("inf"))),
        ("/api/files.getUploadURLExternal", Reply(body='{"ok": true}')),
        ("/api/files.completeUploadExternal", Reply(body='{"ok": false, "error": "missing_scope"}')),
        ("/upload/F00000001", Reply(body="x" * 500, drip=0.05)),
        ("/upload/F00000001", Reply(413)),
        ("", Reply()),
    ],
    ids=["500", "hangs", "no address", "scope", "drips", "too large", "cannot be drawn"],
)
def test_a_picture_never_holds_up_its_message(
    slack_workspace: SlackWorkspace, path: str, reply: Reply, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong with it: the message goes without, in time, and the log says so once."""
    sender = sender_to(slack_workspace, deadline_seconds=2.0)
    slack_workspace.reply(reply, path=path)
    outcome = sender.send(parcel(picture=(lambda: PICTURE) if path else _broken), NOW)
    (message,) = slack_workspace.messages
    assert outcome == Accepted({"channel": DIRECT, "ts": message.ts})
    assert "image" not in {block["type"] for block in message.blocks}
    said = capsys.readouterr()
    assert (said.out + said.err).count("a message goes without its picture") == 1
    assert TOKEN not in said.out + said.err


def test_a_picture_that_slack_does_not_show_is_left_out(
    slack_workspace: SlackWorkspace, sender: SlackSender
) -> None:
    """After a few looks; edits alike."""
    slack_workspace.processing = 100
    earlier = told(slack_workspace, sender)
    sender.send(parcel("updated", quiet=True, earlier=earlier, picture=lambda: PICTURE), NOW)
    assert "image" not in {block["type"] for block in slack_workspace.messages[0].blocks}
    assert slack_workspace.messages[0].edits == 1


@pytest.mark.parametrize(
    "word",
    ["invalid_auth", "account_inactive", "token_revoked", "missing_scope", "not_in_channel"],
)
def test_what_an_operator_repairs_is_tried_again(
    slack_workspace: SlackWorkspace, sender: SlackSender, word: str
) -> None:
    """It concerns every message: none is given up, and the reason says what to do."""
    slack_workspace.fail("chat.postMessage", word)
    outcome = sender.send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert outcome.reason.startswith(f"Slack: {word}: the ")
    assert isinstance(sender.send(parcel(), NOW), Accepted)


@pytest.mark.parametrize(
    "word", ["channel_not_found", "is_archived", "msg_too_long", "invalid_blocks", "restricted_action", "x_y"]
)
def test_what_concerns_this_message_is_final(
    slack_workspace: SlackWorkspace, sender: SlackSender, word: str
) -> None:
    """Slack's own word is the reason."""
    slack_workspace.fail("chat.postMessage", word)
    assert sender.send(parcel(), NOW) == Permanent(f"Slack: {word}")


@pytest.mark.parametrize("word", ["fatal_error", "internal_error", "service_unavailable", "request_timeout"])
def test_what_slack_calls_its_own_trouble_may_pass(
    slack_workspace: SlackWorkspace, sender: SlackSender, word: str
) -> None:
    """Whatever the status says."""
    slack_workspace.fail("chat.postMessage", word)
    assert sender.send(parcel(), NOW) == RetryAt(f"Slack: {word}")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (
            Reply(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "30"}),
            RetryAt("Slack: ratelimited", NOW + timedelta(seconds=30)),
        ),
        (Reply(429, "", {"Retry-After": "3"}), RetryAt("Slack: HTTP 429", NOW + timedelta(seconds=3))),
        (Reply(500, "<html>oops"), RetryAt("Slack: HTTP 500")),
        (Reply(503), RetryAt("Slack: HTTP 503")),
        (Reply(200, "<html>a proxy's page"), RetryAt("Slack: the answer cannot be read")),
        (Reply(200, "[" * 100_000), RetryAt("Slack: the answer cannot be read")),
        (Reply(200, "[1]"), RetryAt("Slack: the answer cannot be read")),
        (Reply(200, '{"ok": true}'), RetryAt("Slack: the answer cannot be read")),
        (Reply(302, headers={"Location": "/elsewhere"}), Permanent("Slack: HTTP 302")),
        (Reply(404, "no"), Permanent("Slack: HTTP 404")),
        (Reply(reset=True), RetryAt("the connection failed (ReadError)")),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else "",
)
def test_answers_of_all_kinds(
    slack_workspace: SlackWorkspace, sender: SlackSender, reply: Reply, outcome: RetryAt | Permanent
) -> None:
    """Rate limits name the moment; what is no answer of Slack's may pass; redirects lead nowhere."""
    slack_workspace.reply(reply, path="/api/chat.postMessage")
    assert sender.send(parcel(), NOW) == outcome


@pytest.mark.parametrize("method", ["users.lookupByEmail", "conversations.open", "chat.postMessage"])
@pytest.mark.parametrize(
    "reply", [Reply(delay=float("inf")), Reply(body="{" * 1000, drip=0.05)], ids=["hangs", "drips"]
)
def test_one_deadline_holds_for_all_requests_of_a_message(
    slack_workspace: SlackWorkspace, method: str, reply: Reply
) -> None:
    """A server that sends a byte now and then is alive to slack-sdk's own timeout, but not to this one."""
    sender = sender_to(slack_workspace, deadline_seconds=1.0)
    slack_workspace.reply(reply, path=f"/api/{method}")
    began = time.monotonic()
    outcome = sender.send(parcel(receiver="owner@vendor.example"), NOW)
    assert isinstance(outcome, RetryAt)
    assert outcome.reason.startswith("no answer")
    assert time.monotonic() - began < 10


def test_neither_token_nor_answers_are_logged(
    slack_workspace: SlackWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also where everything is logged, and where requests fail; no proxy of the environment is used."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pass@127.0.0.1:9/")
    monkeypatch.setenv("HTTP_PROXY", "http://user:pass@127.0.0.1:9/")
    sender = sender_to(slack_workspace)
    with caplog.at_level(logging.DEBUG):
        sender.send(parcel(), NOW)
        slack_workspace.reply(Reply(500, f"echo {TOKEN}"))
        outcome = sender.send(parcel(), NOW)
    said = capsys.readouterr()
    for text in (caplog.text, said.out, said.err, repr(outcome), repr(sender._bot._config)):  # type: ignore[union-attr]
        assert TOKEN not in text
        assert "pass@" not in text
    assert len(slack_workspace.messages) == 1


def test_addresses_inside_are_refused_unless_allowed(slack_workspace: SlackWorkspace) -> None:
    """The token goes to no private address by mistake."""
    url = slack_workspace.api_url.replace("http://", "https://")
    outcome = SlackSender(bot_config(url, allow_private_addresses=False)).send(parcel(), NOW)
    assert outcome == Permanent("refused to post: the host stands for an address that is not public")
    assert slack_workspace.requests == []


def buttons_of(workspace: SlackWorkspace) -> list[str]:
    rows = [block for block in workspace.messages[-1].blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row["elements"]]


def test_buttons_stand_only_where_they_can_be_answered(slack_workspace: SlackWorkspace) -> None:
    """Without a signing secret a link leads to the account."""
    sender_to(slack_workspace).send(parcel(), NOW)
    assert buttons_of(slack_workspace) == []
    assert "Open Hartwig Automation in Turnsignal" in slack_workspace.messages[-1].words
    sender_to(slack_workspace, signing_secret="s").send(parcel(), NOW)
    assert buttons_of(slack_workspace) == ["acknowledge", "snooze", "feedback", "open"]


@pytest.mark.parametrize(
    ("notice", "kind", "buttons"),
    [
        ("resolved", "buying_centre_shift", ["feedback", "open"]),
        ("retracted", "buying_centre_shift", []),
        ("raised", "recovered", ["feedback", "open"]),
    ],
)
def test_what_is_over_wants_no_acknowledgement(
    slack_workspace: SlackWorkspace, sender: SlackSender, notice: Notice, kind: Any, buttons: list[str]
) -> None:
    """Only what can still be said has a button."""
    sender.send(parcel(notice, msgspec.structs.replace(SHIFT, kind=kind)), NOW)
    assert buttons_of(slack_workspace) == buttons


def test_what_was_answered_stands_in_place_of_its_button(
    slack_workspace: SlackWorkspace, sender: SlackSender
) -> None:
    """An edit keeps it; a snooze that has run out can be chosen again."""
    answers = Answers(NOW, "A. Person (U0OWNER01)", NOW + timedelta(days=7), "ops <team>")
    word = Feedback("a", "c", "lost", "lost", "B (W0OTHER01)", "", NOW, ONSET, RAISED, None)
    earlier = told(slack_workspace, sender)
    edit = parcel("updated", quiet=True, earlier=earlier, said=Said(answers, word))
    sender.send(edit, NOW)
    words = slack_workspace.messages[0].words
    assert "✅ Acknowledged by <@U0OWNER01> on 18 May 2026" in words
    assert "💤 Snoozed until 25 May 2026 by ops &lt;team&gt;" in words
    assert "💬 <@W0OTHER01> on 18 May 2026: Right, and they are lost" in words
    assert buttons_of(slack_workspace) == ["open"]
    sender.send(replace(edit, said=Said(answers)), NOW + timedelta(days=8))
    assert buttons_of(slack_workspace) == ["snooze", "feedback", "open"]


def test_a_digest_is_laid_out(slack_workspace: SlackWorkspace, sender: SlackSender) -> None:
    """Five accounts with their links, what is new, corrections, and how many more."""
    many = [msgspec.structs.replace(SHIFT, id=f"alert_{n}", account_id=f"C-{n}") for n in range(6)]
    new = [(AT_RISK, "raised"), (many[0], "raised"), (HOSTILE_ALERT, "retracted")]
    content = digest_of(new, many[1:], "https://turnsignal.example.com", ENGLISH)  # type: ignore[arg-type]
    assert isinstance(sender.send(replace(parcel(), content=content, alert=None), NOW), Accepted)
    (message,) = slack_workspace.messages
    assert slack_workspace.rejections == []
    for words in ("7 accounts to look at", "new", "and 2 more accounts", "No longer holds", "🟠"):
        assert words in message.words
    assert message.words.count("https://turnsignal.example.com/accounts/") == 6
    assert "<!" not in message.text


def test_one_conversation_is_left_a_second(slack_workspace: SlackWorkspace) -> None:
    """Also where several receivers share it, as a channel for whoever is not in the workspace."""
    slack_workspace.members.clear()
    sender = sender_to(slack_workspace, channel="C0SALES01", pause_seconds=0.3)
    for number in range(3):
        sender.send(parcel(receiver=f"{number}@vendor.example"), NOW)
    posts = [r.at for r in slack_workspace.requests if r.path == "/api/chat.postMessage"]
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(posts))
