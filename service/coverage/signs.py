"""What one event has of what the signals need, as bits.

The first bits are the rows of accounts.evidence that the event adds to: so they hold what the detector itself
makes of it. The others say what it has besides.
"""

from collections.abc import Callable
from typing import Any

from accounts.events import (
    AccountChanged,
    CanonicalEvent,
    ContactChanged,
    InteractionLogged,
    OpportunityChanged,
    OrderCancelled,
    OrderChanged,
    OrderDelivered,
    OrderPlaced,
    TicketChanged,
)
from accounts.evidence import COUNTS, contributions_of

(
    TALK, ORDER, DEAL, TICKET, CONTACT, CARD,  # what it is an event of; a deal is an opportunity
    REFERRED,  # an order that an event cancels, or says is delivered
    CANCELLED,  # an order that an event cancels
    NAMED,  # a person of the customer: participant, decider, buyer, requester
    OURS,  # a participant of the vendor's
    LINE,  # a product line; of an order, for each of its lines
    SYSTEM, COMPONENT, SERVICE, LISTED,  # lines of an order, by kind; one with a list price
    CLOSED, WON_DEAL,  # opportunities that were won or lost; and won
    RIVAL,  # a competitor
    KIND,  # of a ticket
    FRIEND,  # a talk with somebody who could be a champion
    OWNED, LEFT,  # an account whose owner has an address; a contact who has left
) = (1 << place for place in range(COUNTS, COUNTS + 22))  # fmt: skip
WIDTH = COUNTS + 22
CRM = TALK | DEAL | TICKET | CONTACT
LINES = SYSTEM | COMPONENT | SERVICE  # an order with any line
_KINDS = {"system": SYSTEM, "component": COMPONENT, "service": SERVICE}


def row(number: int) -> int:
    """The bit of a row of the evidence."""
    return 1 << number


def signs_of(event: CanonicalEvent) -> int:
    """All that an event has."""
    signs = 0
    for said in contributions_of(event):
        for number, count in said.counts:
            if count > 0:
                signs |= 1 << number
        if said.seats:
            signs |= FRIEND
    return signs | _besides(event)


def _besides(event: Any) -> int:
    return _TOLD_BY[type(event)](event.data)


def _talk(data: Any) -> int:
    sides = {person.side for person in data.participants}
    return TALK | _if(NAMED, "customer" in sides) | _if(OURS, "vendor" in sides) | _line(data)


def _deal(data: Any) -> int:
    named = any(person.side == "customer" for person in data.deciders)
    closed = _if(CLOSED, data.status in {"won", "lost"}) | _if(WON_DEAL, data.status == "won")
    return DEAL | _if(NAMED, named) | closed | _if(RIVAL, bool(data.competitors)) | _line(data)


def _ticket(data: Any) -> int:
    return TICKET | _if(NAMED, data.requester is not None) | _if(KIND, data.kind is not None)


def _contact(data: Any) -> int:
    return CONTACT | _if(LEFT, data.status == "left")


def _card(data: Any) -> int:
    return CARD | _if(OWNED, data.owner is not None and bool(data.owner.email))


def _order(data: Any) -> int:
    signs = ORDER | _if(NAMED, data.buyer is not None)
    signs |= _if(LINE, bool(data.lines) and all(item.product_line for item in data.lines))
    for item in data.lines:
        signs |= _KINDS[item.kind] | _if(LISTED, item.list_price is not None)
    return signs


def _line(data: Any) -> int:
    return _if(LINE, bool(data.product_line))


def _if(sign: int, holds: bool) -> int:  # noqa: FBT001  (it is the question)
    return sign if holds else 0


_TOLD_BY: dict[type, Callable[[Any], int]] = {
    InteractionLogged: _talk,
    OrderPlaced: _order,
    OrderChanged: _order,
    OpportunityChanged: _deal,
    TicketChanged: _ticket,
    ContactChanged: _contact,
    AccountChanged: _card,
    OrderCancelled: lambda _data: REFERRED | CANCELLED,
    OrderDelivered: lambda _data: REFERRED,
}
