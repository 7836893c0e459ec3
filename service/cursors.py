"""Opaque cursors: where a list was left, for the next page."""

import base64
import binascii
import json

from service.problems import Problem


def encode(place: tuple[str, str]) -> str:
    """A cursor that `decode` reads."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[str, str]:
    """The place a cursor stands for; raises Problem 422 for one that was not given out."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        first, second = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (binascii.Error, UnicodeError, ValueError, TypeError):
        raise unknown() from None
    if not (isinstance(first, str) and isinstance(second, str)):
        raise unknown()
    return first, second


def unknown() -> Problem:
    """What to say of a cursor that was not given out."""
    return Problem(422, "Unknown cursor", "start again without `cursor`", field="cursor")
