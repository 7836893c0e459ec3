"""The set of events as rows: added once, replaced and taken away where what they are made of has changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from accounts.card import card_of
from accounts.events import CARD, AccountChanged, decode
from storage.engine import is_sqlite
from storage.rows import add_once, among, chunks
from storage.tables import accounts, events

BY_HAND = -1  # in place of a partition: a record that somebody mended; what Kafka has goes after it


class EventRow(NamedTuple):
    """An accepted event as `events` keeps it."""

    event_key: bytes
    account_id: str
    week: int
    document: str | None
    body: bytes
    topic: str | None = None  # of the record that a mapping has made it of
    partition: int | None = None
    offset: int | None = None
    cluster: str = ""


class Replaced(NamedTuple):
    """What a change of the set concerns."""

    due: list[tuple[str, int]]  # accounts and weeks
    cards: set[str]  # accounts of which something has been said that stands on their card
    emptied: set[str]  # accounts that may have no event any more
    changed: int


_CHUNK = 5000


def add(connection: sa.Connection, rows: Mapping[bytes, EventRow]) -> dict[bytes, bytes]:
    """Add the events whose keys are not there yet; returns the bodies of the others, by key."""
    return add_once(connection, events, rows)


def replace(connection: sa.Connection, changes: Mapping[bytes, EventRow | None]) -> Replaced:
    """Let each of these keys have this event, or none; what is the same already stays untouched."""
    replaced = Replaced([], set(), set(), 0)
    count = 0
    for keys in chunks(list(changes), _CHUNK):
        columns = (events.c.event_key, events.c.account_id, events.c.week, events.c.document, events.c.body)
        query = sa.select(*columns).where(among(connection, events.c.event_key, keys))
        before = {row.event_key: EventRow(*row) for row in connection.execute(query)}
        gone = [key for key, row in before.items() if not _is_same(row, changes[key])]
        new = {
            key: row
            for key in keys
            if (row := changes[key]) is not None and not _is_same(before.get(key), row)
        }
        if gone:
            connection.execute(sa.delete(events).where(among(connection, events.c.event_key, gone)))
        if new:
            add(connection, new)
        count += len(gone) + sum(key not in before for key in new)
        for row in (*(before[key] for key in gone), *new.values()):
            replaced.due.append((row.account_id, row.week))
            if row.document == CARD:
                replaced.cards.add(row.account_id)
        replaced.emptied.update(before[key].account_id for key in gone)
    return replaced._replace(changed=count)


def _is_same(before: EventRow | None, after: EventRow | None) -> bool:
    return before is not None and after is not None and before.body == after.body


# An account's due week falls back to its earliest new evidence. The row is locked even where it stays as it
# is, so that a review under way either sees this batch's events or is waited for.
_DUE_POSTGRESQL = """
    INSERT INTO accounts (account_id, due_week) SELECT * FROM unnest(%b::text[], %b::int4[])
    ON CONFLICT (account_id) DO UPDATE SET due_week = excluded.due_week
    WHERE excluded.due_week < accounts.due_week
"""
_DUE_SQLITE = (
    "INSERT INTO accounts (account_id, due_week) VALUES (?, ?) ON CONFLICT (account_id)"
    " DO UPDATE SET due_week = excluded.due_week WHERE excluded.due_week < accounts.due_week"
)


def set_due(connection: sa.Connection, weeks: Iterable[tuple[str, int]]) -> None:
    """Let the accounts be folded again from the earliest of these weeks on."""
    earliest: dict[str, int] = {}
    for account_id, week in weeks:
        known = earliest.get(account_id)
        if known is None or week < known:
            earliest[account_id] = week
    if not earliest:
        return
    if is_sqlite(connection):
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(_DUE_SQLITE, list(earliest.items()))
        finally:
            cursor.close()
        return
    account_ids = sorted(earliest)  # all members lock rows in the same order
    parameters = (account_ids, [earliest[account_id] for account_id in account_ids])
    connection.exec_driver_sql(_DUE_POSTGRESQL, parameters)


def renew_cards(connection: sa.Connection, account_ids: Iterable[str]) -> None:
    """Write the cards of these accounts anew from all that has been said of them."""
    for part in chunks(sorted(account_ids), _CHUNK):
        _renew_cards(connection, part)


def _renew_cards(connection: sa.Connection, account_ids: Sequence[str]) -> None:
    changes: dict[str, list[AccountChanged]] = {account_id: [] for account_id in account_ids}
    query = sa.select(events.c.account_id, events.c.body).where(
        among(connection, events.c.account_id, account_ids), events.c.document == CARD
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


def forget_unjudged(connection: sa.Connection, account_ids: Iterable[str]) -> None:
    """Let accounts go that have no event any more and were never judged; others wait for their review."""
    has_events = sa.exists().where(events.c.account_id == accounts.c.account_id)
    for part in chunks(sorted(account_ids), _CHUNK):
        nothing = (among(connection, accounts.c.account_id, part), accounts.c.state.is_(None), ~has_events)
        connection.execute(sa.delete(accounts).where(*nothing))
