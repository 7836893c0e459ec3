"""An account's evidence as one dense row of integers a stream, one entry a week."""

from collections.abc import Collection

import msgspec

from accounts.evidence import COUNTS, VOTE_ROWS
from accounts.sums import Week

WORTH = VOTE_ROWS  # a line's row after its votes: its orders in the account's first currency
MOST_LINES = 8  # product lines that are told apart, with what names none; further ones count with the latter
NO_LINE = ""
MOST_CURRENCIES = 8  # that a state keeps: those that the account met first
MOST_DEPARTURES = 32  # in a week
KEPT_WEEKS = 312  # of evidence, at most; a year less once the oldest year has gone
REACH_WEEKS = 130  # how far back a step of the fold looks, and no further
_YEAR = 52
# A week's sums stay 64-bit integers, and a year's money fits the columns kept of it, whatever events claim.
_LARGEST = 10**17


def _bounded(number: int) -> int:
    return number if -_LARGEST <= number <= _LARGEST else _LARGEST if number > 0 else -_LARGEST


def _by_currency(sums: Week) -> dict[str, int]:
    """A week's money in each currency, whatever its lines; what comes to nothing leaves no trace."""
    paid: dict[str, int] = {}
    for (currency, _), amount in sums.money.items():
        paid[currency] = paid.get(currency, 0) + amount
    return {currency: amount for currency, amount in sorted(paid.items()) if amount}


class Seats(msgspec.Struct, array_like=True):
    """Who of the customer's developers and executives took part in a week, and who left."""

    taken: list[tuple[int, int]]  # (person, seats), the most first
    left: list[int]


class Series(msgspec.Struct, array_like=True):
    """Rows of counts and a row of money per currency, all of `length` weeks from week `start`.

    `lines` are the product lines in the order in which they appeared. Where there is but one, `counts` are
    its rows; where there are more, `by_line` holds the vote rows of each, and its worth. What came before
    `start` has aged out; what the account met there it still knows.
    """

    start: int = 0
    length: int = 0
    origin: int = 0  # the first week of all
    counts: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(COUNTS)])
    money: dict[str, list[int]] = {}
    met: dict[str, int] = {}  # the week in which each currency was first seen
    currency: str = ""  # the first of them
    lines: list[str] = []
    line_since: list[int] = []  # the week in which each line first spoke
    by_line: list[list[list[int]]] = []
    crowded: int | None = None  # the first week whose money found no row any more
    seats: dict[int, Seats] = {}  # by week; of those that have any

    @property
    def end(self) -> int:
        """The first week that is not in the rows."""
        return self.start + self.length

    @property
    def kept_from(self) -> int:
        """The first week of evidence that need not age out by now."""
        too_many = self.end - self.origin - KEPT_WEEKS
        return self.origin + max(0, -(-too_many // _YEAR) * _YEAR)

    def _rows(self) -> list[list[int]]:
        return [*self.counts, *self.money.values(), *(row for rows in self.by_line for row in rows)]

    def truncate(self, week: int) -> None:
        """Forget `week` and all that follows."""
        keep = max(0, min(self.length, week - self.start))
        for row in self._rows():
            del row[keep:]
        self.length = keep
        self.met = {currency: since for currency, since in self.met.items() if since < week}
        self.money = {currency: row for currency, row in self.money.items() if currency in self.met}
        if self.crowded is not None and self.crowded >= week:
            self.crowded = None
        if self.currency not in self.met:
            self.currency = ""
        self.line_since = [since for since in self.line_since if since < week]
        self.lines = self.lines[: len(self.line_since)]
        self.by_line = self.by_line[: len(self.lines)] if len(self.lines) > 1 else []
        self.seats = {then: seats for then, seats in self.seats.items() if then < week}

    def age(self, week: int) -> None:
        """Let what came before `week` go."""
        gone = max(0, min(self.length, week - self.start))
        for row in self._rows():
            del row[:gone]
        self.start, self.length = self.start + gone, self.length - gone
        self.seats = {then: seats for then, seats in self.seats.items() if then >= self.start}

    def extend(self, weeks: dict[int, Week], until: int) -> None:
        """Append the weeks from the end up to, not including, `until`; weeks without evidence are zeros.

        The row starts at the first week that says anything.
        """
        if not self.length:
            self.start = self.origin = min((week for week in weeks if week < until), default=until)
        added = until - self.end
        if added <= 0:
            return
        before = self.length
        zeros = [0] * added
        for row in self._rows():
            row.extend(zeros)
        self.length += added
        for week in sorted(week for week in weeks if before <= week - self.start < self.length):
            self._add(week, weeks[week])
        self.money = {currency: self.money[currency] for currency in sorted(self.money)}
        self.met = {currency: self.met[currency] for currency in sorted(self.met)}

    def _add(self, week: int, sums: Week) -> None:
        index = week - self.start
        # Lines get their places first: their rows begin as a copy of what was known before this week.
        paid = _by_currency(sums)
        self.currency = self.currency or next(iter(paid), "")
        for line in sorted(sums.lines):
            if line not in self.lines and any(self._said(sums, line)):
                self._place(line, week)
        for currency, amount in paid.items():
            self._pay(currency, amount, week)
        for line, counts in sums.lines.items():
            _add_up(self.counts, counts, index)
            if self.by_line and any(said := self._said(sums, line)):
                _add_up(self.by_line[self._place(line, week)], said, index)
        if sums.seats or sums.left:
            left = sorted(sums.left)[:MOST_DEPARTURES]
            self.seats[week] = Seats(sums.most_seen, left)

    def _said(self, sums: Week, line: str) -> list[int]:
        return [*sums.lines[line][:VOTE_ROWS], sums.money.get((self.currency, line), 0)]

    def _pay(self, currency: str, amount: int, week: int) -> None:
        if currency not in self.money and len(self.money) < MOST_CURRENCIES:
            self.money[currency] = [0] * self.length
            self.met[currency] = week
        if currency in self.money:
            row, index = self.money[currency], week - self.start
            row[index] = _bounded(row[index] + amount)
        elif self.crowded is None:
            self.crowded = week

    def _place(self, line: str, week: int) -> int:
        """Where a line's rows are; the first of further lines gives the first one rows of its own."""
        if line not in self.lines and len(self.lines) >= MOST_LINES - (NO_LINE not in self.lines):
            line = NO_LINE
        if line in self.lines:
            return self.lines.index(line)
        self.lines, self.line_since = [*self.lines, line], [*self.line_since, week]
        if len(self.lines) == 1:
            return 0
        if not self.by_line:
            worth = self.money.get(self.currency, [0] * self.length)
            self.by_line = [[list(row) for row in (*self.counts[:VOTE_ROWS], worth)]]
        self.by_line.append([[0] * self.length for _ in range(VOTE_ROWS + 1)])
        return len(self.lines) - 1

    def bought(self, first: int, last: int) -> dict[str, int]:
        """What was bought over these weeks, in each currency; those that come to nothing are left out."""
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        sums = ((currency, sum(row[begin:end])) for currency, row in self.money.items())
        return {currency: amount for currency, amount in sums if amount}

    def rows(self, line: int) -> list[list[int]]:
        """The vote rows of the line at this place of `lines`."""
        return self.by_line[line] if self.by_line else self.counts

    def worths(self, first: int, last: int) -> list[int]:
        """Each line's orders over these weeks, in the account's first currency; none where there is one."""
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        return [max(0, sum(rows[WORTH][begin:end])) for rows in self.by_line]

    def total(self, row: int, first: int, last: int, lines: Collection[int] | None = None) -> int:
        """The sum of a row over the weeks `first` to `last`, both included; others count nothing.

        Of all product lines, or of those at these places.
        """
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        if lines is None or not self.by_line:
            return sum(self.counts[row][begin:end])
        return sum(sum(self.by_line[line][row][begin:end]) for line in lines)

    def main_currency(self, first: int, last: int) -> tuple[str, int] | None:
        """The currency with the largest sum over these weeks, and that sum; others are not mixed in.

        Only currencies seen by then: a later week must not change what was said of an earlier one.
        """
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        sums = [
            (-sum(row[begin:end]), self.met[currency], currency)
            for currency, row in self.money.items()
            if self.met[currency] <= last
        ]
        if not sums:
            return None
        amount, _met, currency = min(sums)
        return currency, -amount


def _add_up(rows: list[list[int]], numbers: list[int], index: int) -> None:
    for place, number in enumerate(numbers):
        if number:
            row = rows[place]
            row[index] = _bounded(row[index] + number)
