"""The picture's words: every text that it or its description says, in English."""

from collections.abc import Mapping
from datetime import UTC, datetime

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal

from accounts.alert import LedBy
from accounts.stages import Stage
from accounts.timeline import Moment
from alerts.language import Language, marked

STAGES: Mapping[Stage, str] = {
    "learning": marked("learning"),
    "stable": marked("stable"),
    "watch": marked("watch"),
    "shifted": marked("shifted"),
    "declining": marked("declining"),
    "at_risk": marked("at risk"),
    "lost": marked("lost"),
}
LED: Mapping[LedBy, str] = {
    "development": marked("development-led"),
    "shared": marked("jointly led"),
    "purchasing": marked("purchasing-led"),
}
MOMENTS: Mapping[str, str] = {
    "warned": marked("warned"),
    "recovered": marked("recovered"),
    "champion_left": marked("champion gone"),
    "service_gap": marked("service gap"),
    "loss": marked("lost"),
    "tender": marked("tender"),
    "competitor": marked("competitor named"),
}
SINCE = marked("{what} since {day}")

SEATS = marked("Who takes part")
PURCHASING = marked("purchasing")
OTHERS = marked("development, others")
EXECUTIVES = marked("executives")
NOBODY = marked("Nobody's function is known")
SUMS = marked("Signs, % of the threshold")
SHIFT = marked("shift")
SLOWING = marked("slowing")
STILL_LEARNING = marked("Still learning what is usual here")
JUDGED_ANEW = marked(
    "Signs, % of today's threshold"
)  # the settings are others than when the account was judged
ORDERS = marked("Orders in four weeks")
ORDERS_IN = marked("Orders in four weeks, {currency}")

ALT = marked("Timeline from {first} to {last}: {said}.")
STAGE = marked("stage: {stage}")
STAGE_SINCE = marked("stage: {stage} since {day}")
SHARE = marked("purchasing held {share} of the seats in the last quarter")
SHARE_BEFORE = marked("purchasing held {share} of the seats in the last quarter, {before} a year before")
SHIFT_AT = marked("the signs of a shift stand at {share} of their threshold")
SLOWING_AT = marked("the signs of slowing stand at {share} of theirs")
BOUGHT = marked("orders of {amount} in the last year")
COUNTED = marked("orders in the last year: {number}")
WARNED_ON = marked("last warned on {day}")
BETWEEN = marked("; ")  # the parts of the sentence


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
