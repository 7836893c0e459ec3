"""Holidays and yearly waves: how much of an ordinary week's work a week sees."""

from dataclasses import dataclass
from datetime import datetime
from math import cos, pi

_YEAR_DAYS = 365.25
# Day of the year (first, last) and what remains of the work then. Movable feasts stand at their usual place.
_HOLIDAYS: dict[str, tuple[tuple[int, int, float], ...]] = {
    "en": ((1, 4, 0.3), (184, 188, 0.6), (327, 332, 0.5), (357, 366, 0.2)),
    "de": ((1, 6, 0.25), (213, 241, 0.65), (357, 366, 0.15)),
    "zh": ((1, 3, 0.6), (28, 45, 0.25), (121, 125, 0.5), (274, 281, 0.2)),
}


def working_share(day: datetime, locale: str) -> float:
    """The share of ordinary work that holidays leave to the week that starts on `day`, at least 0.15."""
    middle = (day.timetuple().tm_yday + 2) % 366 + 1
    for first, last, share in _HOLIDAYS.get(locale[:2], ()):
        if first <= middle <= last:
            return share
    return 1.0


@dataclass(frozen=True, slots=True)
class Wave:
    """A yearly rhythm of mean 1: `depth` goes at the trough; the peak is at `peak` (share of a year)."""

    depth: float
    peak: float

    def factor(self, day: datetime) -> float:
        """What the season makes of this day's rates."""
        phase = day.timetuple().tm_yday / _YEAR_DAYS - self.peak
        return 1 + self.depth * cos(2 * pi * phase)
