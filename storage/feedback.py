"""What people said of alerts: added, never changed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from accounts.feedback import Feedback, Verdict, Word
from accounts.stages import Kind
from storage.engine import insert_ignoring_duplicates
from storage.tables import accounts, alerts, feedback

_COLUMNS = tuple(feedback.c[name] for name in Feedback.__struct_fields__)
_MINE = (feedback.c.alert_id, feedback.c.verdict, feedback.c.author)


def reviewed_to(connection: sa.Connection, account_id: str) -> tuple[datetime | None] | None:
    """(the moment up to which an account has been reviewed,); None for an account that is not there.

    Its row stays locked: no review can pass between this look and what is added on the strength of it.
    """
    query = sa.select(accounts.c.reviewed_to).where(accounts.c.account_id == account_id).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else (row[0],)


def add(connection: sa.Connection, said: Feedback) -> tuple[Feedback, bool]:
    """Add an answer once an alert, verdict and author; returns it as stored, and whether it is new."""
    row = msgspec.structs.asdict(said)
    statement = insert_ignoring_duplicates(feedback, connection).values(row).returning(feedback.c.id)
    if connection.execute(statement).first() is not None:
        return said, True
    same = [column == row[column.name] for column in _MINE]
    return next(_read(connection, sa.select(*_COLUMNS).where(*same))), False


def find(
    connection: sa.Connection, *, alert_id: str | None = None, account_id: str | None = None
) -> list[Feedback]:
    """Answers, the oldest first."""
    query = sa.select(*_COLUMNS).order_by(feedback.c.at, feedback.c.id)
    if alert_id is not None:
        query = query.where(feedback.c.alert_id == alert_id)
    if account_id is not None:
        query = query.where(feedback.c.account_id == account_id)
    return list(_read(connection, query))


def words(connection: sa.Connection, account_ids: Sequence[str]) -> dict[str, list[Word]]:
    """What the fold needs of the answers, by account; those without any are not in it."""
    query = sa.select(*_COLUMNS).where(
        feedback.c.account_id.in_(account_ids), feedback.c.applies_from.is_not(None)
    )
    found: dict[str, list[Word]] = {}
    for said in _read(connection, query):
        found.setdefault(said.account_id, []).append(said.word)
    return found


def last_verdicts(connection: sa.Connection, alert_ids: Collection[str]) -> dict[str, Verdict]:
    """What was said last of each of these alerts; those of which nothing was said are not in it."""
    query = sa.select(feedback.c.alert_id, feedback.c.verdict).where(feedback.c.alert_id.in_(list(alert_ids)))
    query = query.order_by(feedback.c.at, feedback.c.verdict, feedback.c.author)
    return {row.alert_id: row.verdict for row in connection.execute(query)}


class Answered(NamedTuple):
    """A warning, whose it was, and what was said of it last."""

    kind: Kind
    owner: str | None
    verdict: Verdict | None


def answered(connection: sa.Connection, since: datetime | None) -> list[Answered]:
    """The warnings raised since a moment; the end of one, `recovered`, asks for no answer."""
    owner = [alerts.c.body["account", "owner", name].as_string() for name in ("email", "name")]
    query = (
        sa.select(alerts.c.alert_id, alerts.c.kind, sa.func.coalesce(*owner), feedback.c.verdict)
        .outerjoin(feedback, feedback.c.alert_id == alerts.c.alert_id)
        .where(alerts.c.kind != "recovered")
        .order_by(alerts.c.alert_id, feedback.c.at, feedback.c.verdict, feedback.c.author)
    )
    if since is not None:
        query = query.where(alerts.c.raised_at >= since)
    return list({alert_id: Answered(*rest) for alert_id, *rest in connection.execute(query)}.values())


def _read(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Feedback]:
    for row in connection.execute(query):
        yield Feedback(*row)
