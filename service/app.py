"""The HTTP side: health, metrics, and the routers that a process is given."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

import migrations
from service import problems
from storage.engine import UNAVAILABLE, Engine

Check = Callable[[], str | None]

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_OWN_POLICY = ("/docs", "/redoc", "/openapi.json")  # FastAPI's pages load scripts of their own


def create_app(engine: Engine, *, checks: Mapping[str, Check], routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The app of one process; `checks` say why a part of it is not ready."""
    app = FastAPI(title="Turnsignal", redoc_url=None, description="Who is turning away, and since when.")
    problems.install(app)
    app.middleware("http")(_with_headers)
    app.include_router(_operations(engine, checks))
    for router in routers:
        app.include_router(router)
    return app


def _operations(engine: Engine, checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    def health() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    def readiness() -> JSONResponse:
        """Whether every part does its work; names those that do not."""
        reasons = {"database": _database(engine)} | {name: check() for name, check in checks.items()}
        missing = [{"part": name, "reason": reason} for name, reason in reasons.items() if reason]
        if not missing:
            return JSONResponse({"status": "ready", "parts": list(reasons)})
        return JSONResponse({"status": "not ready", "not_ready": missing}, 503)

    @router.get("/metrics")
    def metrics() -> Response:
        """For Prometheus."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


def _database(engine: Engine) -> str | None:
    try:
        if migrations.is_current(engine):
            return None
    except UNAVAILABLE as error:
        return f"does not answer: {type(error.orig).__name__}"
    return "its schema is another version's; run `turnsignal migrate`"


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Nothing that a page shows may run or be framed."""
    response = await call_next(request)
    if not request.url.path.startswith(_OWN_POLICY):
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
    return response
