"""/api/v1/silences: which alerts wait until when, because somebody said so."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends

from alerts.silencing import InvalidSilenceError, end, read_silence, silence
from service import cursors
from service.access import reader, writer
from service.api import Cursor, Limit
from service.bodies import json_body
from service.problems import Problem
from storage import silences
from storage.engine import Engine, reading
from storage.silences import Silence

log = structlog.get_logger()

_TEXTS = {"type": "array", "items": {"type": "string"}}
_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["matchers", "author", "reason", "ends_at"],
                    "additionalProperties": False,
                    "properties": {
                        "matchers": {
                            "type": "object",
                            "description": "All that are given must fit; at least one.",
                            "additionalProperties": False,
                            "properties": {
                                **dict.fromkeys(
                                    ("account", "segment", "owner", "kind", "stage", "severity"), _TEXTS
                                ),
                                "product_line": _TEXTS,
                                "at_risk_from": {"type": "number"},
                                "at_risk_below": {"type": "number"},
                            },
                        },
                        "author": {"type": "string", "minLength": 1, "maxLength": 200},
                        "reason": {"type": "string", "minLength": 1, "maxLength": 2000},
                        "ends_at": {"type": "string", "format": "date-time"},
                        "starts_at": {"type": "string", "format": "date-time", "description": "Else now."},
                    },
                }
            }
        },
    }
}


def silences_router(
    engine: Engine,
    *,
    tokens: Sequence[str],
    open_access: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The router; whoever knows a token may read, with a bearer token also write."""
    router = APIRouter(prefix="/api/v1/silences", tags=["silences"])
    reads = [Depends(reader(tokens, open_access=open_access))]
    writes = [Depends(writer(tokens, open_access=open_access))]

    @router.get("", dependencies=reads)
    def list_silences(*, ended: bool = False, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """Silences that hold or will hold, the last to end first; with `ended` those that are over too."""
        after = cursors.moment(cursor)
        with reading(engine) as connection:
            found = silences.find(connection, after=after, ending_after=None if ended else now(), limit=limit)
        last = found[-1] if len(found) == limit else None
        following = cursors.encode(last.ends_at.isoformat(), last.silence_id) if last else None
        return {"silences": [as_json(one) for one in found], "next": following}

    @router.post("", status_code=201, dependencies=writes, openapi_extra=_DOCUMENTED)
    def make_silence(body: Annotated[bytes, Depends(json_body("a silence"))]) -> dict[str, Any]:
        """Let alerts wait until a moment: what still holds then is said. Corrections are sent."""
        try:
            made = silence(engine, read_silence(body), now())
        except InvalidSilenceError as error:
            raise Problem(422, "Not a silence", str(error)) from None
        log.info("silenced", action="silence_made", silence_id=made.silence_id, author=made.author)
        return as_json(made)

    @router.delete("/{silence_id}", status_code=200, dependencies=writes)
    def end_silence(silence_id: str) -> dict[str, Any]:
        """End a silence now; what waited for it is sent if it still holds."""
        known = "\0" not in silence_id  # no text of PostgreSQL's holds one
        ended = known and end(engine, silence_id, now())
        with reading(engine) as connection:
            found = silences.one(connection, silence_id) if known else None
        if found is None:
            raise Problem(404, "Not found", f"there is no silence {silence_id!r}")
        if ended:
            log.info("a silence was ended", action="silence_ended", silence_id=silence_id)
        return as_json(found)

    return router


def as_json(one: Silence) -> dict[str, Any]:
    """A silence as the API shows it."""
    return one._asdict()
