"""OpenAPI at /docs, for those who may see the pages."""

import base64
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from markupsafe import Markup

from service import rendering
from service.access import reader

# From the package, not from a CDN: the service must explain itself where there is no internet.
_ASSETS = Path(str(files("fastapi_offline"))) / "static"
# No validator: it would send the API's address to a public service.
_START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", validatorUrl: null})'
_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:; style-src 'self'; "
    f"script-src 'self' 'sha256-{base64.b64encode(sha256(_START.encode()).digest()).decode()}'; "
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
        page = rendering.page("docs.html", start=Markup(_START))  # noqa: S704  (our own words)
        page.headers["content-security-policy"] = _POLICY
        return page

    @router.get("/docs/swagger-ui-bundle.js")
    def script() -> FileResponse:
        return _asset("swagger-ui-bundle.js", "text/javascript")

    @router.get("/docs/swagger-ui.css")
    def style() -> FileResponse:
        return _asset("swagger-ui.css", "text/css")

    return router


def _asset(name: str, media_type: str) -> FileResponse:
    # Unlike all else it holds nothing of customers, and is large: a browser may keep it and ask for changes.
    return FileResponse(_ASSETS / name, media_type=media_type, headers={"cache-control": "private, no-cache"})
