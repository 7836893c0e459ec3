"""Engines for PostgreSQL and SQLite, and the transactions that all storage runs in."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

_SQLITE_PRAGMAS = (
    "busy_timeout=30000",
    "journal_mode=WAL",
    "synchronous=FULL",  # a committed offset must survive a power cut, as on PostgreSQL
    "foreign_keys=ON",
    "wal_autocheckpoint=20000",
    "cache_size=-65536",
    "temp_store=MEMORY",
)
_WAL_SECONDS = 10.0


def create_engine(url: str) -> sa.Engine:
    """An engine for a `postgresql+psycopg://` or `sqlite:///` URL; opens nothing yet.

    Raises ValueError for any other database.
    """
    backend = sa.make_url(url).get_backend_name()
    if backend == "postgresql":
        return sa.create_engine(_with_psycopg(url), pool_pre_ping=True, pool_size=10, max_overflow=10)
    if backend == "sqlite":
        engine = sa.create_engine(url, connect_args={"check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        return engine
    raise ValueError(f"database {backend!r} is not supported; use postgresql:// or sqlite:///")


def _with_psycopg(url: str) -> sa.URL:
    parsed = sa.make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Take over transactions from the driver: they begin with BEGIN IMMEDIATE, in `transaction`."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        _set(cursor, pragma)
    cursor.close()


def _set(cursor: Any, pragma: str) -> None:
    """Set a pragma; two that change a new file to WAL at once are told that it is locked without a wait."""
    deadline = monotonic() + _WAL_SECONDS
    while True:
        try:
            cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.02)
        else:
            return


Engine = sa.Engine
Connection = sa.Connection

# What a database that is away, restarting or contended raises: the same work may succeed later.
UNAVAILABLE = (sa.exc.OperationalError, sa.exc.InterfaceError)

# And what it raises besides, where it answers and refuses: no permission, or a file that is no database.
REFUSED = sa.exc.DatabaseError


def is_sqlite(connection: sa.Connection) -> bool:
    """Whether this connection speaks to SQLite."""
    return connection.dialect.name == "sqlite"


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One writing transaction: committed at the end, rolled back whole on any exception."""
    with engine.connect() as connection, connection.begin():
        if is_sqlite(connection):
            # A reader that later writes would fail with "database is locked"; a writer from the start waits.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to read from; nothing is committed."""
    with engine.connect() as connection:
        yield connection


def insert_ignoring_duplicates(table: sa.Table, connection: sa.Connection) -> Any:
    """`INSERT … ON CONFLICT DO NOTHING` in the connection's dialect, for `.values()` or many rows."""
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415

    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    return insert(table).on_conflict_do_nothing()
