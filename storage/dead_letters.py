"""Records that could not be read, whole, until a person has dealt with them."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.rows import among, chunks
from storage.tables import dead_letters

_CHUNK = 2000
Topic = tuple[str, str]  # cluster and name
OF_DRAFT = "turnsignal_draft"  # a header that no record has: the value is a draft's body


class DeadLetter(NamedTuple):
    """A record as it came, and why it could not be read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    reason: str
    detail: str
    cluster: str = ""
    timestamp: int | None = None  # of the record, milliseconds

    @property
    def is_draft(self) -> bool:
        """Whether all that is here is what a mapping had kept of the record: a draft, not its value."""
        return any(name == OF_DRAFT for name, _ in self.headers)

    @property
    def place(self) -> tuple[str, str, int, int]:
        """(cluster, topic, partition, offset): what there is one letter of."""
        return self.cluster, self.topic, self.partition, self.offset


class Filed(NamedTuple):
    """A dead letter with its number and history."""

    id: int
    letter: DeadLetter
    recorded_at: datetime
    replayed_at: datetime | None


def file(connection: sa.Connection, letters: Sequence[DeadLetter], now: datetime) -> None:
    """Keep dead letters; one that is there already stays as it is."""
    if letters:
        rows = [
            letter._asdict() | {"headers": _encoded(letter.headers), "recorded_at": now} for letter in letters
        ]
        connection.execute(insert_ignoring_duplicates(dead_letters, connection), rows)


def find(
    connection: sa.Connection,
    *,
    ids: Sequence[int] | None = None,
    reason: str | None = None,
    topic: Topic | None = None,
    unresolved: bool = True,
    after: int = 0,
    limit: int = 100,
) -> list[Filed]:
    """Dead letters by number, from `after` on; all that match where `ids` is None."""
    query = sa.select(dead_letters).where(dead_letters.c.id > after).order_by(dead_letters.c.id).limit(limit)
    if ids is not None:
        query = query.where(dead_letters.c.id.in_(ids))
    query = query.where(*_those(reason, topic, unresolved=unresolved))
    return [_filed(row) for row in connection.execute(query).mappings()]


def _those(reason: str | None, topic: Topic | None, *, unresolved: bool) -> Iterator[sa.ColumnElement[bool]]:
    if reason is not None:
        yield dead_letters.c.reason == reason
    if topic is not None:
        yield dead_letters.c.cluster == topic[0]
        yield dead_letters.c.topic == topic[1]
    if unresolved:
        yield dead_letters.c.replayed_at.is_(None)


def count(
    connection: sa.Connection,
    *,
    reason: str | None = None,
    topic: Topic | None = None,
    unresolved: bool = True,
) -> list[tuple[str, str, str, int]]:
    """(cluster, topic, reason, how many), most first."""
    columns = dead_letters.c.cluster, dead_letters.c.topic, dead_letters.c.reason
    query = sa.select(*columns, sa.func.count().label("letters")).group_by(*columns)
    query = query.where(*_those(reason, topic, unresolved=unresolved)).order_by(sa.desc("letters"), *columns)
    return [(row.cluster, row.topic, row.reason, row.letters) for row in connection.execute(query)]


def resolve(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """Note that these have been replayed."""
    connection.execute(sa.update(dead_letters).where(dead_letters.c.id.in_(ids)).values(replayed_at=now))


def resolve_at(connection: sa.Connection, places: Iterable[tuple[str, str, int, int]], now: datetime) -> None:
    """Note that the records at these (cluster, topic, partition, offset) have been read after all."""
    offsets: dict[tuple[str, str, int], list[int]] = {}
    for cluster, topic, partition, offset in places:
        offsets.setdefault((cluster, topic, partition), []).append(offset)
    for (cluster, topic, partition), several in offsets.items():
        here = (
            dead_letters.c.cluster == cluster,
            dead_letters.c.topic == topic,
            dead_letters.c.partition == partition,
            dead_letters.c.replayed_at.is_(None),
        )
        for part in chunks(several, _CHUNK):
            at = among(connection, dead_letters.c.offset, part)
            connection.execute(sa.update(dead_letters).where(*here, at).values(replayed_at=now))


def count_by_reason(connection: sa.Connection) -> dict[str, int]:
    """How many wait for a person, by reason."""
    query = (
        sa.select(dead_letters.c.reason, sa.func.count().label("letters"))
        .where(dead_letters.c.replayed_at.is_(None))
        .group_by(dead_letters.c.reason)
    )
    return {row.reason: row.letters for row in connection.execute(query)}


def _filed(row: sa.RowMapping) -> Filed:
    headers = [(name, None if value is None else base64.b64decode(value)) for name, value in row["headers"]]
    letter = DeadLetter(
        row["topic"],
        row["partition"],
        row["offset"],
        row["key"],
        row["value"],
        headers,
        row["reason"],
        row["detail"],
        row["cluster"],
        row["timestamp"],
    )
    return Filed(row["id"], letter, row["recorded_at"], row["replayed_at"])


def _encoded(headers: Sequence[tuple[str, bytes | None]]) -> list[list[str | None]]:
    return [[name, None if value is None else base64.b64encode(value).decode()] for name, value in headers]
