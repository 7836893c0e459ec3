"""What was decided and done about each alert, in order; only added to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.tables import alert_history, alerts


class Entry(NamedTuple):
    """One thing that happened to an alert; `detail` is plain JSON and holds no secret."""

    alert_id: str
    at: datetime
    what: str
    detail: dict[str, Any]


def add(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Add some."""
    if entries:
        connection.execute(sa.insert(alert_history), [entry._asdict() for entry in entries])


def of_open_alerts(connection: sa.Connection, account_id: str, limit: int = 100) -> list[Entry]:
    """The last of those of an account's alerts that hold, the oldest first."""
    query = (
        sa.select(*(alert_history.c[name] for name in Entry._fields))
        .join(alerts, alerts.c.alert_id == alert_history.c.alert_id)
        .where(alerts.c.account_id == account_id, alerts.c.status == "firing")
        .order_by(alert_history.c.id.desc())
        .limit(limit)
    )
    return [Entry(*row) for row in connection.execute(query)][::-1]


def of(connection: sa.Connection, alert_id: str, limit: int = 500) -> list[Entry]:
    """The last of an alert's, the oldest first."""
    columns = (alert_history.c[name] for name in Entry._fields)
    query = sa.select(*columns).where(alert_history.c.alert_id == alert_id)
    query = query.order_by(alert_history.c.id.desc()).limit(limit)
    return [Entry(*row) for row in connection.execute(query)][::-1]
