"""The consuming transaction's writes: events once each, accounts due, cards, offsets, dead letters."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
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
    accepted = (_stage_sqlite if is_sqlite(connection) else _stage_postgresql)(connection, rows)
    repeated = len(rows) - accepted
    conflicting = _conflicts(connection, rows) if repeated else []
    cards = sorted({row.account_id for row in rows.values() if row.document == CARD})
    if cards:
        _renew_cards(connection, cards)
    return Outcome(accepted, repeated - len(conflicting), conflicting)


# An account's due week falls back to its earliest new evidence. The row is locked even where it stays as it
# is, so that a review under way either sees this batch's events or is waited for.
_DUE = """
    INSERT INTO accounts (account_id, due_week)
    SELECT account_id, min(week) FROM staged GROUP BY account_id ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE SET due_week = excluded.due_week
    WHERE excluded.due_week < accounts.due_week
"""


def _stage_postgresql(connection: sa.Connection, rows: dict[bytes, EventRow]) -> int:
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS staged (event_key bytea, account_id text, week integer,"
        " document text, body bytea) ON COMMIT DELETE ROWS"
    )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy("COPY staged FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["bytea", "text", "int4", "text", "bytea"])
        write = copy.write_row
        for row in rows.values():
            write(row)
    accepted = connection.exec_driver_sql(
        "INSERT INTO events (event_key, account_id, week, document, body)"
        " SELECT event_key, account_id, week, document, body FROM staged ON CONFLICT DO NOTHING"
    ).rowcount
    connection.exec_driver_sql(_DUE)
    return accepted


def _stage_sqlite(connection: sa.Connection, rows: dict[bytes, EventRow]) -> int:
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(
            "INSERT INTO events (event_key, account_id, week, document, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            list(rows.values()),
        )
        accepted: int = cursor.rowcount
        earliest: dict[str, int] = {}
        for row in rows.values():
            earliest[row.account_id] = min(row.week, earliest.get(row.account_id, row.week))
        cursor.executemany(
            "INSERT INTO accounts (account_id, due_week) VALUES (?, ?) ON CONFLICT (account_id)"
            " DO UPDATE SET due_week = excluded.due_week WHERE excluded.due_week < accounts.due_week",
            list(earliest.items()),
        )
    finally:
        cursor.close()
    return accepted


def _conflicts(connection: sa.Connection, rows: dict[bytes, EventRow]) -> list[EventRow]:
    """Those whose id belongs to an event that says something else."""
    query = sa.select(events.c.event_key, events.c.body).where(events.c.event_key.in_(list(rows)))
    return [
        rows[key]
        for key, body in connection.execute(query)
        if rows[key].body != body and decode(rows[key].body) != decode(body)
    ]


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


def accept_one(engine: sa.Engine, row: EventRow) -> Outcome:
    """Accept a single event outside the consumer, as a replayed dead letter is."""
    with transaction(engine) as connection:
        return accept(connection, {row.event_key: row})
