"""Errors as RFC 9457 problem details."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service.security import HEADERS
from storage.engine import UNAVAILABLE

log = structlog.get_logger()


class Problem(Exception):  # noqa: N818  # it is one, in the words of the RFC
    """An error that the caller is told; `extra` becomes further members of the answer."""

    def __init__(
        self, status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers
        self.extra = extra


def install(app: FastAPI) -> None:
    """Let the app answer every error as a problem, with nothing of its insides."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    for unavailable in UNAVAILABLE:
        app.add_exception_handler(unavailable, _answer_unavailable)
    app.add_exception_handler(Exception, _answer_unexpected)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  # what it was registered for
    return _details(error.status, error.title, error.detail, error.headers, **error.extra)


def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # what it was registered for
    found = [{"field": ".".join(map(str, e["loc"])), "detail": e["msg"]} for e in error.errors()]
    return _details(422, "Not understood", "one or more values do not fit", errors=found)


def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # what it was registered for
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {request.url.path}"
    return _details(error.status_code, "", detail, error.headers)


def _answer_unavailable(request: Request, error: Exception) -> JSONResponse:
    log.warning(
        "the database is away", action="database_unavailable", path=request.url.path, detail=str(error)
    )
    return _details(503, "Database away", "the database does not answer; try again", {"retry-after": "5"})


def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", action="request_failed", path=request.url.path, exc_info=error)
    # This answer alone passes by SecurityHeaders.
    return _details(500, "", "an error of ours; it has been logged", HEADERS)


def _details(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **extra,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type="application/problem+json")
