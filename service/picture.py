"""The account's picture over HTTP: for pages as an image of their own, for programs as PNG or SVG."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from alerts.language import language
from alerts.picture.look import Form, Look, Theme, Width
from alerts.picture.pictures import Pictures
from service.problems import Problem

TYPES: dict[Form, str] = {"png": "image/png", "svg": "image/svg+xml"}
FORMS: dict[str, Form] = {"png": "png", "svg": "svg"}
# An SVG that is opened by itself is a document: its colours may act, and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Wanted:
    """What a request says of how the picture shall look."""

    def __init__(
        self,
        *,
        width: Width = "narrow",
        theme: Annotated[Theme, Query(description="`auto` is the reader's own, in an SVG.")] = "light",
        title: Annotated[bool, Query(description="Whether the account's name stands above.")] = True,
        locale: Annotated[str | None, Query(max_length=40, description="Such as `zh-CN`.")] = None,
    ) -> None:
        self.width, self.theme, self.title, self.language = width, theme, title, language(locale)


def called(request: Request, name: str) -> bool:
    """Whether it is the account's own id that ends in a slash and `name`."""
    return bool(request.scope.get("raw_path", b"").lower().endswith(b"%2f" + name.encode()))


def answer(pictures: Pictures, account_id: str, form: Form, wanted: Wanted) -> Response:
    """The picture; raises Problem 404 where there is none."""
    look = Look(form, wanted.width, wanted.theme, wanted.title)
    found = pictures.of(account_id, wanted.language, look)
    if found is None:
        detail = f"there is no picture of account {account_id!r}: no week of it has closed"
        raise Problem(404, "Not found", detail)
    return Response(found.content, media_type=TYPES[form], headers={"content-security-policy": _POLICY})
