"""The Apprise channel against real HTTP servers, through Apprise's own plugins."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from alerts.apprise_process import fitted
from alerts.apprise_sender import AppriseSender
from alerts.apprise_text import harmless, pieces
from alerts.config import AppriseConfig, NotifierConfig
from alerts.digest import digest_of
from alerts.language import language
from alerts.message import message_of
from alerts.notifier import Notifier
from alerts.outcome import Accepted, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.receivers import Receiver
from alerts.routing import Route
from storage.engine import create_engine
from tests.integration.notification_parts import Plane, database, rows
from tests.parts.web import Reply, WebServer
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
LOCAL = AppriseConfig(allow_private_addresses=True, deadline_seconds=20.0)
SERVICES = {
    "Teams": "workflow://prod-1.example.logic.azure.com:443/643e69f83c8944/438fc6bc0fa4/",
    "PagerDuty": "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7FQ/",
    "Telegram": "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz123456/12345678/",
    "WeCom": "wecombot://693a83f6-7a0c-4bc4-97a0-0ec2f1fa5aaa",
    "DingTalk": "dingtalk://abcdefabcdef0123456789/",
    "Feishu": "feishu://8b799edf-6f98-4d3a-9be7-2862fb4e5752",
}


def address(server: WebServer, path: str = "hook", scheme: str = "json", more: str = "") -> str:
    return f"{scheme}://user:s3cr3t@127.0.0.1:{server.port}/{path}{more}"


def parcel(content: Any = None, receiver: str = "ops") -> Parcel:
    told = content or message_of(SHIFT, "raised", "https://turnsignal.example.com")
    return Parcel(message_id="dlv_1", receiver=receiver, role=receiver, content=told, created_at=RAISED)


def sender(*urls: str, config: AppriseConfig = LOCAL) -> AppriseSender:
    return AppriseSender({"ops": Receiver(apprise=urls), "people": Receiver(email="a@b.example")}, config)


@pytest.fixture
def other_server() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def test_every_service_of_the_issue_is_one_that_apprise_reads() -> None:
    """Teams, PagerDuty, Telegram, WeCom, DingTalk and Feishu, by an address each."""
    made = AppriseSender({name: Receiver(apprise=(url,)) for name, url in SERVICES.items()}, LOCAL)
    assert made.channel == "apprise"


def test_a_wrong_address_stops_the_start_and_is_not_shown() -> None:
    """Named by its receiver and its place, since it holds a secret."""
    with pytest.raises(ValueError, match=r"receiver 'ops': address 2") as wrong:
        sender(SERVICES["Feishu"], "slak://T1/s3cr3t")
    assert "s3cr3t" not in str(wrong.value)


def test_a_missing_apprise_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it; without receivers that want it nothing is missed."""
    monkeypatch.setattr("alerts.apprise_sender.find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"pip install turnsignal\[apprise\]"):
        sender(SERVICES["Feishu"])


def test_a_message_arrives_as_plain_text(web_server: WebServer, other_server: WebServer) -> None:
    """By JSON and by form, with all that its reader needs."""
    both = sender(address(web_server), address(other_server, scheme="form"))
    assert both.send(parcel(), NOW) == Accepted()
    (request,) = web_server.requests
    assert request.json["title"] == message_of(SHIFT, "raised", None).subject
    assert request.json["type"] == "warning"
    for words in (
        "Decides now: Purchasing",
        "- Purchasing held 71",
        "1. ",
        "https://turnsignal.example.com/",
    ):
        assert words in request.json["message"].replace("\u00a0", " ")
    assert b"Hartwig" in other_server.requests[0].body


def test_a_digest_arrives_as_text_too(web_server: WebServer) -> None:
    """Each account with its headline, what it decides and what is at stake."""
    digest = digest_of([(SHIFT, "raised"), (AT_RISK, "raised")], [], None, language("en"))
    assert sender(address(web_server)).send(parcel(digest), NOW) == Accepted()
    body = web_server.requests[0].json["message"]
    assert "Hartwig Automation: " in body
    assert "华东传动设备有限公司: " in body


def test_only_who_has_not_accepted_is_asked_again(web_server: WebServer, other_server: WebServer) -> None:
    """Of two services one fails: the message is tried again there, and not repeated at the other."""
    both = sender(address(web_server), address(other_server))
    other_server.reply(Reply(500))
    assert both.send(parcel(), NOW) == RetryAt("JSON: HTTP 500")
    assert both.send(parcel(), NOW) == Accepted()
    assert (len(web_server.requests), len(other_server.requests)) == (1, 2)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_what_a_service_refuses_is_tried_again(web_server: WebServer, status: int) -> None:
    """Apprise does not say whether it may pass; the reason is the status, and no address."""
    web_server.reply(Reply(status))
    assert sender(address(web_server)).send(parcel(), NOW) == RetryAt(f"JSON: HTTP {status}")


@pytest.mark.parametrize(
    "reply",
    [Reply(delay=float("inf")), Reply(body="x" * 10_000, drip=0.05), Reply(reset=True)],
    ids=["hangs", "drips", "resets"],
)
def test_a_bad_connection_ends_in_time(web_server: WebServer, other_server: WebServer, reply: Reply) -> None:
    """Whatever one service does, the others' results count and the worker is free at the deadline."""
    web_server.reply(reply)
    config = replace(LOCAL, deadline_seconds=5.0)
    patient = "?rto=300&cto=300"  # an address may ask for patience that the deadline does not have
    both = sender(address(web_server, more=patient), address(other_server), config=config)
    began = time.monotonic()
    outcome = both.send(parcel(), NOW)
    assert time.monotonic() - began < 15
    assert isinstance(outcome, RetryAt)
    assert len(other_server.requests) == 1
    assert both.send(parcel(), NOW) == Accepted()
    assert (len(web_server.requests), len(other_server.requests)) == (2, 1)


def test_a_response_bomb_ends_its_own_process_at_most(web_server: WebServer) -> None:
    """Two gigabytes of answer fill no memory of ours."""
    bomb = {"Content-Length": str(2 << 30), "Content-Encoding": "identity"}
    web_server.reply(Reply(200, b"x" * 100_000, headers=bomb))
    outcome = sender(address(web_server), config=replace(LOCAL, deadline_seconds=5.0)).send(parcel(), NOW)
    assert isinstance(outcome, RetryAt | Accepted)
    assert sender(address(web_server)).send(parcel(), NOW) == Accepted()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::ffff:7f00:1]"])
def test_addresses_inside_are_refused_unless_allowed(web_server: WebServer, host: str) -> None:
    """Where the connection would go is what counts, so that neither names nor notations help."""
    strict = sender(f"json://{host}:{web_server.port}/hook", config=AppriseConfig())
    outcome = strict.send(parcel(), NOW)
    assert isinstance(outcome, RetryAt)
    assert web_server.requests == []


def test_no_redirect_leads_inside(web_server: WebServer, other_server: WebServer) -> None:
    """None is followed, unless the address itself says redirect=yes."""
    web_server.reply(Reply(307, headers={"Location": other_server.url("/inside")}))
    assert isinstance(sender(address(web_server)).send(parcel(), NOW), RetryAt)
    assert other_server.requests == []


def test_a_receiver_that_is_gone_is_final() -> None:
    """Its name was taken out of the settings while a message waited."""
    made = AppriseSender({}, LOCAL)
    assert isinstance(made.send(parcel(), NOW), Permanent)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "hello @here",
        "@channel!",
        "@all",
        "<@U123>",
        "<!channel>",
        "<#C1>",
        "[bill](https://evil.example)",
    ],
)
def test_words_of_events_call_nobody_and_lead_nowhere(text: str) -> None:
    """What services take for a call or a link is broken by a space that has no width."""
    assert harmless(text) != text
    assert harmless(text).replace("\u200b", "") == text


def test_mail_addresses_and_plain_signs_stay() -> None:
    """Nothing else is touched."""
    for text in ("dana@vendor.example", "3 < 4", "[1] (2)", "A@B", "R&D"):
        assert harmless(text) == text


def test_a_service_that_takes_little_gets_the_first_pieces() -> None:
    """Whole ones, counted in bytes: a Chinese letter is three."""
    told = ["Title", "a" * 400, "b" * 400, "c" * 400]
    assert fitted(told, 250, 1000) == ("Title", f"{'a' * 400}\n\n{'b' * 400}")
    assert fitted(told, 0, 805) == ("Title", "a" * 400)
    assert fitted(["标题", "字" * 300, "尾"], 250, 902) == ("标题", "字" * 300)
    assert fitted(["Title", "a" * 400], 250, 100) == ("Title", "Title")


def test_the_longest_message_says_the_most_important_first() -> None:
    """Teams takes 1,000: what happened, who decides, what is at stake and the link are in it."""
    title, body = fitted(pieces(message_of(SHIFT, "raised", "https://turnsignal.example.com")), 250, 1000)
    assert title
    for words in ("Decides now", "Money at stake", "https://turnsignal.example.com/accounts/"):
        assert words in body


def test_labels_are_in_the_receiver_s_language() -> None:
    """Like those of all other channels."""
    words = "\n".join(pieces(message_of(SHIFT, "raised", None, language("zh-CN"))))
    assert "Decides now" not in words
    assert "Money at stake" not in words


def test_an_alert_reaches_a_named_receiver(
    sqlite_url: str, web_server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its route, through the pipeline; no log record shows the address."""
    config = NotifierConfig(
        receivers={"ops": Receiver(apprise=(address(web_server),))},
        routes=Route(name="everything", to=("ops",)),
        apprise=LOCAL,
        max_age=None,
    )
    with database(sqlite_url) as engine:
        plane = Plane(engine, config)
        plane.take(SHIFT)
        web_server.reply(Reply(500))
        made = Notifier(engine, config, now=plane.clock)
        for _ in range(2):
            for worker in made.workers:
                while worker.deliver_one():
                    pass
            plane.clock.pass_by(minutes=1)
        assert Counter((row.channel, row.receiver, row.status) for row in rows(engine)) == {
            ("apprise", "ops", "delivered"): 1
        }
    output = capsys.readouterr()
    assert "JSON: HTTP 500" in output.out
    assert "s3cr3t" not in output.out + output.err
    assert json.loads(web_server.requests[1].body)["title"]
    create_engine(sqlite_url).dispose()
