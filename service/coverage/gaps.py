"""Events with as little in them as somebody's data has: what takes each piece away.

Which events lose a piece is decided by a digest of the seed and what they are about: the same ones whatever
else is taken away, all versions of a document alike, and the fewer the larger the share that is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from accounts.events import (
    AccountChanged,
    CanonicalEvent,
    InteractionLogged,
    OpportunityChanged,
    OrderCancelled,
    OrderChanged,
    OrderDelivered,
    OrderPlaced,
    Person,
    TicketChanged,
)

Kept = Mapping[str, float]  # the share that is kept of each piece; a piece that is not named is kept whole
Kinds = frozenset[str]
ALL_KINDS: Kinds = frozenset({"system", "component", "service"})

_set: Callable[..., Any] = msgspec.structs.replace
_ORDERS = (OrderPlaced, OrderChanged, OrderCancelled, OrderDelivered)


class Gaps:
    """Takes pieces away from the events of one account."""

    def __init__(self, seed: int, kept: Kept, kinds: Kinds = ALL_KINDS) -> None:
        self._seed, self._kept, self._kinds = seed, kept, kinds

    def of(self, events: Iterable[CanonicalEvent]) -> Iterator[CanonicalEvent]:
        """The events as the data would have them; those that it lacks are left out."""
        for event in events:
            if isinstance(event, _ORDERS):
                found = self._order(event)
            elif isinstance(event, AccountChanged):
                found = event
            else:
                found = self._crm(event)
            if found is not None:
                yield found

    def _has(self, piece: str, about: str) -> bool:
        share = self._kept.get(piece, 1.0)
        return share >= 1 or luck(self._seed, piece, about) < share

    def _crm(self, event: Any) -> CanonicalEvent | None:
        account = event.subject
        if not self._has("crm", account):
            return None
        match event:
            case InteractionLogged():
                return self._talk(event) if self._has("talks", account) else None
            case OpportunityChanged():
                return self._deal(event) if self._has("opportunities", account) else None
            case TicketChanged():
                return event if self._has("tickets", account) else None
        found: CanonicalEvent = event
        return found

    def _talk(self, event: InteractionLogged) -> InteractionLogged:
        data, about = event.data, f"{event.subject}/{event.id}"
        if not self._has("participants", about):
            data = _set(data, participants=[one for one in data.participants if one.side == "vendor"])
        elif self._kept.get("roles", 1.0) < 1:
            data = _set(data, participants=[self._person(one, event.subject) for one in data.participants])
        if not self._has("topics", about):
            data = _set(data, topics=[])
        return event if data is event.data else _set(event, data=data)

    def _person(self, person: Person, account: str) -> Person:
        if person.side == "vendor" or self._has("roles", f"{account}/{person.id}"):
            return person
        return nameless(person)

    def _deal(self, event: OpportunityChanged) -> OpportunityChanged:
        data, about = event.data, f"{event.subject}/{event.data.opportunity_id}"
        gone: dict[str, Any] = {}
        if not self._has("deciders", about):
            gone["deciders"] = []
        if not self._has("basis", about):
            gone["basis"] = None
        if not self._has("tender", about):
            gone["tender"] = None
        if not self._has("competitors", about):
            gone["competitors"] = []
        if not self._has("closed_at", about):
            gone["closed_at"] = None
        return _set(event, data=_set(data, **gone)) if gone else event

    def _order(self, event: Any) -> CanonicalEvent | None:
        account = event.subject
        found: CanonicalEvent = event
        if not self._has("orders", account):
            return None
        if not isinstance(event, OrderPlaced | OrderChanged):
            return found
        data, about = event.data, f"{account}/{event.data.order_id}"
        if not self._has("lines", about):
            data = _set(data, lines=[])
        if data.buyer is not None and not self._has("buyer", about):
            data = _set(data, buyer=None)
        if not self._has("product_line", about):
            data = _set(data, lines=[_set(line, product_line=None) for line in data.lines])
        if not self._kinds.issuperset(line.kind for line in data.lines):
            data = _set(data, lines=[_set(line, kind=self._kind(line.kind)) for line in data.lines])
        return found if data is event.data else _set(event, data=data)

    def _kind(self, kind: str) -> str:
        """A kind that no rule tells becomes the one that stands for all others."""
        if kind in self._kinds:
            return kind
        return "component" if "component" in self._kinds else min(self._kinds, default="component")


def nameless(person: Person) -> Person:
    """The person without what tells a function."""
    return Person(person.id, person.name, email=person.email, side=person.side)


@lru_cache(maxsize=1 << 20)
def luck(seed: int, piece: str, about: str) -> float:
    """A number from 0 up to 1 that is the same whenever it is asked for."""
    digest = blake2b(f"{seed}\0{piece}\0{about}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
