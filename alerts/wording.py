"""Dates, money, shares and strengths in English that reads the same in every country."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from accounts.alert import Amount, LedBy, Value

Strength = Literal["strong", "clear", "some"]

# Nats of a test's sum: e³ ≈ 20 and e^1.5 ≈ 4.5 times likelier under a shift than under the account's past.
_STRENGTHS: tuple[tuple[float, Strength], ...] = ((3.0, "strong"), (1.5, "clear"), (0.0, "some"))
DOTS: dict[Strength | None, int] = {"strong": 3, "clear": 2, "some": 1, None: 0}

_MONTH_IS_TOO_FINE = timedelta(days=540)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_CURRENCIES = 3
_PERCENT = re.compile(r"(\d) %")
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)})\b")
_WHO: dict[LedBy, str] = {
    "development": "Development",
    "shared": "Development and purchasing together",
    "purchasing": "Purchasing",
}
_LED: dict[LedBy, str] = {
    "development": "development-led",
    "shared": "jointly led",
    "purchasing": "purchasing-led",
}


def strength(nats: float) -> Strength | None:
    """How much a piece of evidence weighs, in a word; None for what stands beside the test's sum."""
    return next((word for least, word in _STRENGTHS if nats > 0 and nats >= least), None)


def day(at: datetime) -> str:
    """12 Mar 2026."""
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1][:3]} {at.year}"


def since(at: datetime, now: datetime) -> str:
    """March 2026, or 2023 where the month is long past caring."""
    at = at.astimezone(UTC)
    return str(at.year) if now - at > _MONTH_IS_TOO_FINE else f"{_MONTHS[at.month - 1]} {at.year}"


def unbroken(text: str) -> str:
    """The text with its percentages and days kept on one line."""
    return _DAY.sub("\\1\u00a0\\2", _PERCENT.sub("\\1\u00a0%", text))


def who(led_by: LedBy) -> str:
    """Whose word decides, as the beginning of a line."""
    return _WHO[led_by]


def led(led_by: LedBy) -> str:
    """Whose word decides, inside a sentence."""
    return _LED[led_by]


def money(amount: float, currency: str | None) -> str:
    """EUR 4.9 million, EUR 312,000: a code is right in every country, and EUR 4,871,302.18 is not read."""
    code = (currency or "").strip().upper()
    return f"{code} {_rounded(amount)}" if _CURRENCY.fullmatch(code) else _rounded(amount)


def _rounded(amount: float) -> str:
    size = abs(amount)
    if size >= 1e12:  # noqa: PLR2004
        return f"{'-' if amount < 0 else ''}over 999 billion"
    for unit, name in ((1e9, "billion"), (1e6, "million")):
        if size >= unit * 0.9995:
            return f"{_three_digits(amount / unit)} {name}"
    step = 1000 if size >= 10_000 else 100 if size >= 1000 else 1  # noqa: PLR2004
    return f"{round(amount / step) * step:,}"


def _three_digits(number: float) -> str:
    digits = f"{number:.1f}" if abs(number) < 99.95 else f"{number:.0f}"  # noqa: PLR2004
    return digits.removesuffix(".0")


def stake(value: Value) -> tuple[str, str | None]:
    """What the account buys, and what of its future stands at risk, where that is known."""
    if value.annual is None or value.annual <= 0:
        bought = "no orders to value" if value.annual is None else "no orders in the last 12 months"
    else:
        bought = f"{money(value.annual, value.currency)} a year"
    if beside := left_out(value.not_converted, value.currency):
        bought = f"{bought}, {beside}"
    if value.at_risk is None or value.at_risk <= 0:
        return bought, None
    return bought, f"about {money(value.at_risk, value.currency)} of future orders at risk"


def left_out(amounts: Sequence[Amount], told_in: str | None) -> str:
    """The year's orders that are in no figure, since no rate converts them; empty where there are none."""
    other = [amount for amount in amounts if amount.currency is None or amount.currency != told_in]
    named = [money(one.amount, one.currency) for one in other if one.amount is not None]
    words = named[:_MOST_CURRENCIES]
    if len(named) > _MOST_CURRENCIES:
        words.append(f"{len(named) - _MOST_CURRENCIES} more currencies")
    parts = [f"plus {_listed(words)} not converted: no rate"] if words else []
    if any(one.amount is None for one in other):
        parts.append("orders in further currencies not counted")
    return ", ".join(parts)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
