"""Events that depend on reference data: their drafts, what they name, and every version of what is named.

An event with references is stored as its draft, what the record itself says. Its canonical event is made of
the draft and of what is known by now; whenever reference data arrive, the drafts that name them are filled
anew in the same transaction.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa

from storage.dead_letters import DeadLetter
from storage.engine import is_sqlite
from storage.event_rows import EventRow
from storage.rows import add, among, chunks
from storage.tables import draft_references, drafts, reference_data, reference_state

_decode = msgspec.json.Decoder(dict[str, Any]).decode
FOREVER = 2**63 - 1
EVER = -(2**63)
_CHUNK = 2000  # drafts that are filled at once
_LOCK = 0x7475726E  # of all transactions that touch drafts or reference data


class ReferenceRow(NamedTuple):
    """A version of something that events refer to."""

    reference: int  # digest of kind and id
    version: bytes  # digest of the change's identity
    parent: int | None  # digest of kind and the id of what it is part of
    kind: str
    id: str
    time: int  # microseconds since 1970
    deleted: bool
    fields: bytes  # JSON
    topic: str
    partition: int
    offset: int
    cluster: str = ""


class DraftRow(NamedTuple):
    """What a record itself says of an event that refers to more."""

    event_key: bytes
    rule: str
    at: int  # microseconds since 1970: versions of references from then on may concern it
    body: bytes
    topic: str
    partition: int
    offset: int
    cluster: str = ""


class Filled(NamedTuple):
    """What has become of a draft."""

    draft: DraftRow
    event: EventRow | None
    asked: set[int]  # the references it names
    problem: str | None = None  # why it makes no event, though all it names is known
    waits: Sequence[str] = ()  # what it names and nobody has told of yet, in words


Load = Callable[[Iterable[int], Iterable[int]], Iterator[ReferenceRow]]  # of references, parts of wholes


class Filler(Protocol):
    """Makes events of drafts; keeps what it has loaded of references."""

    def trust(self, known: bytes, now: bytes, changed: Iterable[int]) -> None:
        """What was loaded as of the state `known` holds, but for what has changed; the state is `now`.

        What was loaded as of any other state is forgotten.
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


def state(connection: sa.Connection) -> bytes:
    """A name for all that is known of references now; another for every other state."""
    found: bytes | None = connection.execute(sa.select(reference_state.c.state)).scalar_one_or_none()
    return found or b""


def renew_state(connection: sa.Connection) -> bytes:
    """Name the state anew, since something has changed; a number would come again after a rollback."""
    name = secrets.token_bytes(16)
    if connection.execute(sa.update(reference_state).values(state=name)).rowcount == 0:
        connection.execute(sa.insert(reference_state).values(id=1, state=name))
    return name


def take(connection: sa.Connection, mapped: Mapped) -> Changes:
    """Keep what is new, and fill the drafts that are new or named by what is new."""
    if not mapped.references and not mapped.drafts:
        return Changes({}, {}, [], [], [])
    lock(connection)
    touched = add_references(connection, mapped.references)
    known = state(connection)
    now = renew_state(connection) if touched else known
    mapped.filler.trust(known, now, touched)
    new, conflicting = _add_drafts(connection, mapped.drafts)
    changes = Changes({}, {}, conflicting, [], [])
    for part in chunks(list(new.values()), _CHUNK):
        _fill(connection, part, mapped, changes, earlier=False)
    refill(connection, named_by(connection, touched, new), mapped, changes)
    return changes


def refill(connection: sa.Connection, keys: Sequence[bytes], mapped: Mapped, changes: Changes) -> None:
    """Fill these drafts anew, as far as they are there."""
    for part in chunks(keys, _CHUNK):
        query = sa.select(*DRAFT_COLUMNS).where(among(connection, drafts.c.event_key, part))
        rows = [DraftRow(*row) for row in connection.execute(query)]
        _fill(connection, rows, mapped, changes, earlier=True)


def _fill(
    connection: sa.Connection, rows: Sequence[DraftRow], mapped: Mapped, changes: Changes, *, earlier: bool
) -> None:
    filled = mapped.filler.fill(rows, lambda references, wholes: load(connection, references, wholes))
    named = [(number, one.draft.event_key, one.draft.at) for one in filled for number in sorted(one.asked)]
    add(connection, draft_references, named, new=not earlier)
    for one in filled:
        if earlier:
            changes.events[one.draft.event_key] = one.event
        elif one.event is not None:
            changes.new[one.draft.event_key] = one.event
        if one.problem is not None:
            changes.letters.append(mapped.letter_of(one.draft, one.problem))
        elif earlier and one.event is not None:
            changes.mended.append(one.draft)


def load(
    connection: sa.Connection, references: Iterable[int], wholes: Iterable[int]
) -> Iterator[ReferenceRow]:
    """All versions of these references, and of those that are part of these wholes."""
    for part in chunks(sorted(references), _CHUNK):
        query = sa.select(reference_data).where(among(connection, reference_data.c.reference, part))
        yield from map(ReferenceRow._make, connection.execute(query).all())
    for part in chunks(sorted(wholes), _CHUNK):
        parts = sa.select(reference_data.c.reference).where(among(connection, reference_data.c.parent, part))
        query = sa.select(reference_data).where(reference_data.c.reference.in_(parts.distinct()))
        yield from map(ReferenceRow._make, connection.execute(query).all())


def add_references(
    connection: sa.Connection, rows: Mapping[tuple[int, bytes], ReferenceRow]
) -> dict[int, int]:
    """Keep the versions that are new; returns, by number, from when on they may say something else."""
    if not rows:
        return {}
    known: dict[int, list[ReferenceRow]] = {}
    for part in chunks(sorted({number for number, _ in rows}), _CHUNK):
        query = sa.select(reference_data).where(among(connection, reference_data.c.reference, part))
        for row in connection.execute(query):
            known.setdefault(row.reference, []).append(ReferenceRow(*row))
    there = {(row.reference, row.version) for several in known.values() for row in several}
    new = [row for key, row in rows.items() if key not in there]
    add(connection, reference_data, new, new=True)
    return touched_by(new, known)


def touched_by(new: Iterable[ReferenceRow], known: Mapping[int, Sequence[ReferenceRow]]) -> dict[int, int]:
    """From when on these versions matter: what had been said of the same before stands before them."""
    touched: dict[int, int] = {}
    for row in new:
        before = known.get(row.reference, ())
        full = any(other.time <= row.time and _says_all(other.fields, row.fields) for other in before)
        since = row.time if full else EVER
        parents = {other.parent for other in (*before, row) if other.parent is not None}
        for number in (row.reference, *parents):
            touched[number] = min(touched.get(number, since), since)
    return touched


def _says_all(earlier: bytes, later: bytes) -> bool:
    """Whether an earlier version says something of each field of a later one."""
    return _names(later) <= _names(earlier)


def _names(fields: bytes) -> set[str]:
    return set(_decode(fields))


def named_by(connection: sa.Connection, touched: Mapping[int, int], but: Iterable[bytes] = ()) -> list[bytes]:
    """The drafts that name these references and lie where they may say something else."""
    found: set[bytes] = set()
    for part in chunks(sorted(touched), _CHUNK):
        earliest = min(touched[number] for number in part)
        query = sa.select(draft_references).where(
            among(connection, draft_references.c.reference, part), draft_references.c.at >= earliest
        )
        found.update(row.event_key for row in connection.execute(query) if row.at >= touched[row.reference])
    return sorted(found.difference(but))


DRAFT_COLUMNS = tuple(drafts.c[name] for name in DraftRow._fields)


def _add_drafts(
    connection: sa.Connection, rows: Mapping[bytes, DraftRow]
) -> tuple[dict[bytes, DraftRow], list[bytes]]:
    """Keep the drafts that are new: those, and the keys of those that contradict an earlier one."""
    there: dict[bytes, bytes] = {}
    for part in chunks(list(rows), _CHUNK):
        query = sa.select(drafts.c.event_key, drafts.c.body).where(
            among(connection, drafts.c.event_key, part)
        )
        there.update((key, body) for key, body in connection.execute(query))
    new = {key: row for key, row in rows.items() if key not in there}
    add(connection, drafts, list(new.values()), new=True)
    return new, [key for key, body in there.items() if rows[key].body != body]
