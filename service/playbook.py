"""Plays on disk: those that come along, and the vendor's own, which add to them or override them."""

import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from accounts.plays import SIGNALS, Entry, When
from accounts.stages import STAGES, Kind
from service.failures import Failure

BUILT_IN = "service/plays.toml"
_FIELDS = ("id", "title", "steps", "when")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_ID, _LONGEST_TITLE, _LONGEST_STEP, _MOST_STEPS = 64, 150, 300, 4  # what a message shows whole
_CHOICES: dict[str, tuple[str, ...]] = {
    "kinds": get_args(Kind),
    "stages": STAGES,
    "signals": SIGNALS,
}


@cache
def built_in() -> tuple[Entry, ...]:
    """The plays that come along."""
    return tuple(_read(built_in_text(), BUILT_IN, {}))


def built_in_text() -> str:
    """Their file, as a beginning for one's own."""
    return resources.files("service").joinpath("plays.toml").read_text("utf-8")


def own(file: str | Path) -> tuple[Entry, ...]:
    """The plays of a vendor's file alone; raises Failure that names each that is wrong."""
    try:
        text = Path(file).read_text("utf-8")
    except OSError as error:
        raise Failure(f"cannot read the plays of {file}: {error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise Failure(f"{file}: not UTF-8", 2) from None
    return tuple(_read(text, str(file), {entry.id: entry for entry in built_in()}))


def library(file: str | Path | None) -> tuple[Entry, ...]:
    """All plays, the vendor's before those that come along, of which it overrides some."""
    if file is None:
        return built_in()
    first = own(file)
    overridden = {entry.id for entry in first}
    return (*first, *(entry for entry in built_in() if entry.id not in overridden))


def _read(text: str, file: str, known: dict[str, Entry]) -> list[Entry]:
    """The entries of a file; what an entry leaves out it has from the known one of its id."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{file}: not TOML: {error}", 2) from None
    problems = [f"{name}: there is no such table; plays stand in [[play]]" for name in data if name != "play"]
    plays = data.get("play", [])
    if not isinstance(plays, list) or not all(isinstance(play, dict) for play in plays):
        raise Failure(f"{file}: play: write each as a table of its own, under [[play]]", 2)
    found: list[Entry] = []
    for number, play in enumerate(plays, start=1):
        reader = _Reader(play, number, known)
        entry = reader.entry()
        if not reader.problems and entry.id in {other.id for other in found}:
            reader.wrong("id", "stands in this file twice")
        problems += reader.problems
        found.append(entry)
    if problems:
        raise Failure("\n  ".join([f"{file} has plays that are wrong:", *problems]), 2)
    return found


class _Reader:
    """One play of a file, and all that is wrong with it."""

    def __init__(self, play: dict[str, Any], number: int, known: dict[str, Entry]) -> None:
        self._play = play
        given = play.get("id")
        self._id = given if isinstance(given, str) else ""
        self._name = f"play {given!r}" if self._id else f"play number {number}"
        self._known = known.get(self._id)
        self.problems: list[str] = []

    def wrong(self, field: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(f"{self._name}: {field}: {message}")

    def entry(self) -> Entry:
        """The play; worth nothing where there are problems."""
        for field in sorted(self._play.keys() - set(_FIELDS)):
            self.wrong(field, f"there is no such field; known are {', '.join(_FIELDS)}")
        if not _ID.fullmatch(self._id) or len(self._id) > _LONGEST_ID:
            self.wrong("id", f"must be at most {_LONGEST_ID} of a-z, 0-9 and single hyphens, as total-cost")
        return Entry(self._id, self._title(), self._steps(), self._when())

    def _missing(self, field: str) -> bool:
        if field not in self._play and self._known is None:
            self.wrong(field, "is missing; only a play that overrides a built-in one may leave it out")
        return field not in self._play

    def _title(self) -> str:
        if self._missing("title"):
            return self._known.title if self._known else ""
        return self._text("title", self._play["title"], _LONGEST_TITLE)

    def _steps(self) -> tuple[str, ...]:
        if self._missing("steps"):
            return self._known.steps if self._known else ()
        steps = self._play["steps"]
        if not isinstance(steps, list) or not 1 <= len(steps) <= _MOST_STEPS:
            self.wrong("steps", f"must be a list of one to {_MOST_STEPS} texts: a message shows no more")
            return ()
        return tuple(self._text("steps", step, _LONGEST_STEP) for step in steps)

    def _text(self, field: str, value: object, longest: int) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= longest and value.isprintable():
            return value
        self.wrong(field, f"must be a text of one to {longest} characters in one line, not {value!r}")
        return ""

    def _when(self) -> tuple[When, ...]:
        if self._missing("when"):
            return self._known.when if self._known else ()
        cases = self._play["when"]
        cases = [cases] if isinstance(cases, dict) else cases
        if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
            self.wrong("when", "must be a table of kinds, stages and signals, or a list of such tables")
            return ()
        return tuple(self._case(case) for case in cases)

    def _case(self, case: dict[str, Any]) -> When:
        for field in sorted(case.keys() - _CHOICES.keys()):
            self.wrong(f"when.{field}", f"there is no such condition; known are {', '.join(_CHOICES)}")
        return When(**{field: self._choices(field, case.get(field, [])) for field in _CHOICES})

    def _choices(self, field: str, values: object) -> tuple[Any, ...]:
        allowed = ", ".join(_CHOICES[field])
        if not isinstance(values, list):
            self.wrong(f"when.{field}", f"must be a list of {allowed}")
            return ()
        for value in values:
            if value not in _CHOICES[field]:
                self.wrong(f"when.{field}", f"{value!r} is none of {allowed}")
        return tuple(values)
