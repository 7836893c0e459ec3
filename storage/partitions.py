"""Where consumption stands: one row a partition, the truth that consumers seek to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import partitions


class FencedError(RuntimeError):
    """Another member has moved a partition on: this batch must not be committed."""


class Advance(NamedTuple):
    """A partition moved from one offset to another by one batch."""

    topic: str
    partition: int
    started: int  # the offset this member believes to be next
    next_offset: int
    record_time: datetime | None  # the newest record timestamp of the batch
    caught_up_at: datetime | None  # set where the batch reached the partition's end
    first: bool  # nothing of the partition was committed before


class Progress(NamedTuple):
    """How far a partition has been consumed, in record time and in wall time."""

    topic: str
    partition: int
    next_offset: int
    record_time: datetime | None
    caught_up_at: datetime | None


def next_offset(connection: sa.Connection, topic: str, partition: int) -> int | None:
    """Where consumption of a partition stands; None where it has not begun."""
    query = sa.select(partitions.c.next_offset).where(*_is(topic, partition))
    return connection.execute(query).scalar_one_or_none()


def advance(connection: sa.Connection, moves: Iterable[Advance]) -> None:
    """Move partitions on; raises FencedError where one is no longer where this member left it."""
    for move in sorted(moves):  # all members lock rows in the same order
        if move.first:
            row = {"topic": move.topic, "partition": move.partition, "next_offset": move.started}
            connection.execute(insert_ignoring_duplicates(partitions, connection), [row])
        values: dict[str, object] = {"next_offset": move.next_offset}
        if move.record_time is not None:
            values["record_time"] = sa.case(
                (partitions.c.record_time > move.record_time, partitions.c.record_time),
                else_=sa.literal(move.record_time, partitions.c.record_time.type),
            )
        if move.caught_up_at is not None:
            values["caught_up_at"] = move.caught_up_at
        held = connection.execute(
            sa.update(partitions)
            .where(*_is(move.topic, move.partition), partitions.c.next_offset == move.started)
            .values(values)
        )
        if held.rowcount != 1:
            raise FencedError(f"{move.topic}[{move.partition}] has moved on from offset {move.started}")


def caught_up(connection: sa.Connection, at: datetime, places: Iterable[tuple[str, int, int]]) -> None:
    """Note that these (topic, partition, offset) stand at their partitions' ends."""
    for topic, partition, offset in places:
        connection.execute(
            sa.update(partitions)
            .where(*_is(topic, partition), partitions.c.next_offset == offset)
            .values(caught_up_at=at)
        )


def progress(connection: sa.Connection, topics: Sequence[str]) -> list[Progress]:
    """How far each partition of these topics has been consumed."""
    query = sa.select(
        partitions.c.topic,
        partitions.c.partition,
        partitions.c.next_offset,
        partitions.c.record_time,
        partitions.c.caught_up_at,
    ).where(partitions.c.topic.in_(topics))
    return [Progress(*row) for row in connection.execute(query)]


def _is(topic: str, partition: int) -> tuple[sa.ColumnElement[bool], ...]:
    return partitions.c.topic == topic, partitions.c.partition == partition
