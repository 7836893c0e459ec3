"""The sums of each week, from events in any order."""

from collections.abc import Iterable

from accounts.events import CanonicalEvent, OrderCancelled, document_of, event_key
from accounts.evidence import COUNTS, Contribution, contributions_of
from accounts.weeks import week_of

MOST_SEATS = 32  # people of a week whose seats are kept: those with most


class Week:
    """The sums of one week while they are being made, a product line apart from the other."""

    __slots__ = ("left", "lines", "money", "seats")

    def __init__(self) -> None:
        self.lines: dict[str, list[int]] = {}
        self.money: dict[tuple[str, str], int] = {}  # by currency and line
        self.seats: dict[int, int] = {}  # by person
        self.left: set[int] = set()

    def add(self, said: Contribution, sign: int = 1) -> None:
        """Add, or with sign −1 take back, what an event says."""
        if said.left:
            self.left.add(said.left)
            return
        counts = self.lines.get(said.line)
        if counts is None:
            counts = self.lines[said.line] = [0] * COUNTS
        for row, number in said.counts:
            counts[row] += sign * number
        if said.money:
            key = said.currency, said.line
            self.money[key] = self.money.get(key, 0) + sign * said.money
        for person in said.seats:
            self.seats[person] = self.seats.get(person, 0) + 1

    @property
    def most_seen(self) -> list[tuple[int, int]]:
        """(person, seats) of those who took part most often."""
        ranked = sorted(self.seats.items(), key=lambda seen: (-seen[1], seen[0]))
        return ranked[:MOST_SEATS]


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
        elif (week := week_of(event.time)) >= from_week and (said := contributions_of(event)):
            if (sums := weeks.get(week)) is None:
                sums = weeks[week] = Week()
            for contribution in said:
                sums.add(contribution)
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
