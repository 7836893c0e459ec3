"""What an account is worth: a year's orders, its lifetime value, and what its stage puts at risk of it.

Amounts of several currencies are added only by the vendor's rates. What has no rate is told beside, and is
in no sum. Nothing here is part of a state: other rates tell other figures of the same account.
"""

import msgspec

from accounts.alert import Amount, BaseValue, Value
from accounts.chain import MADE, Chain, lifetime_years, state_of
from accounts.currency import Rates
from accounts.evidence import MONEY
from accounts.series import Series
from accounts.stages import Stage

YEAR_WEEKS = 52
_LARGEST = 9e15  # the columns of money hold less than 10^16


class Valuation(msgspec.Struct, frozen=True):
    """How evidence becomes money: rates, the chain over the stages, and a discount a year (0.10 is 10 %)."""

    rates: Rates = Rates()
    chain: Chain = MADE
    discount_rate: float = 0.10


BUILT_IN = Valuation()
NOTHING_KNOWN = Value(None, None, None, None)


def value_at(series: Series, week: int, stage: Stage, valuation: Valuation = BUILT_IN) -> Value:
    """The year's orders up to the end of a week, and what the stage puts at risk of their future.

    In the account's own currency where it bought in a single one; else in the base currency, as far as
    there are rates; without any rate, in that with the largest sum. All None where no order was known.
    """
    first, rates = week - YEAR_WEEKS + 1, valuation.rates
    main = series.main_currency(first, week)
    if main is None:
        return NOTHING_KNOWN
    bought = series.bought(first, week) or dict([main])
    worth = {currency: rates.convert(amount, currency) for currency, amount in bought.items()}
    known = [amount for amount in worth.values() if amount is not None]
    left = [Amount(_told(bought[code]), code) for code in bought if worth[code] is None and bought[code]]
    if series.crowded is not None and series.crowded <= week:
        left.append(Amount(None, None))
    currency, amount = (rates.base, sum(known)) if len(bought) > 1 and known else main
    base = _figures(sum(known), stage, valuation) if known else None
    return Value(
        *_figures(amount, stage, valuation),
        currency=currency,
        base=None if base is None else BaseValue(*base, currency=rates.base),
        not_converted=left,
    )


def _figures(amount: int, stage: Stage, valuation: Valuation) -> tuple[float, float, float]:
    """(annual, lifetime, at risk) of a year's orders; a year of credits is worth nothing, not less."""
    annual = max(0, amount)
    years = lifetime_years(valuation.chain, valuation.discount_rate)
    now, stable = years[state_of(stage)], years[0]
    return _told(annual), _told(annual * now), _told(annual * max(0.0, stable - now))


def _told(amount: float) -> float:
    """An amount in units of its currency, to the hundredth."""
    return round(max(-_LARGEST, min(_LARGEST, amount / MONEY)), 2)
