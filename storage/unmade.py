"""What consumed records have not become: dead letters, and drafts without an event."""

import sqlalchemy as sa

from storage.tables import dead_letters, drafts, events


def letters(connection: sa.Connection) -> dict[str, int]:
    """Dead letters that nobody has mended, by reason."""
    query = (
        sa.select(dead_letters.c.reason, sa.func.count().label("number"))
        .where(dead_letters.c.replayed_at.is_(None))
        .group_by(dead_letters.c.reason)
    )
    return {row.reason: row.number for row in connection.execute(query)}


def drafts_without_event(connection: sa.Connection) -> int:
    """Drafts that wait for reference data, or whose condition does not hold."""
    made = sa.exists().where(events.c.event_key == drafts.c.event_key)
    return int(connection.execute(sa.select(sa.func.count()).select_from(drafts).where(~made)).scalar_one())
