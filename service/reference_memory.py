"""Drafts and reference data of topics that are read to look at, kept in memory until all have come."""

from collections.abc import Iterable, Iterator, Sequence

from consumers.mapping.mappings import Mappings
from storage.draft_rows import DraftRow
from storage.mapped import Filled
from storage.reference_rows import ReferenceRow

_CHUNK = 2000  # drafts that are filled at once
_STATE = b"all that was read"


class ReferenceMemory:
    """What the database is for a consumer; events of drafts are made once, at the end, of all that came."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings
        self._drafts: dict[bytes, DraftRow] = {}
        self._references: dict[int, dict[bytes, ReferenceRow]] = {}
        self._parts: dict[int, set[int]] = {}

    def add_reference(self, row: ReferenceRow) -> None:
        """Keep a version; one that came before is the same."""
        self._references.setdefault(row.reference, {}).setdefault(row.version, row)
        if row.parent is not None:
            self._parts.setdefault(row.parent, set()).add(row.reference)

    def add_draft(self, row: DraftRow) -> bool:
        """Keep a draft; returns whether it says the same as one of its key that came before, or is new."""
        return self._drafts.setdefault(row.event_key, row).body == row.body

    @property
    def drafts(self) -> int:
        """How many drafts are kept."""
        return len(self._drafts)

    def fill(self) -> Iterator[Filled]:
        """What has become of each draft; none of them is kept."""
        filler = self._mappings.filler
        while part := self._next():
            filler.trust(_STATE, _STATE, ())  # or what it has loaded would grow without end
            yield from filler.fill(part, self._load)

    def _next(self) -> Sequence[DraftRow]:
        keys = [key for _, key in zip(range(_CHUNK), self._drafts, strict=False)]
        return [self._drafts.pop(key) for key in keys]

    def _load(self, references: Iterable[int], wholes: Iterable[int]) -> Iterator[ReferenceRow]:
        numbers = set(references).union(*(self._parts.get(whole, ()) for whole in wholes))
        for number in sorted(numbers):
            yield from self._references.get(number, {}).values()
