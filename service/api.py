"""The API that reads: accounts, alerts, dead letters."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query

from accounts.stages import Kind, Stage
from service import cursors, timeline
from service.access import reader
from service.problems import Problem
from storage import dead_letters, queries
from storage.engine import Engine, reading
from storage.queries import LARGEST_PAGE, AccountRow

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=2000)]


def api_router(engine: Engine, *, tokens: Sequence[str], open_access: bool) -> APIRouter:
    """Everything under /api/v1, for those who know a token."""
    allowed = Depends(reader(tokens, open_access=open_access))
    router = APIRouter(prefix="/api/v1", dependencies=[allowed])
    _accounts(router, engine)
    _alerts(router, engine)
    _dead_letters(router, engine)
    return router


def _accounts(router: APIRouter, engine: Engine) -> None:
    @router.get("/accounts", tags=["accounts"])
    def list_accounts(stage: Stage | None = None, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """Accounts, the largest value at risk first."""
        after = cursors.decode(cursor) if cursor else None
        if after:
            _check(Decimal, after[0])
        with reading(engine) as connection:
            rows = queries.list_accounts(connection, stage=stage, after=after, limit=limit)
        last = rows[-1] if len(rows) == limit else None
        place = (
            (str(-1 if last.value_at_risk is None else last.value_at_risk), last.account_id) if last else None
        )
        return {"accounts": [as_json(row) for row in rows], "next": cursors.encode(place) if place else None}

    @router.get("/accounts/{account_id:path}/timeline", tags=["accounts"])
    def show_timeline(account_id: str) -> dict[str, Any]:
        """Week by week: who took part, orders and money, the tests' sums, stages and alerts."""
        with reading(engine) as connection:
            _, state = _found(queries.account(connection, account_id), f"account {account_id!r}")
            changes = queries.transitions_of(connection, account_id)
            raised = queries.list_alerts(connection, account_id=account_id)
        told = timeline.weeks(state) if state else {"weeks": []}
        stages = [change._asdict() for change in changes]
        return {"account_id": account_id, **told, "transitions": stages, "alerts": raised}

    @router.get("/accounts/{account_id:path}", tags=["accounts"])
    def show_account(account_id: str) -> dict[str, Any]:
        """One account: who looks after it, its stage, who decides, and how far the tests have come."""
        with reading(engine) as connection:
            row, state = _found(queries.account(connection, account_id), f"account {account_id!r}")
        return as_json(row) | (timeline.tests(state) if state else {})


def _alerts(router: APIRouter, engine: Engine) -> None:
    @router.get("/alerts", tags=["alerts"])
    def list_alerts(
        status: str | None = None,
        kind: Kind | None = None,
        account: str | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """Alerts as last received, the newest first."""
        place = cursors.decode(cursor) if cursor else None
        after = (_check(datetime.fromisoformat, place[0]), place[1]) if place else None
        with reading(engine) as connection:
            found = queries.list_alerts(
                connection, account_id=account, status=status, kind=kind, after=after, limit=limit
            )
        last = found[-1] if len(found) == limit else None
        following = cursors.encode((last["raised_at"], last["id"])) if last else None
        return {"alerts": found, "next": following}

    @router.get("/alerts/{alert_id}", tags=["alerts"])
    def show_alert(alert_id: str) -> dict[str, Any]:
        """One alert, and who was told how and when."""
        with reading(engine) as connection:
            alert: dict[str, Any] = _found(queries.alert(connection, alert_id), f"alert {alert_id!r}")
            return alert | {"deliveries": queries.deliveries_of(connection, alert_id)}


def _dead_letters(router: APIRouter, engine: Engine) -> None:
    @router.get("/dead-letters", tags=["dead letters"])
    def list_dead_letters(
        reason: str | None = None, after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 50
    ) -> dict[str, Any]:
        """Records that could not be read and wait for a person (`turnsignal dead-letters replay`)."""
        with reading(engine) as connection:
            found = dead_letters.find(connection, reason=reason, after=after, limit=limit)
        following = found[-1].id if len(found) == limit else None
        return {"dead_letters": [_letter(filed) for filed in found], "next": following}

    @router.get("/dead-letters/{number}", tags=["dead letters"])
    def show_dead_letter(number: int) -> dict[str, Any]:
        """One record whole; the value in base64, since it may be anything."""
        with reading(engine) as connection:
            found = dead_letters.find(connection, ids=[number], unresolved=False)
        filed = _found(found[0] if found else None, f"dead letter {number}")
        return _letter(filed) | {"value": base64.b64encode(filed.letter.value or b"").decode()}


def as_json(row: AccountRow) -> dict[str, Any]:
    """An account as the API shows it; money as numbers."""
    return {
        "account_id": row.account_id,
        **(row.card or {}),
        "stage": row.stage,
        "led_by": row.led_by,
        "value": {
            "annual": None if row.annual_value is None else float(row.annual_value),
            "at_risk": None if row.value_at_risk is None else float(row.value_at_risk),
            "currency": row.currency,
        },
        "reviewed_to": row.reviewed_to,
    }


def _letter(filed: dead_letters.Filed) -> dict[str, Any]:
    letter = filed.letter
    return {
        "id": filed.id,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": letter.reason,
        "detail": letter.detail,
        "recorded_at": filed.recorded_at,
        "replayed_at": filed.replayed_at,
    }


def _found(thing: T | None, what: str) -> T:
    if thing is None:
        raise Problem(404, "Not found", f"there is no {what}")
    return thing


def _check(read: Callable[[str], T], text: str) -> T:
    """Read a cursor's part; raises Problem for one that was tampered with."""
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        raise cursors.unknown() from None
