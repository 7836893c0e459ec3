"""What the API and the pages read: lists by cursor, one account, one alert."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from accounts.stages import Kind
from storage.tables import accounts, alerts, deliveries, transitions

LARGEST_PAGE = 200
LARGEST_VALUE = Decimal(10) ** 16  # what the columns of money hold


class AccountRow(NamedTuple):
    """An account as lists show it."""

    account_id: str
    card: dict[str, Any] | None
    stage: str
    led_by: str
    annual_value: Decimal | None
    value_at_risk: Decimal | None
    currency: str | None
    base_at_risk: Decimal | None
    base_currency: str | None
    not_converted: list[dict[str, Any]] | None
    reviewed_to: datetime | None


class Place(NamedTuple):
    """Where an account stands in the list."""

    base: Decimal  # value at risk in the base currency; below 0 where no rate leads there
    currency: str
    own: Decimal  # value at risk in `currency`
    account_id: str


class Transition(NamedTuple):
    """A change of stage."""

    at: datetime
    from_stage: str
    to_stage: str


_ACCOUNT = (
    accounts.c.account_id,
    accounts.c.card,
    accounts.c.stage,
    accounts.c.led_by,
    accounts.c.annual_value,
    accounts.c.value_at_risk,
    accounts.c.currency,
    accounts.c.base_at_risk,
    accounts.c.base_currency,
    accounts.c.not_converted,
    accounts.c.reviewed_to,
)
# Sums in different currencies are never compared: accounts whose money has no rate come after the others,
# a currency at a time; those without orders come last.
_NO_RATE, _NO_VALUE = Decimal(-1), Decimal(-2)
_BASE = sa.case(
    (accounts.c.base_at_risk.is_not(None), accounts.c.base_at_risk),
    (accounts.c.value_at_risk.is_not(None), sa.cast(_NO_RATE, sa.Numeric(20, 4))),
    else_=sa.cast(_NO_VALUE, sa.Numeric(20, 4)),
)
_CURRENCY = sa.func.coalesce(accounts.c.currency, "")
_OWN = sa.func.coalesce(accounts.c.value_at_risk, 0)


def list_accounts(
    connection: sa.Connection,
    *,
    stage: str | None = None,
    owner: str | None = None,
    after: Place | None = None,
    limit: int = LARGEST_PAGE,
) -> list[AccountRow]:
    """Accounts by value at risk in the base currency, the largest first.

    `after` is the `place` of the last one seen; `owner` is an email address or a name, in any case.
    """
    order = (_BASE.desc(), _CURRENCY, _OWN.desc(), accounts.c.account_id)
    query = sa.select(*_ACCOUNT).order_by(*order).limit(limit)
    if stage is not None:
        query = query.where(accounts.c.stage == stage)
    if owner is not None:
        known = [accounts.c.card["owner", name].as_string() for name in ("email", "name")]
        query = query.where(sa.or_(*(sa.func.lower(said) == sa.func.lower(owner) for said in known)))
    if after is not None:
        query = query.where(_follows(after))
    return [AccountRow(*row) for row in connection.execute(query)]


def _follows(after: Place) -> sa.ColumnElement[bool]:
    """Whether an account comes after a place, by the list's order."""
    base, own = (sa.cast(sa.literal(amount), sa.Numeric(20, 4)) for amount in (after.base, after.own))
    currency = sa.literal(after.currency)
    in_currency = sa.or_(own > _OWN, sa.and_(own == _OWN, accounts.c.account_id > after.account_id))
    in_base = sa.or_(currency < _CURRENCY, sa.and_(currency == _CURRENCY, in_currency))
    return sa.or_(base > _BASE, sa.and_(base == _BASE, in_base))


def place(row: AccountRow) -> Place:
    """Where an account stands in the list."""
    without = _NO_VALUE if row.value_at_risk is None else _NO_RATE
    base = without if row.base_at_risk is None else row.base_at_risk
    return Place(base, row.currency or "", row.value_at_risk or Decimal(0), row.account_id)


def account(connection: sa.Connection, account_id: str) -> tuple[AccountRow, bytes | None] | None:
    """One account and its state."""
    if "\0" in account_id:  # no text of PostgreSQL's holds one, so nothing is called so
        return None
    query = sa.select(*_ACCOUNT, accounts.c.state).where(accounts.c.account_id == account_id)
    row = connection.execute(query).one_or_none()
    return (AccountRow(*row[:-1]), row[-1]) if row else None


def transitions_of(connection: sa.Connection, account_id: str) -> list[Transition]:
    """An account's stages, the oldest change first."""
    query = (
        sa.select(transitions.c.at, transitions.c.from_stage, transitions.c.to_stage)
        .where(transitions.c.account_id == account_id)
        .order_by(transitions.c.at)
    )
    return [Transition(*row) for row in connection.execute(query)]


def list_alerts(
    connection: sa.Connection,
    *,
    account_id: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = LARGEST_PAGE,
) -> list[dict[str, Any]]:
    """Alerts as last received, the newest first; `after` is the (raised_at, id) of the last one seen."""
    query = sa.select(alerts.c.body).order_by(alerts.c.raised_at.desc(), alerts.c.alert_id).limit(limit)
    for column, wanted in (
        (alerts.c.account_id, account_id),
        (alerts.c.status, status),
        (alerts.c.kind, kind),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        at, alert_id = sa.literal(after[0], alerts.c.raised_at.type), after[1]
        query = query.where(
            sa.or_(alerts.c.raised_at < at, sa.and_(alerts.c.raised_at == at, alerts.c.alert_id > alert_id))
        )
    return list(connection.execute(query).scalars())


def open_alerts(connection: sa.Connection, account_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The alerts of some accounts that warn and still hold, the newest first, by account."""
    query = (
        sa.select(alerts.c.account_id, alerts.c.body)
        .where(
            alerts.c.account_id.in_(account_ids), alerts.c.status == "firing", alerts.c.kind != "recovered"
        )
        .order_by(alerts.c.raised_at.desc(), alerts.c.alert_id)
    )
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for account_id, body in connection.execute(query):
        found[account_id].append(body)
    return dict(found)


def open_kinds(connection: sa.Connection, account_ids: Collection[str]) -> dict[str, dict[str, Kind]]:
    """By account, the alerts that warn and still hold, each with its kind."""
    query = sa.select(alerts.c.account_id, alerts.c.alert_id, alerts.c.kind).where(
        alerts.c.account_id.in_(list(account_ids)), alerts.c.status == "firing", alerts.c.kind != "recovered"
    )
    found: defaultdict[str, dict[str, Kind]] = defaultdict(dict)
    for account_id, alert_id, kind in connection.execute(query):
        found[account_id][alert_id] = kind
    return dict(found)


def alert(connection: sa.Connection, alert_id: str) -> dict[str, Any] | None:
    """One alert as last received."""
    if "\0" in alert_id:
        return None
    body: dict[str, Any] | None = connection.execute(
        sa.select(alerts.c.body).where(alerts.c.alert_id == alert_id)
    ).scalar_one_or_none()
    return body


def deliveries_of(connection: sa.Connection, alert_id: str) -> Sequence[dict[str, Any]]:
    """What became of an alert, channel by channel, the oldest first."""
    columns = [c for c in deliveries.c if c.name not in {"body", "alert_id"}]
    query = (
        sa.select(*columns)
        .where(deliveries.c.alert_id == alert_id)
        .order_by(deliveries.c.created_at, deliveries.c.delivery_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
