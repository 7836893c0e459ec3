"""The three forms of a message: Slack's blocks, HTML and text."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from accounts.alert import AccountCard, Alert, Evidence, Play
from alerts.mail import as_html, as_text, compose
from alerts.message import NOTICES, Message, Notice, message_of
from alerts.parcel import Parcel
from alerts.slack.blocks import payload
from tests.parts.slack import block_problems
from tests.unit.alerts.samples import AT_RISK, SHIFT
from tests.unit.alerts.test_cleaning import HOSTILE
from tests.unit.alerts.test_message import huge

HOSTILE_ALERT = msgspec.structs.replace(
    SHIFT,
    account=AccountCard(name=HOSTILE),
    evidence=[Evidence("s", 4.0, HOSTILE, [HOSTILE], [])],
    play=Play("p", HOSTILE, [HOSTILE], HOSTILE),
    value=msgspec.structs.replace(SHIFT.value, currency="<!here>"),
)


def message(alert: Alert, notice: Notice = "raised") -> Message:
    return message_of(alert, notice, "https://turnsignal.example.com")


def parcel(alert: Alert, notice: Notice = "raised", role: str = "owner") -> Parcel:
    return Parcel(
        message_id="dlv_1",
        receiver="owner@vendor.example",
        role=role,
        content=message(alert, notice),
        created_at=datetime(2026, 5, 18, 9, tzinfo=UTC),
        alert=alert,
    )


def strings(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Every string of a payload with the type of the object that holds it."""
    if isinstance(value, dict):
        kind = str(value.get("type", ""))
        return [pair for key, inner in value.items() if key != "type" for pair in strings(inner, kind)]
    if isinstance(value, list):
        return [pair for inner in value for pair in strings(inner, name)]
    return [(name, value)] if isinstance(value, str) else []


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize(
    "alert", [SHIFT, AT_RISK, HOSTILE_ALERT, huge()], ids=["shift", "risk", "hostile", "huge"]
)
def test_slack_accepts_the_blocks(alert: Alert, notice: Notice) -> None:
    """Also at the greatest lengths, every block stays within Slack's limits."""
    body = payload(message(alert, notice), "U0OWNER01", "dlv_1")
    assert list(block_problems(body["blocks"])) == []
    assert len(json.dumps(body)) < 20_000


def test_hostile_names_neither_notify_nor_format_in_slack() -> None:
    """What events say stands in plain or rich text; the only mention is the owner's."""
    body = payload(message(HOSTILE_ALERT), "U0OWNER01", "dlv_1")
    for kind, text in strings(body):
        if kind in {"mrkdwn", ""}:
            assert "<" not in text
        assert not set(text) & set("\u202e\u2066\0\r")
    assert [e for e in strings(body["blocks"]) if e[0] == "user"] == [("user", "U0OWNER01")]


def test_the_default_receiver_is_nobody_to_mention() -> None:
    """Without an owner's Slack id the message is for the channel."""
    blocks = payload(message(SHIFT), "channel", "dlv_1")["blocks"]
    assert not [kind for kind, _ in strings(blocks) if kind == "user"]


class Tags(HTMLParser):
    """Collects the tags, and complains of unclosed ones."""

    VOID = frozenset({"meta", "br", "img", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.sources += [value or "" for name, value in attrs if name in {"src", "background"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_hostile_names_are_text_in_html() -> None:
    """No tag of theirs becomes one of ours, and nothing is loaded from elsewhere."""
    tags = Tags(as_html(parcel(HOSTILE_ALERT)))
    assert tags.open == []
    assert not tags.seen & {"script", "img", "b", "i"}
    assert tags.sources == []
    assert tags.links == ["https://turnsignal.example.com/accounts/C-1042"]


def test_hostile_names_stay_inside_their_header() -> None:
    """A line break in a name adds no header and no line to the text."""
    mail = compose(parcel(HOSTILE_ALERT), "Turnsignal <alerts@vendor.example>")
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert "Bcc: x@evil.example" in str(read["Subject"])
    assert "\u202e" not in str(read["Subject"])
    assert "\nBcc" not in as_text(parcel(HOSTILE_ALERT))


def test_the_text_is_no_wider_than_a_terminal() -> None:
    """Also where two functions decide together and the money has many figures."""
    for alert in (SHIFT, AT_RISK, msgspec.structs.replace(SHIFT, led_by="shared")):
        assert max(map(len, as_text(parcel(alert)).splitlines())) <= 78


def test_an_email_has_what_servers_and_readers_expect() -> None:
    """Both forms, a stable id, a date, and no answer from out-of-office robots."""
    mail = compose(parcel(SHIFT), "Turnsignal <alerts@vendor.example>")
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert read["Message-ID"] == "<dlv_1@vendor.example>"
    assert read["From"] == "Turnsignal <alerts@vendor.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"] is not None
    assert str(read["Subject"]) == "Hartwig Automation: purchasing now leads"
    assert max(map(len, mail.as_bytes().split(b"\r\n"))) <= 998


@pytest.mark.parametrize("alert", [SHIFT, AT_RISK])
def test_all_forms_say_the_same(alert: Alert) -> None:
    """Evidence, money, decision, steps and link stand in each of the three."""
    one, said = parcel(alert), message(alert)
    text = " ".join(as_text(one).split())
    page = as_html(one).replace("&#39;", "'")
    slack = json.dumps(payload(said, "channel", "dlv_1"), ensure_ascii=False)
    facts = [said.decides, said.bought, said.at_risk, *said.steps]
    facts += [line.text for line in said.evidence] + [said.sentence, str(said.link)]
    for fact in facts:
        assert " ".join(fact.split()) in text
        assert fact in page
        assert fact in slack


def test_a_receiver_learns_why_it_is_them() -> None:
    """The owner and the default receiver are told apart."""
    assert "as the owner of the account Hartwig Automation." in as_text(parcel(SHIFT))
    assert "no owner with an email address is known" in " ".join(
        as_text(parcel(SHIFT, role="default")).split()
    )
