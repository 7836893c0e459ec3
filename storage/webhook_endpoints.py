"""Where alerts are posted to for other programs."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.tables import webhook_endpoints


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


_COLUMNS = tuple(webhook_endpoints.c[name] for name in Endpoint._fields)


def active(connection: sa.Connection) -> list[Endpoint]:
    """Those that are posted to."""
    query = sa.select(*_COLUMNS).where(webhook_endpoints.c.disabled_at.is_(None))
    return [Endpoint(*row) for row in connection.execute(query.order_by(webhook_endpoints.c.endpoint_id))]


def disabled(connection: sa.Connection) -> list[str]:
    """The ids of those that are posted to no more."""
    query = sa.select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.disabled_at.is_not(None))
    return list(connection.execute(query.order_by(webhook_endpoints.c.endpoint_id)).scalars())
