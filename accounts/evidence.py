"""From events to integers: what one event adds to each stream of evidence."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from accounts.events import (
    CanonicalEvent,
    ContactChanged,
    InteractionLogged,
    OpportunityChanged,
    OrderChanged,
    OrderPlaced,
    Person,
    TicketChanged,
)
from accounts.roles import Function

VOTE = 1000  # one vote, in thousandths: an event with two buyers among three known people votes 667
MONEY = 10_000  # money in ten-thousandths: the finest minor unit of any currency
QUICK_DECISION = timedelta(weeks=6)

# The rows of evidence, an integer a week each. First the votes, in thousandths: what speaks for a sign, and
# all that could have. They are kept by product line too.
(
    PURCHASING, DECIDERS,  # seats of purchasing, among those whose function is known
    PRICE, TALKS,  # price among the topics
    UNBUNDLED, BASKETS,  # order value in components or without service
    COMMERCIAL,  # talks that asked nothing technical, of TALKS
    SPECIFIED, BASES,  # opportunities by specification
    TENDERED, TENDERS,  # … by formal tender
    RIVALLED, RIVALS,  # … against named competitors
    SHARED, WON,  # … won, and a competitor named: a second source
    QUICK, DECISIONS,  # … decided in less than QUICK_DECISION
    # Then counts of events, of the account as a whole.
    CONTACTS,
    ORDERS,
    TECHNICAL,  # talks that asked something technical
    SPONSORED,  # talks with an executive of the customer
    REQUESTS,  # what the customer asked of us
    ANSWERS,  # … and we answered
    TOUCHES,  # talks that we began
) = range(24)  # fmt: skip
COUNTS = 24
VOTE_ROWS = CONTACTS  # the rows before it

_TECHNICAL = frozenset({"application", "technical"})
_ASKING = frozenset({"application", "technical", "training", "delivery", "quality", "support"})
_OUR_FRIENDS = frozenset({"development", "executive"})  # among whom a champion is sought
_LONGEST_LINE = 64  # characters of a product line's name that tell it apart

Counts = tuple[tuple[int, int], ...]


class Contribution(NamedTuple):
    """What one event says of one product line: (row, number) of each row that it adds to."""

    counts: Counts = ()
    line: str = ""  # the product line; empty where the event names none
    money: int = 0  # in MONEY units of `currency`
    currency: str = ""
    seats: tuple[int, ...] = ()  # the customer's developers and executives who took part, by person_key
    left: int = 0  # who left the customer, by person_key

    def of(self, row: int) -> int:
        """The number of a row."""
        return next((number for known, number in self.counts if known == row), 0)


def contributions_of(event: CanonicalEvent) -> tuple[Contribution, ...]:
    """What an event says when it is taken alone, a contribution a product line."""
    told = _TOLD_BY.get(type(event))
    return () if told is None else told(event)


@lru_cache(maxsize=1 << 16)  # the same people come again and again
def person_key(person_id: str) -> int:
    """A person as states know them: seven bytes of a digest, for an id may be long."""
    return int.from_bytes(blake2b(person_id.encode("utf-8", "surrogatepass"), digest_size=7).digest())


def _counts(*numbers: tuple[int, int]) -> Counts:
    return tuple(said for said in numbers if said[1])


def _talk(event: InteractionLogged) -> tuple[Contribution, ...]:
    data = event.data
    roles = {person.id: person.role() for person in data.participants if person.side == "customer"}
    counts = [(CONTACTS, 1)]
    y, n = _vote([*roles.values()])
    if n:
        counts.append((DECIDERS, n))
        if y:
            counts.append((PURCHASING, y))
    if topics := set(data.topics):
        counts.append((TALKS, VOTE))
        counts.append((COMMERCIAL, VOTE) if topics.isdisjoint(_TECHNICAL) else (TECHNICAL, 1))
        if "price" in topics:
            counts.append((PRICE, _share(1, len(topics))))
    if "executive" in roles.values():
        counts.append((SPONSORED, 1))
    if data.direction == "outbound":
        counts.append((TOUCHES, 1))
    elif not topics.isdisjoint(_ASKING):
        counts.append((REQUESTS, 1))
    if data.answers is not None:
        counts.append((ANSWERS, 1))
    seats = tuple([person_key(who) for who, role in roles.items() if role in _OUR_FRIENDS])
    return (Contribution(tuple(counts), _line(data.product_line), seats=seats),)


def _ticket(event: TicketChanged) -> tuple[Contribution, ...]:
    answered = event.data.status != "opened"
    return (Contribution(_counts((CONTACTS, 1), (REQUESTS, 1), (ANSWERS, int(answered)))),)


def _contact(event: ContactChanged) -> tuple[Contribution, ...]:
    return (Contribution(left=person_key(event.data.contact.id)),) if event.data.status == "left" else ()


def _line(name: str | None) -> str:
    """A product line as states know it: an event may claim a name of a megabyte."""
    return name[:_LONGEST_LINE].strip() if name else ""


def _vote(roles: list[Function]) -> tuple[int, int]:
    """(y, n): purchasing's share among the people whose function is known; one vote an event."""
    known = len(roles) - roles.count("other")
    return (_share(roles.count("purchasing"), known), VOTE) if known else (0, 0)


def _vote_of(people: Iterable[Person]) -> tuple[int, int]:
    return _vote([*{person.id: person.role() for person in people if person.side == "customer"}.values()])


def _share(part: int, whole: int) -> int:
    return (VOTE * part + whole // 2) // whole if whole else 0


def _opportunity(event: OpportunityChanged) -> tuple[Contribution, ...]:
    """The deciders' vote, how formally is bought and against whom, and whether it was decided quickly."""
    data = event.data
    y, n = _vote_of(data.deciders)
    # An empty list of competitors alone may mean that nobody asked.
    rivals_known = bool(data.competitors) or data.basis is not None or data.tender is not None
    won = rivals_known and data.status == "won"
    decided = data.closed_at is not None and data.status in {"won", "lost"}
    quick = data.closed_at is not None and decided and data.closed_at - data.opened_at < QUICK_DECISION
    counts = _counts(
        (PURCHASING, y),
        (DECIDERS, n),
        (SPECIFIED, VOTE * (data.basis == "specification")),
        (BASES, VOTE * (data.basis is not None)),
        (TENDERED, VOTE * bool(data.tender)),
        (TENDERS, VOTE * (data.tender is not None)),
        (RIVALLED, VOTE * bool(data.competitors)),
        (RIVALS, VOTE * rivals_known),
        (SHARED, VOTE * (won and bool(data.competitors))),
        (WON, VOTE * won),
        (QUICK, VOTE * quick),
        (DECISIONS, VOTE * decided),
    )
    return (Contribution(counts, _line(data.product_line)),) if counts else ()


def _order(event: OrderPlaced | OrderChanged) -> tuple[Contribution, ...]:
    """An order's money, its vote for unbundling and its buyer's vote, split over its product lines by value.

    Components count as unbundled, and so do systems in an order without a service line. A credit note
    (a total of nothing or less) has money but is no order.
    """
    amounts: dict[str, dict[str, int]] = {}
    for item in event.data.lines:
        of_line = amounts.setdefault(_line(item.product_line), {"system": 0, "component": 0, "service": 0})
        of_line[item.kind] += in_money_units(item.quantity * item.unit_price)
    totals = {line: sum(of_line.values()) for line, of_line in amounts.items()}
    positive = {line: total for line, total in totals.items() if total > 0}
    is_order = sum(totals.values()) > 0
    serviced = sum(of_line["service"] for of_line in amounts.values()) != 0
    buyer_y, buyer_n = _vote_of([event.data.buyer]) if event.data.buyer else (0, 0)
    votes = _split(VOTE, positive) if is_order else {}
    seats = _split(buyer_n, positive) if is_order else dict.fromkeys(sorted(totals)[:1], buyer_n)
    currency = event.data.currency.upper()
    found = []
    for index, (line, total) in enumerate(sorted(totals.items())):
        vote, seat = votes.get(line, 0), seats.get(line, 0)
        of_line = amounts[line]
        loose = of_line["component"] + (0 if serviced else of_line["system"])
        counts = _counts(
            (PURCHASING, (buyer_y * seat) // buyer_n if buyer_n else 0),
            (DECIDERS, seat),
            (UNBUNDLED, (vote * min(max(loose, 0), total) + total // 2) // total if vote else 0),
            (BASKETS, vote),
            (ORDERS, int(is_order and not index)),
        )
        if counts or total:
            found.append(Contribution(counts, line, total, currency if total else ""))
    return tuple(found)


_TOLD_BY: dict[type, Callable[[Any], tuple[Contribution, ...]]] = {
    InteractionLogged: _talk,
    OrderPlaced: _order,
    OrderChanged: _order,
    OpportunityChanged: _opportunity,
    TicketChanged: _ticket,
    ContactChanged: _contact,
}


def _split(votes: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Votes in proportion to the weights, which are above zero; none is lost to rounding."""
    whole, so_far, given = sum(weights.values()), 0, 0
    found = {}
    for line, weight in sorted(weights.items()):
        so_far += weight
        upto = votes * so_far // whole
        found[line], given = upto - given, upto
    return found


def in_money_units(amount: Decimal) -> int:
    """An amount as an integer of MONEY units, rounded half to even."""
    return int((amount * MONEY).to_integral_value(ROUND_HALF_EVEN))
