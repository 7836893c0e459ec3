"""Ranges of records, and what stands here of them."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from storage.tables import drafts, events, partitions, reference_data


class Range(NamedTuple):
    """The records of a partition from one offset up to, not including, another."""

    topic: str
    partition: int
    start: int
    end: int
    cluster: str = ""


def consumed(connection: sa.Connection, clusters: Sequence[str], topics: Sequence[str] | None) -> list[Range]:
    """What has been consumed of these clusters' topics, or of all of them, from offset 0 on."""
    columns = [partitions.c[name] for name in ("cluster", "topic", "partition")]
    query = sa.select(*columns, partitions.c.next_offset).where(partitions.c.cluster.in_(clusters))
    if topics is not None:
        query = query.where(partitions.c.topic.in_(topics))
    rows = connection.execute(query.order_by(*columns))
    return [Range(row.topic, row.partition, 0, row.next_offset, row.cluster) for row in rows]


def mapped_topics(connection: sa.Connection) -> set[tuple[str, str]]:
    """(cluster, topic) of those of which something stands here that a mapping has made."""
    found: set[tuple[str, str]] = set()
    for table in (events, drafts, reference_data):
        query = sa.select(table.c.cluster, table.c.topic).where(table.c.topic.is_not(None)).distinct()
        found.update((row.cluster, row.topic) for row in connection.execute(query))
    return found


def within(table: sa.Table, range_: Range) -> tuple[sa.ColumnElement[bool], ...]:
    """What of a table was made of the records of a range."""
    return (
        table.c.cluster == range_.cluster,
        table.c.topic == range_.topic,
        table.c.partition == range_.partition,
        table.c.offset >= range_.start,
        table.c.offset < range_.end,
    )
