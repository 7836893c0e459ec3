"""Many rows at once, by what each database does best."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.types.string import BytesBinaryDumper

from storage.engine import is_sqlite

_Item = TypeVar("_Item")
_MOST_KEYS = 5000
_TYPES: dict[type, str] = {
    sa.LargeBinary: "bytea",
    sa.BigInteger: "int8",
    sa.Integer: "int4",
    sa.Boolean: "bool",
    sa.Text: "text",
}


def chunks(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def among(
    connection: sa.Connection, column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Whether a column has one of many values, which the driver would write slowly, one by one."""
    kind = column.type
    if isinstance(kind, sa.Integer) and is_sqlite(connection):
        listed = sa.func.json_each(f"[{','.join(map(str, values))}]").table_valued("value")
        return column.in_(sa.select(listed.c.value))
    if is_sqlite(connection):
        return column.in_(values)
    if isinstance(kind, sa.Text):
        return column == sa.any_(sa.literal(list(values), sa.ARRAY(kind)))
    words = (
        [f'"\\\\x{each.hex()}"' for each in values] if isinstance(kind, sa.LargeBinary) else map(str, values)
    )
    array = sa.cast(sa.literal(f"{{{','.join(words)}}}", sa.Text), sa.ARRAY(kind))
    # A join by index: as `= ANY` the whole table might be read, and the array anew for each row.
    return column.in_(sa.select(sa.func.unnest(array)))


def add(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Sequence[Any]], *, new: bool = False
) -> None:
    """Add rows that hold all columns in their order; one whose key is there stays as it is.

    Of new ones no key is there: that is faster, and else fails.
    """
    if not rows:
        return
    if new and not is_sqlite(connection):
        _copy(connection, table, rows)
        return
    if is_sqlite(connection):
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(_insert(table), [tuple(row) for row in rows])
        finally:
            cursor.close()
        return
    names = _names(table)
    types = [_type_of(column) for column in table.c]
    arrays = ", ".join(f"%b::{kind}[]" for kind in types)
    statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


def add_once(
    connection: sa.Connection, table: sa.Table, rows: Mapping[bytes, Sequence[Any]]
) -> dict[bytes, bytes]:
    """Add rows by `event_key`, their first column; returns the `body` of those whose key was there before.

    Straight into the table on PostgreSQL: half the work of INSERT … ON CONFLICT, which knows no batches.
    Where something has come before, find out what and add the rest; and again, should another member have
    committed the same meanwhile.
    """
    if is_sqlite(connection):
        return _add_once_sqlite(connection, table, rows)
    stored: dict[bytes, bytes] = {}
    while True:
        new = [row for key, row in rows.items() if key not in stored] if stored else rows.values()
        try:
            with connection.begin_nested():
                _copy(connection, table, new)
        except psycopg.errors.UniqueViolation:
            stored = _bodies(connection, table, list(rows))
        else:
            return stored


def _add_once_sqlite(
    connection: sa.Connection, table: sa.Table, rows: Mapping[bytes, Sequence[Any]]
) -> dict[bytes, bytes]:
    number: sa.ColumnElement[int] = sa.literal_column("rowid")  # they grow
    last = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(number), 0)).select_from(table)
    ).scalar_one()
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(_insert(table), list(rows.values()))
        if cursor.rowcount == len(rows):
            return {}
    finally:
        cursor.close()
    return _bodies(connection, table, list(rows), number <= last)


def _bodies(
    connection: sa.Connection, table: sa.Table, keys: Sequence[bytes], *conditions: sa.ColumnElement[bool]
) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for part in chunks(keys, _MOST_KEYS):
        query = sa.select(table.c.event_key, table.c.body).where(among(connection, table.c.event_key, part))
        found.update((row.event_key, row.body) for row in connection.execute(query.where(*conditions)))
    return found


def _names(table: sa.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.c)


def _insert(table: sa.Table) -> str:
    holders = ", ".join("?" * len(table.c))
    return f"INSERT INTO {table.name} ({_names(table)}) VALUES ({holders}) ON CONFLICT DO NOTHING"  # noqa: S608


def _copy(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows straight into a table of PostgreSQL; raises what its constraints raise."""
    types = [_type_of(column) for column in table.c]
    statement = f"COPY {table.name} ({_names(table)}) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        cursor = driver.cursor()
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)  # in C, unlike DB-API's
        with cursor, cursor.copy(statement) as writer:
            writer.set_types(types)
            write = writer.write_row
            for row in rows:
                write(row)
    except psycopg.OperationalError as error:  # as SQLAlchemy tells it of its own statements
        raise sa.exc.OperationalError(statement, None, error) from error


def _type_of(column: sa.Column[Any]) -> str:
    return next(name for kind, name in _TYPES.items() if isinstance(column.type, kind))
