"""The events of one account as they come to be: CloudEvents with stable ids and working hours."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Event = dict[str, Any]

_SOURCES = {"crm": "crm.example/quillmark", "order": "erp.example/quillmark"}
_DAY = 86_400
_SATURDAY = 5


def midnight(start: datetime) -> datetime:
    """The midnight (UTC) from which weeks are counted; raises ValueError for a time without a zone."""
    if start.tzinfo is None:
        raise ValueError("the start needs a time zone")
    return start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Ledger:
    """Collects an account's events; what would happen after the last week is not seen any more."""

    def __init__(self, account_id: str, start: datetime, weeks: int, utc_offset: int) -> None:
        self.account_id = account_id
        self.start = midnight(start)
        self.end = self.start + timedelta(weeks=weeks)
        self.events: list[Event] = []
        self._first_hour = 8 - utc_offset  # of the working day, in UTC; the zones used keep it on one date
        self._workdays = [d for d in range(7) if (self.start + timedelta(d)).weekday() < _SATURDAY]
        self._numbers: dict[str, int] = {}

    def week_start(self, week: float) -> datetime:
        """When this week, or a part of it, begins; to the second."""
        return self.start + timedelta(seconds=int(week * 7 * _DAY))

    def moment(self, rng: Random, week: int) -> datetime:
        """A random time within the working hours of this week."""
        days = 7 * week + rng.choice(self._workdays)
        return self._at_work(rng, self.start + timedelta(days))

    def later(self, rng: Random, moment: datetime, days: float) -> datetime:
        """A time in working hours about `days` after `moment`, and after it in any case."""
        due = moment + timedelta(seconds=max(days, 0.02) * _DAY)
        if due.date() == moment.date():
            return due
        due += timedelta(max(0, 7 - due.weekday()) if due.weekday() >= _SATURDAY else 0)
        return self._at_work(rng, due.replace(hour=0, minute=0, second=0))

    def _at_work(self, rng: Random, day: datetime) -> datetime:
        return day + timedelta(hours=self._first_hour, seconds=int(rng.random() * 9 * 3600))

    def number(self, prefix: str) -> str:
        """The next id of its kind, unique over all accounts."""
        count = self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{self.account_id}-{prefix}{count:04d}"

    def add(self, kind: str, time: datetime, data: Event) -> str:
        """Note an event; returns its id."""
        event_id = self.number("e")
        if time < self.end:
            self.events.append(
                {
                    "specversion": "1.0",
                    "id": event_id,
                    "source": _SOURCES[kind.partition(".")[0]],
                    "type": kind,
                    "subject": self.account_id,
                    "time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
                    "data": data,
                }
            )
        return event_id
