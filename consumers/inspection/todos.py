"""What a draft leaves for a person, in the order of what it costs to leave it."""

from enum import IntEnum


class Cost(IntEnum):
    """What is lost, the most first; docs/connecting.md says how much was measured."""

    CUSTOMERS = 0  # an account in two halves
    PEOPLE = 1
    TOPICS = 2
    KINDS = 3
    DATES = 4
    OTHER = 5


class Todos:
    """The list while a draft is written."""

    def __init__(self) -> None:
        self._all: list[tuple[Cost, str]] = []

    def __call__(self, text: str, cost: Cost = Cost.OTHER) -> None:
        """One more; the same is said once."""
        if (cost, text) not in self._all:
            self._all.append((cost, text))

    def listed(self) -> list[str]:
        """All, the dearest first."""
        return [text for _, text in sorted(self._all, key=lambda each: each[0])]
