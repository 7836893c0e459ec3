"""What has helped in such a case: a library of plays, given as data, and the rule that chooses from it."""

from collections.abc import Sequence

import msgspec

from accounts.alert import Play
from accounts.policy import Policy
from accounts.stages import Kind, Stage

_NUMBERS = Policy()
SIGNALS: tuple[str, ...] = (
    *(stream.signal for stream in _NUMBERS.shift_streams),
    *(stream.signal for stream in _NUMBERS.engagement_streams),
    *(stream.signal for stream in _NUMBERS.cadence_streams),
    "silence",
    "recovered",
    "unanswered_requests",
    "fewer_touches",
    "champion_left",
    "champion_silent",
)


class When(msgspec.Struct, frozen=True):
    """A case that a play is for: any of these kinds, stages and strongest signs; none named means all."""

    kinds: tuple[Kind, ...] = ()
    stages: tuple[Stage, ...] = ()
    signals: tuple[str, ...] = ()

    def fits(self, kind: Kind, stage: Stage, signal: str) -> bool:
        """Whether an alert is such a case."""
        named = ((self.kinds, kind), (self.stages, stage), (self.signals, signal))
        return all(not choices or found in choices for choices, found in named)

    @property
    def specificity(self) -> int:
        """How many of the three it names."""
        return sum(map(bool, (self.kinds, self.stages, self.signals)))


class Entry(msgspec.Struct, frozen=True):
    """A play of the library; one without a `when` is never chosen."""

    id: str
    title: str
    steps: tuple[str, ...]
    when: tuple[When, ...]


def choose(library: Sequence[Entry], kind: Kind, stage: Stage, signal: str) -> Play:
    """The play for an alert with this strongest sign.

    Of the cases that fit, the one that names most of kind, stage and sign wins; of equals the first in the
    library.
    """
    fitting = [(when, entry) for entry in library for when in entry.when if when.fits(kind, stage, signal)]
    if not fitting:
        return _NO_PLAY
    when, entry = max(fitting, key=lambda found: found[0].specificity)  # the first of equals
    return Play(entry.id, entry.title, list(entry.steps), _why(when, kind, signal))


def _why(when: When, kind: Kind, signal: str) -> str:
    if when.signals:
        return _sign_words(signal)
    if when.kinds or when.stages:
        return _KIND_WORDS[kind]
    return _ANY_CASE


def _sign_words(signal: str) -> str:
    return _SIGN_WORDS.get(signal, f"{signal.replace('_', ' ')} is the strongest sign")


_SIGN_WORDS = {
    "purchasing_share": "purchasing's seats are the strongest sign",
    "price_talk": "talk of price is the strongest sign",
    "technical_silence": "the engineers have fallen silent most of all",
    "questions_falling": "the engineers ask less and less",
    "unbundling": "unbundled orders are the strongest sign",
    "contacts_slowing": "contacts have slowed most of all",
    "orders_slowing": "orders have slowed most of all",
    "silence": "no order has come for longer than ever",
    "unanswered_requests": "questions wait for an answer",
    "fewer_touches": "we have fallen silent ourselves",
    "specification": "buying by specification is the strongest sign",
    "quick_decisions": "decisions have grown quick most of all",
    "champion_left": "the champion has left",
    "champion_silent": "the champion has fallen silent",
    "executives_withdrawing": "the executives come no more",
    "competitor_named": "a competitor is named",
    "formal_tender": "there is a formal tender",
    "second_sourcing": "a second source is being built up",
}
_KIND_WORDS: dict[Kind, str] = {
    "buying_centre_shift": "the usual first steps when an account is turning to purchasing",
    "decline": "the usual first steps when an account is slowing down",
    "at_risk": "the usual first steps when an account is both shifting and slowing down",
    "lost": "the usual first steps when an account is silent beyond its own rhythm",
    "recovered": "the usual first steps when an account is back",
    "champion_left": "the usual first steps when an account is without its champion",
    "service_gap": "the usual first steps when an account is waiting for answers",
}
_ANY_CASE = "the first steps in every case that no other play is for"
_NO_PLAY = Play(
    "no-play",
    "Read the evidence together and agree on a next step",
    ["Go through the evidence with those who know the account, and agree on who does what by when."],
    "no play in the library is for this case",
)


def texts() -> tuple[str, ...]:
    """Every text beside a library's own that a language needs for plays."""
    reasons = (*map(_sign_words, SIGNALS), *_KIND_WORDS.values(), _ANY_CASE, _NO_PLAY.why)
    return (*reasons, _NO_PLAY.title, *_NO_PLAY.steps)
