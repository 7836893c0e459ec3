"""Partitions that wait before a record whose schema cannot be had; each is tried again, ever less often."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from kafka import TopicPartition

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0  # seconds


@dataclass
class _Wait:
    offset: int
    why: str
    seconds: float
    until: float
    is_due: bool = False


class WaitingRecords:
    """Which partitions wait for a schema registry, and why."""

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer = timer
        self._waits: dict[TopicPartition, _Wait] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def hold(self, place: TopicPartition, offset: int, why: str) -> None:
        """The record at this offset could not be read, or still cannot."""
        before = self._waits.get(place)
        wait = min(2 * before.seconds, _LONGEST_WAIT) if before and before.offset == offset else _FIRST_WAIT
        self._waits[place] = _Wait(offset, why, wait, self._timer() + wait)

    def due(self) -> list[TopicPartition]:
        """The partitions whose time to try again has come; each is told once."""
        now = self._timer()
        found = {place: wait for place, wait in self._waits.items() if not wait.is_due and wait.until <= now}
        for wait in found.values():
            wait.is_due = True
        return list(found)

    def stands_still(self, place: TopicPartition) -> bool:
        """Whether the partition is not to be read now."""
        return place in self._waits and not self._waits[place].is_due

    def passed(self, place: TopicPartition, offset: int) -> None:
        """All before this offset has been read."""
        if place in self._waits and self._waits[place].offset < offset:
            del self._waits[place]

    def drop(self, place: TopicPartition) -> None:
        """Another member has the partition now."""
        self._waits.pop(place, None)

    @property
    def words(self) -> list[str]:
        """Why partitions wait, each reason with its topics."""
        topics: dict[str, set[str]] = {}
        for place, wait in self._waits.items():
            topics.setdefault(wait.why, set()).add(place.topic)
        return [f"{why}; topic {', '.join(sorted(names))} waits for it" for why, names in topics.items()]
