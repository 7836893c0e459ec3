"""Evidence is worded from its numbers, and in another language only where the text is ours."""

import re
from datetime import datetime

import msgspec
import pytest

from accounts.alert import Evidence
from accounts.plays import SIGNALS
from accounts.policy import Policy
from accounts.wording import AGED, WORDINGS, Numbers, said_by, worded

SINCE: Numbers = {"since": "2026-03-02"}
RHYTHM: Numbers = {**SINCE, "weeks": 11, "expected": 8.6, "about": 9}


class Loud:
    """English, but louder."""

    def say(self, text: str, /) -> str:
        return re.sub(r"\w+(?![^{]*})", lambda word: word[0].upper(), text)

    def chosen(self, one: str, many: str, number: int, /) -> str:
        return self.say(one if number == 1 else many)

    def whole_day(self, at: datetime) -> str:
        return f"<{at:%d.%m.%Y}>"


def piece(signal: str, numbers: Numbers, text: str | None = None) -> Evidence:
    said = worded(signal, numbers) if text is None else text
    return Evidence(signal, 1.0, said, [], [], dict(numbers))


@pytest.mark.parametrize(
    ("signal", "numbers", "text"),
    [
        (
            "orders_slowing",
            {**RHYTHM, "count": 1},
            "1 order in the 11 weeks since 2 March 2026; about 9 would be the account's own rhythm",
        ),
        (
            "orders_slowing",
            {**RHYTHM, "count": 0, "cancelled": 1},
            (
                "0 orders, and 1 earlier one cancelled, in the 11 weeks since 2 March 2026; "
                "about 9 would be the account's own rhythm"
            ),
        ),
        (
            "champion_silent",
            {**SINCE, "share": 40, "seats": 9},
            (
                "Whom most talks were with has been silent since the week of 2 March 2026, far longer than "
                "ever, while others talk on; 40 % of their developers' and executives' seats in a year were "
                "theirs"
            ),
        ),
        (
            "competitors",
            {"competitors": 2, "competitors.1.name": "{since}", "competitors.2.name": "Omnidrive"},
            "Competitors named: {since}, Omnidrive",
        ),
        (
            "product_lines",
            {"lines.1.share": 62, "lines.1.name": "drives", "lines.1.worth": 80, "lines.2.share": 38},
            (
                "Where it comes from, by product line: drives 62 %, 80 % of the order value of two years; "
                "what names no line 38 %"
            ),
        ),
        (
            "recovered",
            {"previous_stage": "at_risk", "stage": "stable"},
            "From at risk back to stable: the signs have receded",
        ),
    ],
)
def test_numbers_become_a_sentence(signal: str, numbers: Numbers, text: str) -> None:
    """Singular and plural, what is known and what is not; a name with braces is a name."""
    assert worded(signal, numbers) == text


def test_another_language_says_the_same_numbers() -> None:
    """The text, the date and the words within are the speaker's, also of numbers that JSON made floats."""
    found = piece("recovered", {"previous_stage": "at_risk", "stage": "stable"})
    assert said_by(Loud(), found) == "FROM AT RISK BACK TO STABLE: THE SIGNS HAVE RECEDED"
    told = piece("orders_slowing", {**RHYTHM, "count": 2})
    again = msgspec.json.decode(msgspec.json.encode(told), type=Evidence)
    assert said_by(Loud(), again) == (
        "2 ORDERS IN THE 11 WEEKS SINCE <02.03.2026>; ABOUT 9 WOULD BE THE ACCOUNT'S OWN RHYTHM"
    )
    names: Numbers = {"competitors": 1, "competitors.1.name": "Omnidrive"}
    assert said_by(Loud(), piece("competitors", names)) == "COMPETITORS NAMED: Omnidrive"
    assert said_by(Loud(), piece("price_talk", {}, AGED)) == AGED.upper()


@pytest.mark.parametrize(
    "found",
    [
        piece(
            "orders_slowing", {"count": 2, "expected": 8.6, "weeks": 11}, "2 orders, says the last release"
        ),
        piece("price_talk", {**SINCE, "after": 70, "before": 9}, "Price was all they spoke of"),
        piece("price_talk", {"since": "last week", "after": 70, "before": 9}, "Price was all they spoke of"),
        piece("recovered", {"previous_stage": "angry", "stage": "stable"}, "From angry to stable"),
        piece("tenders", {"tenders": "many"}, "many formal tenders"),
        piece("tenders", {"tenders": float("inf")}, "inf formal tenders"),
        piece("stars", {"moon": 3}, "The moon is in the third house"),
    ],
)
def test_a_text_that_is_not_ours_stays_as_it_is(found: Evidence) -> None:
    """Alerts of an earlier release and other people's detectors: half a translation would be a false one."""
    assert said_by(Loud(), found) == found.text


def test_a_number_that_is_missing_is_no_sentence() -> None:
    """Whoever adds a text and forgets a number sees it at once."""
    with pytest.raises(KeyError, match="since"):
        worded("price_talk", {"after": 1, "before": 2})


def test_every_signal_has_its_text() -> None:
    """A stream that is added to the policy is worded as well."""
    policy = Policy()
    signals = {stream.signal for stream in policy.shift_streams}
    signals |= {stream.signal for stream in (*policy.engagement_streams, *policy.cadence_streams)}
    assert signals | set(SIGNALS) <= WORDINGS.keys()
