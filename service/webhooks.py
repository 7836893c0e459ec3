"""POST /webhooks/alerts: where alerts come in, from our own detection plane or from anyone else's."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response

from alerts import metrics
from alerts.config import NotifierConfig
from alerts.decision import Drop, Wait
from alerts.intake import (
    ConflictingMessageError,
    InvalidAlertError,
    MalformedAlertError,
    Receipt,
    receive,
)
from alerts.signature import BadSignatureError, Verifier
from service.bodies import capped
from service.problems import Problem
from storage.engine import UNAVAILABLE, Engine

log = structlog.get_logger()

LARGEST_BODY = 1024 * 1024
_LONGEST_MESSAGE_ID = 200

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One alert; the headers webhook-id, webhook-timestamp and webhook-signature are those "
        "of Standard Webhooks.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_DECISIONS: dict[type, str] = {type(None): "send", Wait: "wait", Drop: "suppress"}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Received before; nothing was done"},
    202: {"description": "Recorded, and delivered from now on"},
    400: {"description": "Not JSON"},
    401: {"description": "The signature is missing, wrong or old"},
    409: {"description": "The message's id was used with another body"},
    413: {"description": "Larger than 1 MiB"},
    422: {"description": "JSON, but not an alert; `field` says where"},
    503: {"description": "The database is away; send it again"},
}


def alerts_router(
    engine: Engine,
    secrets: Sequence[str],
    config: NotifierConfig,
    wake: Callable[[], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The router; `wake` is called when there is something to send. Raises ValueError for bad secrets."""
    verifier = Verifier(secrets)
    router = APIRouter(tags=["webhooks"])

    @router.post(
        "/webhooks/alerts", status_code=202, responses=_RESPONSES, openapi_extra=_DOCUMENTED, name="alerts"
    )
    def receive_alert(
        request: Request, response: Response, body: Annotated[bytes, Depends(capped_body)]
    ) -> dict[str, Any]:
        """Take over one alert."""
        receipt = _act(engine, config, verifier, request, body, now)
        metrics.webhook_messages.labels(outcome=receipt.outcome).inc()
        if receipt.to_send:
            wake()
        if receipt.outcome == "repeated":
            response.status_code = 200
        return _answer(receipt)

    return router


async def capped_body(request: Request) -> bytes:
    """The request's body; raises Problem 413 as soon as it is too large."""
    body = await capped(request, LARGEST_BODY)
    if body is not None:
        return body
    metrics.webhook_messages.labels(outcome="too_large").inc()
    raise Problem(413, "Body too large", f"an alert has at most {LARGEST_BODY} bytes")


def _act(
    engine: Engine,
    config: NotifierConfig,
    verifier: Verifier,
    request: Request,
    body: bytes,
    now: Callable[[], datetime],
) -> Receipt:
    try:
        message_id = verifier.verify(body, request.headers)
        _check_message_id(message_id)
        return receive(engine, config, message_id, body, now)
    except BadSignatureError as error:
        raise _refused("bad_signature", 401, "Signature not accepted", str(error)) from None
    except MalformedAlertError as error:
        raise _refused("malformed", 400, "Not JSON", str(error)) from None
    except InvalidAlertError as error:
        raise _refused("invalid", 422, "Not an alert", error.detail, field=error.field) from None
    except ConflictingMessageError:
        detail = "this webhook-id was received before, with another body; a new message needs a new id"
        raise _refused("conflicting", 409, "Message id used before", detail) from None
    except UNAVAILABLE:
        raise _refused("unavailable", 503, "Database away", "nothing was recorded; send it again") from None


def _check_message_id(message_id: str) -> None:
    if len(message_id) > _LONGEST_MESSAGE_ID or not message_id.isprintable():
        raise InvalidAlertError("webhook-id", f"from 1 to {_LONGEST_MESSAGE_ID} printable characters")


def _refused(outcome: str, status: int, title: str, detail: str, **extra: Any) -> Problem:
    metrics.webhook_messages.labels(outcome=outcome).inc()
    log.warning("an alert was not accepted", action="alert_refused", outcome=outcome, detail=detail, **extra)
    return Problem(status, title, detail, **extra)


def _answer(receipt: Receipt) -> dict[str, Any]:
    return {
        "outcome": receipt.outcome,
        "alert_id": receipt.alert_id,
        "notice": receipt.notice,
        "deliveries": [
            {
                "channel": planned.channel,
                "decision": _DECISIONS[type(planned.decision)],
                "reason": planned.held or planned.destination.role,
            }
            for planned in receipt.deliveries
        ],
    }
