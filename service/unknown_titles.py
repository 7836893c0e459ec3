"""Which of the customers' titles say nothing of a function, and of how many people."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
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


class Titles:
    """Counts people by account and id; those whose function an event states need no title."""

    def __init__(self) -> None:
        self._everybody: set[tuple[str, str]] = set()
        self._told: set[tuple[str, str]] = set()
        self._unknown: dict[str, set[tuple[str, str]]] = {}
        self._nothing = lru_cache(maxsize=1 << 16)(says_nothing)  # the same people come again and again

    def add(self, event: CanonicalEvent) -> None:
        """Take in whom an event names."""
        for person in (person for person in people_of(event) if person.side == "customer"):
            who = (event.subject, person.id)
            self._everybody.add(who)
            text = " ".join((person.title or person.department or "").split())
            if text or person.function:
                self._told.add(who)
            if text and not person.function and self._nothing(person.title, person.department):
                self._unknown.setdefault(text, set()).add(who)

    def census(self) -> Census:
        """All that was counted."""
        told = self._unknown.items()
        rows = [Unknown(text, len(who), len({account for account, _ in who})) for text, who in told]
        rows.sort(key=lambda row: (-row.people, row.text))
        silent = len(set().union(*self._unknown.values()))
        return Census(len(self._everybody), len(self._everybody - self._told), silent, rows)


def census(events: Iterable[CanonicalEvent]) -> Census:
    """Count the people of these events."""
    titles = Titles()
    for event in events:
        titles.add(event)
    return titles.census()


def people_of(event: CanonicalEvent) -> Iterator[Person]:
    """Everybody whom an event names, the vendor's people included."""
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
