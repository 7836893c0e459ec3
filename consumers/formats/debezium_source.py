"""What Debezium says of where a change comes from, and of what its log left out."""

import base64
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from consumers.formats.identity import digest_of, text_of
from consumers.formats.moments import moment, moment_of
from consumers.source_record import Operation

Deleted = Literal["auto", "whole", "key"]  # what a deleted row can be trusted to hold

OPERATIONS: dict[str, Operation] = {"c": "created", "u": "updated", "d": "deleted", "r": "read"}
# Where the logs of the databases say a change stands; of each connector those that it has.
_POSITION = (
    "lsn", "file", "pos", "row", "change_lsn", "event_serial_no", "scn", "commit_scn", "rs_id", "ssn",
    "changeLsn", "vgtid", "ord", "h", "stxnid", "gtid",
)  # fmt: skip
_OF_A_LOG = ("lsn", "pos", "change_lsn", "changeLsn", "scn", "vgtid", "ord")  # one of these makes a place
_UNAVAILABLE = "__debezium_unavailable_value"
_PLACEHOLDERS = (_UNAVAILABLE, base64.b64encode(_UNAVAILABLE.encode()).decode(), [_UNAVAILABLE])
_LIKE_PLACEHOLDERS = (str, list)
# What Debezium puts into a column of which the log says nothing, as JSON with a schema or without has it.
_FILLED = ("", "1970-01-01T00:00:00Z", "1970-01-01")
_BLANK: tuple[Any, ...] = (None, 0, False, "AA==", "00:00:00", [], {}, *_FILLED)


def without_unavailable(
    row: dict[str, Any], before: dict[str, Any] | None, meta: dict[str, Any]
) -> dict[str, Any]:
    """Long values that did not change are not in PostgreSQL's log: the old row may have them."""
    missing = [
        name
        for name, value in row.items()
        if value.__class__ in _LIKE_PLACEHOLDERS and value in _PLACEHOLDERS
    ]
    if not missing:
        return row
    known = {
        name: before[name]
        for name in missing
        if before is not None and name in before and before[name] not in _PLACEHOLDERS
    }
    if len(known) < len(missing):
        meta["partial"] = True
    return {name: value for name, value in row.items() if name not in missing} | known


def known_of_deleted(
    row: dict[str, Any], key: dict[str, Any], how: Deleted, meta: dict[str, Any]
) -> dict[str, Any]:
    """What is known of a deleted row: without REPLICA IDENTITY FULL, its key.

    Debezium fills the other columns: with null, and where that is not allowed with a zero of their type or
    their default. Nothing but blanks, an empty text or the beginning of 1970 gives such a row away.
    """
    if how == "whole" or (how == "auto" and not _is_filled(row, key)):
        return row
    meta["partial"] = True
    return key | {name: value for name, value in row.items() if name in key}


def _is_filled(row: dict[str, Any], key: dict[str, Any]) -> bool:
    others = [value for name, value in row.items() if name not in key]
    return any(value in _FILLED for value in others) or all(value in _BLANK for value in others)


def key_text(key: Any, row: dict[str, Any]) -> str:
    """A row without a key is known by its content alone."""
    return digest_of(row) if key is None else text_of(key)


def without_none(parts: list[Any]) -> list[Any]:
    """The parts that there are."""
    return [part for part in parts if part is not None]


def position_of(source: dict[str, Any]) -> list[str] | None:
    """Where the change stands in the log of its database; None where no log is told."""
    logs, names = _told_places(tuple(source))
    for log in logs:
        if source[log] is not None:
            break
    else:
        return None
    place = [f"{name}={said}" for name in names if (said := source[name]) is not None]
    if log == "ord":  # MongoDB counts within a second
        place.append(f"ts_ms={source.get('ts_ms')}")
    return place


@lru_cache(1000)
def _told_places(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Which of these make a place in a log, and which tell one: the same for all records of a connector."""
    return [name for name in _OF_A_LOG if name in names], [name for name in _POSITION if name in names]


def time_of(source: dict[str, Any]) -> datetime | None:
    """When the database committed the change, as exactly as it is told."""
    for name, unit in (("ts_us", "us"), ("ts_ns", "ns"), ("ts_ms", "ms")):
        count = source.get(name)
        if count.__class__ is int:
            return moment(count, unit)
    return moment_of(source.get("ts_ms"))  # a converter of moments may have been at it
