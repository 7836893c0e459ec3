"""Where alerts are posted to for other programs, and how that goes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from storage.tables import webhook_endpoints

State = Literal["active", "failing", "disabled"]


class Endpoint(NamedTuple):
    """One of them; `secrets` are {secret, expires_at?}, the newest first, and never shown again."""

    endpoint_id: str
    url: str
    description: str
    event_types: list[str]
    secrets: list[dict[str, Any]]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None

    @property
    def state(self) -> State:
        """How it fares."""
        return "disabled" if self.disabled_at else "failing" if self.failing_since else "active"

    @property
    def host(self) -> str:
        """What may be shown anywhere: the rest of an address may hold a secret."""
        return urlsplit(self.url).hostname or ""


_COLUMNS = tuple(webhook_endpoints.c[name] for name in Endpoint._fields)


def active(connection: sa.Connection) -> list[Endpoint]:
    """Those that are posted to."""
    query = sa.select(*_COLUMNS).where(webhook_endpoints.c.disabled_at.is_(None))
    return [Endpoint(*row) for row in connection.execute(query.order_by(webhook_endpoints.c.endpoint_id))]


def find(
    connection: sa.Connection, *, after: tuple[datetime, str] | None = None, limit: int = 100
) -> list[Endpoint]:
    """All of them, the newest first; `after` is the (created_at, id) of the last one seen."""
    created, identity = webhook_endpoints.c.created_at, webhook_endpoints.c.endpoint_id
    query = sa.select(*_COLUMNS).order_by(created.desc(), identity.desc()).limit(limit)
    if after is not None:
        at = sa.literal(after[0], created.type)
        query = query.where(sa.or_(created < at, sa.and_(created == at, identity < after[1])))
    return [Endpoint(*row) for row in connection.execute(query)]


def one(connection: sa.Connection, endpoint_id: str, *, lock: bool = False) -> Endpoint | None:
    """One of them; with `lock` nobody else changes it before this transaction ends."""
    if "\0" in endpoint_id:
        return None
    query = sa.select(*_COLUMNS).where(webhook_endpoints.c.endpoint_id == endpoint_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Endpoint(*row) if row else None


def gone(connection: sa.Connection, endpoint_ids: Collection[str]) -> set[str]:
    """Which of these are not posted to: disabled, deleted, or never there."""
    query = sa.select(webhook_endpoints.c.endpoint_id).where(
        webhook_endpoints.c.endpoint_id.in_(list(endpoint_ids)), webhook_endpoints.c.disabled_at.is_(None)
    )
    return set(endpoint_ids) - set(connection.execute(query).scalars())


def add(connection: sa.Connection, endpoint: Endpoint) -> None:
    """Record a new one."""
    connection.execute(sa.insert(webhook_endpoints).values(**endpoint._asdict()))


def change(connection: sa.Connection, endpoint_id: str, values: dict[str, Any]) -> None:
    """Give some of its columns other values."""
    connection.execute(_update(endpoint_id).values(values))


def remove(connection: sa.Connection, endpoint_id: str) -> bool:
    """Forget one; whether there was one. What was sent to it stays recorded."""
    mine = webhook_endpoints.c.endpoint_id == endpoint_id
    return connection.execute(sa.delete(webhook_endpoints).where(mine)).rowcount == 1


def succeeded(connection: sa.Connection, endpoint_id: str) -> None:
    """It has accepted something: whatever failed before is over."""
    failing = webhook_endpoints.c.failing_since.is_not(None)
    connection.execute(_update(endpoint_id).where(failing).values(failing_since=None))


def failed(connection: sa.Connection, endpoint_id: str, now: datetime) -> datetime | None:
    """It has accepted nothing; returns since when that is so, None where it is gone anyway."""
    since = sa.func.coalesce(
        webhook_endpoints.c.failing_since, sa.literal(now, webhook_endpoints.c.created_at.type)
    )
    active_one = webhook_endpoints.c.disabled_at.is_(None)
    update = _update(endpoint_id).where(active_one).values(failing_since=since)
    return connection.execute(update.returning(webhook_endpoints.c.failing_since)).scalar_one_or_none()


def disable(connection: sa.Connection, endpoint_id: str, reason: str, now: datetime) -> Endpoint | None:
    """Post nothing to it any more; the endpoint, None where another was faster."""
    active_one = webhook_endpoints.c.disabled_at.is_(None)
    update = _update(endpoint_id).where(active_one).values(disabled_at=now, disabled_reason=reason)
    row = connection.execute(update.returning(*_COLUMNS)).one_or_none()
    return Endpoint(*row) if row else None


def states(connection: sa.Connection) -> dict[str, int]:
    """How many are active, failing and disabled."""
    disabled = webhook_endpoints.c.disabled_at.is_not(None)
    failing = webhook_endpoints.c.failing_since.is_not(None)
    query = sa.select(disabled, failing, sa.func.count()).group_by(disabled, failing)
    counted = {"active": 0, "failing": 0, "disabled": 0}
    for is_disabled, is_failing, count in connection.execute(query):
        counted["disabled" if is_disabled else "failing" if is_failing else "active"] += count
    return counted


def _update(endpoint_id: str) -> sa.Update:
    return sa.update(webhook_endpoints).where(webhook_endpoints.c.endpoint_id == endpoint_id)
