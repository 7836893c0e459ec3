"""An account's state as weeks and figures that a person or a program can read."""

from typing import Any

from accounts.account import from_bytes
from accounts.cusum import Cusum
from accounts.evidence import MONEY, VOTE
from accounts.policy import MICRO
from accounts.series import BASKETS, CONTACTS, DECIDERS, ORDERS, PRICE, PURCHASING, TALKS, UNBUNDLED, Series
from accounts.weeks import start_of


def weeks(state: bytes) -> dict[str, Any]:
    """{"weeks": one object a closed week}, votes as decimal fractions of one vote an event."""
    series = from_bytes(state).series
    return {"weeks": [_week(series, index) for index in range(series.length)]}


def _week(series: Series, index: int) -> dict[str, Any]:
    row = [counts[index] for counts in series.counts]
    return {
        "week": start_of(series.start + index).date().isoformat(),
        "purchasing": row[PURCHASING] / VOTE,
        "deciders": row[DECIDERS] / VOTE,
        "price": row[PRICE] / VOTE,
        "talks": row[TALKS] / VOTE,
        "unbundled": row[UNBUNDLED] / VOTE,
        "baskets": row[BASKETS] / VOTE,
        "contacts": row[CONTACTS],
        "orders": row[ORDERS],
        "money": {currency: sums[index] / MONEY for currency, sums in series.money.items() if sums[index]},
    }


def tests(state: bytes) -> dict[str, Any]:
    """How far each test's sum has come towards its threshold, in nats, and since when."""
    fold = from_bytes(state).fold
    return {"shift": _test(fold.shift.cusum), "cadence": _test(fold.cadence.cusum)}


def _test(cusum: Cusum) -> dict[str, Any]:
    return {
        "sum": cusum.total / MICRO,
        "threshold": cusum.threshold / MICRO if cusum.ready else None,
        "since": start_of(cusum.onset).date().isoformat() if cusum.total else None,
    }
