"""The pages: accounts by value at risk, and the one that a link in an alert leads to."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from accounts.account import AccountState, from_bytes
from accounts.stages import STAGES, Stage
from alerts.picture.pictures import Pictures
from service import cursors, notified, rendering, views
from service.access import reader
from service.api import Cursor, next_account
from service.picture import Wanted, answer, called
from service.problems import Problem
from storage import feedback, history, queries, reviews
from storage.engine import Engine, reading

_PAGE = 100


def pages_router(
    engine: Engine, pictures: Pictures, *, tokens: Sequence[str], open_access: bool
) -> APIRouter:
    """The pages, for those who know a token."""
    allowed = Depends(reader(tokens, open_access=open_access))
    router = APIRouter(dependencies=[allowed], include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    def accounts(stage: Stage | None = None, cursor: Cursor = None) -> HTMLResponse:
        return _accounts(engine, stage, cursor)

    @router.get("/accounts/{account_id:path}/picture.svg", response_class=Response)
    def picture(account_id: str, request: Request, wanted: Annotated[Wanted, Depends()]) -> Response:
        if called(request, "picture.svg"):
            return account(f"{account_id}/picture.svg")  # an account that is called so
        return answer(pictures, account_id, "svg", wanted)

    @router.get("/accounts/{account_id:path}", response_class=HTMLResponse)
    def account(account_id: str) -> HTMLResponse:
        return _account(engine, pictures, account_id)

    return router


def _accounts(engine: Engine, stage: Stage | None, cursor: str | None) -> HTMLResponse:
    after = cursors.account(cursor)
    with reading(engine) as connection:
        rows = queries.list_accounts(connection, stage=stage, after=after, limit=_PAGE)
        warned = queries.open_alerts(connection, [row.account_id for row in rows])
        counted = reviews.stages(connection)
    return rendering.page(
        "accounts.html",
        accounts=[views.listed(row, warned.get(row.account_id, [])) for row in rows],
        stages=[(name, counted[name]) for name in reversed(STAGES) if name in counted],
        total=sum(counted.values()),
        chosen=stage,
        no_rate=any(row.value_at_risk and row.base_at_risk is None for row in rows),
        following=next_account(rows, _PAGE),
    )


def _account(engine: Engine, pictures: Pictures, account_id: str) -> HTMLResponse:
    with reading(engine) as connection:
        found = queries.account(connection, account_id)
        if found is None:
            raise Problem(404, "Not found", f"there is no account {account_id!r}")
        changes = queries.transitions_of(connection, account_id)
        bodies = queries.list_alerts(connection, account_id=account_id)
        said = feedback.find(connection, account_id=account_id)
        told = history.of_open_alerts(connection, account_id)
    row, body = found
    state = from_bytes(body) if body else AccountState()
    return rendering.page(
        "account.html",
        account=views.shown(row),
        alerts=views.alerts(bodies),
        tests=views.tests(state),
        history=views.history(changes, state.fold.leaders),
        said=views.said(said),
        told=notified.happened(told),
        picture=pictures.described(account_id),
    )
