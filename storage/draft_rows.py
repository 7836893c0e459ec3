"""Drafts: what records themselves say of events that refer to more."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from storage import draft_references
from storage.draft_references import Naming, packed, unpacked
from storage.rows import add_once, among
from storage.tables import drafts

FOREVER = 2**63 - 1


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
    names: bytes = b""  # what it names, packed; see storage.draft_references


_COLUMNS = [drafts.c[name] for name in DraftRow._fields]


def keep(connection: sa.Connection, named: Sequence[tuple[DraftRow, set[int]]]) -> dict[bytes, bytes]:
    """Keep the drafts that are new, with what they name; returns the bodies of the others, by key."""
    rows = {draft.event_key: (*draft[:-1], packed(asked)) for draft, asked in named}
    stored = add_once(connection, drafts, rows)
    new = (
        Naming(draft.event_key, draft.at, asked) for draft, asked in named if draft.event_key not in stored
    )
    draft_references.note(connection, new)
    return stored


def find(connection: sa.Connection, keys: Sequence[bytes]) -> list[DraftRow]:
    """The drafts of these events, as far as they are there."""
    query = sa.select(*_COLUMNS).where(among(connection, drafts.c.event_key, keys))
    return [DraftRow(*row) for row in connection.execute(query)]


def name(connection: sa.Connection, named: Iterable[tuple[DraftRow, set[int]]]) -> None:
    """Note what drafts name that they have not named before."""
    more = []
    for draft, asked in named:
        before = unpacked(draft.names)
        if not asked <= before:
            more.append((draft, asked - before, packed(asked | before)))
    if not more:
        return
    draft_references.note(connection, [Naming(draft.event_key, draft.at, new) for draft, new, _ in more])
    change = sa.update(drafts).where(drafts.c.event_key == sa.bindparam("key"))
    rows = [{"key": draft.event_key, "all_names": names} for draft, _, names in more]
    connection.execute(change.values(names=sa.bindparam("all_names")), rows)
