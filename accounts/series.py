"""An account's evidence as one dense row of integers a stream, one entry a week."""

import msgspec

from accounts.evidence import Week

PURCHASING, DECIDERS, PRICE, TALKS, UNBUNDLED, BASKETS, CONTACTS, ORDERS, COMMERCIAL = range(9)
STREAMS = 9
MOST_CURRENCIES = 8  # that an account's state keeps; those it met first
# A week's sums stay 64-bit integers, and a year's money fits the columns kept of it, whatever events claim.
_LARGEST = 10**17


def _bounded(number: int) -> int:
    return number if -_LARGEST <= number <= _LARGEST else _LARGEST if number > 0 else -_LARGEST


class Series(msgspec.Struct, array_like=True):
    """Nine rows of counts and a row of money per currency, all of `length` weeks from week `start`."""

    start: int = 0
    length: int = 0
    counts: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(STREAMS)])
    money: dict[str, list[int]] = {}
    crowded: int | None = None  # the first week whose money found no row any more

    @property
    def end(self) -> int:
        """The first week that is not in the rows."""
        return self.start + self.length

    def truncate(self, week: int) -> None:
        """Forget `week` and all that follows."""
        keep = max(0, min(self.length, week - self.start))
        for row in (*self.counts, *self.money.values()):
            del row[keep:]
        self.length = keep
        self.money = {currency: row for currency, row in self.money.items() if any(row)}
        if self.crowded is not None and self.crowded >= week:
            self.crowded = None

    def extend(self, weeks: dict[int, Week], until: int) -> None:
        """Append the weeks from the end up to, not including, `until`; weeks without evidence are zeros.

        The row starts at the first week that says anything.
        """
        if not self.length:
            self.start = min((week for week in weeks if week < until), default=until)
        added = until - self.end
        if added <= 0:
            return
        self._grow(weeks, added)
        for week, sums in weeks.items():
            index = week - self.start
            if 0 <= index < self.length:
                for stream, number in enumerate(sums.counts):
                    if number:
                        self.counts[stream][index] = _bounded(number)
                for currency, amount in sums.money.items():
                    if amount and currency in self.money:
                        self.money[currency][index] = _bounded(amount)

    def _grow(self, weeks: dict[int, Week], added: int) -> None:
        for week, currency in self._met(weeks, self.end + added):
            if len(self.money) < MOST_CURRENCIES:
                self.money[currency] = [0] * self.length
            elif self.crowded is None:
                self.crowded = week
        self.money = {currency: self.money[currency] for currency in sorted(self.money)}
        zeros = [0] * added
        for row in (*self.counts, *self.money.values()):
            row.extend(zeros)
        self.length += added

    def _met(self, weeks: dict[int, Week], until: int) -> list[tuple[int, str]]:
        """(week, currency) of each currency that has no row yet, in the order in which they were met."""
        met: dict[str, int] = {}
        for week, sums in weeks.items():
            for currency, amount in sums.money.items():
                if amount and week < until and currency not in self.money:
                    met[currency] = min(week, met.get(currency, week))
        return sorted((week, currency) for currency, week in met.items())

    def bought(self, first: int, last: int) -> dict[str, int]:
        """What was bought over these weeks, in each currency; those that come to nothing are left out."""
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        sums = ((currency, sum(row[begin:end])) for currency, row in self.money.items())
        return {currency: amount for currency, amount in sums if amount}

    def total(self, stream: int, first: int, last: int) -> int:
        """The sum of a stream over the weeks `first` to `last`, both included; others count nothing."""
        begin, end = max(0, first - self.start), max(0, last + 1 - self.start)
        return sum(self.counts[stream][begin:end])

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
