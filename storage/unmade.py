"""What consumed records have not become: dead letters, and drafts that wait."""

from collections import Counter
from typing import NamedTuple

import sqlalchemy as sa

from storage.draft_references import unpacked
from storage.rows import among, chunks
from storage.tables import dead_letters, drafts, events, reference_data

_CHUNK = 2000


class Letters(NamedTuple):
    """Dead letters of a topic with the same reason that nobody has mended."""

    topic: str
    reason: str
    number: int
    first: str


def letters(connection: sa.Connection) -> list[Letters]:
    """All of them, with what is said of the first."""
    columns = dead_letters.c
    groups = (
        sa.select(
            columns.topic,
            columns.reason,
            sa.func.count().label("number"),
            sa.func.min(columns.id).label("id"),
        )
        .where(columns.replayed_at.is_(None))
        .group_by(columns.topic, columns.reason)
        .subquery()
    )
    query = sa.select(groups.c.topic, groups.c.reason, groups.c.number, columns.detail).join(
        dead_letters, columns.id == groups.c.id
    )
    return [Letters(*row) for row in connection.execute(query)]


def waiting(connection: sa.Connection) -> Counter[str]:
    """By topic, the drafts without an event that name something of which nothing is known."""
    made = sa.exists().where(events.c.event_key == drafts.c.event_key)
    named = connection.execute(sa.select(drafts.c.topic, drafts.c.names).where(~made))
    asked = [(topic, unpacked(names)) for topic, names in named]
    known = _known(connection, sorted({number for _, numbers in asked for number in numbers}))
    return Counter(topic for topic, numbers in asked if not numbers <= known)


def _known(connection: sa.Connection, numbers: list[int]) -> set[int]:
    """Of these references those that anything tells of, themselves or a part of them."""
    found: set[int] = set()
    for part in chunks(numbers, _CHUNK):
        for column in (reference_data.c.reference, reference_data.c.parent):
            query = sa.select(column).where(among(connection, column, part)).distinct()
            found.update(connection.execute(query).scalars())
    return found
