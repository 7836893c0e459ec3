"""Who decides, what is at stake, how strong a sign is: in a receiver's language."""

import re
from collections.abc import Sequence
from typing import Literal

from accounts.alert import Amount, LedBy, Value
from alerts.language import ENGLISH, Language, marked

Strength = Literal["strong", "clear", "some"]

# Nats of a test's sum: e³ ≈ 20 and e^1.5 ≈ 4.5 times likelier under a shift than under the account's past.
_STRENGTHS: tuple[tuple[float, Strength], ...] = ((3.0, "strong"), (1.5, "clear"), (0.0, "some"))
DOTS: dict[Strength | None, int] = {"strong": 3, "clear": 2, "some": 1, None: 0}
_WEIGHTS: dict[Strength | None, str] = {
    "strong": marked("strong"),
    "clear": marked("clear"),
    "some": marked("some"),
    None: marked("also seen"),
}

_MOST_CURRENCIES = 3
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_PERCENT = re.compile(r"(\d) %")
_CALLED = re.compile(r"(?P<name>[^()]+) \((?P<title>[^()]+)\)")
_DAY = re.compile(rf"\b(\d{{1,2}}) ({_MONTHS})\b")
_WHO: dict[LedBy, str] = {
    "development": marked("Development"),
    "shared": marked("Development and purchasing together"),
    "purchasing": marked("Purchasing"),
}
_BEFORE: dict[LedBy, str] = {
    "development": marked("before: development"),
    "shared": marked("before: development and purchasing together"),
    "purchasing": marked("before: purchasing"),
}
_LED: dict[LedBy, str] = {
    "development": marked("development-led"),
    "shared": marked("jointly led"),
    "purchasing": marked("purchasing-led"),
}

# Pages and terminals are in English.
day, since, money = ENGLISH.day, ENGLISH.since, ENGLISH.money


def strength(nats: float) -> Strength | None:
    """How much a piece of evidence weighs, in a word; None for what stands beside the test's sum."""
    return next((word for least, word in _STRENGTHS if nats > 0 and nats >= least), None)


def weight(found: Strength | None, language: Language = ENGLISH) -> str:
    """A strength as a reader sees it."""
    return language.say(_WEIGHTS[found])


def unbroken(text: str) -> str:
    """The text with its percentages and days kept on one line."""
    return _DAY.sub("\\1\u00a0\\2", _PERCENT.sub("\\1\u00a0%", text))


def called(person: str, language: Language = ENGLISH) -> str:
    """A person and their title, as the core names them, in the language's own brackets."""
    found = _CALLED.fullmatch(person)
    return language.say("{name} ({title})", **found.groupdict()) if found else person


def who(led_by: LedBy, language: Language = ENGLISH) -> str:
    """Whose word decides, as the beginning of a line."""
    return language.say(_WHO[led_by])


def before(led_by: LedBy, language: Language = ENGLISH) -> str:
    """Whose word decided before, beside whose word decides now."""
    return language.say(_BEFORE[led_by])


def led(led_by: LedBy, language: Language = ENGLISH) -> str:
    """Whose word decides, inside a sentence."""
    return language.say(_LED[led_by])


def stake(value: Value, language: Language = ENGLISH) -> tuple[str, str | None]:
    """What the account buys, and what of its future stands at risk, where that is known."""
    if value.annual is None:
        bought = language.say("no orders to value")
    elif value.annual <= 0:
        bought = language.say("no orders in the last 12 months")
    else:
        bought = language.say("{money} a year", money=language.money(value.annual, value.currency))
    if beside := left_out(value.not_converted, value.currency, language):
        bought = language.say("{first}, {second}", first=bought, second=beside)
    if value.at_risk is None or value.at_risk <= 0:
        return bought, None
    at_risk = language.money(value.at_risk, value.currency)
    return bought, language.say("about {money} of future orders at risk", money=at_risk)


def left_out(amounts: Sequence[Amount], told_in: str | None, language: Language = ENGLISH) -> str:
    """The year's orders that are in no figure, since no rate converts them; empty where there are none."""
    other = [amount for amount in amounts if amount.currency is None or amount.currency != told_in]
    named = [language.money(one.amount, one.currency) for one in other if one.amount is not None]
    words, beyond = named[:_MOST_CURRENCIES], len(named) - _MOST_CURRENCIES
    if beyond > 0:
        words.append(language.count("{number} more currency", "{number} more currencies", beyond))
    unconverted, uncounted = "", ""
    if words:
        unconverted = language.say("plus {sums} not converted: no rate", sums=language.listed(words))
    if any(one.amount is None for one in other):
        uncounted = language.say("orders in further currencies not counted")
    if unconverted and uncounted:
        return language.say("{first}, {second}", first=unconverted, second=uncounted)
    return unconverted or uncounted
