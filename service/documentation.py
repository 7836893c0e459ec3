"""OpenAPI at /docs, for those who may see the pages."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from service.access import reader

# Swagger UI itself, which the browser fetches; nothing of ours holds anything to run on this page.
_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data: https://fastapi.tiangolo.com; "
    "script-src 'unsafe-inline' https://cdn.jsdelivr.net; "
    "style-src 'unsafe-inline' https://cdn.jsdelivr.net; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def documentation_router(app: FastAPI, *, tokens: Sequence[str], open_access: bool) -> APIRouter:
    """The app's description, as JSON and as a page."""
    allowed = Depends(reader(tokens, open_access=open_access))
    router = APIRouter(dependencies=[allowed], include_in_schema=False)

    @router.get("/openapi.json")
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @router.get("/docs")
    def docs() -> HTMLResponse:
        page = get_swagger_ui_html(openapi_url="openapi.json", title="Turnsignal API")
        page.headers["content-security-policy"] = _POLICY
        return page

    return router
