"""The API that reads: accounts, alerts, dead letters."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator

from accounts.account import from_bytes
from accounts.alert import Status
from accounts.stages import Kind, Stage
from alerts.picture.pictures import Pictures
from service import cursors, timeline
from service.access import reader
from service.feedback import listed
from service.picture import FORMS, TYPES, Wanted, answer, called
from service.problems import Problem
from storage import answers, dead_letters, feedback, history, queries
from storage.engine import Engine, reading
from storage.queries import LARGEST_PAGE, AccountRow

T = TypeVar("T")


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("no name or id has a NUL")
    return value


Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=2000)]
Text = Annotated[str | None, Query(max_length=512), AfterValidator(lambda value: value and _text(value))]
Number = Annotated[int, Path(ge=1, lt=2**63)]


def api_router(engine: Engine, pictures: Pictures, *, tokens: Sequence[str], open_access: bool) -> APIRouter:
    """Everything under /api/v1, for those who know a token."""
    allowed = Depends(reader(tokens, open_access=open_access))
    router = APIRouter(prefix="/api/v1", dependencies=[allowed])
    _accounts(router, engine)
    _account(router, engine, pictures)
    _alerts(router, engine)
    _dead_letters(router, engine)
    return router


def _accounts(router: APIRouter, engine: Engine) -> None:
    @router.get("/accounts", tags=["accounts"])
    def list_accounts(
        stage: Stage | None = None, owner: Text = None, cursor: Cursor = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """Accounts, the largest value at risk in the base currency first.

        Those whose money no rate converts come after the others. `owner` is an email address or a name.
        """
        after = cursors.account(cursor)
        with reading(engine) as connection:
            rows = queries.list_accounts(connection, stage=stage, owner=owner, after=after, limit=limit)
            warned = queries.open_alerts(connection, [row.account_id for row in rows])
        told = [as_json(row) | {"open_alerts": _brief(warned.get(row.account_id, []))} for row in rows]
        return {"accounts": told, "next": next_account(rows, limit)}


def _account(router: APIRouter, engine: Engine, pictures: Pictures) -> None:
    @router.get("/accounts/{account_id:path}/timeline", tags=["accounts"])
    def show_timeline(account_id: str, request: Request) -> dict[str, Any]:
        """Week by week: votes, contacts, orders, money; with them stages, leaders, alerts and feedback."""
        if called(request, "timeline"):
            return show_account(f"{account_id}/timeline")  # an account that is called so
        with reading(engine) as connection:
            _, state = _found(queries.account(connection, account_id), f"account {account_id!r}")
            changes = queries.transitions_of(connection, account_id)
            raised = queries.list_alerts(connection, account_id=account_id)
            said = listed(feedback.find(connection, account_id=account_id))
        stages = [change._asdict() for change in changes]
        told = timeline.weeks(from_bytes(state)) if state else {"weeks": [], "leaders": []}
        return {"account_id": account_id, **told, "transitions": stages, "alerts": raised, "feedback": said}

    @router.get(
        "/accounts/{account_id:path}/picture.{form}",
        tags=["accounts"],
        response_class=Response,
        responses={200: {"content": {name: {} for name in TYPES.values()}}},
    )
    def show_picture(
        account_id: str,
        form: Annotated[str, Path(description="`png` or `svg`.")],
        request: Request,
        wanted: Annotated[Wanted, Depends()],
    ) -> Response:
        """The timeline as a picture: seats by function, the tests' sums, orders, stages and what happened."""
        known = FORMS.get(form)
        if known is None or called(request, f"picture.{form}"):
            told = show_account(f"{account_id}/picture.{form}")  # an account that is called so
            return JSONResponse(jsonable_encoder(told))
        return answer(pictures, account_id, known, wanted)

    @router.get("/accounts/{account_id:path}", tags=["accounts"])
    def show_account(account_id: str) -> dict[str, Any]:
        """One account: who looks after it, its stage, who decides, and how far the tests have come."""
        with reading(engine) as connection:
            row, state = _found(queries.account(connection, account_id), f"account {account_id!r}")
            warned = queries.open_alerts(connection, [account_id]).get(account_id, [])
        tests = timeline.tests(from_bytes(state)) if state else {"shift": None, "cadence": None}
        return as_json(row) | {"open_alerts": _brief(warned), "tests": tests}


def _alerts(router: APIRouter, engine: Engine) -> None:
    @router.get("/alerts", tags=["alerts"])
    def list_alerts(
        status: Status | None = None,
        kind: Kind | None = None,
        account: Text = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """Alerts as last received, the newest first."""
        after = cursors.moment(cursor)
        with reading(engine) as connection:
            found = queries.list_alerts(
                connection, account_id=account, status=status, kind=kind, after=after, limit=limit
            )
        last = found[-1] if len(found) == limit else None
        return {"alerts": found, "next": cursors.encode(last["raised_at"], last["id"]) if last else None}

    @router.get("/alerts/{alert_id:path}", tags=["alerts"])
    def show_alert(alert_id: str) -> dict[str, Any]:
        """One alert, what was decided of it and why, who was told how and when, and what people said."""
        with reading(engine) as connection:
            alert: dict[str, Any] = _found(queries.alert(connection, alert_id), f"alert {alert_id!r}")
            said = listed(feedback.find(connection, alert_id=alert_id))
            return alert | {
                "deliveries": queries.deliveries_of(connection, alert_id),
                "feedback": said,
                "answers": answers.of(connection, [alert_id]).get(alert_id, answers.NONE)._asdict(),
                "history": [_happened(entry) for entry in history.of(connection, alert_id)],
            }


def _dead_letters(router: APIRouter, engine: Engine) -> None:
    @router.get("/dead-letters", tags=["dead letters"])
    def list_dead_letters(reason: Text = None, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """Records that could not be read and wait for a person, the oldest first.

        `turnsignal dead-letters replay` reads them again.
        """
        after = cursors.number(cursor)
        with reading(engine) as connection:
            found = dead_letters.find(connection, reason=reason, after=after, limit=limit)
        following = cursors.encode(str(found[-1].id)) if len(found) == limit else None
        return {"dead_letters": [_letter(filed) for filed in found], "next": following}

    @router.get("/dead-letters/{number}", tags=["dead letters"])
    def show_dead_letter(number: Number) -> dict[str, Any]:
        """One record whole; key, value and header values in base64, since they may be anything."""
        with reading(engine) as connection:
            found = dead_letters.find(connection, ids=[number], unresolved=False)
        filed = _found(found[0] if found else None, f"dead letter {number}")
        return _letter(filed) | {
            "key": _base64(filed.letter.key),
            "value": _base64(filed.letter.value),
            "headers": [[name, _base64(value)] for name, value in filed.letter.headers],
        }


def next_account(rows: Sequence[AccountRow], limit: int) -> str | None:
    """The cursor for the page after these accounts; None where they are the last."""
    if len(rows) < limit:
        return None
    return cursors.encode(*map(str, queries.place(rows[-1])))


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
            "base": None
            if row.base_at_risk is None
            else {"at_risk": float(row.base_at_risk), "currency": row.base_currency},
            "not_converted": row.not_converted or [],
        },
        "reviewed_to": row.reviewed_to,
    }


def _brief(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: body[name] for name in ("id", "kind", "severity", "raised_at")} for body in bodies]


def _happened(entry: history.Entry) -> dict[str, Any]:
    return {"at": entry.at, "what": entry.what, **entry.detail}


def _letter(filed: dead_letters.Filed) -> dict[str, Any]:
    letter = filed.letter
    return {
        "id": filed.id,
        "cluster": letter.cluster,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": letter.reason,
        "detail": letter.detail,
        "recorded_at": filed.recorded_at,
        "replayed_at": filed.replayed_at,
    }


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _found(thing: T | None, what: str) -> T:
    if thing is None:
        raise Problem(404, "Not found", f"there is no {what}")
    return thing
