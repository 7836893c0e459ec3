"""Drafts: what records themselves say of events that refer to more, and which references each names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from storage.rows import add, add_once, among, chunks
from storage.tables import draft_references, drafts

FOREVER = 2**63 - 1
_CHUNK = 2000


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


_COLUMNS = [drafts.c[name] for name in DraftRow._fields]


def keep(connection: sa.Connection, rows: Mapping[bytes, DraftRow]) -> dict[bytes, bytes]:
    """Keep the drafts that are new; returns the bodies of the others, by key."""
    return add_once(connection, drafts, rows)


def find(connection: sa.Connection, keys: Sequence[bytes]) -> list[DraftRow]:
    """The drafts of these events, as far as they are there."""
    query = sa.select(*_COLUMNS).where(among(connection, drafts.c.event_key, keys))
    return [DraftRow(*row) for row in connection.execute(query)]


def name(connection: sa.Connection, named: Iterable[tuple[DraftRow, set[int]]], *, new: bool) -> None:
    """Note which references drafts name; of new ones nothing is noted yet."""
    rows = [(number, draft.event_key, draft.at) for draft, numbers in named for number in numbers]
    add(connection, draft_references, rows, new=new)


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
