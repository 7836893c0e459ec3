"""Many rows at once, by what each database does best."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa

from storage.engine import is_sqlite

_Item = TypeVar("_Item")
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
    """Whether a column has one of many values: one array on PostgreSQL, where a parameter each is slow."""
    if is_sqlite(connection):
        return column.in_(values)
    return column == sa.any_(sa.literal(list(values), sa.ARRAY(column.type)))


def add(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Sequence[Any]], *, new: bool = False
) -> None:
    """Add rows that hold all columns in their order; one whose key is there stays as it is.

    Of new ones no key is there: that is faster, and else fails.
    """
    if not rows:
        return
    if new and not is_sqlite(connection):
        copy(connection, table, [column.name for column in table.c], rows)
        return
    names = ", ".join(f'"{column.name}"' for column in table.c)
    if is_sqlite(connection):
        holders = ", ".join("?" * len(table.c))
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(
                f"INSERT INTO {table.name} ({names}) VALUES ({holders}) ON CONFLICT DO NOTHING",  # noqa: S608
                [tuple(row) for row in rows],
            )
        finally:
            cursor.close()
        return
    types = [_type_of(column) for column in table.c]
    arrays = ", ".join(f"%b::{kind}[]" for kind in types)
    statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


def copy(connection: sa.Connection, table: sa.Table, names: Sequence[str], rows: Any) -> None:
    """Copy rows straight into a table of PostgreSQL; raises what its constraints raise."""
    types = [_type_of(table.c[name]) for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as writer:
            writer.set_types(types)
            write = writer.write_row
            for row in rows:
                write(row)
    except psycopg.OperationalError as error:  # as SQLAlchemy tells it of its own statements
        raise sa.exc.OperationalError(statement, None, error) from error


def _type_of(column: sa.Column[Any]) -> str:
    return next(name for kind, name in _TYPES.items() if isinstance(column.type, kind))
