"""From events to integers: what each week adds to each stream of evidence."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from accounts.events import (
    CanonicalEvent,
    InteractionLogged,
    OpportunityChanged,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    Person,
    TicketChanged,
    document_of,
    event_key,
)
from accounts.weeks import week_of

VOTE = 1000  # one vote, in thousandths: an event with two buyers among three known people votes 667
MONEY = 10_000  # money in ten-thousandths: the finest minor unit of any currency
_TECHNICAL = frozenset({"application", "technical"})
_DECIDERS = frozenset({"development", "purchasing", "executive", "operations", "finance"})


class Contribution(NamedTuple):
    """What one event says, or the difference it makes to the earlier version of the same document."""

    purchasing: int = 0  # y of stream A, in thousandths of a vote
    deciders: int = 0  # n of stream A
    price: int = 0
    talks: int = 0
    unbundled: int = 0
    baskets: int = 0
    contacts: int = 0
    orders: int = 0
    commercial: int = 0  # talks that asked nothing technical, in thousandths
    money: int = 0  # in MONEY units of `currency`
    currency: str = ""

    @property
    def counts(self) -> tuple[int, ...]:
        """The nine integers without the money."""
        return self[:9]


NOTHING = Contribution()


_ORDERS = (OrderPlaced, OrderChanged)


def contribution_of(event: CanonicalEvent) -> Contribution:
    """What an event says when it is taken alone."""
    if isinstance(event, InteractionLogged):
        y, n = _purchasing_vote(event.data.participants)
        topics = set(event.data.topics)
        price = _share("price" in topics, len(topics))
        commercial = VOTE if topics and topics.isdisjoint(_TECHNICAL) else 0
        return Contribution(y, n, price, VOTE if topics else 0, contacts=1, commercial=commercial)
    if isinstance(event, _ORDERS):
        return _order(event)
    if isinstance(event, OpportunityChanged):
        return Contribution(*_purchasing_vote(event.data.deciders))
    if isinstance(event, TicketChanged):
        return Contribution(contacts=1)
    return NOTHING


def _purchasing_vote(people: Iterable[Person]) -> tuple[int, int]:
    """(y, n): purchasing's share among the customer's people whose function is known; one vote an event."""
    known = {person.id: person.role() for person in people if person.side == "customer"}
    roles = [role for role in known.values() if role in _DECIDERS]
    return (_share(roles.count("purchasing"), len(roles)), VOTE) if roles else (0, 0)


def _share(part: int, whole: int) -> int:
    return (VOTE * part + whole // 2) // whole if whole else 0


def _order(event: OrderPlaced | OrderChanged) -> Contribution:
    """An order's money, its vote for unbundling and its buyer's vote.

    Components count as unbundled, and so do systems in an order without a service line. A credit note
    (a total of nothing or less) has money but is no order.
    """
    amounts = {"system": 0, "component": 0, "service": 0}
    for line in event.data.lines:
        amounts[line.kind] += in_money_units(line.quantity * line.unit_price)
    total = sum(amounts.values())
    y, n = _purchasing_vote([event.data.buyer]) if event.data.buyer else (0, 0)
    currency = event.data.currency.upper()
    if total <= 0:
        return Contribution(y, n, money=total, currency=currency)
    loose = amounts["component"] + (0 if amounts["service"] else amounts["system"])
    unbundled = _share(min(max(loose, 0), total), total)
    return Contribution(y, n, 0, 0, unbundled, VOTE, orders=1, money=total, currency=currency)


def in_money_units(amount: Decimal) -> int:
    """An amount as an integer of MONEY units, rounded half to even."""
    return int((amount * MONEY).to_integral_value(ROUND_HALF_EVEN))


class Week:
    """The sums of one week while they are being made."""

    __slots__ = ("counts", "money")

    def __init__(self) -> None:
        self.counts = [0] * 9
        self.money: dict[str, int] = {}

    def add(self, contribution: Contribution, sign: int = 1) -> None:
        """Add, or with sign −1 take back, what an event says."""
        counts = self.counts
        for index, number in enumerate(contribution[:9]):
            if number:
                counts[index] += sign * number
        if contribution.money:
            amount = self.money.get(contribution.currency, 0) + sign * contribution.money
            self.money[contribution.currency] = amount


def weekly(events: Iterable[CanonicalEvent], from_week: int) -> dict[int, Week]:
    """The weeks from `from_week` on, by event time, from events in any order.

    Versions of one document replace each other in the order of their own time, each in the week in which
    it became true: an order changed twice counts once, and no week knows what only a later one told.
    Events before `from_week` serve as earlier versions only. Duplicates must be gone already.
    """
    weeks: dict[int, Week] = {}
    documents: dict[str, list[CanonicalEvent]] = {}
    for event in events:
        document = document_of(event)
        if document is not None:
            documents.setdefault(document, []).append(event)
        elif (week := week_of(event.time)) >= from_week and (said := contribution_of(event)) != NOTHING:
            weeks.setdefault(week, Week()).add(said)
    for versions in documents.values():
        _add_versions(weeks, versions, from_week)
    return weeks


def in_order(event: CanonicalEvent) -> tuple[object, ...]:
    """The key by which versions follow each other: their time; where that is equal, their identity."""
    return event.time, event_key(event)


def _add_versions(weeks: dict[int, Week], versions: list[CanonicalEvent], from_week: int) -> None:
    if len(versions) > 1:
        versions.sort(key=in_order)
    before = NOTHING
    for version in versions:
        said = NOTHING if isinstance(version, OrderCancelled) else contribution_of(version)
        if said is not before and said != before and (week := week_of(version.time)) >= from_week:
            sums = weeks.setdefault(week, Week())
            sums.add(before, -1)
            sums.add(said)
        before = said
