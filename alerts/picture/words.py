"""The picture's words: every text it draws, in English, and what a language must be able to say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from accounts.alert import LedBy
from accounts.stages import Stage
from accounts.timeline import Moment
from alerts import wording


class Words(Protocol):
    """A language, as far as a picture needs it."""

    @property
    def code(self) -> str:
        """As CLDR writes it: en, zh_Hans."""

    def say(self, text: str, **values: Any) -> str:
        """A text of this file in the language, with its values."""

    def day(self, at: datetime) -> str:
        """A date in a sentence."""

    def month(self, at: datetime) -> str:
        """The month alone, for an axis."""

    def year(self, at: datetime) -> str:
        """The year alone, for an axis."""

    def number(self, amount: float) -> str:
        """A rounded amount in few characters, for an axis."""

    def money(self, amount: float, currency: str | None) -> str:
        """An amount in a sentence."""


STAGES: Mapping[Stage, str] = {
    "learning": "learning",
    "stable": "stable",
    "watch": "watch",
    "shifted": "shifted",
    "declining": "declining",
    "at_risk": "at risk",
    "lost": "lost",
}
LED: Mapping[LedBy, str] = {
    "development": "development-led",
    "shared": "jointly led",
    "purchasing": "purchasing-led",
}
MOMENTS: Mapping[str, str] = {
    "tender": "tender",
    "competitor": "competitor named",
    "champion_left": "champion gone",
    "service_gap": "service gap",
}
WARNED = "warned"
RECOVERED = "recovered"
SEATS = "Who takes part"
A_QUARTER = "per quarter"
PURCHASING = "purchasing"
OTHERS = "development and others"
EXECUTIVES = "executives"
NOBODY = "Nobody's function is known"
SUMS = "Signs"
OF_THRESHOLD = "% of the threshold"
SHIFT = "shift to purchasing"
SLOWING = "slowing"
STILL_LEARNING = "Still learning what is usual here"
ORDERS = "Orders in four weeks"
ORDERS_IN = "Orders in four weeks, {currency}"
SINCE = "{what} since {day}"
JUDGED_ANEW = "Sums by the settings of today"
PARTS = "What each sign adds"

ALT = "Timeline from {first} to {last}: {said}."
ALT_STAGE = "stage {stage}"
ALT_STAGE_SINCE = "stage {stage} since {day}"
ALT_SHARE = "purchasing held {share} % of the seats in the last quarter"
ALT_SHARE_BEFORE = "purchasing held {share} % of the seats in the last quarter, {before} % a year before"
ALT_SHIFT = "the signs of a shift stand at {share} % of the threshold"
ALT_SLOWING = "those of slowing at {share} %"
ALT_BOUGHT = "orders of {amount} in the last year"
ALT_COUNTED = "{count} orders in the last year"
ALT_WARNED = "last warned on {day}"
LISTED = ", "  # between the parts of the sentence


def named(moment: Moment) -> str:
    """What stands beside a moment's mark."""
    return MOMENTS.get(moment.kind, RECOVERED if moment.kind == "recovered" else WARNED)


class English:
    """The language that every text is written in."""

    code = "en"

    def say(self, text: str, **values: Any) -> str:
        """The text itself."""
        return text.format(**values)

    def day(self, at: datetime) -> str:
        """12 Mar 2026."""
        return wording.day(at)

    def month(self, at: datetime) -> str:
        """Mar."""
        return f"{at.astimezone(UTC):%b}"

    def year(self, at: datetime) -> str:
        """2026."""
        return str(at.astimezone(UTC).year)

    def number(self, amount: float) -> str:
        """12, 340k, 1.2m."""
        return shortened(amount, ((10**9, "bn"), (10**6, "m"), (10**3, "k")))

    def money(self, amount: float, currency: str | None) -> str:
        """EUR 4.9 million."""
        return wording.money(amount, currency)


def shortened(amount: float, units: tuple[tuple[int, str], ...]) -> str:
    """The amount in the largest unit that it reaches."""
    for unit, sign in units:
        if abs(amount) >= unit:
            return f"{amount / unit:.2g}{sign}" if abs(amount) < 10 * unit else f"{amount / unit:,.0f}{sign}"
    return f"{amount:.0f}"


ENGLISH = English()
