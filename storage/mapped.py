"""Events that depend on reference data: made of their drafts and of what is known, and made anew.

An event with references is stored as its draft, what the record itself says. Its canonical event is made of
the draft and of what is known by now; whenever reference data arrive, the drafts that name them are filled
anew in the same transaction.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from storage import draft_references, draft_rows, reference_rows
from storage.dead_letters import DeadLetter
from storage.draft_rows import DraftRow
from storage.engine import is_sqlite
from storage.event_rows import EventRow
from storage.reference_rows import ReferenceRow
from storage.rows import chunks

_CHUNK = 2000  # drafts that are filled at once
_LOCK = 0x7475726E  # of all transactions that touch drafts or reference data


class Filled(NamedTuple):
    """What has become of a draft."""

    draft: DraftRow
    event: EventRow | None
    asked: set[int]  # the references it names
    problem: str | None = None  # why it makes no event, though all it names is known
    waits: Sequence[str] = ()  # what it names and nobody has told of yet, in words
    without: Sequence[str] = ()  # kinds of parts it asked for and there are none of


Load = Callable[[Iterable[int], Iterable[int]], Iterator[ReferenceRow]]  # of references, parts of wholes


class Filler(Protocol):
    """Makes events of drafts; keeps what it has loaded of references."""

    def trust(
        self, known: bytes, now: bytes, changed: Iterable[int], versions: Iterable[ReferenceRow] = ()
    ) -> None:
        """What was loaded as of the state `known` holds, but for what has changed; the state is `now`.

        What was loaded as of any other state is forgotten. `versions` are all there are of some references.
        """
        ...

    def fill(self, rows: Sequence[DraftRow], load: Load) -> list[Filled]:
        """What becomes of these drafts; what they name is loaded as they ask for it."""
        ...


class Mapped(NamedTuple):
    """What a batch brought of drafts and reference data, and how drafts are filled."""

    references: dict[tuple[int, bytes], ReferenceRow]
    drafts: dict[bytes, DraftRow]
    filler: Filler
    letter_of: Callable[[DraftRow, str], DeadLetter]  # the dead letter of a draft that makes no event


class Changes(NamedTuple):
    """What follows for the set of events."""

    new: dict[bytes, EventRow]  # of drafts that were not there before
    events: dict[bytes, EventRow | None]  # of those that were
    conflicting: list[bytes]  # drafts that contradict earlier ones
    letters: list[DeadLetter]
    mended: list[DraftRow]  # earlier drafts that make an event now


def lock(connection: sa.Connection) -> None:
    """Let one transaction at a time weigh drafts against references: two could each miss what the other adds.

    SQLite has one writer in any case.
    """
    if not is_sqlite(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def take(connection: sa.Connection, mapped: Mapped) -> Changes:
    """Keep what is new, and fill the drafts that are new or named by what is new."""
    changes = Changes({}, {}, [], [], [])
    if not mapped.references and not mapped.drafts:
        return changes
    lock(connection)
    touched = reference_rows.keep(connection, mapped.references)
    known = reference_rows.state(connection)
    now = reference_rows.renew_state(connection) if touched.since else known
    mapped.filler.trust(known, now, (), touched.versions)
    stored = _take_drafts(connection, mapped, changes)
    named = draft_references.find(connection, touched.since)
    earlier = {key: at for key, at in named.items() if key not in mapped.drafts or key in stored}
    refill(connection, earlier, mapped, changes)
    return changes


def _take_drafts(connection: sa.Connection, mapped: Mapped, changes: Changes) -> Collection[bytes]:
    """Keep the drafts that are new, and fill them; returns the keys of the others."""
    load = partial(reference_rows.load, connection)
    filled = {one.draft.event_key: one for one in mapped.filler.fill(list(mapped.drafts.values()), load)}
    stored = draft_rows.keep(connection, [(one.draft, one.asked) for one in filled.values()])
    changes.conflicting.extend(key for key, body in stored.items() if mapped.drafts[key].body != body)
    for key, one in filled.items():
        if key in stored:
            continue
        if one.event is not None:
            changes.new[key] = one.event
        if one.problem is not None:
            changes.letters.append(mapped.letter_of(one.draft, one.problem))
    return stored


def refill(connection: sa.Connection, keys: Mapping[bytes, int], mapped: Mapped, changes: Changes) -> None:
    """Fill these drafts anew, as far as they are there and lie after the moment told of each."""
    for part in chunks(sorted(keys), _CHUNK):
        rows = [row for row in draft_rows.find(connection, part) if row.at >= keys[row.event_key]]
        filled = mapped.filler.fill(rows, partial(reference_rows.load, connection))
        draft_rows.name(connection, [(one.draft, one.asked) for one in filled])
        for one in filled:
            changes.events[one.draft.event_key] = one.event
            if one.problem is not None:
                changes.letters.append(mapped.letter_of(one.draft, one.problem))
            elif one.event is not None:
                changes.mended.append(one.draft)
