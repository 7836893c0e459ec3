"""Which topics are not to be consumed for now, because somebody said so."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.engine import insert_ignoring_duplicates
from storage.tables import paused_topics

EVERY = ""  # in place of a topic: all of a cluster's


class PausedTopic(NamedTuple):
    """A topic that stands still; EVERY for all of its cluster."""

    cluster: str
    topic: str
    paused_at: datetime
    reason: str


def pause(connection: sa.Connection, paused: PausedTopic) -> bool:
    """Let a topic stand still; returns whether it did not before."""
    statement = insert_ignoring_duplicates(paused_topics, connection).values(**paused._asdict())
    return connection.execute(statement).rowcount == 1


def resume(connection: sa.Connection, cluster: str, topic: str) -> int:
    """Let it go on, EVERY for all of the cluster; returns how many pauses ended."""
    statement = sa.delete(paused_topics).where(paused_topics.c.cluster == cluster)
    if topic != EVERY:
        statement = statement.where(paused_topics.c.topic == topic)
    return connection.execute(statement).rowcount


def find(connection: sa.Connection, cluster: str | None = None) -> list[PausedTopic]:
    """All that stand still, of one cluster or of all."""
    columns = [paused_topics.c[name] for name in PausedTopic._fields]
    query = sa.select(*columns).order_by(paused_topics.c.cluster, paused_topics.c.topic)
    if cluster is not None:
        query = query.where(paused_topics.c.cluster == cluster)
    return [PausedTopic(*row) for row in connection.execute(query)]
