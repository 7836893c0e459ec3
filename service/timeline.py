"""An account's state as weeks and figures that a person or a program can read."""

from typing import Any

from accounts.account import AccountState
from accounts.cusum import Cusum
from accounts.evidence import (
    BASKETS,
    CONTACTS,
    DECIDERS,
    MONEY,
    ORDERS,
    PRICE,
    PURCHASING,
    TALKS,
    UNBUNDLED,
    VOTE,
)
from accounts.policy import MICRO
from accounts.series import Series
from accounts.weeks import start_of


def weeks(state: AccountState) -> dict[str, Any]:
    """{"weeks": one object a closed week, "leaders": each change of who decides}, the oldest first.

    Votes are decimal fractions: an event has one vote, which its participants share.
    """
    series = state.series
    return {
        "weeks": [_week(series, index) for index in range(series.length)],
        "leaders": [
            {"at": start_of(change.week + 1), "from_led_by": change.before, "to_led_by": change.after}
            for change in state.fold.leaders
        ],
    }


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


def tests(state: AccountState) -> dict[str, Any]:
    """How far each test's sum has come towards its threshold, in nats, and since when."""
    return {"shift": _test(state.fold.shift.cusum), "cadence": _test(state.fold.cadence.cusum)}


def _test(cusum: Cusum) -> dict[str, Any]:
    return {
        "sum": cusum.total / MICRO,
        "threshold": cusum.threshold / MICRO if cusum.ready else None,  # no baseline yet
        "crossed": cusum.crossed,
        "since": start_of(cusum.onset).date().isoformat() if cusum.total else None,
    }
