"""Which of the customers' titles say nothing of a function, and of how many people."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

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
from accounts.roles import says_nothing


class Unknown(NamedTuple):
    """A title, or the department of people without one, in which no word is known."""

    text: str
    people: int
    accounts: int


class Census(NamedTuple):
    """The customers' people: all, those without title and department, and the titles that say nothing."""

    people: int
    untitled: int
    silent: int  # people with such a title
    unknown: list[Unknown]  # of the most people first


def census(events: Iterable[CanonicalEvent]) -> Census:
    """Count people by account and id; those whose function an event states need no title."""
    everybody: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    unknown: dict[str, set[tuple[str, str]]] = {}
    for event in events:
        for person in (person for person in _people(event) if person.side == "customer"):
            who = (event.subject, person.id)
            everybody.add(who)
            text = " ".join((person.title or person.department or "").split())
            if text or person.function:
                told.add(who)
            if text and not person.function and says_nothing(person.title, person.department):
                unknown.setdefault(text, set()).add(who)
    rows = [Unknown(text, len(who), len({account for account, _ in who})) for text, who in unknown.items()]
    rows.sort(key=lambda row: (-row.people, row.text))
    return Census(len(everybody), len(everybody - told), len(set().union(*unknown.values())), rows)


def _people(event: CanonicalEvent) -> Iterator[Person]:
    match event:
        case InteractionLogged():
            yield from event.data.participants
        case OpportunityChanged():
            yield from event.data.deciders
        case ContactChanged():
            yield event.data.contact
        case OrderPlaced() | OrderChanged() if event.data.buyer:
            yield event.data.buyer
        case TicketChanged() if event.data.requester:
            yield event.data.requester
