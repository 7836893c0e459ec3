"""POST /webhooks/crm/{source}: a CRM's own webhooks into Kafka, answered only when the broker has them."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from consumers import metrics
from consumers.record_writer import NotWrittenError, TooLargeError, Written
from service.bodies import capped
from service.crm.receiver import Refusal
from service.crm.sources import Source
from service.problems import Problem

log = structlog.get_logger()

_RETRY_SECONDS = 5
_UNKNOWN = ""  # the label of requests to sources that nobody has set; names from outside would be without end

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "What the CRM posts: HubSpot's notifications, an outbound message of Salesforce "
        "(SOAP), a data action of Salesforce Data 360, or an execution context of Dataverse; `crm.sources` "
        "says which.",
        "content": {kind: {"schema": {}} for kind in ("application/json", "text/xml")},
    }
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Kafka has it: `accepted` records were written; to an outbound message, its Ack",
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"accepted": {"type": "integer"}}}
            },
            "text/xml": {"schema": {"type": "string"}},
        },
    },
    400: {"description": "Neither JSON nor SOAP, whichever this source speaks"},
    401: {"description": "Signature or token missing or wrong, the signature old, the organization another"},
    404: {"description": "No such source is set"},
    413: {"description": "Larger than 2 MiB (an outbound message 8 MiB), or than the topic allows"},
    422: {"description": "Of another shape than this CRM's, or without what is needed to use it"},
    503: {"description": "Kafka has not taken it all; send it again: what comes twice counts once"},
}


def crm_router(sources: Mapping[str, Source]) -> APIRouter:
    """The router; each source looks after who may. It is there without any, too: then all is not found."""
    router = APIRouter(tags=["webhooks"])

    @router.post(
        "/webhooks/crm/{source}", responses=_RESPONSES, openapi_extra=_DOCUMENTED, name="crm",
        response_class=Response,
    )  # fmt: skip
    async def receive(source: str, request: Request) -> Response:
        """Take over what a CRM tells."""
        return await _answered(sources.get(source), request, "")

    @router.post(
        "/webhooks/crm/{source}/{token}", responses=_RESPONSES, openapi_extra=_DOCUMENTED, name="crm_token",
        response_class=Response,
    )  # fmt: skip
    async def receive_with_token(source: str, token: str, request: Request) -> Response:
        """The same for a CRM that can be given an address alone: its token stands in it."""
        return await _answered(sources.get(source), request, token)

    return router


async def _answered(source: Source | None, request: Request, token: str) -> Response:
    if source is None:
        metrics.crm_posts.labels(source=_UNKNOWN, outcome="not_found").inc()
        raise Problem(404, "", "no such source is set in crm.sources")
    try:
        number = await _take(source, request, token)
    except Refusal as refusal:
        metrics.crm_posts.labels(source=source.name, outcome=refusal.outcome).inc()
        log.warning(
            "a CRM's request was not taken",
            action="crm_refused",
            source=source.name,
            outcome=refusal.outcome,
            detail=refusal.detail,
        )
        return source.receiver.refused(refusal)
    metrics.crm_posts.labels(source=source.name, outcome="accepted").inc()
    metrics.crm_records.labels(source=source.name).inc(number)
    return source.receiver.accepted(number)


async def _take(source: Source, request: Request, token: str) -> int:
    """How many records were written; raises Refusal, as early as one is due."""
    source.receiver.admit(request.headers, token)
    most = source.receiver.largest_body
    body = await capped(request, most)
    if body is None:
        raise Refusal("too_large", 413, "Body too large", f"at most {most} bytes")
    return await run_in_threadpool(_write, source, request.headers, body)


def _write(source: Source, headers: Mapping[str, str], body: bytes) -> int:
    found = source.receiver.records(headers, body)
    try:
        source.writer.write([Written(source.topic, one.key, one.value) for one in found])
    except TooLargeError as error:
        raise Refusal("too_large", 413, "Record too large", str(error)) from None
    except NotWrittenError as error:
        raise Refusal(
            "unavailable", 503, "Kafka has not taken it", f"{error}; send it again", _RETRY_SECONDS
        ) from None
    return len(found)
