"""POST /api/v1/alerts/{id}/feedback: what a person says of an alert."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Response

from accounts.feedback import VERDICTS, Feedback
from alerts.feedback import (
    LONGEST_AUTHOR,
    LONGEST_REASON,
    InvalidAnswerError,
    MalformedAnswerError,
    UnknownAlertError,
    give,
    read_answer,
)
from service.access import writer
from service.bodies import json_body
from service.problems import Problem
from storage.engine import Engine

log = structlog.get_logger()

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["verdict"],
                    "additionalProperties": False,
                    "properties": {
                        "verdict": {
                            "type": "string",
                            "enum": list(VERDICTS),
                            "description": "not_a_risk: what the account does now is its normal, and is "
                            "learnt as such. being_handled: the alert was right; firing again is not sent. "
                            "lost: the alert was right, and the customer is gone. they_stay: all that holds "
                            "an alert up on this account is learnt as normal.",
                        },
                        "author": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": LONGEST_AUTHOR,
                            "default": "api",
                            "description": "Who says so. An author's verdict on an alert is kept once.",
                        },
                        "reason": {
                            "type": "string",
                            "maxLength": LONGEST_REASON,
                            "default": "",
                            "description": "Why, in words for people.",
                        },
                    },
                }
            }
        },
    }
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "This author has said so before; the answer is the one that was stored then"},
    201: {"description": "Stored; `applies_from` says from which week on a review heeds it"},
    400: {"description": "Not JSON"},
    401: {"description": "No bearer token, or a wrong one; a password does not do for writing"},
    404: {"description": "There is no such alert"},
    413: {"description": "Larger than 64 KiB"},
    415: {"description": "Not application/json"},
    422: {"description": "Another verdict, a field that is too long, or one that is not known"},
}


def feedback_router(
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

    @router.post(
        "/alerts/{alert_id:path}/feedback", status_code=201, responses=_RESPONSES, openapi_extra=_DOCUMENTED
    )
    def give_feedback(
        alert_id: str, response: Response, body: Annotated[bytes, Depends(json_body("feedback"))]
    ) -> dict[str, Any]:
        """Say what an alert came to: it is stored, used from the next review on, and measured."""
        try:
            given = give(engine, alert_id, read_answer(body), now())
        except UnknownAlertError:
            raise Problem(404, "Not found", f"there is no alert {alert_id!r}") from None
        except InvalidAnswerError as error:
            raise Problem(422, "Not understood", str(error)) from None
        except MalformedAnswerError as error:
            raise Problem(400, "Not JSON", str(error)) from None
        if given.new:
            _log(given.feedback)
        else:
            response.status_code = 200
        return as_json(given.feedback)

    return router


def _log(said: Feedback) -> None:
    log.info(
        "feedback given",
        action="feedback_given",
        alert_id=said.alert_id,
        account_id=said.account_id,
        kind=said.kind,
        verdict=said.verdict,
    )


def as_json(said: Feedback) -> dict[str, Any]:
    """An answer as the API shows it."""
    return {name: getattr(said, name) for name in Feedback.__struct_fields__}


def listed(told: Iterable[Feedback]) -> list[dict[str, Any]]:
    """Several, in their order."""
    return [as_json(said) for said in told]
