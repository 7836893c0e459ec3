"""The dead letters of records that are read again by another mapping."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from storage import dead_letters
from storage.dead_letters import DeadLetter
from storage.event_rows import BY_HAND
from storage.ranges import Range, within
from storage.rows import among, chunks
from storage.tables import dead_letters as letters_table
from storage.tables import drafts, events

_CHUNK = 2000


def renew(
    connection: sa.Connection, letters: list[DeadLetter], ranges: Iterable[Range], now: datetime
) -> None:
    """What was wrong with these records has been looked at again: what still is, is filed anew."""
    wrong = {letter.place for letter in letters}
    for range_ in ranges:
        query = sa.select(letters_table.c.id, letters_table.c.offset, letters_table.c.replayed_at)
        found = connection.execute(query.where(*within(letters_table, range_))).all()
        place = range_.cluster, range_.topic, range_.partition
        again = {row.id for row in found if (*place, row.offset) in wrong}
        for part in chunks(sorted(again), _CHUNK):
            _keep_records(connection, letters, part)
            gone = sa.delete(letters_table).where(among(connection, letters_table.c.id, part))
            connection.execute(gone)
        right = [row.id for row in found if row.replayed_at is None and row.id not in again]
        for part in chunks(right, _CHUNK):
            dead_letters.resolve(connection, part, now)


def _keep_records(connection: sa.Connection, letters: list[DeadLetter], ids: Sequence[int]) -> None:
    """Let the letters of drafts have the records that came with earlier letters of the same place."""
    filed = dead_letters.find(connection, ids=ids, unresolved=False, limit=len(ids))
    before = {each.letter.place: each.letter for each in filed if not each.letter.is_draft}
    for number, letter in enumerate(letters):
        if letter.is_draft and (kept := before.get(letter.place)) is not None:
            letters[number] = kept._replace(reason=letter.reason, detail=letter.detail)


def without_mended(connection: sa.Connection, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """The letters but those of records that a person has mended."""
    if not letters:
        return []
    mended: set[tuple[str, str, int]] = set()
    for table in (events, drafts):
        columns = table.c.cluster, table.c.topic, table.c.offset
        query = sa.select(*columns).where(table.c.partition == BY_HAND)
        mended.update((row.cluster, row.topic, row.offset) for row in connection.execute(query))
    return [each for each in letters if (each.cluster, each.topic, each.offset) not in mended]
