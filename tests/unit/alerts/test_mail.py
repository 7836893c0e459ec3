"""Emails: their conversation, their picture, their links, digests, and why somebody gets them."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.alert import AccountCard, Alert, Contact
from alerts.cleaning import is_mailbox
from alerts.digest import digest_of
from alerts.language import ENGLISH, language
from alerts.links import SignedLinks
from alerts.mail import as_html, as_text, compose, in_ascii
from alerts.message import NOTICES, Notice, message_of
from alerts.parcel import Parcel, Picture
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT
from tests.unit.alerts.test_cleaning import HOSTILE
from tests.unit.alerts.test_layouts import HOSTILE_ALERT, Tags
from tests.unit.alerts.test_message import huge

SENDER = "Turnsignal <alerts@vendor.example>"
URL = "https://turnsignal.example.com"
LINKS = SignedLinks(["a secret of this test, long enough"], URL)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
PICTURE = Picture(PNG, 'From "2023" to 2026: <b>shifted</b>')
change = msgspec.structs.replace
OTHER = change(SHIFT, id="alert_other", kind="champion_left")
RECOVERED = change(SHIFT, id="alert_back", kind="recovered", severity="info", stage="stable")


def parcel(
    alert: Alert = SHIFT,
    notice: Notice = "raised",
    role: str = "owner",
    receiver: str = "owner@vendor.example",
    *,
    links: SignedLinks | None = LINKS,
) -> Parcel:
    return Parcel(
        message_id=f"dlv_{alert.id}_{notice}",
        receiver=receiver,
        role=role,
        content=message_of(alert, notice, URL),
        created_at=datetime(2026, 5, 18, 9, tzinfo=UTC),
        alert=alert,
        links=links(alert, "email", receiver, "en", RAISED) if links else None,
    )


def digest(*alerts: Alert, corrected: Alert | None = None, role: str = "owner") -> Parcel:
    told: list[tuple[Alert, Notice]] = [(alert, "raised") for alert in alerts[:1]]
    told += [(corrected, "retracted")] if corrected else []
    return Parcel(
        message_id="dlv_digest",
        receiver="owner@vendor.example",
        role=role,
        content=digest_of(told, alerts[1:], URL, ENGLISH),
        created_at=datetime(2026, 5, 18, 9, tzinfo=UTC),
        links=LINKS(None, "email", "owner@vendor.example", "en", RAISED),
        links_of_each={a.id: LINKS(a, "email", "owner@vendor.example", "en", RAISED) for a in alerts},
    )


def sent(one: Parcel, picture: Picture | None = None, sender: str = SENDER) -> EmailMessage:
    """As a mail program reads it."""
    raw = compose(one, sender, picture).as_bytes()
    return message_from_bytes(raw, policy=policy.default)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_an_account_has_one_conversation() -> None:
    """Every notice of its alerts answers the same message, which nobody needs to have; ids are their own."""
    mails = [sent(parcel(alert, notice)) for alert in (SHIFT, OTHER) for notice in NOTICES]
    for header in ("In-Reply-To", "References", "Thread-Index", "Thread-Topic"):
        assert len({str(mail[header]) for mail in mails}) == 1
    assert len({str(mail["Message-ID"]) for mail in mails}) == len(mails)
    root = str(mails[0]["In-Reply-To"])
    assert root == str(mails[0]["References"])
    assert root.endswith("@vendor.example>")
    assert root not in {str(mail["Message-ID"]) for mail in mails}
    assert "C-1042" not in root
    assert str(mails[0]["Thread-Topic"]) == "Hartwig Automation"


def test_conversations_are_told_apart() -> None:
    """By account and by receiver; digests have one of their own; and the same again tomorrow."""
    mails = [
        sent(parcel()),
        sent(parcel(AT_RISK)),
        sent(parcel(receiver="manager@vendor.example")),
        sent(digest(SHIFT, AT_RISK)),
    ]
    roots = [str(mail["In-Reply-To"]) for mail in mails]
    assert len(set(roots)) == len({str(mail["Thread-Index"]) for mail in mails}) == len(mails)
    assert roots[0] == str(sent(replace(parcel(), message_id="dlv_2", created_at=RAISED))["In-Reply-To"])
    assert roots[3] == str(sent(digest(OTHER))["In-Reply-To"])


def test_outlook_s_index_has_outlook_s_form() -> None:
    """22 bytes: a moment's first six, then what tells conversations apart (MS-OXOMSG 2.2.1.3)."""
    index = base64.b64decode(str(sent(parcel())["Thread-Index"]), validate=True)
    assert len(index) == 22
    assert index[0] == 1


def test_subjects_say_what_they_are() -> None:
    """A reader of subjects alone tells the notices of one alert apart."""
    subjects = {str(sent(parcel(notice=notice))["Subject"]) for notice in NOTICES}
    assert len(subjects) == len(NOTICES) - 1  # an alert's end is no email
    assert all("Hartwig Automation" in subject for subject in subjects)


def test_lists_can_be_told_and_left() -> None:
    """A list of its own for filters; one-click unsubscribing, which only https may offer; digests too."""
    for one in (parcel(), digest(SHIFT)):
        mail = sent(one)
        assert mail["List-Id"] == "Turnsignal <turnsignal.vendor.example>"
        assert one.links is not None
        assert mail["List-Unsubscribe"] == f"<{one.links.unsubscribe}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = SignedLinks(["a secret of this test, long enough"], "http://turnsignal.local")
    assert sent(parcel(links=plain))["List-Unsubscribe-Post"] is None
    assert sent(parcel(links=plain))["List-Unsubscribe"] is not None
    assert sent(parcel(links=None))["List-Unsubscribe"] is None


def test_the_picture_stands_in_the_page() -> None:
    """As a part beside the HTML, by an id that both use, with its sentence for those who do not see it."""
    mail = sent(parcel(), PICTURE)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    (image,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == PNG
    assert image.get_content_disposition() == "inline"
    page = mail.get_body(("html",))
    assert page is not None
    content_id = str(image["Content-ID"]).strip("<>")
    assert f'src="cid:{content_id}"' in page.get_content()
    assert "&lt;b&gt;shifted&lt;/b&gt;" in page.get_content()
    assert 'alt="From &#34;2023&#34;' in page.get_content()
    again = sent(parcel(), PICTURE)
    assert [str(part["Content-ID"]) for part in again.walk()] == [
        str(part["Content-ID"]) for part in mail.walk()
    ]


def test_without_a_picture_there_is_no_place_for_it() -> None:
    """Neither a part nor a broken image."""
    assert "<img" not in as_html(parcel())
    assert "multipart/related" not in sent(parcel()).as_string()


@pytest.mark.parametrize("notice", ["raised", "updated", "refired", "reminder", "escalated"])
def test_every_link_is_in_both_forms(notice: Notice) -> None:
    """Acknowledging, snoozing, each verdict and unsubscribing; as text and as HTML."""
    one = parcel(notice=notice)
    assert one.links is not None
    page = as_html(one)
    wanted = [one.links.acknowledge, one.links.snooze, one.links.unsubscribe, *one.links.feedback.values()]
    links = Tags(page).links
    for link in (*wanted, f"{URL}/accounts/C-1042"):
        assert link in as_text(one).splitlines()
        assert link in links


def test_what_asks_for_nothing_has_no_buttons() -> None:
    """A correction and good news: there is nothing to take up; nor without links."""
    for one in (parcel(notice="retracted"), parcel(RECOVERED)):
        for form in (as_text(one), as_html(one)):
            assert "/act/" not in form
            assert "/unsubscribe/" in form
    assert "/act/" not in as_html(parcel(links=None))
    assert "Unsubscribe" not in as_text(parcel(links=None))


def test_a_digest_tells_each_account() -> None:
    """What was seen, the money, what to do and every link; what is new is marked; what no longer holds."""
    one = digest(SHIFT, AT_RISK, corrected=OTHER)
    for form in (as_text(one), as_html(one).replace("&#39;", "'")):
        said = one_line(form)
        for alert in (SHIFT, AT_RISK):
            message = message_of(alert, "raised", URL)
            for words in (message.account, message.headline, message.bought, message.at_risk, message.play):
                assert words in said
            assert one_line(message.sentence) in said
            assert one.links_of_each[alert.id].acknowledge in form
            assert one.links_of_each[alert.id].snooze in form
            assert str(message.link) in form
        assert "no longer holds" in said.lower()
        assert "2 accounts to look at" in said
        assert "You receive this as the owner of these accounts." in said
        assert one.links is not None
        assert one.links.unsubscribe in form
        assert said.lower().count("· new") + said.lower().count("*new*") == 1


def test_a_digest_of_corrections_alone() -> None:
    """There may be nothing to look at any more."""
    one = digest(corrected=SHIFT)
    assert sent(one)["Subject"] == "1 correction"
    assert "was not right" in one_line(as_text(one))
    assert "/act/" not in as_html(one)


def test_a_digest_names_how_many_more() -> None:
    """Five are told; the rest is on the pages."""
    alerts = [change(SHIFT, id=f"alert_{n}", account_id=f"C-{n}") for n in range(7)]
    for form in (as_text(digest(*alerts)), as_html(digest(*alerts))):
        assert "and 2 more accounts" in form
        assert f"{URL}/" in form


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("owner", "as the owner of the account Hartwig Automation."),
        ("manager", "as the manager responsible for the account Hartwig Automation."),
        ("default", "because no owner with an email address is known for Hartwig Automation."),
        ("key-accounts", "because the routes of Turnsignal send such alerts to key-accounts."),
    ],
)
def test_everybody_learns_why_it_is_them(role: str, words: str) -> None:
    """By their part, in both forms; a digest says the same of several accounts."""
    assert words in one_line(as_text(parcel(role=role)))
    assert words in as_html(parcel(role=role))
    several = one_line(as_text(digest(SHIFT, role=role)))
    assert "You receive this" in several
    assert words.partition(" the account")[0].partition(" for Hart")[0] in several


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        ("raised", ""),
        ("updated", "graver since our last message"),
        ("refired", "had ended, and is seen again"),
        ("reminder", "What we reported on 18 May 2026 still holds, and nobody has acknowledged it."),
        (
            "escalated",
            "Nobody has acknowledged this alert of 18 May 2026; the account’s owner is Owner of the account.",
        ),
        ("retracted", ""),
    ],
)
def test_a_later_notice_says_why_it_comes(notice: Notice, words: str) -> None:
    """Before all figures, and where a list of messages shows a line of it."""
    text, page = one_line(as_text(parcel(notice=notice))), as_html(parcel(notice=notice))
    assert words in text
    assert page.count(words or "no such words") == (2 if words else 0)


def test_an_escalation_of_an_account_without_an_owner() -> None:
    """Nobody is named."""
    ownerless = change(SHIFT, account=AccountCard(name="Hartwig Automation"))
    said = one_line(as_text(parcel(ownerless, "escalated", "manager")))
    assert "Nobody has acknowledged this alert of 18 May 2026. Please see that somebody takes it up." in said


HOSTILE_OWNER = change(
    HOSTILE_ALERT, account=AccountCard(name=HOSTILE, owner=Contact(HOSTILE, "o@vendor.example", None))
)
HALF = change(SHIFT, account_id="\ud800\r\n", account=AccountCard(name="Half \ud800 Acme\u202e", owner=None))


@pytest.mark.parametrize(
    "one",
    [
        parcel(HOSTILE_OWNER, "escalated", HOSTILE),
        digest(HOSTILE_OWNER, change(HOSTILE_OWNER, account_id="C-2"), corrected=HOSTILE_OWNER),
        parcel(HALF),
        digest(HALF),
        parcel(huge()),
        digest(huge()),
    ],
    ids=["escalated", "digest", "half", "half digest", "huge", "huge digest"],
)
def test_what_comes_from_events_stays_words(one: Parcel) -> None:
    """No header, no tag, no turned text, no half character and no endless line is made of a name."""
    mail = sent(one, PICTURE)
    assert mail.defects == []
    assert mail["Bcc"] is None
    assert 0 < len(str(mail["Subject"])) <= 200
    raw = compose(one, SENDER, PICTURE).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    for form in (as_text(one), as_html(one)):
        assert not set(form) & set("\u202e\u2066\0\r\ud800")
    tags = Tags(as_html(one))
    assert tags.open == []
    assert not tags.seen & {"script", "i"}
    assert tags.sources == []
    assert all(link.startswith(f"{URL}/") for link in tags.links)


def test_a_digest_s_text_is_no_wider_than_a_terminal() -> None:
    """But for links, which must not be broken."""
    lines = as_text(digest(SHIFT, AT_RISK, corrected=OTHER)).splitlines()
    assert max(len(line) for line in lines if "http" not in line) <= 78


def test_pages_are_small_enough_to_be_shown_whole() -> None:
    """Gmail cuts off after 102 kB, and leaves out longer style sheets."""
    for one in (parcel(huge()), digest(*(change(huge(), id=f"a{n}", account_id=f"C-{n}") for n in range(9)))):
        page = as_html(one)
        assert len(page.encode()) < 100_000
        styles = [part.partition("</style>")[0] for part in page.split("<style>")[1:]]
        assert max(map(len, styles)) < 8_000


def test_a_dark_client_finds_its_colours() -> None:
    """Each colour that is set on an element has another one for the dark, by either way of asking."""
    page = as_html(parcel())
    media = page.partition("@media (prefers-color-scheme: dark)")[2].partition("</style>")[0]
    for name in ("ground", "card", "panel", "rule", "main", "other", "text", "soft", "ink-warning"):
        assert f".{name} {{" in media or f".{name}, " in media
        assert f"[data-ogsc] .{name}" in page or f"[data-ogsb] .{name}" in page


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("owner@vendor.example", "owner@vendor.example"),
        ("owner@bücher.example", "owner@xn--bcher-kva.example"),
        ("李@例子.example", "李@xn--fsqu00a.example"),
        (f"owner@{'ü' * 70}.example", f"owner@{'ü' * 70}.example"),
        ("owner@a..example", "owner@a..example"),
    ],
)
def test_domains_are_written_as_the_dns_knows_them(address: str, written: str) -> None:
    """So that most addresses in other scripts need no server that knows them; what cannot be stays."""
    assert in_ascii(address) == written


@given(
    st.from_regex(r"[^\s@<>()\[\]\\,;:\"]{1,20}@[^\s@<>()\[\]\\,;:\"]{1,30}", fullmatch=True).filter(
        is_mailbox
    )
)
def test_every_address_that_is_accepted_can_be_written_to(address: str) -> None:
    """Whatever an event gave as one, its message can be made and adds nobody else to it."""
    mail = compose(parcel(receiver=address), SENDER)
    raw = mail.as_bytes(policy=policy.SMTP.clone(utf8=not in_ascii(address).isascii()))
    (line,) = [line for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if line.lower().startswith(b"to:")]
    assert b"," not in line
    assert mail["To"].addresses[0].username == address.rpartition("@")[0]


def test_a_message_in_chinese_says_so() -> None:
    """Screen readers and hyphenation go by it, in the digest as well."""
    spoken = language("zh-CN")
    one = replace(parcel(), content=message_of(SHIFT, "raised", URL, spoken))
    several = replace(digest(SHIFT), content=digest_of([(SHIFT, "raised")], [], URL, spoken))
    assert '<html lang="zh-Hans"' in as_html(one)
    assert '<html lang="zh-Hans"' in as_html(several)
