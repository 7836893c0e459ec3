"""From events to integers: what each week adds to each stream of evidence."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple, cast

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
_ASKING = frozenset({"application", "technical", "training", "delivery", "quality", "support"})
_DECIDERS = frozenset({"development", "purchasing", "executive", "operations", "finance"})


class Contribution(NamedTuple):
    """What one event says of one product line, or the difference it makes to an earlier version of itself.

    All but the last five in thousandths of a vote.
    """

    purchasing: int = 0  # y of purchasing's share
    deciders: int = 0  # n of it
    price: int = 0
    talks: int = 0
    unbundled: int = 0
    baskets: int = 0
    commercial: int = 0  # talks that asked nothing technical
    formal: int = 0  # opportunities by specification, by tender, against named rivals
    deals: int = 0
    quick: int = 0  # decisions that took less than QUICK
    decisions: int = 0
    contacts: int = 0  # events
    orders: int = 0
    requests: int = 0  # what the customer asked of us
    answers: int = 0  # … and we answered
    touches: int = 0  # talks that we began
    money: int = 0  # in MONEY units of `currency`
    currency: str = ""
    line: str = ""  # the product line; empty where the event names none

    @property
    def counts(self) -> tuple[int, ...]:
        """The integers without the money."""
        return cast("tuple[int, ...]", self[:COUNTS])


COUNTS = 16
QUICK = timedelta(weeks=6)
_LONGEST_LINE = 64  # characters of a product line's name that tell it apart
_ORDERS = (OrderPlaced, OrderChanged)


def contributions_of(event: CanonicalEvent) -> tuple[Contribution, ...]:
    """What an event says when it is taken alone, a contribution a product line."""
    if isinstance(event, InteractionLogged):
        data = event.data
        y, n = _purchasing_vote(data.participants)
        topics = set(data.topics)
        price = _share("price" in topics, len(topics))
        commercial = VOTE if topics and topics.isdisjoint(_TECHNICAL) else 0
        talks = VOTE if topics else 0
        asked = data.direction == "inbound" and not topics.isdisjoint(_ASKING)
        said = Contribution(
            y,
            n,
            price,
            talks,
            commercial=commercial,
            contacts=1,
            requests=int(asked),
            answers=int(data.answers is not None),
            touches=int(data.direction == "outbound"),
            line=_line(data.product_line),
        )
        return (said,)
    if isinstance(event, _ORDERS):
        return _order(event)
    if isinstance(event, OpportunityChanged):
        return _opportunity(event)
    if isinstance(event, TicketChanged):
        return (Contribution(contacts=1, requests=1, answers=int(event.data.status != "opened")),)
    return ()


def _line(name: str | None) -> str:
    """A product line as states know it: an event may claim a name of a megabyte."""
    return name[:_LONGEST_LINE].strip() if name else ""


def _purchasing_vote(people: Iterable[Person]) -> tuple[int, int]:
    """(y, n): purchasing's share among the customer's people whose function is known; one vote an event."""
    known = {person.id: person.role() for person in people if person.side == "customer"}
    roles = [role for role in known.values() if role in _DECIDERS]
    return (_share(roles.count("purchasing"), len(roles)), VOTE) if roles else (0, 0)


def _share(part: int, whole: int) -> int:
    return (VOTE * part + whole // 2) // whole if whole else 0


def _opportunity(event: OpportunityChanged) -> tuple[Contribution, ...]:
    """The deciders' vote, how formally is bought, and whether it was decided quickly once it is."""
    data = event.data
    y, n = _purchasing_vote(data.deciders)
    signs = [] if data.basis is None else [data.basis == "specification"]
    signs += [] if data.tender is None else [data.tender]
    if signs or data.competitors:  # an empty list alone may mean that nobody asked
        signs.append(bool(data.competitors))
    quick = decisions = 0
    if data.closed_at is not None and data.status in {"won", "lost"}:
        quick, decisions = VOTE * (data.closed_at - data.opened_at < QUICK), VOTE
    said = Contribution(
        purchasing=y,
        deciders=n,
        formal=_share(sum(signs), len(signs)),
        deals=VOTE if signs else 0,
        quick=quick,
        decisions=decisions,
        line=_line(data.product_line),
    )
    return (said,) if any(said.counts) else ()


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
    buyer_y, buyer_n = _purchasing_vote([event.data.buyer]) if event.data.buyer else (0, 0)
    votes = _split(VOTE, positive) if is_order else {}
    seats = _split(buyer_n, positive) if is_order else dict.fromkeys(sorted(totals)[:1], buyer_n)
    currency = event.data.currency.upper()
    found = []
    for index, (line, total) in enumerate(sorted(totals.items())):
        vote, seat = votes.get(line, 0), seats.get(line, 0)
        of_line = amounts[line]
        loose = of_line["component"] + (0 if serviced else of_line["system"])
        said = Contribution(
            purchasing=(buyer_y * seat) // buyer_n if buyer_n else 0,
            deciders=seat,
            unbundled=(vote * min(max(loose, 0), total) + total // 2) // total if vote else 0,
            baskets=vote,
            orders=int(is_order and not index),
            money=total,
            currency=currency if total else "",
            line=line,
        )
        found.append(said)
    return tuple(said for said in found if said != Contribution(line=said.line))


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


class Week:
    """The sums of one week while they are being made, a product line apart from the other."""

    __slots__ = ("lines", "money")

    def __init__(self) -> None:
        self.lines: dict[str, list[int]] = {}
        self.money: dict[tuple[str, str], int] = {}  # by currency and line

    def add(self, said: Contribution, sign: int = 1) -> None:
        """Add, or with sign −1 take back, what an event says."""
        counts = self.lines.get(said.line)
        if counts is None:
            counts = self.lines[said.line] = [0] * COUNTS
        for index, number in enumerate(said.counts):
            if number:
                counts[index] += sign * number
        if said.money:
            key = said.currency, said.line
            self.money[key] = self.money.get(key, 0) + sign * said.money

    @property
    def counts(self) -> list[int]:
        """The sums over all lines."""
        return [sum(numbers) for numbers in zip(*self.lines.values(), strict=True)] or [0] * COUNTS


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
        elif (week := week_of(event.time)) >= from_week:
            for said in contributions_of(event):
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
    before: tuple[Contribution, ...] = ()
    for version in versions:
        said = () if isinstance(version, OrderCancelled) else contributions_of(version)
        if said is not before and said != before and (week := week_of(version.time)) >= from_week:
            sums = weeks.setdefault(week, Week())
            for contribution in before:
                sums.add(contribution, -1)
            for contribution in said:
                sums.add(contribution)
        before = said
