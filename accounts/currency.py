"""What currencies are worth in the one that a vendor compares accounts in."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

# Enough digits for the largest sum at the largest rate; of our own, since a caller's context may round.
_EXACT = Context(prec=60)


class Rates(msgspec.Struct, frozen=True):
    """How many units of `base` one unit of each other currency is worth; codes in upper case."""

    base: str = "EUR"
    units: tuple[tuple[str, Decimal], ...] = ()

    def convert(self, amount: int, currency: str) -> int | None:
        """An amount in the smallest units that sums are kept in, in `base`; None where there is no rate."""
        if currency == self.base:
            return amount
        for code, rate in self.units:
            if code == currency:
                exact = _EXACT.multiply(Decimal(amount), rate)
                return int(exact.to_integral_value(ROUND_HALF_EVEN, _EXACT))
        return None


def rates_of(base: str, units: Mapping[str, Decimal]) -> Rates:
    """Rates from a table, in one order, so that equal tables are equal."""
    return Rates(base, tuple(sorted(units.items())))
