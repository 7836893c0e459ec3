"""The pages behind the links in messages, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa

from accounts.alert import AccountCard
from accounts.feedback import VERDICTS, Feedback
from alerts.links import SignedLinks, Ticket
from service.acting import LARGEST_BODY, acting_router
from service.app import create_app
from storage import answers, feedback, history
from storage.answers import NONE, Answers
from storage.engine import reading, transaction
from storage.tables import alert_history, alerts
from tests.integration.notification_parts import Clock, count
from tests.integration.serving import HOSTILE, Client, migrated, put_alert
from tests.unit.alerts.samples import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from accounts.alert import Alert
    from alerts.parcel import Links

ADDRESS = "https://turnsignal.example.com"
RECEIVER = "owner@vendor.example"
FORM = {"content-type": "application/x-www-form-urlencoded"}
ONE_CLICK = b"List-Unsubscribe=One-Click"
change = msgspec.structs.replace


@dataclass
class Pages:
    """The app with one alert in its database, and whoever opens a link of it."""

    engine: sa.Engine
    clock: Clock = field(default_factory=Clock)
    links: SignedLinks = field(
        default_factory=lambda: SignedLinks(["a secret of this test, long enough"], ADDRESS)
    )

    def __post_init__(self) -> None:
        router = acting_router(self.engine, self.links, now=self.clock)
        app = create_app(self.engine, checks={}, routers=[router], tokens=["a token that is long enough"])
        self.client = Client(app)

    def of(self, alert: Alert = SHIFT, receiver: str = RECEIVER, locale: str = "en") -> Links:
        return self.links(alert, "email", receiver, locale, self.clock())

    def open(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self.client.request(method, url.removeprefix(ADDRESS), **headers)

    def post(self, url: str, body: bytes = b"", **headers: str) -> httpx.Response:
        return self.client.post(url.removeprefix(ADDRESS), body, **(FORM | headers))

    def answers(self) -> Answers:
        with reading(self.engine) as connection:
            return answers.of(connection, [SHIFT.id]).get(SHIFT.id, NONE)

    def said(self) -> list[Feedback]:
        with reading(self.engine) as connection:
            return feedback.find(connection, alert_id=SHIFT.id)

    def unsubscribed(self) -> list[tuple[str, str]]:
        with reading(self.engine) as connection:
            return [(channel, receiver) for channel, receiver, _ in answers.all_unsubscribed(connection)]

    def untouched(self) -> bool:
        """Whether nothing at all was done."""
        nothing = self.answers() == NONE and not self.said() and not self.unsubscribed()
        return nothing and count(self.engine, alert_history) == 0


@pytest.fixture
def pages(database_url: str) -> Iterator[Pages]:
    with migrated(database_url) as engine:
        put_alert(engine, SHIFT)
        yield Pages(engine)


def every(links: Links) -> list[str]:
    return [links.acknowledge, links.snooze, links.unsubscribe, *links.feedback.values()]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"purpose": "prefetch", "sec-purpose": "prefetch;prerender"}])
def test_looking_never_acts(pages: Pages, method: str, headers: dict[str, str]) -> None:
    """Scanners, previews and programs that fetch ahead open every link, some several times."""
    for url in every(pages.of()) * 2:
        assert pages.open(url, method, **headers).status_code == 200
    assert pages.untouched()


def test_a_page_says_what_it_would_do_and_to_whom(pages: Pages) -> None:
    """The account, what was seen, the button, and in whose name; nothing that needs a script."""
    page = pages.open(pages.of().acknowledge)
    for words in ("Hartwig Automation", "The buying centre has shifted", RECEIVER, "18 May 2026"):
        assert words in page.text
    assert '<form method="post"><button>Acknowledge</button></form>' in page.text
    assert "<script" not in page.text


def test_a_page_gives_nothing_away(pages: Pages) -> None:
    """No cache keeps it, no other site learns its address or frames it, and its form leads to us alone."""
    for url in every(pages.of()):
        headers = pages.open(url).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "http" not in pages.open(url).text.replace(f"{ADDRESS}/accounts/C-1042", "")


def test_acknowledging(pages: Pages) -> None:
    """Once, in the receiver's name, however often it is pressed; the page then says so and has no button."""
    url = pages.of().acknowledge
    answer = pages.post(url)
    assert answer.status_code == 303
    assert answer.headers["location"] == url.rpartition("/")[2]
    first = pages.answers()
    assert (first.acknowledged_by, first.acknowledged_at) == (RECEIVER, pages.clock())
    pages.clock.pass_by(hours=1)
    assert pages.post(url).status_code == 303
    assert pages.answers() == first
    assert count(pages.engine, alert_history) == 1
    page = pages.open(url).text
    assert f"Acknowledged on 18 May 2026 by {RECEIVER}." in page
    assert "<form" not in page


def test_who_comes_second_sees_who_was_first(pages: Pages) -> None:
    """The manager's link, after the owner's."""
    pages.post(pages.of().acknowledge)
    pages.post(pages.of(receiver="manager@vendor.example").acknowledge)
    assert pages.answers().acknowledged_by == RECEIVER
    assert RECEIVER in pages.open(pages.of(receiver="manager@vendor.example").acknowledge).text


@pytest.mark.parametrize(("choice", "days"), [("1d", 1), ("1w", 7), ("4w", 28)])
def test_snoozing(pages: Pages, choice: str, days: int) -> None:
    """For as long as was chosen, from now; pressed again the last word counts."""
    url = pages.of().snooze
    assert pages.post(url, f"for={choice}".encode()).status_code == 303
    until = pages.clock() + timedelta(days=days)
    assert (pages.answers().snoozed_until, pages.answers().snoozed_by) == (until, RECEIVER)
    assert f"Snoozed until {until.day} {until:%b} 2026 by {RECEIVER}." in pages.open(url).text
    assert pages.post(url, f"for={choice}".encode()).status_code == 303
    assert pages.answers().snoozed_until == until
    pages.clock.pass_by(days=days, seconds=1)
    assert "Snoozed until" not in pages.open(url).text


@pytest.mark.parametrize("verdict", VERDICTS)
def test_feedback(pages: Pages, verdict: str) -> None:
    """The verdict of the message is chosen already; it is stored once, with the reason, in their name."""
    url = pages.of().feedback[verdict]
    assert f'value="{verdict}" required checked' in pages.open(url).text
    body = f"verdict={verdict}&reason=a+frame+contract%0D%0A%E6%A1%86%E6%9E%B6".encode()
    for _ in range(2):
        assert pages.post(url, body).status_code == 303
    (said,) = pages.said()
    assert (said.verdict, said.author, said.reason) == (verdict, RECEIVER, "a frame contract\n框架")
    assert "Thank you. Your answer of 18 May 2026" in pages.open(url).text


def test_another_answer_may_follow(pages: Pages) -> None:
    """Who pressed the wrong one corrects it on the page, and finds the last one chosen."""
    url = pages.of().feedback["lost"]
    pages.post(url, b"verdict=lost")
    pages.clock.pass_by(minutes=1)
    pages.post(url, b"verdict=they_stay")
    assert [said.verdict for said in pages.said()] == ["lost", "they_stay"]
    assert 'value="they_stay" required checked' in pages.open(url).text


def test_another_s_answer_is_not_mine(pages: Pages) -> None:
    """The page thanks for what its own reader has said."""
    pages.post(pages.of(receiver="manager@vendor.example").feedback["lost"], b"verdict=lost")
    page = pages.open(pages.of().feedback["not_a_risk"]).text
    assert "Thank you" not in page
    assert 'value="not_a_risk" required checked' in page


@pytest.mark.parametrize(
    ("link", "body"),
    [
        ("snooze", b""),
        ("snooze", b"for=9y"),
        ("snooze", b"for=1w&for="),
        ("feedback", b"verdict=erase"),
        ("feedback", b"reason=no+verdict"),
        ("feedback", b"verdict=lost&reason=" + b"x" * 2001),
        ("feedback", b"verdict=lost&reason=%00"),
        ("feedback", b"&".join(b"a=1" for _ in range(50))),
        ("unsubscribe", b""),
        ("unsubscribe", b"List-Unsubscribe=Two-Clicks"),
    ],
)
def test_a_form_that_does_not_fit_changes_nothing(pages: Pages, link: str, body: bytes) -> None:
    """The page comes again and says so."""
    found = pages.of()
    url = found.feedback["lost"] if link == "feedback" else getattr(found, link)
    answer = pages.post(url, body)
    assert answer.status_code == 422
    assert "nothing was changed" in answer.text
    assert "<form" in answer.text
    assert pages.untouched()


def test_one_click_unsubscribing(pages: Pages) -> None:
    """RFC 8058: the provider's post does it at once, without a redirect, in either encoding, and twice."""
    url = pages.of().unsubscribe
    boundary = "----form"
    multipart = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
        f"One-Click\r\n--{boundary}--\r\n"
    )
    for body, kind in (
        (ONE_CLICK, FORM["content-type"]),
        (multipart.encode(), f"multipart/form-data; boundary={boundary}"),
    ):
        for _ in range(2):
            answer = pages.post(url, body, **{"content-type": kind})
            assert answer.status_code == 200
            assert pages.unsubscribed() == [("email", RECEIVER)]
        assert f"Nothing more is sent to {RECEIVER}." in answer.text
        again = pages.post(url, b"subscribe=again")
        assert again.status_code == 200
        assert pages.unsubscribed() == []
        assert "Unsubscribe</button>" in again.text


def test_each_link_does_its_own_thing_only(pages: Pages) -> None:
    """Whatever is posted to a snooze link, it neither acknowledges nor answers nor unsubscribes."""
    found = pages.of()
    everything = b"for=1w&verdict=lost&acknowledge=1&List-Unsubscribe=One-Click&action=acknowledge"
    pages.post(found.snooze, everything)
    assert pages.answers().acknowledged_at is None
    assert pages.answers().snoozed_until is not None
    assert not pages.said()
    assert not pages.unsubscribed()
    for url in (
        found.unsubscribe.replace("/unsubscribe/", "/act/"),
        found.snooze.replace("/act/", "/unsubscribe/"),
    ):
        assert pages.open(url).status_code == 404
        assert pages.post(url, everything).status_code == 404
    assert not pages.unsubscribed()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_link_that_is_not_ours_tells_nothing(pages: Pages, method: str) -> None:
    """Tampered with, of another secret, of an alert that is gone, or no link at all: one page for all."""
    ours = pages.of().acknowledge
    other = SignedLinks(["another secret, which is long enough"], ADDRESS)
    gone = pages.links(change(SHIFT, id="alert_gone"), "email", RECEIVER, "en", pages.clock())
    urls = [
        ours[:-5] + "AAAAA",
        other(SHIFT, "email", RECEIVER, "en", pages.clock()).acknowledge,
        gone.acknowledge,
        f"{ADDRESS}/act/x",
        f"{ADDRESS}/act/" + "x" * 5000,
        f"{ADDRESS}/unsubscribe/%00%ff",
    ]
    found = [pages.post(url) if method == "POST" else pages.open(url, method) for url in urls]
    assert {answer.status_code for answer in found} == {404}
    assert len({answer.text for answer in found}) == 1
    assert pages.untouched()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_has_run_out_says_how_to_go_on(pages: Pages, method: str) -> None:
    """It does nothing any more; unsubscribing still does."""
    found = pages.of()
    pages.clock.pass_by(days=31)
    for url in (found.acknowledge, found.snooze, found.feedback["lost"]):
        answer = pages.post(url, b"for=1w&verdict=lost") if method == "POST" else pages.open(url)
        assert answer.status_code == 410
        assert "This link has expired" in answer.text
        assert f'href="{ADDRESS}/"' in answer.text
    assert pages.untouched()
    assert pages.post(found.unsubscribe, ONE_CLICK).status_code == 200
    assert pages.unsubscribed() == [("email", RECEIVER)]


def test_an_alert_that_is_over_asks_for_nothing(pages: Pages) -> None:
    """The page says so instead of offering a button; it can still be answered."""
    with transaction(pages.engine) as connection:
        body = msgspec.to_builtins(change(SHIFT, status="resolved", retracted=True), str_keys=True)
        connection.execute(sa.update(alerts).values(body=body))
    for url in (pages.of().acknowledge, pages.of().snooze):
        page = pages.open(url).text
        assert "This alert has ended since" in page
        assert "<form" not in page
        assert "Earlier notice no longer holds" in page
    assert "<form" in pages.open(pages.of().feedback["not_a_risk"]).text


def test_hostile_names_are_text(pages: Pages) -> None:
    """What events named the account, and what somebody put into their address, runs nowhere."""
    alert = change(SHIFT, id="alert_hostile", account=AccountCard(name=HOSTILE))
    put_alert(pages.engine, alert)
    found = pages.of(alert, receiver="<b>o</b>@vendor.example")
    pages.post(found.acknowledge)
    for url in every(found):
        page = pages.open(url).text
        assert "<script" not in page
        assert "<b>" not in page


def test_a_page_speaks_the_receiver_s_language(pages: Pages) -> None:
    """The link has it; without one the account's; a stranger's browser is asked."""
    assert '<html lang="zh-Hans">' in pages.open(pages.of(locale="zh_Hans").acknowledge).text
    assert (
        "当" in pages.open(pages.of(locale="zh_Hans").acknowledge).text
        or "采购" in pages.open(pages.of(locale="zh_Hans").acknowledge).text
    )
    chinese = change(SHIFT, id="alert_zh", account=AccountCard(name="华东", locale="zh-CN"))
    put_alert(pages.engine, chinese)
    assert '<html lang="zh-Hans">' in pages.open(pages.of(chinese, locale="").acknowledge).text
    stranger = pages.open(f"{ADDRESS}/act/x", **{"accept-language": "zh-CN,zh;q=0.9"})
    assert '<html lang="zh-Hans">' in stranger.text


def test_too_large_a_body_is_not_read(pages: Pages) -> None:
    """Nobody fills the memory through a link."""
    answer = pages.post(pages.of().acknowledge, b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert pages.untouched()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"List-Unsubscribe": "One-Click"}'),
        ("multipart/form-data", ONE_CLICK),
        ("multipart/form-data; boundary=x", b"--x\r\n" * 1000),
        ("multipart/form-data; boundary=\xff", b"\xff\x00"),
        ("", ONE_CLICK),
    ],
)
def test_what_is_no_form_has_no_fields(pages: Pages, kind: str, body: bytes) -> None:
    """Bodies of other kinds, and broken ones, are a form without its fields."""
    assert pages.post(pages.of().unsubscribe, body, **{"content-type": kind}).status_code == 422
    assert pages.untouched()


def test_a_link_of_another_channel_is_used_in_that_name(pages: Pages) -> None:
    """The history says by which way somebody acted."""
    for channel, via in (("email", "email"), ("apprise", "link")):
        ticket = Ticket("snooze", SHIFT.id, channel, RECEIVER, "en", 30000)
        pages.post(f"{ADDRESS}/act/{pages.links.token(ticket)}", b"for=1d")
        with reading(pages.engine) as connection:
            told = history.of(connection, SHIFT.id)
        assert told[-1].detail["via"] == via
