"""An account's evidence as one dense row of integers a stream, one entry a week."""

from collections.abc import Collection

import msgspec

from accounts.evidence import COUNTS, Week

(
    PURCHASING, DECIDERS, PRICE, TALKS, UNBUNDLED, BASKETS, COMMERCIAL, FORMAL, DEALS, QUICK, DECISIONS,
    CONTACTS, ORDERS, REQUESTS, ANSWERS, TOUCHES,
) = range(COUNTS)  # fmt: skip
VOTE_ROWS = CONTACTS  # the rows before it are kept by product line too
WORTH = VOTE_ROWS  # a line's row after its votes: its orders in the account's first currency
MOST_LINES = 8  # product lines that are told apart, with what names none; further ones count with the latter
NO_LINE = ""
MOST_CURRENCIES = 8  # that a state keeps: those that the account met first
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


class Series(msgspec.Struct, array_like=True):
    """Rows of counts and a row of money per currency, all of `length` weeks from week `start`.

    `lines` are the product lines in the order in which they appeared. Where there is but one, `counts` are
    its rows; where there are more, `by_line` holds the vote rows of each, and its worth.
    """

    start: int = 0
    length: int = 0
    counts: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(COUNTS)])
    money: dict[str, list[int]] = {}
    currency: str = ""  # the first that was seen
    lines: list[str] = []
    by_line: list[list[list[int]]] = []
    crowded: int | None = None  # the first week whose money found no row any more

    @property
    def end(self) -> int:
        """The first week that is not in the rows."""
        return self.start + self.length

    def truncate(self, week: int) -> None:
        """Forget `week` and all that follows."""
        keep = max(0, min(self.length, week - self.start))
        for row in (*self.counts, *self.money.values(), *(row for rows in self.by_line for row in rows)):
            del row[keep:]
        self.length = keep
        self.money = {currency: row for currency, row in self.money.items() if any(row)}
        if self.crowded is not None and self.crowded >= week:
            self.crowded = None
        if self.currency not in self.money:
            self.currency = ""
        self._forget_lines()

    def _forget_lines(self) -> None:
        """Forget the lines that say nothing any more: the last ones, as they stand by their first week."""
        rows = self.by_line or [[*self.counts[:VOTE_ROWS], self.money.get(self.currency, [])]]
        known = sum(any(map(any, of_line)) for of_line in rows)
        self.lines = self.lines[:known]
        self.by_line = self.by_line[:known] if known > 1 else []

    def extend(self, weeks: dict[int, Week], until: int) -> None:
        """Append the weeks from the end up to, not including, `until`; weeks without evidence are zeros.

        The row starts at the first week that says anything.
        """
        if not self.length:
            self.start = min((week for week in weeks if week < until), default=until)
        added = until - self.end
        if added <= 0:
            return
        before = self.length
        zeros = [0] * added
        for row in (*self.counts, *self.money.values(), *(row for rows in self.by_line for row in rows)):
            row.extend(zeros)
        self.length += added
        for week in sorted(week for week in weeks if before <= week - self.start < self.length):
            self._add(week - self.start, weeks[week])
        self.money = {currency: self.money[currency] for currency in sorted(self.money)}

    def _add(self, index: int, sums: Week) -> None:
        # Lines get their places first: their rows begin as a copy of what was known before this week.
        paid = _by_currency(sums)
        self.currency = self.currency or next(iter(paid), "")
        places = {line: self._place(line) for line in sorted(sums.lines) if self._speaks(sums, line)}
        for currency, amount in paid.items():
            self._pay(currency, amount, index)
        for counts in sums.lines.values():
            for stream, number in enumerate(counts):
                self.counts[stream][index] += number
        if self.by_line:
            for line, place in places.items():
                for row, number in zip(self.by_line[place], self._said(sums, line), strict=True):
                    row[index] += number
        for row in (*self.counts, *self.money.values(), *(row for rows in self.by_line for row in rows)):
            row[index] = _bounded(row[index])

    def _said(self, sums: Week, line: str) -> tuple[int, ...]:
        return *sums.lines[line][:VOTE_ROWS], sums.money.get((self.currency, line), 0)

    def _speaks(self, sums: Week, line: str) -> bool:
        return any(self._said(sums, line))

    def _pay(self, currency: str, amount: int, index: int) -> None:
        if currency not in self.money and len(self.money) < MOST_CURRENCIES:
            self.money[currency] = [0] * self.length
        if currency in self.money:
            self.money[currency][index] += amount
        elif self.crowded is None:
            self.crowded = self.start + index

    def _place(self, line: str) -> int:
        """Where a line's rows are; the first of further lines gives the first one rows of its own."""
        if line not in self.lines and len(self.lines) >= MOST_LINES - (NO_LINE not in self.lines):
            line = NO_LINE
        if line in self.lines:
            return self.lines.index(line)
        self.lines = [*self.lines, line]
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

    def worth(self, line: int, first: int, last: int) -> tuple[int, int]:
        """A line's orders over these weeks, and those of all lines; in the account's first currency."""
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        sums = [max(0, sum(rows[WORTH][begin:end])) for rows in self.by_line]
        return sums[line], sum(sums)

    def total(self, stream: int, first: int, last: int, lines: Collection[int] | None = None) -> int:
        """The sum of a stream over the weeks `first` to `last`, both included; others count nothing.

        Of all product lines, or of those at these places.
        """
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        if lines is None or not self.by_line:
            return sum(self.counts[stream][begin:end])
        return sum(sum(self.by_line[line][stream][begin:end]) for line in lines)

    def main_currency(self, first: int, last: int) -> tuple[str, int] | None:
        """The currency with the largest sum over these weeks, and that sum; others are not mixed in.

        Only currencies seen by then: a later week must not change what was said of an earlier one.
        """
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        sums = [
            (-sum(row[begin:end]), -sum(row[:end]), currency)
            for currency, row in self.money.items()
            if any(row[:end])
        ]
        if not sums:
            return None
        amount, _ever, currency = min(sums)
        return currency, -amount
