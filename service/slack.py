"""POST /webhooks/slack: what people press and send in Slack comes in here, signed."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from slack_sdk.signature import Clock, SignatureVerifier

from alerts import metrics
from alerts.config import SlackConfig
from alerts.outbound import Outbound
from alerts.slack.desk import Desk, Refused
from alerts.slack.interactions import REASON, NotUnderstoodError, Press, Submission, read
from alerts.slack.redrawing import Stored
from alerts.slack.sender import outbound_of
from service.bodies import capped
from service.problems import Problem
from storage.engine import Engine

log = structlog.get_logger()

LARGEST_BODY = 512 * 1024  # a message with all its blocks comes along
_PATIENCE = 2.5  # seconds: Slack gives up after three
_WORKERS = 8
_MOST_FIELDS = 20

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "What Slack posts to an app's interactivity URL: a form whose `payload` is JSON, with "
        "the headers x-slack-request-timestamp and x-slack-signature.",
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
    }
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Taken over; what came of it is shown in Slack"},
    400: {"description": "Signed, but nothing that Slack sends for our messages"},
    401: {"description": "The signature is missing, wrong or more than five minutes old"},
    403: {"description": "From a workspace that the bot is not of"},
    413: {"description": "Larger than 512 KiB"},
}


def slack_router(
    engine: Engine,
    config: SlackConfig,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    outbound: Outbound | None = None,
) -> APIRouter:
    """The router, for a configuration with a signing secret; raises ValueError without one."""
    if not config.signing_secret:
        raise ValueError("Slack's interactions need the app's signing secret")
    counter = Counter(Desk(engine, config, outbound or outbound_of(config), now))
    verifier = SignatureVerifier(config.signing_secret, _Clock(now))
    router = APIRouter(tags=["webhooks"])

    @router.post("/webhooks/slack", responses=_RESPONSES, openapi_extra=_DOCUMENTED, name="slack")
    async def interact(request: Request) -> Response:
        """Take over what somebody has pressed or sent."""
        body = await capped(request, LARGEST_BODY)
        if body is None:
            raise _refused("too_large", 413, "Body too large", f"at most {LARGEST_BODY} bytes")
        if not _signed(verifier, body, request):
            raise _refused("bad_signature", 401, "Signature not accepted", "it is missing, wrong or old")
        return await counter.take(body, request.headers.get("content-type", ""))

    return router


class Counter:
    """Answers Slack in time; what takes longer goes on, and its end is shown in Slack."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(_WORKERS, "slack-answers")
        self._showing = ThreadPoolExecutor(_WORKERS, "slack-shows")  # may hang, and holds up no storing

    async def take(self, body: bytes, kind: str) -> Response:
        """The answer to one signed request; raises Problem."""
        if kind.partition(";")[0].strip().lower() == "application/json":
            return _challenge(body)
        payload = _payload(body)
        if payload is None:  # Slack asks whether the certificate is good
            return Response()
        try:
            asked = read(payload)
        except NotUnderstoodError as error:
            raise _refused("malformed", 400, "Not understood", str(error)) from None
        if asked is None:
            return Response()
        done = self._pool.submit(self._do, asked)
        await asyncio.wait({asyncio.ensure_future(asyncio.wrap_future(done))}, timeout=_PATIENCE)
        return self._answer(asked, done)

    def _do(self, asked: Press | Submission) -> Stored | Refused | Problem | None:
        """Store it; None where a form comes first."""
        if self._desk.of_another_workspace(asked):
            return _refused("foreign", 403, "Another workspace", "the bot is not of this workspace")
        metrics.slack_interactions.labels(outcome="accepted").inc()
        if isinstance(asked, Press) and self._desk.wants_a_reason(asked):
            opened = self._desk.open_form(asked)
            self._showing.submit(self._show, asked, opened)
            return opened
        stored = self._desk.store(asked)
        if isinstance(asked, Press) or isinstance(stored, Stored):
            self._showing.submit(self._show, asked, stored)
        return stored

    def _show(self, asked: Press | Submission, stored: Stored | Refused | None) -> None:
        try:
            self._desk.show(asked, stored)
        except Exception as error:  # noqa: BLE001  # nobody waits for this; it is stored all the same
            at = type(error).__name__
            log.error("an answer could not be shown", action="slack_answer_not_shown", at=at)  # noqa: TRY400

    def _answer(
        self, asked: Press | Submission, done: "Future[Stored | Refused | Problem | None]"
    ) -> Response:
        if not done.done():
            say = asked.language.say
            slow = say("Turnsignal takes longer than usual to store this. Please send it once more.")
            return _kept_open(slow) if isinstance(asked, Submission) else Response()
        outcome = done.result()
        if isinstance(outcome, Problem):
            raise outcome
        if not isinstance(asked, Submission):
            return Response()
        if isinstance(outcome, Refused):
            return _kept_open(outcome.words)
        return JSONResponse({"response_action": "clear"})


class _Clock(Clock):
    """Ours, for the verifier."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now().timestamp()


def _signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    try:
        return verifier.is_valid_request(body, dict(request.headers))
    except (ValueError, TypeError, OverflowError):  # a timestamp that is no number, a body that is no text
        return False


def _payload(body: bytes) -> str | None:
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise _refused("malformed", 400, "Not understood", "the body is no form") from None
    if "ssl_check" in fields and "payload" not in fields:
        return None
    if len(fields.get("payload", [])) != 1:
        raise _refused("malformed", 400, "Not understood", "the form has no payload")
    return fields["payload"][0]


def _challenge(body: bytes) -> Response:
    """Slack asks whether somebody is here who knows the secret."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    challenge = said.get("challenge") if isinstance(said, dict) else None
    if not isinstance(challenge, str) or said.get("type") != "url_verification":
        raise _refused("malformed", 400, "Not understood", "neither a form nor a challenge")
    return JSONResponse({"challenge": challenge})


def _kept_open(words: str) -> Response:
    """The form stays, with what was typed, and says why."""
    return JSONResponse({"response_action": "errors", "errors": {REASON: words}})


def _refused(outcome: str, status: int, title: str, detail: str) -> Problem:
    metrics.slack_interactions.labels(outcome=outcome).inc()
    log.warning("an interaction was not accepted", action="slack_refused", outcome=outcome, detail=detail)
    return Problem(status, title, detail)
