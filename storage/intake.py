"""The consuming transaction's writes: events once each, accounts due, cards, offsets, dead letters."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg
import sqlalchemy as sa

from accounts.card import card_of
from accounts.events import CARD, AccountChanged, decode
from storage import dead_letters, partitions
from storage.dead_letters import DeadLetter
from storage.engine import is_sqlite, transaction
from storage.partitions import Advance
from storage.tables import accounts, events


class EventRow(NamedTuple):
    """An accepted event as `events` keeps it."""

    event_key: bytes
    account_id: str
    week: int
    document: str | None
    body: bytes


class Batch(NamedTuple):
    """What one poll brought: everything in it is committed together or not at all."""

    events: dict[bytes, EventRow]  # by event_key
    advances: Sequence[Advance]
    dead_letters: Sequence[DeadLetter]
    conflict_of: Callable[[bytes], DeadLetter]  # the dead letter of an event that contradicts an earlier one


class Outcome(NamedTuple):
    """What a batch came to."""

    accepted: int
    repeated: int
    conflicting: list[EventRow]  # the id of an earlier event, another body


class Added(NamedTuple):
    """How many events are new, and (key, body) of at least those that were there before."""

    accepted: int
    stored: Iterable[tuple[bytes, bytes]]


def commit(engine: sa.Engine, batch: Batch, now: datetime) -> Outcome:
    """Write a batch in one transaction.

    Raises FencedError, with nothing written, where another member has consumed a partition meanwhile.
    """
    with transaction(engine) as connection:
        partitions.advance(connection, batch.advances)
        dead_letters.file(connection, batch.dead_letters, now)
        outcome = accept(connection, batch.events)
        letters = [batch.conflict_of(row.event_key) for row in outcome.conflicting]
        dead_letters.file(connection, letters, now)
        return outcome


def accept(connection: sa.Connection, rows: dict[bytes, EventRow]) -> Outcome:
    """Add events to the set, and mark their accounts as due from the earliest new week on."""
    if not rows:
        return Outcome(0, 0, [])
    added = (_add_sqlite if is_sqlite(connection) else _add_postgresql)(connection, rows)
    conflicting = [rows[key] for key, body in added.stored if _contradict(rows[key].body, body)]
    cards = sorted({row.account_id for row in rows.values() if row.document == CARD})
    if cards:
        _renew_cards(connection, cards)
    return Outcome(added.accepted, len(rows) - added.accepted - len(conflicting), conflicting)


_KEYS = sa.ARRAY(sa.LargeBinary)

# An account's due week falls back to its earliest new evidence. The row is locked even where it stays as it
# is, so that a review under way either sees this batch's events or is waited for.
_DUE = """
    INSERT INTO accounts (account_id, due_week) SELECT * FROM unnest(%b::text[], %b::int4[])
    ON CONFLICT (account_id) DO UPDATE SET due_week = excluded.due_week
    WHERE excluded.due_week < accounts.due_week
"""


def _add_postgresql(connection: sa.Connection, rows: dict[bytes, EventRow]) -> Added:
    """Copy straight into the table: half the work of INSERT … ON CONFLICT, which knows no batches.

    Where something has come before, find out what and copy the rest; and again, should another member have
    committed the same events meanwhile.
    """
    stored: dict[bytes, bytes] = {}
    while True:
        new = [row for row in rows.values() if row.event_key not in stored] if stored else rows.values()
        try:
            with connection.begin_nested():
                _copy(connection, new)
            break
        except psycopg.errors.UniqueViolation:
            query = sa.select(events.c.event_key, events.c.body)
            known = query.where(events.c.event_key == sa.any_(sa.bindparam("keys", type_=_KEYS)))
            found = connection.execute(known, {"keys": list(rows)})
            stored = {row.event_key: row.body for row in found}
    earliest = _earliest_weeks(new)
    account_ids = sorted(earliest)  # all members lock rows in the same order
    connection.exec_driver_sql(_DUE, (account_ids, [earliest[account_id] for account_id in account_ids]))
    return Added(len(rows) - len(stored), stored.items())


def _copy(connection: sa.Connection, rows: Iterable[EventRow]) -> None:
    statement = "COPY events (event_key, account_id, week, document, body) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(["bytea", "text", "int4", "text", "bytea"])
            write = copy.write_row
            for row in rows:
                write(row)
    except psycopg.OperationalError as error:  # as SQLAlchemy tells it of its own statements
        raise sa.exc.OperationalError(statement, None, error) from error


def _earliest_weeks(rows: Iterable[EventRow]) -> dict[str, int]:
    """The first week of each account among these events."""
    earliest: dict[str, int] = {}
    for row in rows:
        week = earliest.get(row.account_id)
        if week is None or row.week < week:
            earliest[row.account_id] = row.week
    return earliest


def _add_sqlite(connection: sa.Connection, rows: dict[bytes, EventRow]) -> Added:
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(
            "INSERT INTO events (event_key, account_id, week, document, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            list(rows.values()),
        )
        accepted: int = cursor.rowcount
        stored = {} if accepted == len(rows) else _stored_sqlite(connection, rows)
        # An event that contradicts a stored one is not accepted: its account may be one that is not there.
        kept = [row for key, row in rows.items() if stored.get(key, row.body) == row.body]
        cursor.executemany(
            "INSERT INTO accounts (account_id, due_week) VALUES (?, ?) ON CONFLICT (account_id)"
            " DO UPDATE SET due_week = excluded.due_week WHERE excluded.due_week < accounts.due_week",
            list(_earliest_weeks(kept).items()),
        )
    finally:
        cursor.close()
    return Added(accepted, stored.items())


def _stored_sqlite(connection: sa.Connection, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    query = sa.select(events.c.event_key, events.c.body).where(events.c.event_key.in_(list(keys)))
    return {row.event_key: row.body for row in connection.execute(query)}


def _contradict(body: bytes, stored: bytes) -> bool:
    """Whether two bodies with the same id say different things."""
    return body != stored and decode(body) != decode(stored)


def _renew_cards(connection: sa.Connection, account_ids: list[str]) -> None:
    """Write the cards of these accounts anew from all that has been said of them."""
    changes: dict[str, list[AccountChanged]] = {account_id: [] for account_id in account_ids}
    query = sa.select(events.c.account_id, events.c.body).where(
        events.c.account_id.in_(account_ids), events.c.document == CARD
    )
    for account_id, body in connection.execute(query):
        event = decode(body)
        if isinstance(event, AccountChanged):
            changes[account_id].append(event)
    rows = [
        {"id": account_id, "new_card": msgspec.to_builtins(card_of(said))}
        for account_id, said in changes.items()
    ]
    statement = (
        sa.update(accounts)
        .where(accounts.c.account_id == sa.bindparam("id"))
        .values(card=sa.bindparam("new_card"))
    )
    connection.execute(statement, rows)
