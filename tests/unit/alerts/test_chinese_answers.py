"""What a Chinese owner reads where something can be answered: buttons, links, forms, pages, digests."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from accounts.alert import AccountCard, Alert, Contact
from accounts.feedback import VERDICTS, Feedback
from alerts.digest import digest_of
from alerts.language import ENGLISH, language
from alerts.links import Action, SignedLinks, Ticket
from alerts.mail import as_html, as_text
from alerts.message import NOTICES, Notice, message_of
from alerts.parcel import Parcel
from alerts.said import Said
from alerts.slack.desk import form_for
from alerts.slack.interactions import Known, Press, Spot
from alerts.slack.layout import payload_of
from alerts.wording import called
from docs.tools.catalogues import LOCALES, catalogue_in
from service.acting_pages import Found, expired, page, unknown
from storage.answers import Answers
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT

CHINESE = language("zh-CN")
URL = "https://turnsignal.example"
OWNER = Contact("王芳", "owner@vendor.example", "U0OWNER01")
LINKS = SignedLinks(["a secret of this test, long enough"], URL)
NOW = datetime(2026, 5, 20, tzinfo=UTC)
CARD = AccountCard(name="华东传动设备有限公司", owner=OWNER)
change = msgspec.structs.replace
ALERT = change(SHIFT, account=CARD, evidence=[])
OVER = change(ALERT, status="resolved", resolved_at=NOW)
SAID = Said(
    Answers(NOW, "王芳 (U0OWNER01)", NOW + timedelta(days=7), "李强"),
    Feedback(ALERT.id, "C-1042", "decline", "lost", "赵敏", "", NOW, RAISED, RAISED, None),
)

_IDEOGRAPH = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_STRAY = re.compile(rf"{_IDEOGRAPH} {_IDEOGRAPH}|[。，；：！？、）] \S")
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff}][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")


def wrong(text: str) -> list[str]:
    """English words, a space between two ideographs, punctuation of half width."""
    own = re.sub(r"https?:[!-~]+|[a-z.]+@[a-z.]+|Turnsignal|Slack|<@U\w+>", "", text)
    return [*re.findall(r"[A-Za-z]+", own), *_STRAY.findall(own), *_HALF_WIDTH.findall(own)]


class Shown(HTMLParser):
    """The pieces of text that a page shows."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden = tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(" ".join(data.split()))


def strings(value: Any) -> Iterator[str]:
    """Every text of a payload, of buttons and choices too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [inner] if name == "text" and isinstance(inner, str) else strings(inner)
    if isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def parcel(alert: Alert, notice: Notice = "raised", role: str = "owner") -> Parcel:
    return Parcel(
        message_id="dlv_1",
        receiver="owner@vendor.example",
        role=role,
        content=message_of(alert, notice, URL, CHINESE),
        created_at=NOW,
        alert=alert,
        links=LINKS(alert, "email", "owner@vendor.example", "zh_Hans", RAISED),
    )


def digest(role: str = "owner") -> Parcel:
    alerts = [change(AT_RISK, id=f"{n}", account_id=f"{n}", account=CARD, evidence=[]) for n in range(9)]
    return Parcel(
        message_id="dlv_2",
        receiver="owner@vendor.example",
        role=role,
        content=digest_of([(alerts[0], "raised"), (ALERT, "retracted")], alerts[1:], URL, CHINESE),
        created_at=NOW,
        links=LINKS(None, "email", "owner@vendor.example", "zh_Hans", RAISED),
        links_of_each={one.id: LINKS(one, "email", "", "zh_Hans", RAISED) for one in alerts},
    )


def test_the_checks_find_what_is_wrong() -> None:
    """They would protect nothing otherwise."""
    for text in ("打开Account", "提醒。 预警", "提醒。 2023年", "您好,王芳", "采购 (共3人)"):
        assert wrong(text)
    assert wrong("Turnsignal只陈述已看到的情况（共3项），见 https://a.example/x") == []


def test_the_catalogue_is_set_in_chinese_type() -> None:
    """Punctuation of full width, no spaces: in every text, whether a test says it or not."""
    for text in catalogue_in(LOCALES / "zh_Hans.po"):
        forms = [text.string] if isinstance(text.string, str) else text.string or []
        assert [form for form in forms if text.id and (_STRAY.search(form) or _HALF_WIDTH.search(form))] == []


@pytest.mark.parametrize("role", ["owner", "manager", "default", "华东区"])
@pytest.mark.parametrize("notice", NOTICES)
def test_emails_with_links_are_chinese(notice: Notice, role: str) -> None:
    """Buttons, verdicts, why now, why to this receiver, and the line that a list of messages shows."""
    for one in (parcel(ALERT, notice, role), parcel(change(ALERT, account=change(CARD, owner=None)), notice)):
        assert wrong(as_text(one)) == []
        assert [found for piece in Shown(as_html(one)).pieces for found in wrong(piece)] == []


@pytest.mark.parametrize("role", ["owner", "manager", "default", "华东区"])
def test_digests_are_chinese(role: str) -> None:
    """By email in both forms, in Slack; with new accounts, further ones and corrections."""
    one = digest(role)
    assert wrong(as_text(one)) == []
    assert [found for piece in Shown(as_html(one)).pieces for found in wrong(piece)] == []
    for text in strings(payload_of(one, buttons=True, now=NOW, addressed="王芳")):
        assert wrong(text) == []


@pytest.mark.parametrize("said", [Said(), SAID, Said(Answers(NOW, None))], ids=["new", "answered", "unnamed"])
@pytest.mark.parametrize("notice", NOTICES)
def test_slack_is_chinese(notice: Notice, said: Said) -> None:
    """Buttons, choices, what was answered, the end; nothing is slanted, for the letters have no italics."""
    for alert in (OVER, change(OVER, resolved_at=None)) if notice == "resolved" else (ALERT,):
        one = replace(parcel(alert, notice), said=said)
        for reply in (False, True):
            body = payload_of(one, buttons=True, now=NOW, addressed="王芳", reply=reply)
            assert [found for text in strings(body) for found in wrong(text)] == []
            assert "italic" not in str(body["blocks"])


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_form_is_chinese(verdict: str) -> None:
    """The message it is about, the choice, the question and both buttons."""
    blocks = payload_of(parcel(ALERT), buttons=True, now=NOW)["blocks"]
    spot, known = Spot("D1", "1.0", "", ""), Known("", blocks)
    view = form_for(Press("feedback", verdict, ALERT.id, CHINESE, "", "", "", spot, known))
    said = list(strings(view))
    assert {"反馈", "提交", "取消", "为什么这样判断？"} <= set(said)
    assert [found for text in said for found in wrong(text)] == []


@pytest.mark.parametrize("action", ["acknowledge", "snooze", "feedback", "unsubscribe"])
@pytest.mark.parametrize("wrongly", [False, True])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("alert", [ALERT, OVER], ids=["firing", "over"])
def test_pages_of_links_are_chinese(action: Action, alert: Alert, *, done: bool, wrongly: bool) -> None:
    """What a link would do, what it has done, and what was not understood."""
    ticket = Ticket(action, alert.id, "email", "owner@vendor.example", "zh_Hans", 99_999)
    found = Found(ticket, CHINESE, alert if action != "unsubscribe" else None)
    if done:
        found = replace(found, answers=SAID.answers, said=SAID.feedback, unsubscribed=True)
    shown = Shown(bytes(page(found, URL, NOW, wrong=wrongly, status=200).body).decode())
    assert [slip for piece in shown.pieces for slip in wrong(piece)] == []


def test_a_page_names_a_member_of_slack_without_their_id() -> None:
    """Nobody outside of Slack knows whom an id means."""
    ticket = Ticket("acknowledge", ALERT.id, "email", "owner@vendor.example", "zh_Hans", 99_999)
    found = Found(ticket, CHINESE, ALERT, SAID.answers)
    shown = Shown(bytes(page(found, URL, NOW, wrong=False, status=200).body).decode())
    assert "王芳已于2026年5月20日确认跟进。" in shown.pieces


def test_pages_of_links_that_hold_no_more_are_chinese() -> None:
    """Expired or cut off."""
    ticket = Ticket("snooze", "", "email", "owner@vendor.example", "zh_Hans", 1)
    for answer in (expired(ticket, URL), unknown(CHINESE)):
        shown = Shown(bytes(answer.body).decode())
        assert [slip for piece in shown.pieces for slip in wrong(piece)] == []


def test_sentences_follow_each_other_as_the_language_has_it() -> None:
    """By a space in English, by nothing in Chinese; one alone stays as it is."""
    assert ENGLISH.together("One.", "Two.") == "One. Two."
    assert CHINESE.together("一。", "二。") == "一。二。"
    assert CHINESE.together("", "二。") == "二。"


def test_a_title_stands_in_the_language_s_brackets() -> None:
    """A name alone, and one that has brackets of its own, stay as they came."""
    assert called("赵敏 (采购经理)", CHINESE) == "赵敏（采购经理）"
    assert called("Zhao Min (Buyer)") == "Zhao Min (Buyer)"
    for name in ("赵敏", "J. (Jim) Roe (Buyer)", "赵敏 (采购"):
        assert called(name, CHINESE) == name
