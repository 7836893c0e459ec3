"""Which alerts wait until when, because somebody said so."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.tables import silences


class Silence(NamedTuple):
    """What is silenced, by whom and why; it holds from `starts_at` up to, not including, `ends_at`."""

    silence_id: str
    matchers: dict[str, Any]
    author: str
    reason: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime


_COLUMNS = tuple(silences.c[name] for name in Silence._fields)


def add(connection: sa.Connection, silence: Silence) -> None:
    """Record a new one."""
    connection.execute(sa.insert(silences).values(**silence._asdict()))


def holding(connection: sa.Connection, now: datetime) -> list[Silence]:
    """Those that hold now."""
    query = sa.select(*_COLUMNS).where(silences.c.starts_at <= now, silences.c.ends_at > now)
    return [Silence(*row) for row in connection.execute(query.order_by(silences.c.silence_id))]


def find(
    connection: sa.Connection,
    *,
    after: tuple[datetime, str] | None = None,
    ending_after: datetime | None = None,
    limit: int = 100,
) -> list[Silence]:
    """Silences, the last to end first; `after` is the (ends_at, id) of the last one seen."""
    query = sa.select(*_COLUMNS).order_by(silences.c.ends_at.desc(), silences.c.silence_id).limit(limit)
    if ending_after is not None:
        query = query.where(silences.c.ends_at > ending_after)
    if after is not None:
        at = sa.literal(after[0], silences.c.ends_at.type)
        same = sa.and_(silences.c.ends_at == at, silences.c.silence_id > after[1])
        query = query.where(sa.or_(silences.c.ends_at < at, same))
    return [Silence(*row) for row in connection.execute(query)]


def one(connection: sa.Connection, silence_id: str) -> Silence | None:
    """One of them."""
    query = sa.select(*_COLUMNS).where(silences.c.silence_id == silence_id)
    row = connection.execute(query).one_or_none()
    return Silence(*row) if row else None


def end(connection: sa.Connection, silence_id: str, now: datetime) -> bool:
    """End one now; whether there was one that had not ended yet."""
    mine = sa.and_(silences.c.silence_id == silence_id, silences.c.ends_at > now)
    values = {
        "ends_at": now,
        "starts_at": sa.case((silences.c.starts_at > now, now), else_=silences.c.starts_at),
    }
    return connection.execute(sa.update(silences).where(mine).values(values)).rowcount == 1
