"""What evidence says, as texts that are filled in from its numbers, in English or another language.

Where a signal has several texts, the first says it for which the numbers have everything.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from string import Formatter
from typing import NamedTuple, Protocol

from accounts.alert import Evidence
from accounts.pieces import day
from accounts.stages import STAGES

Numbers = Mapping[str, float | str]


class Wording(NamedTuple):
    """A text with numbers' names in braces; `one` where the number called `by` is 1."""

    text: str
    one: str = ""
    by: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What it is filled in from."""
        return _names(self.text)


@cache
def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


class Speaker(Protocol):
    """A language to say texts in."""

    def say(self, text: str, /) -> str:
        """A text in this language."""

    def chosen(self, one: str, many: str, number: int, /) -> str:
        """The one of two texts that is right for a number, in this language, nothing filled in."""

    def whole_day(self, at: datetime) -> str:
        """A date in words."""


AGED = "The events behind this have aged out of the account's evidence"
_RHYTHM = "in the {weeks} weeks since {since}; about {about} would be the account's own rhythm"
_TALKS = "talks since {since}"
_OPPORTUNITIES = "opportunities since {since}"
_GONE = "{share} % of their developers' and executives' seats in a year were theirs"
_SILENT = "has been silent since the week of {since}, far longer than ever, while others talk on"
_SEATS = "Purchasing held {after} % of the known seats at {events} occasions since {since}, {before} % before"

WORDINGS: Mapping[str, tuple[Wording, ...]] = {
    "purchasing_share": (
        Wording(f"{_SEATS} ({{people}} people)", f"{_SEATS} ({{people}} person)", "people"),
    ),
    "price_talk": (Wording("Price was {after} % of what was talked about since {since}, {before} % before"),),
    "unbundling": (
        Wording(
            "{after} % of the order value since {since} came as components or without service, "
            "{before} % before"
        ),
    ),
    "technical_silence": (
        Wording(f"{{after}} % of the {_TALKS} asked nothing technical, {{before}} % before"),
    ),
    "specification": (
        Wording(f"{{after}} % of the {_OPPORTUNITIES} were by specification, {{before}} % before"),
    ),
    "formal_tender": (
        Wording(f"{{after}} % of the {_OPPORTUNITIES} were formal tenders, {{before}} % before"),
    ),
    "competitor_named": (
        Wording(f"{{after}} % of the {_OPPORTUNITIES} named a competitor, {{before}} % before"),
    ),
    "second_sourcing": (
        Wording(
            "{after} % of what we won since {since} we won beside a named competitor, a second source; "
            "{before} % before"
        ),
    ),
    "quick_decisions": (
        Wording("{after} % of the decisions since {since} took less than six weeks, {before} % before"),
    ),
    "questions_falling": (
        Wording(
            f"{{count}} talks asked something technical {_RHYTHM}",
            f"{{count}} talk asked something technical {_RHYTHM}",
            "count",
        ),
    ),
    "executives_withdrawing": (
        Wording(
            f"{{count}} talks had an executive of theirs in them {_RHYTHM}",
            f"{{count}} talk had an executive of theirs in them {_RHYTHM}",
            "count",
        ),
    ),
    "contacts_slowing": (Wording(f"{{count}} contacts {_RHYTHM}", f"{{count}} contact {_RHYTHM}", "count"),),
    "orders_slowing": (
        Wording(
            f"{{count}} orders, and {{cancelled}} earlier ones cancelled, {_RHYTHM}",
            f"{{count}} orders, and {{cancelled}} earlier one cancelled, {_RHYTHM}",
            "cancelled",
        ),
        Wording(f"{{count}} orders {_RHYTHM}", f"{{count}} order {_RHYTHM}", "count"),
    ),
    "silence": (
        Wording("No order in the {weeks} weeks since {since}; before, one about every {between} weeks"),
    ),
    "recovered": (Wording("From {previous_stage} back to {stage}: the signs have receded"),),
    "unanswered_requests": (
        Wording(
            "{answers} of {requests} requests since {since} are known answered; usual are {usual_share} %"
        ),
    ),
    "fewer_touches": (
        Wording("We began {touches} talks in the {weeks} weeks since {since}; usual are about {usual}"),
    ),
    "champion_left": (
        Wording(f"{{name}} left in the week of {{since}}; {_GONE}"),
        Wording(f"Whom most talks were with left in the week of {{since}}; {_GONE}"),
    ),
    "champion_silent": (
        Wording(f"{{name}} {_SILENT}; {_GONE}"),
        Wording(f"Whom most talks were with {_SILENT}; {_GONE}"),
    ),
    "competitors": (Wording("Competitors named: {competitor_names}"),),
    "tenders": (Wording("{tenders} formal tenders", "{tenders} formal tender", "tenders"),),
    "projects_ended": (
        Wording(
            "{projects} projects ended without us, lost or withdrawn",
            "{projects} project ended without us, lost or withdrawn",
            "projects",
        ),
    ),
    "product_lines": (Wording("Where it comes from, by product line: {product_lines}"),),
    "clipped": (Wording("Taken off: no single week may decide, and the sum has a ceiling"),),
}
# One of several product lines; their numbers are called "lines.1.share", "lines.2.share" and so on.
_LINE = (
    Wording("{name} {share} %, {worth} % of the order value of two years"),
    Wording("{name} {share} %"),
    Wording("what names no line {share} %"),
)
_BETWEEN_NAMES, _BETWEEN_LINES = ", ", "; "
_STAGE_WORDS = {stage: stage.replace("_", " ") for stage in STAGES}


def texts() -> Iterator[Wording]:
    """Every text that a language needs for evidence."""
    for wordings in WORDINGS.values():
        yield from wordings
    yield from _LINE
    yield from (Wording(text) for text in (AGED, _BETWEEN_NAMES, _BETWEEN_LINES, *_STAGE_WORDS.values()))


def worded(signal: str, numbers: Numbers) -> str:
    """What a signal of ours says of these numbers, in English; raises KeyError where one is missing."""
    return _filled(_fitting(WORDINGS[signal], numbers), numbers, _ENGLISH)


def said_by(speaker: Speaker, evidence: Evidence) -> str:
    """A piece of evidence in another language; as it stands where its text is none of ours.

    Evidence of an earlier release lacks numbers, and other detectors have texts of their own: what the
    numbers say in English must be the very text.
    """
    if evidence.text == AGED:
        return speaker.say(AGED)
    try:
        wording = _fitting(WORDINGS[evidence.signal], evidence.numbers)
        if _filled(wording, evidence.numbers, _ENGLISH) == evidence.text:
            return _filled(wording, evidence.numbers, speaker)
    except (LookupError, ValueError, OverflowError):
        pass
    return evidence.text


def _fitting(wordings: tuple[Wording, ...], numbers: Numbers) -> Wording:
    for wording in wordings:
        if all(_known_as(name) in numbers for name in wording.names):
            return wording
    raise KeyError(wordings[-1].names - numbers.keys())


def _known_as(name: str) -> str:
    return {"competitor_names": "competitors.1.name", "product_lines": "lines.1.share"}.get(name, name)


def _filled(wording: Wording, numbers: Numbers, speaker: Speaker) -> str:
    if wording.by:
        text = speaker.chosen(wording.one, wording.text, int(numbers[wording.by]))
    else:
        text = speaker.say(wording.text)
    return text.format_map({name: _value(name, numbers, speaker) for name in wording.names})


def _value(name: str, numbers: Numbers, speaker: Speaker) -> str:
    match name:
        case "since":
            at = datetime.fromisoformat(str(numbers[name]))
            return speaker.whole_day(at.replace(tzinfo=UTC))
        case "stage" | "previous_stage":
            return speaker.say(_STAGE_WORDS[str(numbers[name])])  # type: ignore[index]
        case "competitor_names":
            names = [str(one["name"]) for one in _numbered(numbers, "competitors")]
            return speaker.say(_BETWEEN_NAMES).join(names)
        case "product_lines":
            lines = _numbered(numbers, "lines")
            words = [_filled(_fitting(_LINE, line), line, speaker) for line in lines]
            return speaker.say(_BETWEEN_LINES).join(words)
    value = numbers[name]
    return value if isinstance(value, str) else f"{value:.0f}"


def _numbered(numbers: Numbers, called: str) -> Iterator[dict[str, float | str]]:
    """The first of several things, the second, and so on."""
    for number in range(1, len(numbers) + 1):
        names = {name: f"{called}.{number}.{name}" for name in ("name", "share", "worth")}
        if not (found := {name: numbers[key] for name, key in names.items() if key in numbers}):
            return
        yield found


class _English:
    def say(self, text: str, /) -> str:
        return text

    def chosen(self, one: str, many: str, number: int, /) -> str:
        return one if number == 1 else many

    def whole_day(self, at: datetime) -> str:
        return day(at)


_ENGLISH = _English()
