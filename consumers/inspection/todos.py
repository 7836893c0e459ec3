"""What a draft leaves for a person, in the order of what it costs to leave it."""

from enum import IntEnum


class Cost(IntEnum):
    """What is lost, the most first; docs/connecting.md says how much was measured."""

    CUSTOMERS = 0  # an account in two halves
    PEOPLE = 1
    TOPICS = 2
    KINDS = 3
    STATUSES = 4
    DATES = 5
    OTHER = 6


class Todos:
    """The list while a draft is written."""

    def __init__(self) -> None:
        self._all: list[tuple[Cost, str]] = []
        self._guessed: list[str] = []

    def __call__(self, text: str, cost: Cost = Cost.OTHER) -> None:
        """One more; the same is said once."""
        if (cost, text) not in self._all:
            self._all.append((cost, text))

    def guessed(self, codes: str) -> None:
        """A list of codes of which the words of each tell what it means."""
        if codes not in self._guessed:
            self._guessed.append(codes)

    def listed(self) -> list[str]:
        """All, the dearest first; what was guessed with certainty is one, and the last."""
        found = [text for _, text in sorted(self._all, key=lambda each: each[0])]
        if self._guessed:
            lists = ", ".join(f"[codes.{name}]" for name in self._guessed)
            found.append(f"check the guesses of {lists}: the words of each value tell what it means.")
        return found
