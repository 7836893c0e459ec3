"""What the tests of coverage share: a made portfolio, its tally, and what differs between tallies."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from accounts.events import CanonicalEvent
from service.coverage.cost import MIX
from service.coverage.gaps import ALL_KINDS, Gaps, Kinds
from service.coverage.tally import Tally
from service.simulation import portfolio

START = datetime(2022, 1, 3, tzinfo=UTC)
NEVER = datetime(2090, 1, 1, tzinfo=UTC)


@cache
def made(accounts: int = 30, weeks: int = 110, seed: int = 9) -> tuple[CanonicalEvent, ...]:
    """A made portfolio's events, in order of time."""
    events, _ = portfolio(accounts, weeks, seed, START, mix=MIX)
    return tuple(msgspec.convert(list(events), list[CanonicalEvent]))


def tally_of(events: Iterable[CanonicalEvent], horizon: datetime = NEVER) -> Tally:
    """What these events have."""
    tally = Tally(horizon)
    for event in events:
        tally.add(event)
    return tally


def with_gaps(kept: Mapping[str, float], seed: int = 4, kinds: Kinds = ALL_KINDS) -> Tally:
    """What the made portfolio has without so much of it."""
    return tally_of(Gaps(seed, kept, kinds).of(made()))


def event(type_: str, account: str = "a", at: str = "2024-01-05T10:00:00Z", **data: Any) -> CanonicalEvent:
    """An event with data; its id is made of all it says."""
    body = {
        "specversion": "1.0", "type": type_, "source": "s", "id": f"{account}{at}{hash(str(data))}",
        "subject": account, "time": at, "data": data,
    }  # fmt: skip
    found: CanonicalEvent = msgspec.convert(body, CanonicalEvent)
    return found


def order(account: str = "a", number: int = 0, kind: str = "component", **more: Any) -> CanonicalEvent:
    """An order of one line, on a day of its own."""
    line = {"sku": "S", "kind": kind, "quantity": 1, "unit_price": 10}
    at = f"202{4 + number // 336}-{1 + number // 28 % 12:02}-{1 + number % 28:02}T10:00:00Z"
    named = {"order_id": f"o{number}", "currency": "EUR", "lines": [line]}
    return event("order.placed", account, **{"at": at} | named | more)


def talk(account: str = "a", at: str = "2024-01-05T10:00:00Z", **more: Any) -> CanonicalEvent:
    """A call about price, with a buyer."""
    buyer = {"id": "p1", "title": "Buyer"}
    said = {"channel": "call", "direction": "inbound", "participants": [buyer], "topics": ["price"]}
    return event("crm.interaction.logged", account, at, **said | more)
