"""Links that act: what they allow, for how long, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from accounts.feedback import VERDICTS
from alerts.config import NotifierConfig
from alerts.links import LIFETIMES, ExpiredLinkError, SignedLinks, Ticket, UnknownLinkError, make_links
from tests.unit.alerts.samples import SHIFT

URL = "https://turnsignal.example.com/"
OLD, NEW = "an old secret of enough characters", "a new secret of enough characters!"
NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
LINKS = SignedLinks([NEW], URL)
RECEIVER = "owner@vendor.example"


def token(url: str) -> str:
    return url.rpartition("/")[2]


def made(links: SignedLinks = LINKS, now: datetime = NOW) -> dict[str, str]:
    """Every link of one message, by what it is for."""
    found = links(SHIFT, "email", RECEIVER, "en", now)
    rest = {"acknowledge": found.acknowledge, "snooze": found.snooze, "unsubscribe": found.unsubscribe}
    return rest | {f"feedback {verdict}": url for verdict, url in found.feedback.items()}


@pytest.mark.parametrize("purpose", made())
def test_a_link_allows_one_thing_to_one_receiver(purpose: str) -> None:
    """What it is for, of which alert and for whom come back as they went in; unsubscribing is of no alert."""
    url = made()[purpose]
    action, _, verdict = purpose.partition(" ")
    page = "unsubscribe" if action == "unsubscribe" else "act"
    assert url.startswith(f"https://turnsignal.example.com/{page}/")
    ticket = LINKS.read(token(url), NOW)
    assert (ticket.action, ticket.verdict or "") == (action, verdict)
    assert (ticket.channel, ticket.receiver, ticket.locale) == ("email", RECEIVER, "en")
    assert ticket.alert_id == ("" if action == "unsubscribe" else SHIFT.id)


def test_each_purpose_has_a_link_of_its_own() -> None:
    """None can be put in another's place."""
    assert len(set(made().values())) == 3 + len(VERDICTS)


def test_a_message_of_several_alerts_can_be_unsubscribed_from() -> None:
    """There is nothing else to do with it as a whole."""
    found = LINKS(None, "email", RECEIVER, "en", NOW)
    assert found.unsubscribe
    assert not (found.acknowledge)
    assert not (found.snooze)
    assert not found.feedback


def test_a_message_sent_twice_in_a_day_has_the_same_links() -> None:
    """A second attempt is the same message."""
    assert made(now=NOW) == made(now=NOW + timedelta(hours=14))
    assert made(now=NOW) != made(now=NOW + timedelta(hours=15))


@pytest.mark.parametrize("purpose", made())
def test_a_link_runs_out(purpose: str) -> None:
    """It holds on its last day and no longer; what it was for is still known, to say how to go on."""
    secret = token(made()[purpose])
    lifetime = LIFETIMES[LINKS.read(secret, NOW).action]
    assert LINKS.read(secret, NOW + lifetime).receiver == RECEIVER
    with pytest.raises(ExpiredLinkError) as error:
        LINKS.read(secret, NOW + lifetime + timedelta(days=1))
    assert error.value.ticket.receiver == RECEIVER


def test_unsubscribing_outlives_the_rest() -> None:
    """Who wants no more presses it in whatever message is at hand."""
    assert LIFETIMES["unsubscribe"] >= timedelta(days=365)
    assert LIFETIMES["acknowledge"] == LIFETIMES["snooze"] == LIFETIMES["feedback"] == timedelta(days=30)


def test_a_changed_link_is_refused() -> None:
    """Each letter of what it says, and each but the last of its signature, which has bits to spare."""
    secret = token(made()["snooze"])
    for place, letter in enumerate(secret[:-1]):
        changed = secret[:place] + ("A" if letter != "A" else "B") + secret[place + 1 :]
        with pytest.raises(UnknownLinkError):
            LINKS.read(changed, NOW)


def test_one_link_s_signature_fits_no_other() -> None:
    """A snooze cannot be made an acknowledgement by what the message has besides."""
    head = token(made()["acknowledge"]).rpartition(".")[0]
    for purpose, url in made().items():
        if purpose != "acknowledge":
            with pytest.raises(UnknownLinkError):
                LINKS.read(f"{head}.{token(url).rpartition('.')[2]}", NOW)


def test_secrets_are_rotated() -> None:
    """The newest signs, the older ones are still read, and one that was taken out is not."""
    before, between, after = (SignedLinks(secrets, URL) for secrets in ([OLD], [NEW, OLD], [NEW]))
    assert made(between) == made(after) != made(before)
    assert between.read(token(made(before)["snooze"]), NOW).action == "snooze"
    with pytest.raises(UnknownLinkError):
        after.read(token(made(before)["snooze"]), NOW)


def test_the_same_secret_signing_something_else_makes_no_link() -> None:
    """A cookie or another product's token would be taken for one."""
    other = URLSafeSerializer(NEW, signer_kwargs=LINKS._signer.signer_kwargs)
    token = other.dumps(["acknowledge", SHIFT.id, "email", RECEIVER, "en", 99999, None])
    with pytest.raises(UnknownLinkError):
        LINKS.read(str(token), NOW)


@pytest.mark.parametrize(
    "body",
    [
        ["erase", "a", "email", "r", "en", 99999],
        ["snooze", "a", "email", "r", "en"],
        ["snooze", "a", "email", "r", "en", 99999, None, "more"],
        ["snooze", "a", "email", "r", "en", 10**9],
        {"action": "snooze"},
        7,
    ],
)
def test_what_another_version_has_signed_is_refused(body: object) -> None:
    """It has our signature and not our form."""
    with pytest.raises(UnknownLinkError):
        LINKS.read(LINKS._signer.dumps(body), NOW)


@given(st.text(max_size=300) | st.binary(max_size=100).map(lambda b: b.decode("latin-1")))
def test_nothing_else_is_a_link(text: str) -> None:
    """Whatever is put after /act/ is refused in one way."""
    with pytest.raises(UnknownLinkError):
        LINKS.read(text, NOW)


def test_names_of_all_kinds_come_back() -> None:
    """Addresses in other scripts, and ids that events made up."""
    for name in ("zoë@bücher.example", "李@例子.example", 'a"b\\c', "\ud800 half"):
        ticket = Ticket("feedback", name, "email", name, "zh_Hans", 30000, "lost")
        assert LINKS.read(LINKS.token(ticket), NOW) == ticket


def test_links_want_a_secret_and_an_address() -> None:
    """Without either there are none, and a secret that could be guessed is refused and never shown."""
    assert make_links(NotifierConfig(public_url=URL)) is None
    assert make_links(NotifierConfig(link_secrets=(NEW,))) is None
    config = NotifierConfig(public_url=URL, link_secrets=(NEW, OLD))
    found = make_links(config)
    assert found is not None
    assert made(found) == made()
    assert NEW not in repr(config)
    with pytest.raises(ValueError, match="at least 32 characters") as error:
        NotifierConfig(link_secrets=("short",))
    assert "short" not in str(error.value)
