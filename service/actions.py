"""POST /api/v1/alerts/{id}/acknowledge and …/snooze: what a person does with an alert."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
import structlog
from fastapi import APIRouter, Depends

from alerts.actions import Acted, InvalidActionError, UnknownAlertError, acknowledge, snooze
from service.access import writer
from service.bodies import json_body
from service.problems import Problem
from storage.engine import Engine

T = TypeVar("T")

log = structlog.get_logger()


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is on it."""

    author: str = "api"


class Snooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when nothing is to be said of it."""

    until: datetime
    author: str = "api"


_AUTHOR = {"type": "string", "minLength": 1, "maxLength": 200, "default": "api", "description": "Who."}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "No bearer token, or a wrong one; a password does not do for writing"},
    404: {"description": "There is no such alert"},
    415: {"description": "Not application/json"},
    422: {"description": "Not understood; the detail says what is allowed"},
}


def _documented(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def actions_router(
    engine: Engine,
    *,
    tokens: Sequence[str],
    open_access: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The router, for those who know a token."""
    router = APIRouter(
        prefix="/api/v1", tags=["alerts"], dependencies=[Depends(writer(tokens, open_access=open_access))]
    )
    body_of = Depends(json_body("an action"))

    @router.post(
        "/alerts/{alert_id:path}/acknowledge",
        responses=_RESPONSES,
        openapi_extra=_documented([], author=_AUTHOR),
    )
    def acknowledge_alert(alert_id: str, body: Annotated[bytes, body_of]) -> dict[str, Any]:
        """Say that somebody is on it: it is neither said again nor escalated. The first one counts."""
        asked = _read(body, Acknowledgement)
        return _done(lambda: acknowledge(engine, alert_id, asked.author, "api", now()), alert_id)

    @router.post(
        "/alerts/{alert_id:path}/snooze",
        responses=_RESPONSES,
        openapi_extra=_documented(["until"], until={"type": "string", "format": "date-time"}, author=_AUTHOR),
    )
    def snooze_alert(alert_id: str, body: Annotated[bytes, body_of]) -> dict[str, Any]:
        """Say nothing of it until a moment; what still holds then is said again."""
        asked = _read(body, Snooze)
        if asked.until.tzinfo is None:
            raise Problem(422, "Not understood", "until has no time zone", field="until")
        return _done(lambda: snooze(engine, alert_id, asked.until, asked.author, "api", now()), alert_id)

    return router


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise Problem(422, "Not understood", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Not JSON", str(error)) from None


def _done(act: Callable[[], Acted], alert_id: str) -> dict[str, Any]:
    try:
        acted = act()
    except UnknownAlertError:
        raise Problem(404, "Not found", f"there is no alert {alert_id!r}") from None
    except InvalidActionError as error:
        raise Problem(422, "Not understood", str(error)) from None
    log.info("an alert was answered", action="alert_answered", alert_id=alert_id, new=acted.new)
    return {"alert_id": acted.alert.id, "new": acted.new, **acted.answers._asdict()}
