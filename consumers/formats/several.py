"""Records of several messages: each is read for itself, what cannot be read is named by its place."""

from collections.abc import Callable
from typing import Any

from accounts.events import Unreadable
from consumers.formats.format import PartlyUnreadable
from consumers.record import MOST_MESSAGES
from consumers.source_record import SourceRecord

_MOST_NAMED = 20


def read_each(values: list[Any], read: Callable[[Any, int], SourceRecord]) -> list[SourceRecord]:
    """What `read` makes of each value and its index; raises PartlyUnreadable, and Unreadable for too many."""
    if len(values) > MOST_MESSAGES:
        raise Unreadable(
            "too_large", f"{len(values)} messages in one record; at most {MOST_MESSAGES} are read"
        )
    found, bad = [], []
    for index, value in enumerate(values):
        try:
            found.append(read(value, index))
        except Unreadable as error:
            bad.append(f"index {index}: {error.detail}")
    if bad:
        more = f"; and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
        raise PartlyUnreadable("does_not_fit", "; ".join(bad[:_MOST_NAMED]) + more, found)
    return found
