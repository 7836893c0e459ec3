"""What people say to an alert, and what the fold and the calibration make of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec

from accounts.stages import Kind
from accounts.weeks import week_of

Verdict = Literal["not_a_risk", "being_handled", "lost", "they_stay"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Use = Literal["useful", "not_useful", "open"]

# They stay: the alert may have been false, or have helped to keep them. Nobody can tell: it is neither.
USE: dict[Verdict, Use] = {
    "being_handled": "useful",
    "lost": "useful",
    "not_a_risk": "not_useful",
    "they_stay": "open",
}

Test = Literal["shift", "cadence", "silence"]
_TESTS: dict[Kind, tuple[Test, ...]] = {
    "buying_centre_shift": ("shift",),
    "decline": ("cadence",),
    "at_risk": ("shift", "cadence"),
    "lost": ("cadence", "silence"),
}

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Feedback(msgspec.Struct, frozen=True):
    """One answer to an alert, as it is stored, listed and read from files."""

    alert_id: str
    account_id: str
    kind: Kind
    verdict: Verdict
    author: str
    reason: str
    at: Moment
    onset_at: Moment
    raised_at: Moment
    applies_from: Moment | None  # the start of the first week not reviewed then; None: a label alone

    @property
    def word(self) -> "Word":
        """What the fold needs of it."""
        applies = self.applies_from or self.at
        return Word(week_of(applies), self.verdict, self.kind, week_of(self.raised_at))


class Word(NamedTuple):
    """An answer in weeks: from when on it holds, and in which week's end its alert was raised."""

    week: int
    verdict: Verdict
    kind: Kind
    raised: int  # the first week after those that raised the alert


class Settled(NamedTuple):
    """What people's words settle in one week: the same for the same set of words, in whatever order."""

    before: dict[Test, int]  # not a risk: what began before this week
    stays: bool = False  # everything that holds an alert up


NOTHING_SETTLED: dict[int, Settled] = {}


def settled(words: Iterable[Word]) -> dict[int, Settled]:
    """What is settled from which week on; being handled and lost change no test."""
    found: dict[int, Settled] = {}
    for word in words:
        if word.verdict == "they_stay":
            known = found.get(word.week, Settled({}))
            found[word.week] = known._replace(stays=True)
        elif word.verdict == "not_a_risk":
            before = found.setdefault(word.week, Settled({})).before
            for test in _TESTS.get(word.kind, ()):
                before[test] = max(before.get(test, word.raised), word.raised)
    return found or NOTHING_SETTLED


def applied(told: Iterable[Feedback]) -> list[Word]:
    """The words of those that a fold heeds."""
    return [one.word for one in told if one.applies_from is not None]


def last_words(told: Iterable[Feedback]) -> list[Feedback]:
    """Of each alert the latest answer: who looks again may know better."""
    latest: dict[str, Feedback] = {}
    for one in sorted(told, key=lambda one: (one.at, one.verdict, one.author)):
        latest[one.alert_id] = one
    return list(latest.values())


def by_account(told: Iterable[Feedback]) -> dict[str, list[Feedback]]:
    """Feedback by the account it is of."""
    found: dict[str, list[Feedback]] = {}
    for one in told:
        found.setdefault(one.account_id, []).append(one)
    return found


class Labels(NamedTuple):
    """What people's last words tell a calibration of one account."""

    real: bool = False  # an alert was handled, or the account is lost
    false: tuple[tuple[int, int], ...] = ()  # (first, last) week of each stretch that was no risk


UNLABELLED = Labels()


def labels(told: Iterable[Feedback]) -> Labels:
    """An account's labels; who stays labels nothing, as it is neither useful nor not."""
    words = [one.word for one in last_words(told)]
    return Labels(
        real=any(USE[word.verdict] == "useful" for word in words),
        false=tuple((word.raised - 1, word.week) for word in words if word.verdict == "not_a_risk"),
    )
