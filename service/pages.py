"""The pages: accounts by value at risk, and the one that a link in an alert leads to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from accounts.account import AccountState, from_bytes
from accounts.alert import Alert
from accounts.stages import STAGES
from alerts.message import Message, message_of
from service import cursors
from service.access import reader
from service.chart import chart
from service.problems import Problem
from storage import queries, reviews
from storage.engine import Engine, reading
from storage.queries import AccountRow, Transition

_PAGE = 100
_MOST_PAST = 20

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("service"), autoescape=True, undefined=jinja2.StrictUndefined
)


def pages_router(engine: Engine, *, tokens: Sequence[str], open_access: bool) -> APIRouter:
    """The pages, for those who know a token."""
    allowed = Depends(reader(tokens, open_access=open_access))
    router = APIRouter(dependencies=[allowed], default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/")
    def accounts(cursor: str | None = None) -> HTMLResponse:
        after = cursors.decode(cursor) if cursor else None
        with reading(engine) as connection:
            rows = queries.list_accounts(connection, stage=None, after=after, limit=_PAGE)
            counted = reviews.stages(connection)
        return HTMLResponse(
            _templates.get_template("accounts.html").render(
                accounts=[_shown(row) for row in rows],
                stages=[(stage, counted[stage]) for stage in STAGES if stage in counted],
                following=_following(rows),
            )
        )

    @router.get("/accounts/{account_id:path}")
    def account(account_id: str) -> HTMLResponse:
        with reading(engine) as connection:
            found = queries.account(connection, account_id)
            if found is None:
                raise Problem(404, "Not found", f"there is no account {account_id!r}")
            changes = queries.transitions_of(connection, account_id)
            bodies = queries.list_alerts(connection, account_id=account_id)
        row, state = found
        alerts = [msgspec.convert(body, Alert) for body in bodies]
        return HTMLResponse(
            _templates.get_template("account.html").render(
                account=_shown(row),
                messages=[_message(alert) for alert in alerts if alert.status == "firing"],
                past=[_message(alert) for alert in alerts if alert.status != "firing"][:_MOST_PAST],
                transitions=[_change(change) for change in reversed(changes)],
                chart=chart(from_bytes(state) if state else AccountState()),
            )
        )

    return router


def _following(rows: Sequence[AccountRow]) -> str | None:
    if len(rows) < _PAGE:
        return None
    last = rows[-1]
    return cursors.encode((str(-1 if last.value_at_risk is None else last.value_at_risk), last.account_id))


def _shown(row: AccountRow) -> dict[str, Any]:
    card = row.card or {}
    return {
        "id": row.account_id,
        "href": f"/accounts/{quote(row.account_id, safe='', errors='replace')}",
        "name": card.get("name") or row.account_id,
        "owner": (card.get("owner") or {}).get("name", ""),
        "stage": row.stage,
        "led_by": row.led_by,
        "annual": _money(row.annual_value, row.currency),
        "at_risk": _money(row.value_at_risk, row.currency),
    }


def _money(amount: Decimal | None, currency: str | None) -> str:
    return "–" if amount is None or currency is None else f"{currency} {amount:,.0f}"


def _message(alert: Alert) -> Message:
    return message_of(alert, "retracted" if alert.retracted else "raised", None)


def _change(change: Transition) -> dict[str, str]:
    return {
        "day": f"{change.at.day} {change.at:%b %Y}",
        "before": change.from_stage.replace("_", " "),
        "after": change.to_stage.replace("_", " "),
        "stage": change.to_stage,
    }
