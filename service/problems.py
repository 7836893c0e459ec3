"""Errors as RFC 9457 problem details."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class Problem(Exception):  # noqa: N818  # it is one, in the words of the RFC
    """An error that the caller is told; `extra` becomes further members of the answer."""

    def __init__(self, status: int, title: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.extra = extra


def install(app: FastAPI) -> None:
    """Let the app answer a raised Problem with its details."""
    app.add_exception_handler(Problem, _answer)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  # what it was registered for
    body = {
        "type": "about:blank",
        "title": error.title or HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        **error.extra,
    }
    return JSONResponse(body, error.status, media_type="application/problem+json")
