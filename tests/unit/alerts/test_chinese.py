"""What a Chinese owner reads is Chinese, in every message."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from accounts import plays
from accounts.alert import AccountCard, Alert, Amount, Evidence, LedBy, Play, Value
from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.stages import Kind
from accounts.wording import AGED, WORDINGS, Wording, said_by, worded
from alerts.digest import digest_of
from alerts.language import ENGLISH, language
from alerts.mail import as_html, as_text
from alerts.message import NOTICES, Message, Notice, message_of
from alerts.parcel import Parcel
from alerts.slack.blocks import payload
from service.playbook import built_in
from service.simulation import portfolio
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT

CHINESE = language("zh-CN")
change = msgspec.structs.replace
NAMED = AccountCard(name="华东传动设备有限公司")
# What may stand in an evidence's numbers; the names themselves are Chinese.
NUMBERS: dict[str, dict[str, float | str]] = {
    "competitor_names": {"competitors.1.name": "甲公司", "competitors.2.name": "乙公司"},
    "product_lines": {
        "lines.1.name": "伺服",
        "lines.1.share": 50,
        "lines.1.worth": 70,
        "lines.2.name": "电机",
        "lines.2.share": 30,
        "lines.3.share": 20,
    },
    "since": {"since": "2026-03-02"},
    "name": {"name": "赵敏"},
    "stage": {"stage": "stable"},
    "previous_stage": {"previous_stage": "at_risk"},
}
END = datetime(2025, 1, 6, tzinfo=UTC)
LEADERS: tuple[LedBy, ...] = get_args(LedBy)


def evidence() -> Iterator[Evidence]:
    """Every signal in each of its texts."""
    for signal, wordings in WORDINGS.items():
        for wording in wordings:
            numbers = numbers_for(wording)
            yield Evidence(signal, 2.0, worded(signal, numbers), [], [], numbers)
    yield Evidence("price_talk", 1.0, AGED, [], [])


def numbers_for(wording: Wording) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for name in wording.names:
        found |= NUMBERS.get(name, {name: 7})
    return found


def told(alert: Alert, notice: Notice = "raised") -> Message:
    return message_of(change(alert, account=NAMED), notice, None, CHINESE, most_evidence=99)


def parcel(message: Message, role: str = "owner") -> Parcel:
    return Parcel(message_id="", receiver="", role=role, content=message, created_at=RAISED)


def words(message: Message) -> str:
    """All that a reader sees of it, in all its forms."""
    parcels = [parcel(message, role) for role in ("owner", "default")]
    markup = re.sub(r"<(title|style)>.*?</\1>|<[^>]+>|&#?\w+;", " ", as_html(parcels[0]), flags=re.DOTALL)
    slack = json.dumps(list(texts(payload(message, "", "")["blocks"])), ensure_ascii=False)
    return "\n".join([*map(as_text, parcels), markup, slack, message.subject, message.preview])


def texts(blocks: object) -> Iterator[str]:
    if isinstance(blocks, list):
        for block in blocks:
            yield from texts(block)
    if isinstance(blocks, dict):
        for key, value in blocks.items():
            yield from [value] if key == "text" and isinstance(value, str) else texts(value)


def latin(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]+", text)) - {"Turnsignal", "n"}  # n: line breaks in JSON


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("leader", LEADERS)
def test_no_english_is_left_in_any_message(kind: Kind, notice: Notice, leader: LedBy) -> None:
    """Whatever the kind, the notice and who leads."""
    for known_since in (None, SHIFT.previously_led_by_since):
        alert = change(
            AT_RISK, kind=kind, previously_led_by=leader, previously_led_by_since=known_since, evidence=[]
        )
        assert latin(words(told(alert, notice))) == set()


def test_every_piece_of_evidence_is_told_in_chinese() -> None:
    """Each signal, each of its texts; those taken off a sum are not shown, but would be."""
    for piece in evidence():
        (line,) = told(change(SHIFT, evidence=[piece])).evidence
        assert latin(line.text) == set(), line.text
        assert " " not in line.text
        assert "{" not in line.text


def test_what_the_core_finds_has_all_the_numbers_that_its_words_need() -> None:
    """Three years of a made portfolio: no piece of evidence falls back to English."""
    played = Replay()
    made, _ = portfolio(60, 156, 7, datetime(2022, 1, 3, tzinfo=UTC))
    for event in made:
        played.add(decode(json.dumps(event).encode()))
    found = [piece for alert in played.alerts(END, Policy()) for piece in alert.evidence]
    assert len({piece.signal for piece in found}) > 12
    assert [piece for piece in found if said_by(CHINESE, piece) == piece.text] == []


def test_kinds_are_told_from_each_other_by_evidence() -> None:
    """A silent champion, orders alone, contacts alone."""
    for signal in ("champion_silent", "orders_slowing", "contacts_slowing"):
        for kind in ("champion_left", "decline", "at_risk"):
            alert = change(AT_RISK, kind=kind, evidence=[Evidence(signal, 2.0, "", [], [])])
            assert latin(words(told(alert))) == set()


def test_every_play_is_told_in_chinese() -> None:
    """Those that come along, with all reasons; a vendor's own stays as it is written."""
    for entry in built_in():
        shown = told(change(SHIFT, evidence=[], play=Play(entry.id, entry.title, list(entry.steps))))
        assert latin(" ".join([shown.play, *shown.steps])) == set()
    for reason in plays.texts():
        assert latin(told(change(SHIFT, play=Play("", "", [], reason))).play_why) == set()
    own = Play("ours", "Call {them}", ["Ask %s of {0}"], "we know why")
    shown = told(change(SHIFT, play=own))
    assert (shown.play, shown.steps, shown.play_why) == ("Call {them}", ("Ask %s of {0}",), "we know why")


@pytest.mark.parametrize(
    "value",
    [
        Value(None, None, None, None),
        Value(0.0, 1.0, 0.0, "EUR"),
        Value(4.9e6, 2e7, 7.4e6, "CNY"),
        Value(
            5e5, 1.0, 0.0, "EUR", not_converted=[Amount(1.2e4, code) for code in ("USD", "GBP", "JPY", "CHF")]
        ),
        Value(5e5, 1.0, 0.0, "EUR", not_converted=[Amount(1.0, "USD"), Amount(None, None)]),
    ],
)
def test_money_is_told_in_chinese(value: Value) -> None:
    """With currencies by name."""
    assert latin(words(told(change(SHIFT, evidence=[], value=value)))) == set()


def test_a_digest_is_told_in_chinese() -> None:
    """New accounts, known ones, corrections, and further ones that it does not show."""
    alerts = [change(SHIFT, id=f"{n}", account_id=f"{n}", account=NAMED, evidence=[]) for n in range(9)]
    for new in ([], [(alert, "raised") for alert in alerts[:2]], [(alert, "raised") for alert in alerts]):
        digest = digest_of(new, alerts, None, CHINESE)
        said = (digest.subject, digest.headline, digest.sentence, digest.more, digest.remark)
        assert latin(" ".join(said)) == set()
        assert digest.more == "另有4个客户"
    corrections = digest_of([(alerts[0], "retracted")], [], None, CHINESE)
    assert corrections.headline == "1项更正"
    assert latin(corrections.sentence) == set()


def test_a_subject_fits_a_phone() -> None:
    """Chinese letters are as wide as two: 20 of them, the account's name included."""
    for kind in get_args(Kind):
        assert len(told(change(SHIFT, kind=kind)).subject) <= 20


def test_the_ten_seconds_in_chinese() -> None:
    """Who decides, since when, what is at stake, and the strongest sign, as a whole."""
    numbers: dict[str, float | str] = {
        "after": 71,
        "before": 12,
        "events": 14,
        "people": 6,
        "since": "2026-03-02",
    }
    people = [f"{name} (采购)" for name in "赵钱孙李"]
    seats = Evidence("purchasing_share", 4.3, worded("purchasing_share", numbers), people, [], numbers)
    message = told(change(SHIFT, evidence=[seats]))
    assert message.subject == "华东传动设备有限公司：现由采购主导"
    assert message.headline == "客户内部的决策重心已转移"
    assert message.sentence == "2023年起由研发主导，2026年4月起由采购主导。"
    assert (message.decides, message.decides_since) == ("采购部门", "自2026年4月起，此前为研发部门")
    assert (message.bought, message.at_risk) == ("年采购额490万欧元", "约740万欧元的未来订单有风险")
    (line,) = message.evidence
    assert line.text == "自2026年3月2日起的14次往来中，采购占已知参与人次的71%，此前为12%（采购共6人）"
    assert (line.weight, line.names) == ("强", "赵（采购）、钱（采购）、孙（采购），另有1人")
    assert message.remark == "数据截至2026年5月18日。Turnsignal只陈述已看到的情况，不预测未来。"


def test_evidence_without_numbers_is_told_as_it_came() -> None:
    """Alerts of an earlier release and of other detectors."""
    message = told(SHIFT)
    assert message.evidence[0].text.startswith("Purchasing held")
    assert message.evidence[0].weight == "强"


def test_mail_programs_are_told_the_language() -> None:
    """Fonts and readers choose by it."""
    for spoken, tag in ((CHINESE, "zh-Hans"), (ENGLISH, "en")):
        page = as_html(parcel(message_of(SHIFT, "raised", None, spoken)))
        assert f'<html lang="{tag}"' in page
