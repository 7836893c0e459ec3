"""Which drafts name a reference: those of one batch stand together, in one row for each thing they name."""

import secrets
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from storage.rows import add, among, chunks
from storage.tables import draft_references

_CHUNK = 2000
_KEY = 16  # bytes of an event's key
_FOUND = [draft_references.c[name] for name in ("reference", "at", "drafts")]


class Naming(NamedTuple):
    """A draft, and some of what it names."""

    event_key: bytes
    at: int  # microseconds since 1970: later versions do not concern it
    references: Iterable[int]


def packed(references: Iterable[int]) -> bytes:
    """Numbers of references as a draft keeps them."""
    numbers = sorted(references)
    return struct.pack(f"<{len(numbers)}q", *numbers)


def unpacked(said: bytes) -> set[int]:
    """The numbers again."""
    return set(struct.unpack(f"<{len(said) // 8}q", said))


def note(connection: sa.Connection, namings: Iterable[Naming]) -> None:
    """Note what these drafts name; it has not been noted before."""
    keys: dict[int, list[bytes]] = defaultdict(list)
    latest: dict[int, int] = {}
    for event_key, at, references in namings:
        for number in references:
            keys[number].append(event_key)
            if at > latest.get(number, at - 1):
                latest[number] = at
    batch = secrets.randbits(63)
    rows = [(number, batch, latest[number], b"".join(several)) for number, several in keys.items()]
    add(connection, draft_references, rows, new=True)


def find(connection: sa.Connection, touched: Mapping[int, int]) -> dict[bytes, int]:
    """The drafts that name these references and may lie where they may say something else, and from when on.

    `touched` tells by number from when on a reference may.
    """
    found: dict[bytes, int] = {}
    for part in chunks(sorted(touched), _CHUNK):
        earliest = min(touched[number] for number in part)
        query = sa.select(*_FOUND).where(
            among(connection, draft_references.c.reference, part), draft_references.c.at >= earliest
        )
        for number, latest, drafts in connection.execute(query):
            since = touched[number]
            for event_key in _split(drafts) if latest >= since else ():
                found[event_key] = min(since, found.get(event_key, since))
    return found


def forget(connection: sa.Connection, gone: Mapping[bytes, bytes]) -> None:
    """Forget what drafts named that are no more; what is told is what each keeps of it, packed."""
    numbers = {number for said in gone.values() for number in unpacked(said)}
    for part in chunks(sorted(numbers), _CHUNK):
        concerned = among(connection, draft_references.c.reference, part)
        rows = connection.execute(sa.select(draft_references).where(concerned)).all()
        connection.execute(sa.delete(draft_references).where(concerned))
        left = [(*row[:3], b"".join(key for key in _split(row.drafts) if key not in gone)) for row in rows]
        add(connection, draft_references, [row for row in left if row[3]], new=True)


def _split(drafts: bytes) -> list[bytes]:
    return [drafts[start : start + _KEY] for start in range(0, len(drafts), _KEY)]
