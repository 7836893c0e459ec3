"""The picture's words: every text that it or its description says, in English."""

from collections.abc import Mapping
from datetime import UTC, datetime

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal

from accounts.alert import LedBy
from accounts.stages import Stage
from accounts.timeline import Moment
from alerts.language import Language

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
    "warned": "warned",
    "recovered": "recovered",
    "champion_left": "champion gone",
    "service_gap": "service gap",
    "loss": "lost",
    "tender": "tender",
    "competitor": "competitor named",
}
SINCE = "{what} since {day}"

SEATS = "Who takes part"
PURCHASING = "purchasing"
OTHERS = "development, others"
EXECUTIVES = "executives"
NOBODY = "Nobody's function is known"
SUMS = "Signs, % of the threshold"
SHIFT = "shift"
SLOWING = "slowing"
STILL_LEARNING = "Still learning what is usual here"
JUDGED_ANEW = "Signs, % of today's threshold"  # the settings are others than when the account was judged
ORDERS = "Orders in four weeks"
ORDERS_IN = "Orders in four weeks, {currency}"

ALT = "Timeline from {first} to {last}: {said}."
STAGE = "stage: {stage}"
STAGE_SINCE = "stage: {stage} since {day}"
SHARE = "purchasing held {share} of the seats in the last quarter"
SHARE_BEFORE = "purchasing held {share} of the seats in the last quarter, {before} a year before"
SHIFT_AT = "the signs of a shift stand at {share} of their threshold"
SLOWING_AT = "the signs of slowing stand at {share} of theirs"
BOUGHT = "orders of {amount} in the last year"
COUNTED = "orders in the last year: {number}"
WARNED_ON = "last warned on {day}"
BETWEEN = "; "  # the parts of the sentence


def mark_of(moment: Moment) -> str:
    """What a moment is marked and called as, of MOMENTS: alerts that follow the stage are all warnings."""
    return moment.kind if moment.kind in MOMENTS else "warned"


def month(language: Language, at: datetime) -> str:
    """Mar; for an axis."""
    return format_skeleton("MMM", at.astimezone(UTC), locale=language.locale)


def year(language: Language, at: datetime) -> str:
    """2026; for an axis."""
    return format_skeleton("y", at.astimezone(UTC), locale=language.locale)


def brief(language: Language, amount: float) -> str:
    """12, 340K, 1.2M; for an axis."""
    digits = 1 if abs(amount) > 0 else 0
    return format_compact_decimal(amount, locale=language.locale, fraction_digits=digits)
