"""Records read again by another mapping: what they made before is replaced, what they no longer make goes.

All in one transaction: until it ends nobody sees any of it, and one that is broken off has changed nothing.
Meanwhile consumers of topics with reference data wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage import (
    dead_letters,
    draft_references,
    draft_rows,
    event_rows,
    mapped,
    reference_rows,
    reread_letters,
)
from storage.dead_letters import DeadLetter
from storage.draft_rows import DraftRow
from storage.event_rows import BY_HAND, EventRow
from storage.intake import settle
from storage.mapped import Changes, Mapped
from storage.ranges import Range, within
from storage.reference_rows import EVER, ReferenceRow
from storage.rows import add, among, chunks
from storage.tables import drafts, events, reference_data

_CHUNK = 2000
_EVENT, _DRAFT, _REFERENCE = range(3)

# On a connection of its own, and gone with it.
_remade = sa.Table(
    "remade",
    sa.MetaData(),
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    sa.Column("what", sa.Integer, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)


class Reprocessed(NamedTuple):
    """What has come of it."""

    replaced: int  # events that are new, or other than they were
    removed: int
    accounts: int
    letters: Sequence[DeadLetter]  # of records that still make no event


class Reprocessing:
    """One transaction of it: `take` what the records say now, run by run, then `finish`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._due: dict[str, int] = {}
        self._cards: set[str] = set()
        self._emptied: set[str] = set()
        self._touched: dict[int, int] = {}  # references of which something else is known
        self._drafts: list[bytes] = []  # all that have been read
        self._letters: list[DeadLetter] = []
        self._replaced = 0
        mapped.lock(connection)
        _remade.create(connection)

    def take(
        self,
        rows: Mapping[bytes, EventRow],
        drafts_: Mapping[bytes, DraftRow],
        references: Mapping[tuple[int, bytes], ReferenceRow],
        letters: Iterable[DeadLetter],
    ) -> None:
        """Keep what some records say, in place of what they said before."""
        rows = self._but_by_hand(rows)
        self._replaced += self._change(rows)
        self._renew_drafts(drafts_)
        self._renew_references(references)
        self._letters += letters
        remade = [(key, _EVENT) for key, row in rows.items() if row.topic is not None]
        remade += [(key, _DRAFT) for key in drafts_]
        remade += [(version, _REFERENCE) for _, version in references]
        add(self._connection, _remade, remade)

    def finish(self, ranges: Sequence[Range], filled: Mapped, now: datetime) -> Reprocessed:
        """Take away what the records of these ranges no longer make, and fill what refers to it."""
        removed = self._sweep(ranges)
        known = reference_rows.state(self._connection)
        filled.filler.trust(known, reference_rows.renew_state(self._connection), self._touched)
        changes = Changes({}, {}, [], [], [])
        named = [*self._drafts, *draft_references.find(self._connection, self._touched)]
        for part in chunks(sorted(set(named)), _CHUNK):
            mapped.refill(self._connection, dict.fromkeys(part, EVER), filled, changes)
            self._replaced += self._change(changes.events)
            changes.events.clear()
        self._letters += changes.letters
        self._letters = reread_letters.without_mended(self._connection, self._letters)
        reread_letters.renew(self._connection, self._letters, ranges, now)
        settle(self._connection, changes, now)
        dead_letters.file(self._connection, self._letters, now)
        event_rows.set_due(self._connection, self._due.items())
        event_rows.renew_cards(self._connection, self._cards)
        event_rows.forget_unjudged(self._connection, self._emptied)
        _remade.drop(self._connection)
        letters = {letter.place: letter for letter in self._letters}
        return Reprocessed(self._replaced, removed, len(self._due), list(letters.values()))

    def _change(self, changes: Mapping[bytes, EventRow | None]) -> int:
        replaced = event_rows.replace(self._connection, changes)
        self._make_due(replaced.due)
        self._cards |= replaced.cards
        self._emptied |= replaced.emptied
        return replaced.changed

    def _make_due(self, weeks: Iterable[tuple[str, int]]) -> None:
        for account_id, week in weeks:
            self._due[account_id] = min(self._due.get(account_id, week), week)

    def _but_by_hand(self, rows: Mapping[bytes, EventRow]) -> dict[bytes, EventRow]:
        """The rows without those that a person has mended."""
        mended: set[bytes] = set()
        for part in chunks([key for key, row in rows.items() if row.partition != BY_HAND], _CHUNK):
            query = sa.select(events.c.event_key).where(
                among(self._connection, events.c.event_key, part), events.c.partition == BY_HAND
            )
            mended.update(self._connection.execute(query).scalars())
        return {key: row for key, row in rows.items() if key not in mended}

    def _renew_drafts(self, rows: Mapping[bytes, DraftRow]) -> None:
        there: dict[bytes, DraftRow] = {}
        for part in chunks(list(rows), _CHUNK):
            there.update((row.event_key, row) for row in draft_rows.find(self._connection, part))
        other = [row for key, row in rows.items() if _is_other(there.get(key), row)]
        gone = [row.event_key for row in other if row.event_key in there]
        for part in chunks(gone, _CHUNK):
            self._connection.execute(
                sa.delete(drafts).where(among(self._connection, drafts.c.event_key, part))
            )
        # What they have named stays noted, and does no harm.
        names = {key: there[key].names for key in gone}
        add(self._connection, drafts, [(*row[:-1], names.get(row.event_key, b"")) for row in other])
        self._drafts += rows

    def _renew_references(self, rows: Mapping[tuple[int, bytes], ReferenceRow]) -> None:
        there: dict[tuple[int, bytes], ReferenceRow] = {}
        for part in chunks(sorted({number for number, _ in rows}), _CHUNK):
            query = sa.select(reference_data).where(among(self._connection, reference_data.c.reference, part))
            found = (ReferenceRow(*row) for row in self._connection.execute(query))
            there.update(((row.reference, row.version), row) for row in found)
        other = [row for key, row in rows.items() if key not in there or there[key][:8] != row[:8]]
        for row in other:
            if (before := there.get((row.reference, row.version))) is not None:
                self._forget(before)
            self._touch(row)
        add(self._connection, reference_data, other)

    def _forget(self, row: ReferenceRow) -> None:
        self._touch(row)
        key = reference_data.c.reference == row.reference, reference_data.c.version == row.version
        self._connection.execute(sa.delete(reference_data).where(*key))

    def _touch(self, row: ReferenceRow) -> None:
        self._touched[row.reference] = EVER
        if row.parent is not None:
            self._touched[row.parent] = EVER

    def _sweep(self, ranges: Sequence[Range]) -> int:
        removed = 0
        for range_ in ranges:
            gone = sa.select(reference_data).where(
                *within(reference_data, range_), ~_is_remade(reference_data.c.version, _REFERENCE)
            )
            for row in self._connection.execute(gone).all():
                self._forget(ReferenceRow(*row))
            self._sweep_drafts(range_)
            removed += self._sweep_events(range_)
        return removed

    def _sweep_drafts(self, range_: Range) -> None:
        unmade = (*within(drafts, range_), ~_is_remade(drafts.c.event_key, _DRAFT))
        gone = self._connection.execute(sa.select(drafts.c.event_key, drafts.c.names).where(*unmade))
        draft_references.forget(self._connection, {row.event_key: row.names for row in gone})
        self._connection.execute(sa.delete(drafts).where(*unmade))

    def _sweep_events(self, range_: Range) -> int:
        drafted = sa.exists().where(drafts.c.event_key == events.c.event_key)
        gone = sa.select(events.c.event_key).where(
            *within(events, range_), ~_is_remade(events.c.event_key, _EVENT), ~drafted
        )
        keys = list(self._connection.execute(gone).scalars())
        self._change(dict.fromkeys(keys))
        return len(keys)


def _is_other(before: DraftRow | None, row: DraftRow) -> bool:
    """Whether a draft takes the place of one; none does of one that a person has mended."""
    if before is None:
        return True
    return before[:4] != row[:4] and (before.partition != BY_HAND or row.partition == BY_HAND)


def _is_remade(key: sa.ColumnElement[bytes], what: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(_remade.c.key == key, _remade.c.what == what)
