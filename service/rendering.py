"""Templates to answers: everything escaped, and nothing but our own style sheet allowed to act."""

import base64
from functools import cache
from hashlib import sha256
from typing import Any

import jinja2
from fastapi.responses import HTMLResponse
from markupsafe import Markup


def page(name: str, *, status: int = 200, forms: bool = False, **values: Any) -> HTMLResponse:
    """A template as an answer; only with `forms` its forms can be sent, to us alone."""
    body = _templates().get_template(name).render(values)
    return HTMLResponse(body, status, headers={"content-security-policy": _policy(forms=forms)})


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["style"] = Markup(style())  # noqa: S704  (our own file)
    return templates


@cache
def style() -> str:
    """The pages' own style sheet."""
    loader = jinja2.PackageLoader("service")
    return loader.get_source(jinja2.Environment(autoescape=True), "page.css")[0]


@cache
def _policy(*, forms: bool) -> str:
    digest = base64.b64encode(sha256(style().encode()).digest()).decode()
    target = "'self'" if forms else "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; "
        f"base-uri 'none'; form-action {target}; frame-ancestors 'none'"
    )
