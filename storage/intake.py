"""The consuming transaction's writes: events once each, accounts due, cards, offsets, dead letters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from accounts.events import CARD, decode
from storage import dead_letters, event_rows, mapped, partitions
from storage.dead_letters import DeadLetter
from storage.engine import transaction
from storage.event_rows import EventRow
from storage.mapped import Changes, Mapped
from storage.partitions import Advance

__all__ = ["Batch", "EventRow", "Outcome", "accept", "commit"]


class Batch(NamedTuple):
    """What one poll brought: everything in it is committed together or not at all."""

    events: dict[bytes, EventRow]  # by event_key
    advances: Sequence[Advance]
    dead_letters: Sequence[DeadLetter]
    conflict_of: Callable[[bytes], DeadLetter]  # the dead letter of an event that contradicts an earlier one
    mapped: Mapped | None = None


class Outcome(NamedTuple):
    """What a batch came to."""

    accepted: int
    repeated: int
    conflicting: list[EventRow]  # the id of an earlier event, another body


class Committed(NamedTuple):
    """What a batch came to, and the dead letters of drafts that contradict earlier ones or make no event."""

    outcome: Outcome
    letters: Sequence[DeadLetter]


def commit(engine: sa.Engine, batch: Batch, now: datetime) -> Committed:
    """Write a batch in one transaction.

    Raises FencedError, with nothing written, where another member has consumed a partition meanwhile.
    """
    with transaction(engine) as connection:
        partitions.advance(connection, batch.advances)
        dead_letters.file(connection, batch.dead_letters, now)
        committed = absorb(connection, batch, now)
        conflicts = [batch.conflict_of(row.event_key) for row in committed.outcome.conflicting]
        dead_letters.file(connection, [*conflicts, *committed.letters], now)
        return committed


def absorb(connection: sa.Connection, batch: Batch, now: datetime) -> Committed:
    """Add what a batch says to the set of events and to what they are made of."""
    if batch.mapped is None:
        return Committed(accept(connection, batch.events), [])
    changes = mapped.take(connection, batch.mapped)
    outcome = accept(connection, batch.events | changes.new, changes.events)
    settle(connection, changes, now)
    conflicts = [batch.conflict_of(key) for key in changes.conflicting]
    return Committed(outcome, [*changes.letters, *conflicts])


def settle(connection: sa.Connection, changes: Changes, now: datetime) -> None:
    """What could not be mapped for want of what has come since waits for nobody any more."""
    places = [(draft.cluster, draft.topic, draft.partition, draft.offset) for draft in changes.mended]
    dead_letters.resolve_at(connection, places, now)


def accept(
    connection: sa.Connection,
    rows: Mapping[bytes, EventRow],
    changes: Mapping[bytes, EventRow | None] | None = None,
) -> Outcome:
    """Add events to the set, and mark their accounts as due from the earliest new week on.

    `changes` are events that are replaced, or taken away, because what they are made of has changed.
    """
    if not rows and not changes:
        return Outcome(0, 0, [])
    stored = event_rows.add(connection, rows)
    conflicting = [rows[key] for key, body in stored.items() if _contradict(rows[key].body, body)]
    cards = {row.account_id for row in rows.values() if row.document == CARD}
    # What was there before makes nothing due, and the account of what contradicts it may not be there.
    due = [(row.account_id, row.week) for key, row in rows.items() if key not in stored]
    emptied: set[str] = set()
    if changes:
        replaced = event_rows.replace(connection, changes)
        due += replaced.due
        cards |= replaced.cards
        emptied = replaced.emptied
    event_rows.set_due(connection, due)
    event_rows.renew_cards(connection, cards)
    event_rows.forget_unjudged(connection, emptied)
    return Outcome(len(rows) - len(stored), len(stored) - len(conflicting), conflicting)


def _contradict(body: bytes, stored: bytes) -> bool:
    """Whether two bodies with the same id say different things."""
    return body != stored and decode(body) != decode(stored)
