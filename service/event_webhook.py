"""POST /webhooks/events: CloudEvents over HTTP into Kafka, answered only when the broker has them."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from accounts.events import MAX_BYTES, UnknownType, Unreadable, decode
from consumers import metrics
from consumers.event_writer import EventWriter, MappedTopicError, NoTopicError
from consumers.record_writer import NotWrittenError, TooLargeError, Written
from consumers.records import bodies_of_parts
from service.access import writer
from service.bodies import capped
from service.problems import Problem

LARGEST_BODY = 8 * MAX_BYTES
_MOST_TOLD = 20  # bad events that an answer names

_SINGLE = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"
_JSON = "application/json"
_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CloudEvents 1.0: one (structured), a JSON array of them (batch), or the data of one "
        "with its attributes in ce-… headers (binary).",
        "content": {kind: {"schema": {}} for kind in (_SINGLE, _BATCH, _JSON)},
    }
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Kafka has them: `accepted` were written, `ignored` are of types that nobody reads"},
    400: {"description": "Not JSON, or not what the content type says"},
    401: {"description": "The token is missing or wrong"},
    413: {"description": "Larger than 8 MiB, or an event larger than its topic allows"},
    415: {"description": "Neither CloudEvents nor JSON"},
    422: {"description": "At least one event does not fit; none was written; `errors` says which, and where"},
    503: {
        "description": "Kafka has not taken them all; send all of them again: what comes twice counts once"
    },
}


async def _body(request: Request) -> bytes:
    body = await capped(request, LARGEST_BODY)
    if body is None:
        raise _refused("too_large", 413, "Body too large", f"at most {LARGEST_BODY} bytes; send fewer events")
    return body


def events_router(events: EventWriter, *, tokens: Sequence[str], open_access: bool) -> APIRouter:
    """The router; whoever writes needs a bearer token."""
    router = APIRouter(tags=["webhooks"], dependencies=[Depends(writer(tokens, open_access=open_access))])

    @router.post(
        "/webhooks/events", status_code=202, responses=_RESPONSES, openapi_extra=_DOCUMENTED, name="events"
    )
    def receive_events(request: Request, body: Annotated[bytes, Depends(_body)]) -> dict[str, int]:
        """Write events to Kafka: all of them, or none where one does not fit."""
        bodies = _bodies(request.headers, body)
        written = _addressed(events, bodies)
        _write(events, written)
        metrics.event_posts.labels(outcome="accepted").inc()
        return {"accepted": len(written), "ignored": len(bodies) - len(written)}

    return router


def _bodies(headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """Each event in its structured form."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    attributes = [
        (f"ce_{name[3:]}", value.encode("latin-1")) for name, value in headers.items() if name[:3] == "ce-"
    ]
    try:
        if kind == _SINGLE:
            return [body]
        if kind == _BATCH:
            return _several(body)
        if kind == _JSON and attributes:
            return list(bodies_of_parts(attributes, body))
        if kind == _JSON:
            return _several(body) if body.lstrip()[:1] == b"[" else [body]
    except Unreadable as error:
        raise _invalid([_problem(0, error)]) from None
    raise _refused("invalid", 415, "Not CloudEvents", f"send content-type {_SINGLE}, {_BATCH} or {_JSON}")


def _several(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (ValueError, RecursionError) as error:
        raise _refused("invalid", 400, "Not a JSON array", str(error)) from None


def _addressed(events: EventWriter, bodies: Sequence[bytes]) -> list[Written]:
    """What is to be written; raises Problem 422 that names every event that does not fit."""
    written, errors = [], []
    for index, body in enumerate(bodies):
        try:
            written.append(events.addressed(decode(body), body))
        except UnknownType:
            continue
        except Unreadable as error:
            errors.append(_problem(index, error))
        except (NoTopicError, MappedTopicError) as error:
            errors.append({"index": index, "reason": "no_topic", "detail": str(error)})
    if errors:
        raise _invalid(errors)
    return written


def _problem(index: int, error: Unreadable) -> dict[str, Any]:
    """One event that does not fit, with the field where the reader names it."""
    found = re.search(r" - at `\$\.?(.*?)`$", error.detail)
    field = {"field": found[1]} if found and found[1] else {}
    return {"index": index, **field, "reason": error.reason, "detail": error.detail}


def _write(events: EventWriter, written: Sequence[Written]) -> None:
    try:
        events.write(written)
    except TooLargeError as error:
        raise _refused("too_large", 413, "Event too large", str(error)) from None
    except NotWrittenError as error:
        detail = f"{error}; send all of them again: what comes twice counts once"
        raise _refused(
            "unavailable", 503, "Kafka has not taken them", detail, headers={"retry-after": "5"}
        ) from None


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    detail = f"{len(errors)} events do not fit; none was written"
    return _refused("invalid", 422, "Not canonical events", detail, errors=list(errors[:_MOST_TOLD]))


def _refused(outcome: str, status: int, title: str, detail: str, **extra: Any) -> Problem:
    metrics.event_posts.labels(outcome=outcome).inc()
    return Problem(status, title, detail, **extra)
