"""What a receiver is told, whatever the alert."""

from datetime import timedelta
from typing import get_args

import msgspec
import pytest

from accounts.alert import AccountCard, Alert, Evidence, Play
from accounts.stages import Kind
from alerts.message import NOTICES, Notice, message_of
from tests.unit.alerts.samples import AT_RISK, SHIFT

URL = "https://turnsignal.example.com/"
change = msgspec.structs.replace


def test_a_shift_names_both_ends_money_evidence_steps_and_link() -> None:
    """The ten seconds: who decides, since when, on what evidence, what is at stake, what to do, where."""
    message = message_of(SHIFT, "raised", URL)
    assert message.account == "Hartwig Automation"
    assert message.headline == "The buying centre has shifted"
    assert message.sentence == "Development-led since 2023, purchasing-led since April 2026."
    assert (message.decides, message.decides_since) == ("Purchasing", "since April 2026, before: development")
    assert message.bought == "EUR 4.9 million a year"
    assert [line.strength for line in message.evidence] == ["strong", "clear", "some", None]
    assert message.more == "and 1 more sign"
    assert message.evidence[0].names.endswith("and 3 more")
    assert len(message.steps) == 3
    assert message.link == "https://turnsignal.example.com/accounts/C-1042"
    assert message.subject == "Hartwig Automation: purchasing now leads"


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_no_message_prophesies(kind: Kind, notice: Notice) -> None:
    """It says what was seen; never that an account will churn."""
    message = message_of(change(SHIFT, kind=kind), notice, URL)
    words = f"{message.subject} {message.headline} {message.sentence}".lower()
    assert "churn" not in words
    assert "will" not in words.split()
    assert "{" not in words


def test_a_shift_that_has_not_turned_the_lead_says_so() -> None:
    """Still led by development: the headline does not claim more than was seen."""
    message = message_of(change(SHIFT, led_by="development", led_by_since=None), "raised", URL)
    assert message.headline == "The buying centre is shifting"
    assert "Still development-led" in message.sentence
    assert message.decides_since == ""


def test_a_slowdown_names_what_slowed() -> None:
    """Orders, contacts or both: as the evidence has it."""
    pieces = [Evidence(f"{word}_slowing", 2.0, word, [], []) for word in ("contacts", "orders")]
    decline = change(SHIFT, kind="decline", evidence=pieces)
    assert message_of(decline, "raised", URL).sentence.startswith("Orders and contacts below")
    alone = change(decline, evidence=pieces[:1])
    assert message_of(alone, "raised", URL).sentence.startswith("Contacts below")
    assert "; orders below" in message_of(AT_RISK, "raised", URL).sentence


@pytest.mark.parametrize(
    ("signal", "headline", "words"),
    [
        ("champion_left", "Its champion has left", "has been gone since"),
        ("champion_silent", "Its champion has fallen silent", "has said nothing since"),
    ],
)
def test_a_champion_who_is_silent_is_not_said_to_have_left(signal: str, headline: str, words: str) -> None:
    """Whoever calls about a colleague who left and finds them at their desk trusts no further message."""
    evidence = [Evidence(signal, 0.0, "Dora (CTO) is gone", ["Dora (CTO)"], ["crm:1"])]
    alert = change(SHIFT, kind="champion_left", severity="info", evidence=evidence)
    message = message_of(alert, "raised", URL)
    assert message.headline == headline
    assert words in message.sentence
    assert message.evidence[0].names == ""  # the text has the name already


def test_our_own_silence_is_told_as_ours() -> None:
    """A service gap may be fewer answers or fewer calls: the words claim neither, and blame no customer."""
    message = message_of(change(SHIFT, kind="service_gap"), "raised", URL)
    assert message.headline == "Our side has grown quiet"
    assert message.sentence == (
        "They go on asking and buying; our answers or calls have become fewer since March 2026."
    )
    assert message.subject == "Hartwig Automation: hears less from us"


def test_good_news_claims_no_more_than_was_seen() -> None:
    """Who is back from declining may be shifting all the same: there are fewer signs, no old rhythm."""
    message = message_of(change(SHIFT, kind="recovered", stage="watch"), "raised", URL)
    assert message.headline == "The warning signs have receded"
    assert "rhythm" not in f"{message.sentence}{message.subject}"


def test_an_account_led_by_purchasing_before_is_not_called_turned() -> None:
    """What was so before is not told as a change."""
    message = message_of(change(SHIFT, previously_led_by="purchasing"), "raised", URL)
    assert message.headline == "The buying centre is shifting"
    assert message.sentence == "Purchasing-led, and more so since March 2026."
    at_risk = change(AT_RISK, previously_led_by="purchasing")
    assert message_of(at_risk, "raised", URL).headline.startswith("The buying centre is shifting")


def test_an_unknown_beginning_is_not_invented() -> None:
    """Where nobody knows since when, no year is named."""
    assert "for as long as it is known" in message_of(AT_RISK, "raised", URL).sentence


def test_silence_stands_first_although_its_sum_is_zero() -> None:
    """A lost account's evidence is the silence, not the sums that went before."""
    silence = Evidence("silence", 0.0, "No order in the 40 weeks since 2 March 2026", [], [])
    alert = change(SHIFT, kind="lost", evidence=[*SHIFT.evidence, silence])
    assert message_of(alert, "raised", URL).evidence[0].text.startswith("No order")


def test_what_was_taken_off_is_not_evidence() -> None:
    """Clipping explains the sum, not the account."""
    alert = change(SHIFT, evidence=SHIFT.evidence[-1:])
    assert message_of(alert, "raised", URL).evidence == ()


def test_a_correction_is_short() -> None:
    """It takes the old notice back and asks for nothing."""
    message = message_of(change(SHIFT, status="resolved", retracted=True), "retracted", URL)
    assert message.evidence == ()
    assert message.steps == ()
    assert message.subject == "Correction: Hartwig Automation: earlier notice no longer holds"
    assert "18 May 2026" in message.sentence


def test_an_account_without_a_name_is_called_by_its_id() -> None:
    """Also where the name is nothing but marks that are not shown."""
    for name in (None, "", "\u202e\x00"):
        message = message_of(change(SHIFT, account=AccountCard(name=name)), "raised", None)
        assert message.account == "Account C-1042"
        assert message.link is None


def test_the_link_cannot_leave_its_place() -> None:
    """An account's id is quoted whole, slashes and question marks too."""
    message = message_of(change(SHIFT, account_id="../a b?x=<1>#"), "raised", URL)
    assert message.link == "https://turnsignal.example.com/accounts/..%2Fa%20b%3Fx%3D%3C1%3E%23"


def huge() -> Alert:
    """An alert in which everything is as long as a hostile detector could make it."""
    text = "W<*_&" * 2000
    evidence = [Evidence("s", 5.0, text, [text] * 50, [text] * 50) for _ in range(100)]
    return change(
        SHIFT,
        id="a" * 500,
        account_id="/" * 500,
        account=AccountCard(name=text, owner=SHIFT.account.owner),
        evidence=evidence,
        play=Play("p", text, [text] * 100, text),
        raised_at=SHIFT.raised_at + timedelta(days=1),
    )


def test_everything_is_bounded() -> None:
    """No message grows with what it is fed."""
    message = message_of(huge(), "raised", URL)
    assert len(message.evidence) == 4
    assert message.more == "and 96 more signs"
    assert len(message.steps) == 4
    assert max(map(len, (message.account, message.subject, message.play, *message.steps))) <= 300
