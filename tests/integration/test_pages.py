"""The pages, as a browser would be given them."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser

import msgspec

from accounts.alert import AccountCard, Contact, Evidence, Play
from alerts.message import message_of
from service.simulation import STORY_ACCOUNT
from storage import history
from storage.engine import transaction
from storage.history import Entry
from tests.integration.serving import HOSTILE, migrated, open_client, put_account, put_alert, put_story
from tests.unit.alerts.samples import AT_RISK, OWNER, RAISED, SHIFT


class Tags(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_first_page_lists_accounts_by_value_at_risk(database_url: str) -> None:
    """With stage, who decides, and what is open in a few words."""
    with migrated(database_url) as engine:
        put_account(engine, "D-9", "10.5")
        put_account(engine, SHIFT.account_id, "7352000", stage="shifted", led_by="purchasing")
        put_alert(engine, SHIFT)
        client = open_client(engine)
        page, shifted = Tags(client.get("/").text), Tags(client.get("/?stage=shifted").text)
    text = " ".join(page.text.split())
    assert text.index(f"Account {SHIFT.account_id}") < text.index("Account D-9")
    assert "EUR 7.4 million" in text
    assert "Purchasing now leads" in text
    assert "shifted 1" in text
    assert "Account D-9" not in shifted.text


def test_an_account_s_page_says_who_was_told_and_answered(database_url: str) -> None:
    """The newest first, with what waits and why; nothing in it runs."""
    about = {"role": "owner", "channel": "email", "receiver": HOSTILE, "notice": "raised"}
    until = {"reason": "outside_hours", "until": "2026-05-19T08:00:00+00:00"}
    with migrated(database_url) as engine:
        put_account(engine, SHIFT.account_id, "10.5")
        put_alert(engine, SHIFT)
        with transaction(engine) as connection:
            history.add(
                connection,
                [
                    Entry(SHIFT.id, RAISED, "received", {"decisions": ["slack to owner: sent"]}),
                    Entry(SHIFT.id, RAISED, "waits", about | until),
                    Entry(SHIFT.id, RAISED, "delivered", about),
                    Entry(SHIFT.id, RAISED, "acknowledged", {"author": "dana"}),
                ],
            )
        page = Tags(open_client(engine).get(f"/accounts/{SHIFT.account_id}").text)
    text = " ".join(page.text.split())
    answered, told = text.index("Acknowledged by dana"), text.index("Told owner by email (<script>")
    assert answered < told < text.index("Waits until 2026-05-19 08:00 (for working hours)")
    assert "slack to owner" not in text
    assert "script" not in page.names


def test_the_pages_say_what_no_sum_holds(sqlite_url: str) -> None:
    """Another currency beside the own one, and money that no rate makes comparable."""
    left = [{"amount": 12000.0, "currency": "XTS"}]
    base = {"base_at_risk": Decimal(4000), "base_currency": "EUR", "currency": "USD", "not_converted": left}
    with migrated(sqlite_url) as engine:
        put_account(engine, "A-1", "5000", **base)
        put_account(engine, "B-1", "5000", currency="XTS", not_converted=left)
        client = open_client(engine)
        pages = [" ".join(Tags(client.get(at).text).text.split()) for at in ("/", "/accounts/A-1")]
    for page in pages:
        assert "plus XTS 12,000 not converted: no rate" in page
        assert "EUR 4,000" in page
    assert "those whose currency has no rate come after the others" in pages[0]
    assert pages[0].count("not converted") == 1


def test_the_page_has_the_signs_that_messages_leave_out(sqlite_url: str) -> None:
    """An email says that the rest stands on the account's page: so it does."""
    pieces = [Evidence("price_talk", 4 - number / 2, f"Sign number {number}.", [], []) for number in range(8)]
    alert = msgspec.structs.replace(SHIFT, evidence=pieces)
    assert message_of(alert, "raised", None).more == "and 4 more signs"
    with migrated(sqlite_url) as engine:
        put_account(engine, alert.account_id)
        put_alert(engine, alert)
        page = Tags(open_client(engine).get(f"/accounts/{alert.account_id}").text).text
    assert [piece.text for piece in pieces if piece.text not in page] == []
    assert "more sign" not in page


def test_an_empty_house_says_what_to_do(sqlite_url: str) -> None:
    """The first thing a newcomer sees."""
    with migrated(sqlite_url) as engine:
        assert "Accounts appear with their first event" in open_client(engine).get("/").text


def test_many_accounts_come_page_by_page(sqlite_url: str) -> None:
    """The link to the next page keeps the chosen stage."""
    with migrated(sqlite_url) as engine:
        for number in range(101):
            put_account(engine, f"C-{number:03}", f"{1000 - number}", stage="watch")
        client = open_client(engine)
        (link,) = re.findall(r'href="(/\?stage=watch&amp;cursor=[^"]+)"', client.get("/?stage=watch").text)
        second = client.get(link.replace("&amp;", "&")).text
    assert re.findall(r"Account C-\d+", second) == ["Account C-100"]


def test_an_account_answers_why(database_url: str) -> None:
    """Headline, both ends, evidence, people, money, what to do, picture and history: of a played account."""
    with migrated(database_url) as engine:
        put_story(engine)
        client = open_client(engine)
        page = client.get(f"/accounts/{STORY_ACCOUNT}").text
        (wide,) = re.findall(r'<img src="([^"]+)"', page)
        (narrow,) = re.findall(r'<source [^>]*srcset="([^"]+)"', page)
        images = [client.get(address.replace("&amp;", "&")) for address in (wide, narrow)]
    text = Tags(page).text
    for said in (
        "The buying centre has shifted",
        "purchasing-led since",
        "Who decides",
        "Purchasing held",
        "People involved",
        "future orders at risk",
        "What to do",
        "of the threshold",
    ):
        assert said in text
    (alt,) = (value for name, value in Tags(page).attributes if name == "alt")
    assert alt.startswith("Timeline from ")
    assert "stage: at risk" in alt
    for image, width in zip(images, (900, 500), strict=True):
        assert image.headers["content-type"] == "image/svg+xml"
        assert "Orders in four weeks, USD" in image.text
        assert f'width="{width}"' in image.text
        assert f"<title>{alt}</title>" in image.text


def test_the_gravest_comes_first_and_the_past_last(sqlite_url: str) -> None:
    """The newest alert is told whole; older ones that hold are folded, those that are over are named."""
    later = msgspec.structs.replace(AT_RISK, raised_at=RAISED.replace(day=25))
    earlier = msgspec.structs.replace(SHIFT, account_id=later.account_id)
    over = msgspec.structs.replace(earlier, id="alert_over", status="resolved", retracted=True)
    with migrated(sqlite_url) as engine:
        put_account(engine, later.account_id, "1", stage="at_risk")
        for alert in (earlier, later, over):
            put_alert(engine, alert)
        text = Tags(open_client(engine).get(f"/accounts/{later.account_id}").text).text
    order = [text.index(said) for said in ("slowing down", "Also open", "Earlier alerts", "no longer holds")]
    assert order == sorted(order)


def test_an_account_without_alerts_says_so(sqlite_url: str) -> None:
    """Nothing to warn of is an answer too."""
    with migrated(sqlite_url) as engine:
        put_account(engine, "calm")
        put_account(engine, "new", stage="learning", card=None)
        client = open_client(engine)
        assert "Nothing was seen" in client.get("/accounts/calm").text
        assert "still learning" in client.get("/accounts/new").text
        assert client.get("/accounts/none").status_code == 404


def test_hostile_names_stay_text(database_url: str) -> None:
    """Whatever a CRM holds, it becomes neither an element nor an attribute of the page."""
    hostile = msgspec.structs.replace(
        SHIFT,
        account_id=HOSTILE,
        evidence=[Evidence("purchasing_share", 4.0, HOSTILE, [HOSTILE], [HOSTILE])],
        play=Play("p", HOSTILE, [HOSTILE], HOSTILE),
        account=AccountCard(name=HOSTILE, segment=HOSTILE, owner=Contact(HOSTILE, OWNER.email)),
    )
    card = {"name": HOSTILE, "segment": HOSTILE, "owner": {"name": HOSTILE, "email": "x"}}
    with migrated(database_url) as engine:
        put_account(engine, HOSTILE, "1", card=card, currency="<i>", stage="shifted")
        put_alert(engine, hostile)
        client = open_client(engine)
        first = client.get("/").text
        (link,) = re.findall(r'<td><a href="([^"]+)"', first)
        account = client.get(link).text
    for page in (first, account):
        tags = Tags(page)
        assert not {"script", "b", "i"} & set(tags.names)
        assert "<script>alert" in tags.text
        assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]


def test_a_page_may_run_nothing_and_load_nothing(sqlite_url: str) -> None:
    """The policy allows our own style sheet by its hash, and the page asks for nothing else."""
    with migrated(sqlite_url) as engine:
        put_account(engine, "a", "1")
        answers = [open_client(engine).get(url) for url in ("/", "/accounts/a")]
    for answer in answers:
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(sha256(style.encode()).digest()).decode()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert f"style-src 'sha256-{digest}';" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        tags = Tags(answer.text)
        assert not {"script", "link", "img", "iframe", "form"} & set(tags.names)
        assert not re.search(r"url\(|@import|https?:", answer.text)
