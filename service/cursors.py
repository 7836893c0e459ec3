"""Opaque cursors: where a list was left, for the next page."""

import base64
import binascii
import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from service.problems import Problem
from storage.queries import LARGEST_VALUE, Place

_LARGEST_NUMBER = 2**63 - 1


def encode(*place: str) -> str:
    """A cursor that the functions below read."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def account(cursor: str | None) -> Place | None:
    """A place in the list of accounts; raises Problem 422 for a cursor that was not given out."""
    if cursor is None:
        return None
    base, currency, own, identity = _decode(cursor, 4)
    return Place(_amount(base), currency, _amount(own), identity)


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _unknown() from None
    if not value.is_finite() or abs(value) >= LARGEST_VALUE:
        raise _unknown()
    return value


def moment(cursor: str | None) -> tuple[datetime, str] | None:
    """A place in a list by time and id; raises Problem 422 for a cursor that was not given out."""
    if cursor is None:
        return None
    first, identity = _decode(cursor, 2)
    try:
        at = datetime.fromisoformat(first)
        if at.tzinfo is None:
            raise _unknown()
        return at.astimezone(UTC), identity
    except (ValueError, OverflowError):
        raise _unknown() from None


def number(cursor: str | None) -> int:
    """A place in a list by number, 0 at its start; raises Problem 422 for a cursor that was not given out."""
    if cursor is None:
        return 0
    (said,) = _decode(cursor, 1)
    if not (said.isascii() and said.isdecimal() and len(said) < len(str(_LARGEST_NUMBER))):
        raise _unknown()
    return int(said)


def _decode(cursor: str, parts: int) -> list[str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not (isinstance(place, list) and len(place) == parts):
            raise _unknown()
        for part in place:
            if not isinstance(part, str) or "\0" in part:
                raise _unknown()
            part.encode()  # a lone surrogate is in nothing that is stored
    except (binascii.Error, ValueError, RecursionError):
        raise _unknown() from None
    return place


def _unknown() -> Problem:
    return Problem(422, "Unknown cursor", "start again without `cursor`", field="cursor")
