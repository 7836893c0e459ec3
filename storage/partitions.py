"""Where consumption stands: one row a partition, the truth that consumers seek to."""

from collections.abc import Iterable, Mapping
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
    cluster: str = ""


class Progress(NamedTuple):
    """How far a partition has been consumed, in record time and in wall time."""

    topic: str
    partition: int
    next_offset: int
    record_time: datetime | None
    caught_up_at: datetime | None
    cluster: str = ""
    records_lost: int = 0  # that retention took, and that nobody has acknowledged
    lost_at: datetime | None = None

    @property
    def moment(self) -> datetime | None:
        """Up to when everything of it has been consumed."""
        known = [at for at in (self.record_time, self.caught_up_at) if at is not None]
        return max(known, default=None)


def offsets(connection: sa.Connection, cluster: str) -> dict[tuple[str, int], int]:
    """The next offset of each (topic, partition) of a cluster of which consumption has begun."""
    query = sa.select(partitions.c.topic, partitions.c.partition, partitions.c.next_offset)
    found = connection.execute(query.where(partitions.c.cluster == cluster))
    return {(row.topic, row.partition): row.next_offset for row in found}


def begin(connection: sa.Connection, cluster: str, starts: Mapping[tuple[str, int], int]) -> None:
    """Note where consumption of (topic, partition) begins; one that has begun stays where it is."""
    rows = [
        {"cluster": cluster, "topic": topic, "partition": partition, "next_offset": offset}
        for (topic, partition), offset in sorted(starts.items())  # all members lock rows in the same order
    ]
    if rows:
        connection.execute(insert_ignoring_duplicates(partitions, connection), rows)


def advance(connection: sa.Connection, moves: Iterable[Advance]) -> None:
    """Move partitions on; raises FencedError where one is no longer where this member left it."""
    for move in sorted(moves):  # all members lock rows in the same order
        values: dict[str, object] = {"next_offset": move.next_offset}
        if move.record_time is not None:
            values["record_time"] = sa.case(
                (partitions.c.record_time > move.record_time, partitions.c.record_time),
                else_=sa.literal(move.record_time, partitions.c.record_time.type),
            )
        if move.caught_up_at is not None:
            values["caught_up_at"] = move.caught_up_at
        _update(connection, move, values)


def lose(connection: sa.Connection, move: Advance, now: datetime) -> None:
    """Pass over records that are gone for good, and keep how many; raises FencedError as `advance` does."""
    lost = max(0, move.next_offset - move.started)
    values = {
        "next_offset": move.next_offset,
        "records_lost": partitions.c.records_lost + lost,
        "lost_at": now,
    }
    _update(connection, move, values)


def _update(connection: sa.Connection, move: Advance, values: Mapping[str, object]) -> None:
    held = connection.execute(
        sa.update(partitions)
        .where(*_is(move.cluster, move.topic, move.partition), partitions.c.next_offset == move.started)
        .values(values)
    )
    if held.rowcount != 1:
        raise FencedError(f"{move.topic}[{move.partition}] has moved on from offset {move.started}")


def caught_up(
    connection: sa.Connection, at: datetime, cluster: str, places: Iterable[tuple[str, int, int]]
) -> None:
    """Note that these (topic, partition, offset) stand at their partitions' ends."""
    for topic, partition, offset in places:
        connection.execute(
            sa.update(partitions)
            .where(*_is(cluster, topic, partition), partitions.c.next_offset == offset)
            .values(caught_up_at=at)
        )


def put(connection: sa.Connection, cluster: str, topic: str, starts: Mapping[int, int]) -> None:
    """Let consumption go on from these offsets, by partition, wherever it stood."""
    begin(connection, cluster, {(topic, partition): offset for partition, offset in starts.items()})
    for partition, offset in sorted(starts.items()):
        # What has been consumed up to then says nothing any more: the review clock waits for it anew.
        connection.execute(
            sa.update(partitions)
            .where(*_is(cluster, topic, partition))
            .values(next_offset=offset, record_time=None, caught_up_at=None)
        )


def acknowledge_loss(connection: sa.Connection, cluster: str, topic: str) -> int:
    """Somebody has seen that records of a topic were lost; returns how many."""
    where = partitions.c.cluster == cluster, partitions.c.topic == topic
    total = sa.select(sa.func.coalesce(sa.func.sum(partitions.c.records_lost), 0)).where(*where)
    lost = int(connection.execute(total).scalar_one())
    connection.execute(sa.update(partitions).where(*where).values(records_lost=0, lost_at=None))
    return lost


def progress(connection: sa.Connection) -> list[Progress]:
    """How far each partition has been consumed, of all clusters and topics that ever were."""
    columns = [partitions.c[name] for name in Progress._fields]
    query = sa.select(*columns).order_by(partitions.c.cluster, partitions.c.topic, partitions.c.partition)
    return [Progress(*row) for row in connection.execute(query)]


def _is(cluster: str, topic: str, partition: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        partitions.c.cluster == cluster,
        partitions.c.topic == topic,
        partitions.c.partition == partition,
    )
