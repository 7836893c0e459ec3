"""Reference data: every version of the people, products and documents that events refer to by id."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from storage.rows import add, among, chunks
from storage.tables import reference_data, reference_state

_decode = msgspec.json.Decoder(dict[str, Any]).decode
EVER = -(2**63)
_CHUNK = 2000


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


class Touched(NamedTuple):
    """What new versions concern."""

    since: dict[int, int]  # from when on they may say something else, by number; of what they are part of too
    versions: list[ReferenceRow]  # all that are there now of the references themselves


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


def keep(connection: sa.Connection, rows: Mapping[tuple[int, bytes], ReferenceRow]) -> Touched:
    """Keep the versions that are new."""
    if not rows:
        return Touched({}, [])
    known: dict[int, list[ReferenceRow]] = {}
    for row in load(connection, {number for number, _ in rows}, ()):
        known.setdefault(row.reference, []).append(row)
    there = {(row.reference, row.version) for several in known.values() for row in several}
    new = [row for key, row in rows.items() if key not in there]
    add(connection, reference_data, new, new=True)
    since = touched_by(new, known)
    return Touched(since, [*new, *(row for number in since for row in known.get(number, ()))])


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
