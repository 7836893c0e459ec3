"""When a receiver is at work: the next opening, working days, the moments of digests. All in their zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Pace = Literal["at_once", "daily", "weekly"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """Some days of the week, from `begin` to `end` (24:00 is midnight); a moment fits by the local clock."""

    days: frozenset[int]  # Monday is 0
    begin: time
    end: time  # 00:00 is the end of the day

    def __str__(self) -> str:
        named = ",".join(DAYS[day] for day in sorted(self.days))
        until = "24:00" if self.end == _MIDNIGHT else f"{self.end:%H:%M}"
        return f"{named} {self.begin:%H:%M}-{until}"

    def next_opening(self, now: datetime, zone: ZoneInfo) -> datetime:
        """`now` where it lies within the hours, else the moment they begin next; in UTC."""
        local = now.astimezone(zone)
        for ahead in range(9):
            day = local.date() + timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            begin, end = _at(day, self.begin, zone), self._closing(day, zone)
            if now < end:
                return max(now, begin)
        raise AssertionError("some day of the week is a working day")

    def _closing(self, day: date, zone: ZoneInfo) -> datetime:
        return _at(day + timedelta(days=self.end == _MIDNIGHT), self.end, zone)

    def after_working_days(self, since: datetime, days: int, zone: ZoneInfo) -> datetime:
        """The moment `days` working days after another, at the same time of day; in UTC."""
        local = since.astimezone(zone)
        day, left = local.date(), days
        while left:
            day += timedelta(days=1)
            left -= day.weekday() in self.days
        return _at(day, local.time(), zone)

    def next_digest(self, after: datetime, pace: Pace, zone: ZoneInfo) -> datetime:
        """When the next digest goes out: as the next working day begins, or the first of a week. In UTC."""
        local = after.astimezone(zone)
        for ahead in range(9):
            day = local.date() + timedelta(days=ahead)
            begins = _at(day, self.begin, zone)
            fits = day.weekday() == min(self.days) if pace == "weekly" else day.weekday() in self.days
            if fits and begins > after:
                return begins
        raise AssertionError("some day of the week is a working day")


ALWAYS = Hours(frozenset(range(7)), _MIDNIGHT, _MIDNIGHT)
OFFICE = Hours(frozenset(range(5)), time(8), time(18))


def hours_of(text: str) -> Hours:
    """Hours from `mon-fri 08:00-18:00`, `sat 09:00-12:00` or `08:00-24:00`; raises ValueError with a hint."""
    hint = f"{text!r} is not like 'mon-fri 08:00-18:00'"
    found = _HOURS.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(hint)
    first, last = found[1] or "mon", found[2] or (found[1] or "sun")
    if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        raise ValueError(f"{hint}: days are {', '.join(DAYS)}, the first before the last")
    begin, end = _clock(found[3], found[4], hint), _clock(found[5], found[6], hint)
    if end != _MIDNIGHT and end <= begin:
        raise ValueError(f"{hint}: they end after they begin, at 24:00 the latest")
    return Hours(frozenset(range(DAYS.index(first), DAYS.index(last) + 1)), begin, end)


def _clock(hour: str, minute: str, hint: str) -> time:
    if (hour, minute) == ("24", "00"):
        return _MIDNIGHT
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(hint) from None


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None), zone).astimezone(UTC)
