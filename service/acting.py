"""The pages behind the links in messages: a GET shows what would be done, only a POST does it.

The link itself is the right to act, so there is no login, and no other site can post without knowing it.
Programs that look at links before people do, to scan or to fetch ahead, ask with GET or HEAD.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, cast, get_args

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts import actions, feedback
from alerts.actions import InvalidActionError, Via
from alerts.feedback import InvalidAnswerError, answer_of
from alerts.language import Language, language
from alerts.links import ExpiredLinkError, SignedLinks, Ticket, UnknownLinkError
from service import acting_pages
from service.acting_pages import SNOOZES, GoneError
from service.bodies import capped
from service.forms import fields
from service.problems import Problem
from storage.engine import Engine

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024  # a reason of 2,000 Chinese letters takes 18,000 bytes
Fields = dict[str, str]
_READING = ["GET", "HEAD"]


class _ChoiceError(Exception):
    """The form does not hold what the action needs."""


def acting_router(
    engine: Engine, links: SignedLinks, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> APIRouter:
    """The router; its links ask for no token of the API."""
    router = APIRouter(include_in_schema=False)
    door = _Door(engine, links, now)

    @router.api_route("/act/{token}", methods=_READING)
    def show(request: Request, token: str) -> Response:
        return door.show(request, token, unsubscribing=False)

    @router.post("/act/{token}")
    def act(request: Request, token: str, form: Annotated[Fields, Depends(_form)]) -> Response:
        return door.act(request, token, form)

    @router.api_route("/unsubscribe/{token}", methods=_READING)
    def show_unsubscribing(request: Request, token: str) -> Response:
        return door.show(request, token, unsubscribing=True)

    @router.post("/unsubscribe/{token}")
    def unsubscribe(request: Request, token: str, form: Annotated[Fields, Depends(_form)]) -> Response:
        return door.unsubscribe(request, token, form)

    return router


async def _form(request: Request) -> Fields:
    body = await capped(request, LARGEST_BODY)
    if body is None:
        raise Problem(413, "Body too large", f"an answer has at most {LARGEST_BODY} bytes")
    return fields(request.headers.get("content-type", ""), body)


class _Door:
    """What the routes do, on one database."""

    def __init__(self, engine: Engine, links: SignedLinks, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._links = links
        self._now = now

    def show(self, request: Request, token: str, *, unsubscribing: bool) -> Response:
        """The page of a link; it changes nothing."""
        return self._with_ticket(request, token, self._page, unsubscribing=unsubscribing)

    def act(self, request: Request, token: str, form: Fields) -> Response:
        """Do what the link allows, then lead to its page, which says so and may be loaded again."""

        def acted(ticket: Ticket) -> Response:
            try:
                _act(self._engine, ticket, form, self._now())
            except _ChoiceError:
                return self._page(ticket, wrong=True, status=422)
            _log(ticket)
            return RedirectResponse(token, 303)  # relative: whatever stands before it stays

        return self._with_ticket(request, token, acted, unsubscribing=False)

    def unsubscribe(self, request: Request, token: str, form: Fields) -> Response:
        """RFC 8058: a mail provider posts this for its user, who has confirmed it there; no redirect."""

        def done(ticket: Ticket) -> Response:
            if form.get("subscribe") == "again":
                actions.subscribe(self._engine, ticket.channel, ticket.receiver)
            elif form.get("List-Unsubscribe") == "One-Click":
                actions.unsubscribe(self._engine, ticket.channel, ticket.receiver, self._now())
            else:
                return self._page(ticket, wrong=True, status=422)
            _log(ticket)
            return self._page(ticket)

        return self._with_ticket(request, token, done, unsubscribing=True)

    def _with_ticket(
        self, request: Request, token: str, then: Callable[[Ticket], Response], *, unsubscribing: bool
    ) -> Response:
        try:
            ticket = self._links.read(token, self._now())
            if (ticket.action == "unsubscribe") is unsubscribing:
                return then(ticket)
        except ExpiredLinkError as error:
            return acting_pages.expired(error.ticket, self._links.public_url)
        except (UnknownLinkError, GoneError, actions.UnknownAlertError, feedback.UnknownAlertError):
            pass
        return acting_pages.unknown(_preferred(request))

    def _page(self, ticket: Ticket, *, wrong: bool = False, status: int = 200) -> HTMLResponse:
        found = acting_pages.find(self._engine, ticket)
        return acting_pages.page(found, self._links.public_url, self._now(), wrong=wrong, status=status)


def _act(engine: Engine, ticket: Ticket, form: Fields, now: datetime) -> None:
    """Raises _ChoiceError, or that the alert is not known."""
    via = cast("Via", ticket.channel if ticket.channel in get_args(Via) else "link")
    try:
        if ticket.action == "acknowledge":
            actions.acknowledge(engine, ticket.alert_id, ticket.receiver, via, now)
        elif ticket.action == "snooze":
            length = SNOOZES.get(form.get("for", ""))
            if length is None:
                raise _ChoiceError
            actions.snooze(engine, ticket.alert_id, now + length, ticket.receiver, via, now)
        elif ticket.action == "feedback":
            reason = form.get("reason", "").replace("\r\n", "\n").strip()  # as the page's field counts them
            answer = answer_of(form.get("verdict", ""), ticket.receiver, reason)
            feedback.give(engine, ticket.alert_id, answer, now)
    except (InvalidActionError, InvalidAnswerError):
        raise _ChoiceError from None


def _log(ticket: Ticket) -> None:
    """Without the link, which is a right to act, and without the address in it."""
    log.info(
        "a link was used",
        action="link_used",
        purpose=ticket.action,
        channel=ticket.channel,
        alert_id=ticket.alert_id or None,
    )


def _preferred(request: Request) -> Language:
    """The browser's language: nothing is known of whoever holds a link that is not ours."""
    return language(request.headers.get("accept-language", "").partition(",")[0].partition(";")[0])
