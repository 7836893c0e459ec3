"""A piece of evidence and what it is made of: numbers, days, and the people and events behind it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.alert import Evidence, bounded
from accounts.events import (
    CanonicalEvent,
    ContactChanged,
    InteractionLogged,
    OpportunityChanged,
    OrderChanged,
    OrderPlaced,
    Person,
)
from accounts.policy import MICRO

MOST_PEOPLE = 8
_MOST_EVENTS = 20


def piece(
    signal: str,
    micro_nats: int,
    text: str,
    people: list[str],
    events: Sequence[CanonicalEvent],
    numbers: dict[str, float | str],
) -> Evidence:
    """A piece of evidence; people and events cut to what a reader takes in."""
    return Evidence(
        signal=signal,
        nats=round(micro_nats / MICRO, 3),
        text=text,
        people=people[:MOST_PEOPLE],
        event_ids=[event.id for event in events[-_MOST_EVENTS:]],
        numbers=numbers,
    )


def people_of(events: list[CanonicalEvent], *, only_purchasing: bool) -> list[str]:
    """Distinct customer people, most often seen first."""
    times: dict[str, int] = {}
    latest: dict[str, Person] = {}
    for event in events:
        for person in {p.id: p for p in participants(event) if p.side == "customer"}.values():
            if not only_purchasing or person.role() == "purchasing":
                times[person.id] = times.get(person.id, 0) + 1
                latest[person.id] = person
    ranked = sorted(times, key=lambda key: (-times[key], key))
    return [called(latest[key]) for key in ranked]


def participants(event: CanonicalEvent) -> Iterable[Person]:
    """The people who took part, ours and theirs."""
    if isinstance(event, InteractionLogged):
        return event.data.participants
    if isinstance(event, OpportunityChanged):
        return event.data.deciders
    if isinstance(event, OrderPlaced | OrderChanged) and event.data.buyer:
        return (event.data.buyer,)
    return ()


def everybody(event: CanonicalEvent) -> Iterable[Person]:
    """The people an event tells of."""
    return (event.data.contact,) if isinstance(event, ContactChanged) else participants(event)


def called(person: Person) -> str:
    """A person as a reader knows them."""
    name = bounded(person.name or person.id)
    return f"{name} ({bounded(person.title)})" if person.title else name


def percent(part: int, whole: int) -> int:
    """What was taken back of earlier weeks may leave a part beyond the whole: never more than 100."""
    return min(100, round(100 * part / whole)) if whole > 0 else 0


def day(at: datetime) -> str:
    """A date in words."""
    return f"{at.day} {at:%B %Y}"
