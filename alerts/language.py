"""A receiver's language: texts from its catalogue, and numbers, dates and money as it writes them.

English is the language of the sources; every other one is a file, alerts/locales/<locale>.po.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from typing import Literal
from unicodedata import east_asian_width

from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent, get_currency_name

_SOURCE = "en"
_MONTH_IS_TOO_FINE = timedelta(days=540)
_CURRENCY = re.compile(r"[A-Z]{3}")
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})([_-](?P<script>[a-z]{4}))?([_-](?P<territory>[a-z]{2}|\d{3}))?([._@-].*)?",
    re.IGNORECASE,
)
_LONGEST_TAG = 100


@dataclass(frozen=True)
class Language:
    """One locale's texts and formats; get one from `language`."""

    locale: str
    _texts: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)

    def say(self, text: str, /, **values: object) -> str:
        """A text in this language, its {names} filled in; without values it is taken letter by letter."""
        said = self._texts.gettext(text) if text else text  # gettext answers an empty text with its header
        return _filled(said, text, values) if values else said

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """A text that depends on a number, which it may name as {number}."""
        text = self.chosen(one, many, number)
        return _filled(text, one if number == 1 else many, {"number": self.number(number), **values})

    def chosen(self, one: str, many: str, number: int, /) -> str:
        """The one of two texts that is right for a number, nothing filled in."""
        return self._texts.ngettext(one, many, number)

    def label(self, words: str) -> str:
        """Words before that which they name: `Owner: `."""
        return words + self.say(": ")

    def together(self, first: str, second: str) -> str:
        """One sentence after the other, or the one there is; not every language parts them by a space."""
        both = first and second
        return self.say("{first} {second}", first=first, second=second) if both else first or second

    def inside(self, phrase: str) -> str:
        """A phrase in the midst of a line: English begins it small, of others it is not known."""
        return phrase[:1].lower() + phrase[1:] if self.locale == _SOURCE else phrase

    @property
    def tag(self) -> str:
        """The locale for HTML and mail headers (BCP 47)."""
        return self.locale.replace("_", "-")

    @property
    def slants(self) -> bool:
        """Whether its letters have italics; Chinese ones are only made crooked."""
        return not self._written_without_spaces

    @property
    def columns(self) -> int:
        """Where plain text is broken; what is written without spaces is left to the reader's program."""
        return 10_000 if self._written_without_spaces else 76

    @property
    def _written_without_spaces(self) -> bool:
        return self.locale[:2] in {"zh", "ja"}

    def day(self, at: datetime) -> str:
        """12 Mar 2026, in UTC."""
        at = at.astimezone(UTC)
        if self.locale == _SOURCE:
            return format_date(at, "d MMM y", _SOURCE)
        return format_skeleton("yMMMd", at, locale=self.locale)

    def whole_day(self, at: datetime) -> str:
        """12 March 2026, in UTC."""
        at = at.astimezone(UTC)
        return format_date(at, "d MMMM y" if self.locale == _SOURCE else "long", self.locale)

    def since(self, at: datetime, now: datetime) -> str:
        """March 2026, or 2023 where the month is long past caring."""
        skeleton = "y" if now - at > _MONTH_IS_TOO_FINE else "yMMMM"
        return format_skeleton(skeleton, at.astimezone(UTC), locale=self.locale)

    def money(self, amount: float, currency: str | None) -> str:
        """EUR 4.9 million, EUR 312,000: rounded alike in every language, and no currency mistaken."""
        code, figure = (currency or "").strip().upper(), self._rounded(amount)
        if not _CURRENCY.fullmatch(code):
            return figure
        name = get_currency_name(code, locale=self.locale)
        if self.locale == _SOURCE or name == code:
            return f"{code} {figure}"
        return self.say("{amount} {currency}", amount=figure, currency=name)

    def percent(self, part: float) -> str:
        """71 %, of a part of one."""
        return f"{100 * part:.0f} %" if self.locale == _SOURCE else format_percent(part, locale=self.locale)

    def number(self, number: float) -> str:
        """1,234."""
        return format_decimal(number, locale=self.locale)

    def listed(self, words: Sequence[str]) -> str:
        """A, B and C."""
        return format_list(words, locale="en_GB" if self.locale == _SOURCE else self.locale)

    def _rounded(self, amount: float) -> str:
        size = abs(amount)
        if size >= 1e12:  # noqa: PLR2004
            over = self.say("over {amount}", amount=self._compact(999e9))
            return f"-{over}" if amount < 0 else over
        for unit in (1e9, 1e6):
            if size >= unit * 0.9995:
                digits = 1 if size < unit * 99.95 else 0
                return self._compact(round(amount / unit, digits) * unit)
        step = 1000 if size >= 10_000 else 100 if size >= 1000 else 1  # noqa: PLR2004
        return self._compact(round(amount / step) * step)

    def _compact(self, amount: float) -> str:
        """In the language's own large units: millions in English, 万 and 亿 in Chinese."""
        if self.locale == _SOURCE and abs(amount) < 1e6:  # noqa: PLR2004
            return self.number(amount)
        form: Literal["long", "short"] = "long" if self.locale == _SOURCE else "short"
        short = format_compact_decimal(amount, format_type=form, locale=self.locale, fraction_digits=2)
        return self.number(amount) if short.lstrip("-").isdigit() else short


def _filled(said: str, text: str, values: Mapping[str, object]) -> str:
    """The text as said; in English where it asks for other values: a slip in a catalogue stops no message."""
    try:
        return said.format(**values)
    except (LookupError, ValueError):
        return text.format(**values)


def marked(text: str, /) -> str:
    """The text itself, for the catalogues to hold: of those that stand in tables and are said later."""
    return text


def begun(sentence: str) -> str:
    """A sentence with a capital at its beginning, where its script has any."""
    return sentence[:1].upper() + sentence[1:]


def padded(text: str, columns: int) -> str:
    """The text, filled up to so many columns of a fixed-width font; Chinese letters take two."""
    taken = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (columns - taken)


ENGLISH = Language(_SOURCE)


def _locales() -> tuple[str, ...]:
    files = resources.files("alerts").joinpath("locales").iterdir()
    return (_SOURCE, *sorted(file.name.removesuffix(".po") for file in files if file.name.endswith(".po")))


LOCALES: tuple[str, ...] = _locales()


@lru_cache(1000)
def language(locale: str | None) -> Language:
    """The language that fits a locale as zh, zh-CN or zh_Hans_CN; English where none does.

    The script must fit too: who reads Traditional Chinese gets English rather than Simplified.
    """
    wanted = _whole(locale or "")
    fitting = [known for known in LOCALES if wanted[:2] == _whole(known)[:2]]
    if not wanted[0] or not fitting:
        return ENGLISH
    return _of(max(fitting, key=lambda known: _whole(known)[2] == wanted[2]))


@cache
def _of(locale: str) -> Language:
    if locale == _SOURCE:
        return ENGLISH
    with resources.files("alerts").joinpath("locales", f"{locale}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)  # without what is marked fuzzy
    compiled.seek(0)
    return Language(locale, GNUTranslations(compiled))


def _whole(locale: str) -> tuple[str, str, str]:
    """Language, script and territory, where one left out is the likely one (Unicode's likely subtags)."""
    tag = _TAG.fullmatch(locale.strip()[:_LONGEST_TAG])
    if tag is None:
        return "", "", ""
    spoken = tag["language"].lower()
    spoken = get_global("language_aliases").get(spoken, spoken)
    script, territory = (tag["script"] or "").title(), (tag["territory"] or "").upper()
    likely = get_global("likely_subtags")
    found = likely.get(f"{spoken}_{territory}") or likely.get(spoken, f"{spoken}__")
    _, likely_script, likely_territory = found.split("_")
    return spoken, script or likely_script, territory or likely_territory
