"""The reviewing transaction: accounts due, their events, and the states and transitions that follow."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from accounts.alert import AccountCard, Value
from accounts.events import CARD
from accounts.fold import StageChange
from accounts.weeks import start_of
from storage.engine import is_sqlite
from storage.tables import accounts, events, transitions


class Due(NamedTuple):
    """An account whose state lacks evidence or weeks from `due_week` on."""

    account_id: str
    due_week: int
    state: bytes | None
    card: dict[str, Any] | None


class Reviewed(NamedTuple):
    """What a review found."""

    account_id: str
    state: bytes
    stage: str
    led_by: str
    value: Value
    new_transitions: Sequence[StageChange]
    stale_from: int | None  # transitions of this closed week and later are no longer true


def claim(connection: sa.Connection, open_week: int, limit: int) -> list[Due]:
    """Lock accounts that have closed weeks to fold; those that another reviewer holds are passed over."""
    query = (
        sa.select(accounts.c.account_id, accounts.c.due_week, accounts.c.state, accounts.c.card)
        .where(accounts.c.due_week < open_week)
        .order_by(accounts.c.due_week, accounts.c.account_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Due(*row) for row in connection.execute(query)]


def bodies(
    connection: sa.Connection, due: Sequence[Due], open_week: int
) -> Iterator[tuple[str, bytes | str]]:
    """(account, JSON array of events) of all closed weeks from each account's due week on, each event once.

    With them come, as arrays of their own, the earlier versions of the documents they belong to. A new
    account has none: all its events are new. One row an account, since a row costs more than an event.
    """
    query = (
        sa.select(events.c.account_id, _array(connection, events.c.body))
        .join(accounts, accounts.c.account_id == events.c.account_id)
        .where(events.c.account_id.in_([account.account_id for account in due]))
        .where(events.c.week >= accounts.c.due_week, events.c.week < open_week)
        .group_by(events.c.account_id)
    )
    for account_id, array in connection.execute(query):
        yield account_id, array
    known = [account.account_id for account in due if account.state is not None]
    if known:
        for account_id, array in connection.execute(_earlier_versions(connection, known, open_week)):
            yield account_id, array


def _array(connection: sa.Connection, body: sa.ColumnElement[bytes]) -> sa.ColumnElement[Any]:
    """Bodies as one JSON array: bytes on PostgreSQL, text on SQLite."""
    if is_sqlite(connection):
        return sa.literal("[") + sa.func.group_concat(sa.cast(body, sa.Text), ",") + sa.literal("]")
    whole = sa.literal(b"[").op("||")(sa.func.string_agg(body, sa.literal(b",")))
    return whole.op("||")(sa.literal(b"]"))


def _earlier_versions(
    connection: sa.Connection, account_ids: Sequence[str], open_week: int
) -> sa.Select[str, Any]:
    """The events before the due week whose documents have a later version in the weeks that are due."""
    earlier, later = events.alias("earlier"), events.alias("later")
    superseded = sa.exists().where(
        later.c.account_id == accounts.c.account_id,
        later.c.document == earlier.c.document,
        later.c.week >= accounts.c.due_week,
        later.c.week < open_week,
    )
    return (
        sa.select(earlier.c.account_id, _array(connection, earlier.c.body))
        .join(accounts, accounts.c.account_id == earlier.c.account_id)
        .where(earlier.c.account_id.in_(account_ids), earlier.c.week < accounts.c.due_week)
        .where(earlier.c.document.is_not(None), earlier.c.document != CARD, superseded)
        .group_by(earlier.c.account_id)
    )


def bodies_between(connection: sa.Connection, account_id: str, first: int, last: int) -> list[bytes]:
    """An account's events of the weeks `first` to `last`, both included."""
    query = sa.select(events.c.body).where(
        events.c.account_id == account_id, events.c.week.between(first, last)
    )
    return list(connection.execute(query).scalars())


def all_bodies(connection: sa.Connection) -> Iterator[bytes]:
    """Every event of every account, in no order; a stream, for there may be millions."""
    rows = connection.execution_options(yield_per=1000).execute(sa.select(events.c.body))
    yield from rows.scalars()


def restart(connection: sa.Connection) -> int:
    """Let every account be judged again from its first event on; returns how many have one."""
    return connection.execute(_from_the_first_event()).rowcount


def judge_afresh(connection: sa.Connection, due: Sequence[Due], account_ids: Sequence[str]) -> list[Due]:
    """The accounts that are due, those named from their first event on."""
    statement = _from_the_first_event().where(accounts.c.account_id.in_(account_ids))
    statement = statement.returning(accounts.c.account_id, accounts.c.due_week)
    first = {row.account_id: row.due_week for row in connection.execute(statement)}
    return [account._replace(due_week=first.get(account.account_id, account.due_week)) for account in due]


def _from_the_first_event() -> sa.Update:
    first = (
        sa.select(sa.func.min(events.c.week)).where(events.c.account_id == accounts.c.account_id)
    ).scalar_subquery()
    has_events = sa.exists().where(events.c.account_id == accounts.c.account_id)
    return sa.update(accounts).where(has_events).values(due_week=first)


def record(connection: sa.Connection, reviewed: Sequence[Reviewed], open_week: int) -> None:
    """Write states and transitions; the accounts are due again when `open_week` has closed."""
    if not reviewed:
        return
    statement = (
        sa.update(accounts)
        .where(accounts.c.account_id == sa.bindparam("id"))
        .values(
            due_week=open_week,
            reviewed_to=start_of(open_week),
            state=sa.bindparam("new_state"),
            stage=sa.bindparam("new_stage"),
            led_by=sa.bindparam("new_led_by"),
            annual_value=sa.bindparam("new_annual"),
            value_at_risk=sa.bindparam("new_at_risk"),
            currency=sa.bindparam("new_currency"),
            base_at_risk=sa.bindparam("new_base_at_risk"),
            base_currency=sa.bindparam("new_base_currency"),
            not_converted=sa.bindparam("new_not_converted"),
        )
    )
    connection.execute(statement, [_parameters(found) for found in reviewed])
    for found in reviewed:
        if found.stale_from is not None:
            connection.execute(
                sa.delete(transitions).where(
                    transitions.c.account_id == found.account_id,
                    transitions.c.at >= start_of(found.stale_from + 1),
                )
            )
    rows = [_transition(found.account_id, change) for found in reviewed for change in found.new_transitions]
    if rows:
        connection.execute(sa.insert(transitions), rows)


def forget(connection: sa.Connection, account_ids: Sequence[str]) -> None:
    """Let those of these accounts go that have no event any more: another mapping never made them."""
    if not account_ids:
        return
    has_events = sa.exists().where(events.c.account_id == accounts.c.account_id)
    gone = sa.delete(accounts).where(accounts.c.account_id.in_(account_ids), ~has_events)
    forgotten = connection.execute(gone.returning(accounts.c.account_id)).scalars().all()
    connection.execute(sa.delete(transitions).where(transitions.c.account_id.in_(forgotten)))


def backlog(connection: sa.Connection, open_week: int) -> int:
    """How many accounts wait for a review."""
    query = sa.select(sa.func.count()).select_from(accounts).where(accounts.c.due_week < open_week)
    count: int = connection.execute(query).scalar_one()
    return count


def stages(connection: sa.Connection) -> dict[str, int]:
    """How many accounts are in each stage."""
    query = sa.select(accounts.c.stage, sa.func.count().label("accounts")).group_by(accounts.c.stage)
    return {row.stage: row.accounts for row in connection.execute(query)}


def states(connection: sa.Connection) -> Iterator[tuple[str, bytes]]:
    """(account, state) of every account that has been reviewed, by id."""
    query = sa.select(accounts.c.account_id, accounts.c.state).where(accounts.c.state.is_not(None))
    for row in connection.execute(query.order_by(accounts.c.account_id)):
        yield row.account_id, row.state


def card(due: Due) -> AccountCard:
    """The account's card as the intake has written it."""
    return msgspec.convert(due.card or {}, AccountCard)


def _parameters(found: Reviewed) -> dict[str, Any]:
    base = found.value.base
    return {
        "id": found.account_id,
        "new_state": found.state,
        "new_stage": found.stage,
        "new_led_by": found.led_by,
        "new_annual": found.value.annual,
        "new_at_risk": found.value.at_risk,
        "new_currency": found.value.currency,
        "new_base_at_risk": None if base is None else base.at_risk,
        "new_base_currency": None if base is None else base.currency,
        "new_not_converted": msgspec.to_builtins(found.value.not_converted),
    }


def _transition(account_id: str, change: StageChange) -> dict[str, object]:
    return {
        "account_id": account_id,
        "at": start_of(change.week + 1),
        "from_stage": change.before,
        "to_stage": change.after,
    }
