"""The HTTP side of a process: health, metrics and, where it is public, API, pages and documentation."""

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

import migrations
from accounts.policy import Policy
from alerts.picture.pictures import Pictures
from service import problems
from service.actions import actions_router
from service.api import api_router
from service.documentation import documentation_router
from service.feedback import feedback_router
from service.metrics import ReadinessCollector
from service.pages import pages_router
from service.security import SecurityHeaders
from service.silences import silences_router
from storage.engine import Engine

Check = Callable[[], str | None]
POLICY = Policy()


def create_app(
    engine: Engine,
    *,
    checks: Mapping[str, Check],
    routers: Sequence[APIRouter] = (),
    tokens: Sequence[str] = (),
    open_access: bool = False,
    public: bool = True,
    policy: Policy = POLICY,
    registry: CollectorRegistry = REGISTRY,
) -> FastAPI:
    """The app of one process.

    `checks` say why a part is not ready, None when it is. `routers` look after their own access, and come
    before ours; API, pages and documentation want one of `tokens`, unless `open_access`. `policy` is what the
    accounts are judged by.
    """
    app = FastAPI(
        title="Turnsignal",
        description="Which accounts are turning away, since when, and on what evidence.",
        openapi_url=None,  # served with the pages, to those who may see them
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.add_middleware(SecurityHeaders)
    app.include_router(_operations(engine, checks, registry))
    for router in routers:
        app.include_router(router)
    if public:
        app.include_router(documentation_router(app, tokens=tokens, open_access=open_access))
        pictures = Pictures(engine, policy)
        app.include_router(api_router(engine, pictures, tokens=tokens, open_access=open_access))
        app.include_router(feedback_router(engine, tokens=tokens, open_access=open_access))
        for made in (actions_router, silences_router):
            app.include_router(made(engine, tokens=tokens, open_access=open_access))
        app.include_router(pages_router(engine, pictures, tokens=tokens, open_access=open_access))
    return app


def _operations(engine: Engine, checks: Mapping[str, Check], registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(tags=["operations"])
    own = CollectorRegistry()  # of this app alone: two in one process have parts of their own
    own.register(ReadinessCollector(checks))

    @router.get("/healthz")
    def health() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz", responses={503: {"description": "Not ready; says which part and why"}})
    def readiness() -> JSONResponse:
        """Whether every part does its work; names those that do not."""
        reasons = {"database": _database(engine)} | {name: check() for name, check in checks.items()}
        missing = [{"part": name, "reason": reason} for name, reason in reasons.items() if reason]
        if not missing:
            return JSONResponse({"status": "ready", "parts": list(reasons)})
        return JSONResponse({"status": "not ready", "not_ready": missing}, 503)

    @router.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """For Prometheus."""
        return Response(generate_latest(registry) + generate_latest(own), media_type=CONTENT_TYPE_LATEST)

    return router


def _database(engine: Engine) -> str | None:
    try:
        if migrations.is_current(engine):
            return None
    except SQLAlchemyError as error:  # its message would name hosts and users
        return f"does not answer ({type(error).__name__})"
    return "its schema is another version's; run `turnsignal migrate`"
